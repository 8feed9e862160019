"""An AWS account at the local endpoint, with one dataset group, and providers that use it."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from endpoints import quick_group
from kinds import OWNER_TAG, resource_context
from mypy_boto3_personalize import PersonalizeClient
from pulumi_personalize import engine
from pulumi_personalize.local import ControlClient
from pulumi_personalize.service.aws import Personalize
from pulumi_personalize.service.preview import Planner
from pulumi_personalize.service.waiter import Clock
from pulumi_personalize.session import Session
from pulumi_personalize.settings import Settings


class Sessions:
    """Makes sessions whose clock advances only while they sleep, faster than it says."""

    def __init__(self, url: str, speed: float) -> None:
        self._url = url
        self._speed = speed
        self._made: list[Personalize] = []

    def new(
        self,
        log: engine.Log,
        sleep: Callable[[float], object] = time.sleep,
        *,
        on_sleep: Callable[[], object] = int,
        **settings: Any,
    ) -> Session:
        """Makes a session with settings; ``on_sleep`` is called before each sleep."""
        waited = [0.0]

        def advance(seconds: float) -> None:
            on_sleep()
            waited[0] += seconds
            sleep(seconds / self._speed)

        wanted = Settings(**{"endpoint_url": self._url, **settings})
        made = Personalize(wanted, Clock(now=lambda: waited[0], sleep=advance))
        self._made.append(made)
        return Session(made, Planner(made), {}, log)

    def waited(self) -> float:
        """Seconds that the last session has slept by its own clock."""
        return self._made[-1]._calls.clock.now()

    def close(self) -> None:
        """Closes their connections."""
        for made in self._made:
            for client in made._calls._clients.values():
                client.close()


class Made(NamedTuple):
    """A tracker as a stack's state keeps it."""

    id: str
    outs: dict[str, Any]

    @property
    def attempt(self) -> str:
        return str(self.outs["ownershipTag"])


class Account:
    """What tests do in an account, by the provider and without it."""

    def __init__(
        self,
        control: ControlClient,
        client: PersonalizeClient,
        sessions: Sessions,
        make_provider: Callable[..., Any],
        log_lines: Callable[[], list[str]],
    ) -> None:
        self.control = control
        self.fault = control.fault
        self.client = client
        self.provider = make_provider
        self.waited = sessions.waited
        self.log_lines = log_lines

    @functools.cached_property
    def group(self) -> str:
        """The ARN of the dataset group ``shop``."""
        return self.make_group("shop")

    def make_group(self, name: str) -> str:
        """Makes a dataset group that can take a tracker, if it does not exist: its ARN."""
        return quick_group(self.control.url, name)

    def props(self, resource: str = "web", **changes: Any) -> dict[str, Any]:
        """Checked inputs, as the engine passes them to a create."""
        context = {"resource": resource, **changes.pop("context", {})}
        props = {"datasetGroupArn": self.group, "name": "clicks", **changes}
        return {**props, "resourceContext": resource_context(**context)}

    # A resource's life, each step with a new provider unless one is given.

    def create(self, provider: Any = None, resource: str = "web", **changes: Any) -> Made:
        result = (provider or self.provider()).create(self.props(resource, **changes))
        return Made(result.id, result.outs or {})

    def read(self, made: Made, provider: Any = None, **changes: Any) -> Any:
        return (provider or self.provider()).read(made.id, {**made.outs, **changes})

    def update(self, made: Made, provider: Any = None, **changes: Any) -> Made:
        provider = provider or self.provider()
        return Made(made.id, provider.update(made.id, made.outs, self.props(**changes)).outs)

    def delete(self, made: Made, provider: Any = None) -> None:
        (provider or self.provider()).delete(made.id, made.outs)

    # Without the provider.

    def make_tracker(self, name: str = "theirs", tag: str = "", **tags: str) -> str:
        """Makes a tracker with this ownership tag: its ARN."""
        all_tags = {**tags, **({OWNER_TAG: tag} if tag else {})}
        return self.client.create_event_tracker(
            name=name,
            datasetGroupArn=self.group,
            tags=[{"tagKey": key, "tagValue": text} for key, text in all_tags.items()],
        )["eventTrackerArn"]

    def put(self, status: str, tag: str, name: str = "there") -> str:
        """Makes a tracker that keeps this status until it is released: its ARN."""
        if status in ("CREATE PENDING", "CREATE IN_PROGRESS"):
            self.fault("CreateEventTracker", "stay", status=status)
        if status == "CREATE FAILED":
            self.fault("CreateEventTracker", "fail")
        arn = self.make_tracker(name, tag, team="web")
        if status.startswith("DELETE"):
            self.fault("DeleteEventTracker", "stay", status=status)
            self.client.delete_event_tracker(eventTrackerArn=arn)
        self.control.clear_faults()
        assert self.trackers()[name] == status
        return arn

    def tag(self, arn: str, **tags: str) -> None:
        """Sets tags; ``owner`` is the ownership tag, empty for none."""
        owner = tags.pop("owner", None)
        if owner == "":
            self.client.untag_resource(resourceArn=arn, tagKeys=[OWNER_TAG])
        elif owner:
            tags[OWNER_TAG] = owner
        if tags:
            self.client.tag_resource(
                resourceArn=arn,
                tags=[{"tagKey": key, "tagValue": text} for key, text in tags.items()],
            )

    def tags(self, arn: str) -> dict[str, str]:
        found = self.client.list_tags_for_resource(resourceArn=arn)["tags"]
        return {tag["tagKey"]: tag["tagValue"] for tag in found}

    def all(self) -> list[Any]:
        """All trackers, as the service lists them."""
        return list(self.client.list_event_trackers()["eventTrackers"])

    def arn(self) -> str:
        """The ARN of the only tracker."""
        (one,) = self.all()
        return str(one["eventTrackerArn"])

    def trackers(self) -> dict[str, str]:
        """The names and states of all trackers."""
        return {one["name"]: one["status"] for one in self.all()}

    def operations(self) -> list[str]:
        """The calls made since the last question, in order."""
        names = [call["operation"] for call in self.control.calls()]
        self.control.clear_calls()
        return names

    def fired(self) -> list[int]:
        """How often each fault has fired."""
        return [fault["fired"] for fault in self.control.faults()]
