"""One endpoint for all tests of it, reset before each, and a client that checks nothing itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import endpoints
import pytest
from moto.core.utils import utcnow
from pulumi_personalize.local import ControlClient, LocalEndpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Advance = Callable[[float], None]
    Patch = pytest.MonkeyPatch


class Local(ControlClient):
    """Controls an endpoint and calls its operations; kinds are named as in operations."""

    endpoint: LocalEndpoint

    def __init__(self, url: str, region: str = endpoints.REGION) -> None:
        super().__init__(url)
        self.region = region

    def send(self, operation: str, **parameters: Any) -> tuple[int, dict[str, Any]]:
        return endpoints.send(self.url, operation, parameters, self.region)

    def __call__(self, operation: str, **parameters: Any) -> dict[str, Any]:
        status, content = self.send(operation, **parameters)
        assert status == 200, content
        return content

    def refused(self, code: str, operation: str, **parameters: Any) -> str:
        status, content = self.send(operation, **parameters)
        assert (status, content.get("__type")) == (400, f"{code}Exception"), operation
        return str(content["message"])

    def group(self, name: str = "group") -> str:
        """Makes a dataset group with an Interactions dataset, and returns its ARN."""
        return endpoints.quick_group(self.url, name)

    def create(self, kind: str, **parameters: Any) -> str:
        """Creates a resource, called "new" unless it is named, and returns its ARN."""
        answer = self(f"Create{kind}", **{"name": "new"} | parameters)
        return next(str(answer[member]) for member in answer if member.endswith("Arn"))

    def tracker(self, group: str, **parameters: Any) -> str:
        """Creates the event tracker of a dataset group, named as that, and returns its ARN."""
        names = {"name": group.rpartition("/")[2], "datasetGroupArn": group}
        return self.create("EventTracker", **names | parameters)

    def no_tracker(self, code: str, group: str, **parameters: Any) -> str:
        names = {"name": "t", "datasetGroupArn": group}
        return self.refused(code, "CreateEventTracker", **names | parameters)

    def delete(self, arn: str) -> None:
        kind, parameters = _named(arn)
        self(f"Delete{kind}", **parameters)

    def describe(self, arn: str) -> dict[str, Any]:
        """Describes a resource, as "gone" if it is not found."""
        kind, parameters = _named(arn)
        status, content = self.send(f"Describe{kind}", **parameters)
        assert status == 200 or content["__type"] == "ResourceNotFoundException"
        return dict(content.popitem()[1] if status == 200 else {"status": "gone"})

    def status(self, arn: str) -> str:
        return str(self.describe(arn)["status"])

    def trackers(self, **parameters: Any) -> dict[str, str]:
        found = self("ListEventTrackers", **parameters)["eventTrackers"]
        return {one["name"]: one["status"] for one in found}

    def tag(self, arn: str, **tags: str) -> None:
        pairs = [{"tagKey": key, "tagValue": text} for key, text in tags.items()]
        self("TagResource", resourceArn=arn, tags=pairs)

    def tags(self, arn: str) -> dict[str, str] | None:
        """Returns the tags of a resource; None if it is not found."""
        status, content = self.send("ListTagsForResource", resourceArn=arn)
        assert status == 200 or content["__type"] == "ResourceNotFoundException"
        found = {one["tagKey"]: one["tagValue"] for one in content.get("tags", [])}
        return found if status == 200 else None


def _named(arn: str) -> tuple[str, dict[str, str]]:
    kind = arn.split(":")[5].split("/")[0].title().replace("-", "")
    return kind, {f"{kind[0].lower()}{kind[1:]}Arn": arn}


@pytest.fixture(scope="session")
def endpoint() -> Iterator[LocalEndpoint]:
    with LocalEndpoint() as running:
        yield running


@pytest.fixture
def local(endpoint: LocalEndpoint) -> Local:
    """The endpoint, which is empty and without pace."""
    client = Local(endpoint.url)
    client.endpoint = endpoint
    client.reset()
    client.pace(0)
    return client


class World(NamedTuple):
    schema: str
    group: str
    dataset: str
    tracker: str
    tracking_id: str


@pytest.fixture
def world(local: Local) -> World:
    group = local.group()
    arns = group.replace("-group", "") + "/INTERACTIONS", local.tracker(group, name="tracker")
    tracking_id = local.describe(arns[1])["trackingId"]
    return World(group.replace("dataset-group", "schema"), group, *arns, tracking_id)


@pytest.fixture
def advance(local: Local, monkeypatch: Patch) -> Advance:
    """Stops the endpoint's clock, and lets a test advance it by seconds."""
    times = [utcnow()]
    for module in ("history", "middleware", "personalize.lifecycle", "personalize.models"):
        monkeypatch.setattr(f"pulumi_personalize.local.{module}.utcnow", lambda: times[-1])
    return lambda seconds: times.append(times[-1] + timedelta(seconds=seconds))
