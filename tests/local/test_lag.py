"""Reads that lag: answers as things stood a while ago."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from processes import eventually
from pulumi_personalize.local import ControlClient, make_dataset_group
from pulumi_personalize.local.faults import MAX_LAG

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from local.conftest import Clock
    from mypy_boto3_personalize import PersonalizeClient
    from pulumi_personalize.local import LocalEndpoint

World = Any  # the fixture of this name

GONE = "gone"


class Seen:
    """What a client sees."""

    def __init__(self, client: PersonalizeClient) -> None:
        self.client = client

    def tracker(self, arn: str) -> str:
        """The status that DescribeEventTracker tells."""
        try:
            return self.client.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]["status"]
        except self.client.exceptions.ResourceNotFoundException:
            return GONE

    def trackers(self) -> dict[str, str]:
        """The names and statuses that ListEventTrackers tells."""
        found = self.client.list_event_trackers()["eventTrackers"]
        return {one["name"]: one["status"] for one in found}

    def tags(self, arn: str) -> dict[str, str] | None:
        """The tags that ListTagsForResource tells; None where there is no such resource."""
        try:
            found = self.client.list_tags_for_resource(resourceArn=arn)["tags"]
        except self.client.exceptions.ResourceNotFoundException:
            return None
        return {tag["tagKey"]: tag["tagValue"] for tag in found}


@pytest.fixture
def seen(personalize: PersonalizeClient) -> Seen:
    return Seen(personalize)


def test_what_is_new_is_not_there_yet(
    personalize: PersonalizeClient,
    control: ControlClient,
    clock: Clock,
    world: World,
    seen: Seen,
) -> None:
    control.fault("*", "lag", seconds=5, times=None)
    not_found = personalize.exceptions.ResourceNotFoundException
    for seconds in (0, 4.9):
        clock.go(seconds)
        assert (seen.tracker(world.tracker), seen.trackers()) == (GONE, {})
        assert seen.tags(world.tracker) is None
        with pytest.raises(not_found):
            personalize.describe_dataset_group(datasetGroupArn=world.group)
        with pytest.raises(not_found):
            personalize.describe_dataset(datasetArn=world.dataset)
        assert personalize.list_datasets(datasetGroupArn=world.group)["datasets"] == []
    clock.go(0.1)
    assert (seen.tracker(world.tracker), seen.trackers()) == ("ACTIVE", {"tracker": "ACTIVE"})
    assert seen.tags(world.tracker) == {}
    group = personalize.describe_dataset_group(datasetGroupArn=world.group)["datasetGroup"]
    assert group["status"] == "ACTIVE"
    described = personalize.describe_dataset(datasetArn=world.dataset)["dataset"]
    (listed,) = personalize.list_datasets(datasetGroupArn=world.group)["datasets"]
    assert described["datasetArn"] == listed["datasetArn"] == world.dataset
    assert control.faults()[0]["fired"] == 18


def test_what_was_deleted_is_there_as_it_was(
    personalize: PersonalizeClient, control: ControlClient, clock: Clock, world: World, seen: Seen
) -> None:
    tags: Any = [{"tagKey": "team", "tagValue": "shop"}]
    personalize.tag_resource(resourceArn=world.tracker, tags=tags)
    clock.go(10)
    before = personalize.describe_event_tracker(eventTrackerArn=world.tracker)["eventTracker"]
    personalize.delete_event_tracker(eventTrackerArn=world.tracker)
    again = personalize.create_event_tracker(name="again", datasetGroupArn=world.group)
    assert (seen.tracker(world.tracker), seen.trackers()) == (GONE, {"again": "ACTIVE"})
    control.fault("*", "lag", seconds=5, times=None)
    assert seen.trackers() == {"tracker": "ACTIVE"}
    assert seen.tags(world.tracker) == {"team": "shop"}
    assert seen.tracker(again["eventTrackerArn"]) == GONE
    answer = personalize.describe_event_tracker(eventTrackerArn=world.tracker)["eventTracker"]
    assert answer == before
    clock.go(5)
    assert (seen.tracker(world.tracker), seen.trackers()) == (GONE, {"again": "ACTIVE"})
    assert seen.tags(world.tracker) is None


def test_states_trail(
    personalize: PersonalizeClient,
    control: ControlClient,
    clock: Clock,
    make_group: Callable[[str], str],
    seen: Seen,
) -> None:
    group = make_group("group")
    control.pace(10)
    arn = personalize.create_event_tracker(name="t", datasetGroupArn=group)["eventTrackerArn"]
    control.fault("DescribeEventTracker", "lag", seconds=3, times=None)

    def watch() -> list[tuple[str, str]]:
        states = []
        for _ in range(14):
            states.append((seen.tracker(arn), seen.trackers().get("t", GONE)))
            clock.go(1)
        return states

    pending, progress, active = "CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"
    now = [pending] * 5 + [progress] * 5 + [active] * 4
    assert watch() == list(zip([GONE] * 3 + now[:11], now, strict=True))
    personalize.delete_event_tracker(eventTrackerArn=arn)
    now = ["DELETE PENDING"] * 5 + ["DELETE IN_PROGRESS"] * 5 + [GONE] * 4
    assert watch() == list(zip([active] * 3 + now[:11], now, strict=True))


def test_a_pace_counts_from_when_it_was_set(
    personalize: PersonalizeClient,
    control: ControlClient,
    clock: Clock,
    make_group: Callable[[str], str],
    seen: Seen,
) -> None:
    groups = [make_group(name) for name in ("slow", "quick")]
    control.pace(10)
    personalize.create_event_tracker(name="slow", datasetGroupArn=groups[0])
    clock.go(2)
    control.pace(0)
    personalize.create_event_tracker(name="quick", datasetGroupArn=groups[1])
    clock.go(1)
    control.pace(60)
    control.fault("ListEventTrackers", "lag", seconds=2)
    control.fault("ListEventTrackers", "lag", seconds=1)
    assert seen.trackers() == {"slow": "CREATE PENDING"}
    assert seen.trackers() == {"slow": "ACTIVE", "quick": "ACTIVE"}


def test_held_and_failed_ones(
    personalize: PersonalizeClient,
    control: ControlClient,
    clock: Clock,
    make_group: Callable[[str], str],
    seen: Seen,
) -> None:
    control.fault("CreateEventTracker", "fail", about={"name": "fails"})
    control.fault("CreateEventTracker", "stay", about={"name": "stays"})
    for name in ("fails", "stays"):
        personalize.create_event_tracker(name=name, datasetGroupArn=make_group(name))
    clock.go(5)
    control.release()
    control.fault("ListEventTrackers", "lag", seconds=3)
    assert seen.trackers() == {"fails": "CREATE FAILED", "stays": "CREATE IN_PROGRESS"}
    assert seen.trackers() == {"fails": "CREATE FAILED", "stays": "ACTIVE"}


def test_states_that_a_look_brings_about(
    personalize: PersonalizeClient,
    control: ControlClient,
    clock: Clock,
    make_group: Callable[[str], str],
    seen: Seen,
    set_transition: Any,
) -> None:
    group = make_group("group")
    set_transition("personalize::event_tracker", {"progression": "manual", "times": 1})
    arn = personalize.create_event_tracker(name="t", datasetGroupArn=group)["eventTrackerArn"]
    clock.go(5)
    assert seen.tracker(arn) == "CREATE IN_PROGRESS"
    control.fault("DescribeEventTracker", "lag", seconds=3, times=3)
    assert [seen.tracker(arn) for _ in range(3)] == ["CREATE PENDING"] * 3
    assert seen.trackers() == {"t": "CREATE IN_PROGRESS"}
    assert seen.tracker(arn) == "ACTIVE"
    clock.go(5)
    control.fault("ListEventTrackers", "lag", seconds=3)
    assert seen.trackers() == {"t": "ACTIVE"}


def test_tags_trail(
    personalize: PersonalizeClient,
    control: ControlClient,
    clock: Clock,
    world: World,
    make_group: Callable[[str], str],
    seen: Seen,
) -> None:
    arns = [world.tracker, make_group("other")]
    for value in "123":
        for arn in arns:
            tags: Any = [{"tagKey": "a", "tagValue": value}]
            personalize.tag_resource(resourceArn=arn, tags=tags)
        clock.go(1)
    for arn in arns:
        personalize.untag_resource(resourceArn=arn, tagKeys=["a"])
    about = {"resourceArn": world.tracker}
    for seconds in (0.5, 1.5, 2.5, 3.5):
        control.fault("ListTagsForResource", "lag", seconds=seconds, about=about)
    assert [seen.tags(arns[1]) for _ in range(2)] == [{}, {}]
    trailing = [seen.tags(world.tracker) for _ in range(5)]
    assert trailing == [{"a": "3"}, {"a": "2"}, {"a": "1"}, None, {}]


def test_only_reads_lag_and_none_of_them_changes_anything(
    personalize: PersonalizeClient,
    control: ControlClient,
    clock: Clock,
    world: World,
    make_group: Callable[[str], str],
    seen: Seen,
) -> None:
    control.fault("*", "lag", seconds=MAX_LAG, times=2)
    other = personalize.create_dataset_group(name="other")["datasetGroupArn"]
    assert len(personalize.list_dataset_groups()["datasetGroups"]) == 2
    with pytest.raises(personalize.exceptions.ResourceAlreadyExistsException):
        personalize.create_event_tracker(name="second", datasetGroupArn=world.group)
    personalize.tag_resource(resourceArn=world.tracker, tags=[{"tagKey": "a", "tagValue": "b"}])
    assert (seen.trackers(), seen.tags(world.tracker)) == ({}, None)
    assert [one["fired"] for one in control.faults()] == [2]
    assert (seen.trackers(), seen.tags(world.tracker)) == ({"tracker": "ACTIVE"}, {"a": "b"})
    personalize.describe_dataset_group(datasetGroupArn=other)
    assert make_group("other") == other


def test_what_was_forgotten_or_reset_was_never_there(
    control: ControlClient, clock: Clock, world: World, seen: Seen
) -> None:
    clock.go(10)
    control.fault("*", "lag", seconds=5, times=None)
    assert seen.tracker(world.tracker) == "ACTIVE"
    control.forget(world.tracker)
    assert (seen.tracker(world.tracker), seen.trackers()) == (GONE, {})
    assert seen.tags(world.group) == {}
    control.reset()
    control.fault("*", "lag", seconds=5, times=None)
    assert seen.tags(world.group) is None


def test_each_region_trails_by_itself(
    endpoint: LocalEndpoint,
    control: ControlClient,
    clock: Clock,
    world: World,
    seen: Seen,
    make_client: Callable[..., PersonalizeClient],
) -> None:
    clock.go(10)
    client = make_client(endpoint.url, region="ap-south-1")
    group = make_dataset_group(client, "group")
    there = Seen(client)
    tracker = client.create_event_tracker(name="there", datasetGroupArn=group)["eventTrackerArn"]
    control.fault("*", "lag", seconds=5, times=None)
    assert (seen.trackers(), there.trackers()) == ({"tracker": "ACTIVE"}, {})
    clock.go(5)
    assert (seen.trackers(), there.trackers()) == ({"tracker": "ACTIVE"}, {"there": "ACTIVE"})
    assert seen.tracker(tracker) == GONE


def test_what_was_loaded_has_always_been_there(
    spawn: Any, tmp_path: Path, make_client: Callable[..., PersonalizeClient]
) -> None:
    state = tmp_path / "state.json"
    first = spawn("--state", state)
    group = make_dataset_group(make_client(first.url), "group")
    first.popen.terminate()
    first.popen.wait(60)
    second = spawn("--state", state)
    ControlClient(second.url).fault("*", "lag", seconds=MAX_LAG)
    found = make_client(second.url).describe_dataset_group(datasetGroupArn=group)["datasetGroup"]
    assert found["status"] == "ACTIVE"


def test_by_the_real_clock(
    personalize: PersonalizeClient,
    control: ControlClient,
    make_group: Callable[[str], str],
    seen: Seen,
) -> None:
    group = make_group("group")
    control.fault("*", "lag", seconds=0.5, times=None)
    began = time.monotonic()
    arn = personalize.create_event_tracker(name="t", datasetGroupArn=group)["eventTrackerArn"]
    eventually(lambda: seen.tracker(arn) == "ACTIVE")
    assert time.monotonic() - began >= 0.5


def test_what_is_kept_is_bounded_by_time(
    endpoint: LocalEndpoint, personalize: PersonalizeClient, clock: Clock, world: World
) -> None:
    versions = endpoint._services.history._versions
    for number in range(2 * MAX_LAG):
        tags: Any = [{"tagKey": "a", "tagValue": str(number)}]
        personalize.tag_resource(resourceArn=world.tracker, tags=tags)
        clock.go(1)
    assert MAX_LAG <= len(versions[world.tracker]) <= MAX_LAG + 1
    personalize.delete_event_tracker(eventTrackerArn=world.tracker)
    for value in "ab":
        clock.go(MAX_LAG)
        tags = [{"tagKey": "a", "tagValue": value}]
        personalize.tag_resource(resourceArn=world.group, tags=tags)
    kept = {arn: len(found) for arn, found in versions.items()}
    assert kept == {world.group: 2, world.dataset: 1}


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"operation": "DescribeEventTracker", "seconds": MAX_LAG + 1}, "a number, 0 to 60"),
        ({"operation": "DescribeEventTracker", "seconds": -1}, "seconds must be"),
        ({"operation": "DescribeEventTracker", "seconds": True}, "seconds must be"),
        ({"operation": "DescribeEventTracker", "when": "before"}, "unknown with kind lag: when"),
        ({"operation": "CreateEventTracker"}, "operation must be one of"),
    ],
)
def test_rules_that_make_no_sense(
    rule: dict[str, Any], message: str, control: ControlClient
) -> None:
    with pytest.raises(ValueError, match=message):
        control.fault(kind="lag", **rule)
    assert control.faults() == []
