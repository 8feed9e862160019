"""The nine calls that event trackers need, and reads that allow for lag.

`Personalize` handles "not found" and lagging reads in one place: see `waiter.LAG`.

Source: https://docs.aws.amazon.com/personalize/latest/dg/API_Operations_Amazon_Personalize.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import (
    CredentialsError,
    ServiceError,
    TransientError,
    UnexpectedResponseError,
    UnreachableError,
)
from ..settings import Settings
from .aws_errors import NOT_PERSONALIZE
from .client import Calls
from .model import (
    ACTIVE,
    CREATE_FAILED,
    CREATE_PENDING,
    DELETING,
    IN_USE,
    NOT_FOUND,
    DatasetGroup,
    EventTracker,
    iso,
    moment_of,
)
from .names import parse_arn
from .tags import MAX_TAGS, OWNER_KEY, as_list, of_account
from .waiter import LAG, Clock, Report, Wait, pause

if TYPE_CHECKING:
    from mypy_boto3_personalize import PersonalizeClient

Response = TypeVar("Response")


class Personalize:
    """Amazon Personalize under one set of settings, during one operation of Pulumi; thread-safe.

    Attributes:
        settings: How to reach the service.
        adopted: The ARNs of the event trackers that this operation has adopted.
        deleted: The ARNs of those that it has deleted; they never come back, but lists lag.
        seen: The ARNs of those that it has seen.
        hides_tags: Whether writes add their tags' values to `hidden`; if not, the caller adds those
            that are secret.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.adopted: set[str] = set()
        self.deleted: set[str] = set()
        self.seen: set[str] = set()
        self.hides_tags = True
        self._calls = Calls(settings, clock)

    @property
    def hidden(self) -> set[str]:
        """Values that no error repeats."""
        return self._calls.hidden

    def wait(self, report: Report, timeout: float | None = None) -> Wait:
        """Begins a wait; its time limit is by default that of a create."""
        timeout = self.settings.create_timeout if timeout is None else timeout
        return Wait(self._calls.clock, timeout, report)

    # Reads. Each returns None for what is not found.

    def trackers(self, group: str, wait: Wait) -> list[EventTracker]:
        """The event trackers of a dataset group, with their tags unless they are being deleted."""
        listed = self._listed(group, wait)
        found = [one if one.is_deleting else self.tracker_with_tags(one, wait) for one in listed]
        return [tracker for tracker in found if tracker]

    def tracker(self, known: EventTracker, wait: Wait) -> EventTracker | None:
        """Describes an event tracker, without its tags; ``known`` is what is known of it."""
        response = self._read(
            known.arn,
            lambda client: client.describe_event_tracker(eventTrackerArn=known.arn),
            f"event tracker {known.arn}",
            wait,
        )
        if response is None:
            return None
        tracker = known.updated_by(response["eventTracker"])
        group = known.dataset_group_arn or tracker.dataset_group_arn
        if (tracker.arn, tracker.dataset_group_arn) != (known.arn, group):
            answer = f"{tracker} of dataset group {tracker.dataset_group_arn}"
            raise _wrong_answer(answer, f"event tracker {known.arn} of dataset group {group}")
        self.seen.add(tracker.arn)
        return tracker

    def tracker_with_tags(
        self, known: EventTracker, wait: Wait, *, has_tags: bool | None = None
    ) -> EventTracker | None:
        """Describes an event tracker with its tags, unless it is being deleted.

        A recently created one that is not found, or has no tags though it should (by default if
        trackers have an ownership tag), is read again.
        """
        has_tags = self.settings.ownership_tag if has_tags is None else has_tags

        def read() -> tuple[EventTracker | None, dict[str, str] | None]:
            tracker = self.tracker(known, wait)
            if tracker is None or tracker.is_deleting:
                return tracker, None
            return tracker, self.tags(tracker, wait)

        def is_complete(found: tuple[EventTracker | None, dict[str, str] | None]) -> bool:
            tracker, tags = found
            if tracker is None:
                return not self.is_recent(known)
            if tracker.is_deleting or tags:
                return True
            return tags is not None and not (has_tags and self.is_recent(tracker))

        tracker, tags = wait.within(LAG).until(read, done=is_complete)
        if tracker is None or tracker.is_deleting:
            return tracker
        if tags is None:
            raise ServiceError(
                "exists, but its tags can't be read",
                operation="reading",
                resource=str(tracker),
                code=NOT_FOUND,
                advice="Run again in a minute",
            )
        return tracker.with_tags(tags)

    def tags(self, tracker: EventTracker, wait: Wait) -> dict[str, str] | None:
        """All tags of an event tracker; waits while it is in use."""
        response = self._when_free(
            lambda: self._read(
                tracker.arn,
                lambda client: client.list_tags_for_resource(resourceArn=tracker.arn),
                f"tags of event tracker {tracker.arn}",
                wait,
            ),
            tracker,
            wait,
        )
        if response is None:
            return None
        tags = _items(response.get("tags"))
        return {str(tag.get("tagKey", "")): str(tag.get("tagValue") or "") for tag in tags}

    def group(self, arn: str, wait: Wait) -> DatasetGroup:
        """Reads a dataset group.

        An ACTIVE Item interactions dataset implies that the group is ACTIVE, so that the group
        itself is described only if there is none.
        """
        dataset = self._interactions(arn, wait)
        if dataset == ACTIVE:
            return DatasetGroup(arn, ACTIVE)
        group = self._describe_group(arn, wait)
        has_interactions = None if dataset is None else bool(dataset)
        if group is None:
            return DatasetGroup(arn, None, has_interactions)
        reason = group.get("failureReason") or ""
        return DatasetGroup(arn, group.get("status") or ACTIVE, has_interactions, reason)

    def finds_group(self, arn: str, wait: Wait) -> bool:
        """Whether a dataset group is found."""
        return bool(arn) and self._describe_group(arn, wait) is not None

    def account(self, arn: str) -> str | None:
        """The account of the credentials; ``None`` if STS can't tell, see `Account.ask`.

        Raises:
            CredentialsError: STS could not be asked.
        """
        return self._calls.account(arn)

    def endpoint(self, arn: str) -> str:
        """The URL of the endpoint that is called for an ARN."""
        return self._calls.endpoint(arn)

    def is_recent(self, tracker: EventTracker) -> bool:
        """Whether an event tracker was created so recently that reads may lag."""
        now = self._calls.service_time()
        created = moment_of(tracker.created)
        return bool(now and created and now - created < timedelta(seconds=LAG))

    # Writes.

    def create(self, name: str, group: str, tags: Mapping[str, str], wait: Wait) -> EventTracker:
        """Requests an event tracker; returns it as CREATE PENDING."""
        label = f"event tracker {name}"
        self._hide(tags)
        response = self._calls.make(
            group,
            lambda client: client.create_event_tracker(
                name=name, datasetGroupArn=group, tags=as_list(tags)
            ),
            "creating",
            label,
            wait,
        )
        arn: Any = response["eventTrackerArn"]
        made, wanted = parse_arn(arn) if isinstance(arn, str) else None, parse_arn(group)
        if not made or not wanted or made != wanted._replace(kind="event-tracker"):
            raise _wrong_answer(f"'{arn}'", label, operation="creating", answer_lost=True)
        created = iso(self._calls.service_time())
        requested = EventTracker("", name, CREATE_PENDING, dataset_group_arn=group, created=created)
        return requested.updated_by(response).with_tags(tags)

    def request_deletion(self, tracker: EventTracker, wait: Wait) -> None:
        """Requests the deletion of an event tracker, once."""
        self._calls.make(
            tracker.arn,
            lambda client: client.delete_event_tracker(eventTrackerArn=tracker.arn),
            "deleting",
            f"event tracker {tracker.arn}",
            wait,
            attempts=1,
        )

    def set_tags(
        self, tracker: EventTracker, before: Mapping[str, str], after: Mapping[str, str], wait: Wait
    ) -> None:
        """Changes an event tracker's tags; those that are in neither mapping are left alone.

        A tracker that is in use is waited for. Tags are removed last, or first where it would have
        more than 50 otherwise.
        """
        arn = tracker.arn
        to_remove = [key for key in of_account(before) if key not in after]
        to_set = as_list({key: text for key, text in after.items() if before.get(key) != text})
        self._hide(after)

        def untag(client: PersonalizeClient) -> object:
            return client.untag_resource(resourceArn=arn, tagKeys=to_remove)

        def tag(client: PersonalizeClient) -> object:
            return client.tag_resource(resourceArn=arn, tags=to_set)

        steps = [("tagging", tag, bool(to_set)), ("untagging", untag, bool(to_remove))]
        if len({**of_account(tracker.tags), **of_account(before), **after}) > MAX_TAGS:
            steps.reverse()
        label = f"event tracker {tracker.name}"
        for operation, call, is_needed in steps:
            if is_needed:
                request = partial(self._calls.make, arn, call, operation, label, wait)
                self._when_free(request, tracker, wait)

    def _hide(self, tags: Mapping[str, str]) -> None:
        if self.hides_tags:
            self.hidden.update(text for key, text in tags.items() if key != OWNER_KEY)

    def _when_free(
        self, call: Callable[[], Response], tracker: EventTracker, wait: Wait
    ) -> Response:
        """Makes a call about an event tracker's tags, again while the tracker is in use."""
        begin = wait.now
        while True:
            try:
                return call()
            except ServiceError as error:
                if error.code != IN_USE or wait.is_over:
                    raise
            wait.report_status(f"event tracker {tracker.name}", "tags in use")
            wait.sleep(pause(wait.now - begin))

    def _listed(self, group: str, wait: Wait) -> list[EventTracker]:
        """The event trackers in a dataset group's list: ARN, name and status."""
        found = self._list("list_event_trackers", "eventTrackers", group, wait)
        known = EventTracker("", dataset_group_arn=group)
        listed = [known.updated_by(one) for one in found]
        return [one for one in listed if one.arn and one.arn not in self.deleted]

    def _interactions(self, group: str, wait: Wait) -> str | None:
        """The status of a group's Item interactions dataset; empty if it has none.

        ``None`` if the credentials do not allow ListDatasets, on which nothing depends.
        """
        try:
            found = self._list("list_datasets", "datasets", group, wait)
        except (CredentialsError, TransientError, UnexpectedResponseError, UnreachableError):
            raise
        except ServiceError:
            return None
        for dataset in found:
            status = str(dataset.get("status") or ACTIVE)
            is_usable = status not in (*DELETING, CREATE_FAILED)
            if str(dataset.get("datasetType")).upper() == "INTERACTIONS" and is_usable:
                return status
        return ""

    def _list(self, operation: Any, member: str, group: str, wait: Wait) -> list[dict[str, Any]]:
        """All items of a list; the time limit holds if its pages have no end."""

        def read(client: PersonalizeClient) -> list[dict[str, Any]]:
            paginator: Any = client.get_paginator(operation)
            found: list[dict[str, Any]] = []
            for page in paginator.paginate(datasetGroupArn=group):
                found += _items(page.get(member))
                if page.get("nextToken") and wait.is_over:
                    raise UnexpectedResponseError(
                        f"the list has not ended after {wait.waited:.0f} s"
                    )
            return found

        return self._read(group, read, f"{member} of dataset group {group}", wait) or []

    def _describe_group(self, arn: str, wait: Wait) -> dict[str, Any] | None:
        response = self._read(
            arn,
            lambda client: client.describe_dataset_group(datasetGroupArn=arn),
            f"dataset group {arn}",
            wait,
        )
        if response is None:
            return None
        group: Any = response["datasetGroup"]
        if group.get("datasetGroupArn") not in (None, arn):
            answer = f"dataset group {group['datasetGroupArn']}"
            raise _wrong_answer(answer, f"dataset group {arn}")
        return dict(group)

    def _read(
        self, arn: str, call: Callable[[PersonalizeClient], Response], resource: str, wait: Wait
    ) -> Response | None:
        """Makes a call that reads; ``None`` for what is not found."""
        try:
            return self._calls.make(arn, call, "reading", resource, wait)
        except ServiceError as error:
            if error.code == NOT_FOUND:
                return None
            raise


def _items(found: object) -> list[dict[str, Any]]:
    """The objects in a list of a response, which may have anything in it."""
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _wrong_answer(
    answer: str, resource: str, operation: str = "reading", *, answer_lost: bool = False
) -> UnexpectedResponseError:
    """The error of a response about something else than the request."""
    return UnexpectedResponseError(
        f"was answered with {answer}",
        operation=operation,
        resource=resource,
        advice=NOT_PERSONALIZE,
        answer_lost=answer_lost,
    )
