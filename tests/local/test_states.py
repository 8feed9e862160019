"""How resources come and go: pace, the clock, and moto's own state transitions."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from moto.moto_api import state_manager
from pulumi_personalize.local.personalize import lifecycle
from pulumi_personalize.local.personalize.models import MODEL_NAMES, EventTracker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.conftest import Clock
    from mypy_boto3_personalize import PersonalizeClient
    from pulumi_personalize.local import ControlClient

SetTransition = Any  # the type of the fixture of this name
CREATION = ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


@pytest.fixture
def kinds(
    personalize: PersonalizeClient,
    make_group: Callable[[str], str],
    make_empty_group: Callable[[str], str],
    avro: str,
) -> dict[str, tuple[Callable[[], str], Callable[[str], str], Callable[[str], Any]]]:
    """For each model: creation (the ARN), status and deletion of one, in an ACTIVE group."""
    schema = personalize.create_schema(name="schema", schema=avro)["schemaArn"]
    group = make_group("around")
    personalize.describe_dataset_group(datasetGroupArn=group)
    return {
        "personalize::dataset_group": (
            lambda: make_empty_group("group"),
            lambda arn: personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"][
                "status"
            ],
            lambda arn: personalize.delete_dataset_group(datasetGroupArn=arn),
        ),
        "personalize::dataset": (
            lambda: personalize.create_dataset(
                name="d", schemaArn=schema, datasetGroupArn=group, datasetType="ITEMS"
            )["datasetArn"],
            lambda arn: personalize.describe_dataset(datasetArn=arn)["dataset"]["status"],
            lambda arn: personalize.delete_dataset(datasetArn=arn),
        ),
        "personalize::event_tracker": (
            lambda: personalize.create_event_tracker(name="t", datasetGroupArn=group)[
                "eventTrackerArn"
            ],
            lambda arn: personalize.describe_event_tracker(eventTrackerArn=arn)["eventTracker"][
                "status"
            ],
            lambda arn: personalize.delete_event_tracker(eventTrackerArn=arn),
        ),
    }


@pytest.mark.parametrize("model", MODEL_NAMES)
def test_manual(
    model: str, kinds: Any, set_transition: SetTransition, personalize: PersonalizeClient
) -> None:
    create, status, delete = kinds[model]
    set_transition(model, {"progression": "manual", "times": 2})
    arn = create()
    assert [status(arn) for _ in range(4)] == [
        "CREATE PENDING",
        "CREATE IN_PROGRESS",
        "CREATE IN_PROGRESS",
        "ACTIVE",
    ]
    delete(arn)
    assert status(arn) == "DELETE PENDING"
    if model != "personalize::dataset_group":
        assert status(arn) == "DELETE IN_PROGRESS"
        assert status(arn) == "DELETE IN_PROGRESS"
    with pytest.raises(personalize.exceptions.ResourceNotFoundException):
        status(arn)


@pytest.mark.parametrize("model", MODEL_NAMES)
def test_pace(
    model: str, kinds: Any, control: ControlClient, personalize: PersonalizeClient, clock: Clock
) -> None:
    create, status, delete = kinds[model]
    control.pace(0.4, [model])
    assert control.health()["pace"] == 0.4

    def watch(arn: str) -> list[str]:
        seen = []
        for _ in "123":
            try:
                seen.append(status(arn))
            except personalize.exceptions.ResourceNotFoundException:
                seen.append("gone")
            clock.go(0.2)
        return seen

    arn = create()
    assert watch(arn) == CREATION
    delete(arn)
    going = "PENDING" if model == "personalize::dataset_group" else "IN_PROGRESS"
    assert watch(arn) == ["DELETE PENDING", f"DELETE {going}", "gone"]


def test_in_creation_or_deletion_a_tracker_cannot_be_deleted(
    kinds: Any, control: ControlClient, personalize: PersonalizeClient
) -> None:
    create, _, delete = kinds["personalize::event_tracker"]
    control.pace(60)
    arn = create()
    with pytest.raises(personalize.exceptions.ResourceInUseException):
        delete(arn)
    control.pace(0)
    control.fault("DeleteEventTracker", "stay", status="DELETE PENDING")
    delete(arn)
    with pytest.raises(personalize.exceptions.ResourceInUseException, match="DELETE PENDING"):
        delete(arn)
    personalize.tag_resource(resourceArn=arn, tags=[{"tagKey": "a", "tagValue": "b"}])
    assert personalize.list_tags_for_resource(resourceArn=arn)["tags"]


def test_a_new_pace_leaves_alone_what_was_done_before(kinds: Any, control: ControlClient) -> None:
    create, status, _ = kinds["personalize::event_tracker"]
    arn = create()
    control.pace(3600)
    assert status(arn) == "ACTIVE"


def test_a_group_in_deletion_takes_no_tracker(
    personalize: PersonalizeClient, control: ControlClient, make_empty_group: Callable[[str], str]
) -> None:
    group = make_empty_group("group")
    control.pace(60)
    personalize.delete_dataset_group(datasetGroupArn=group)
    with pytest.raises(personalize.exceptions.ResourceInUseException, match="DELETE PENDING"):
        personalize.create_event_tracker(name="tracker", datasetGroupArn=group)


@pytest.fixture
def tracker() -> Iterator[EventTracker]:
    """A tracker of ten seconds a step, whose creation began 100 seconds ago."""
    name = EventTracker.MODEL_NAME
    before = state_manager.get_transition(name)
    state_manager.set_transition(name, {"progression": "time", "seconds": 10})
    created = datetime.now(timezone.utc).replace(tzinfo=None) - timedelta(seconds=100)
    yield EventTracker("arn", "name", created, "account", "tracking", "group")
    state_manager.set_transition(name, before)


def test_several_steps_at_one_look_each_at_its_time(tracker: EventTracker) -> None:
    assert tracker.settle() == lifecycle.ACTIVE
    expected = tracker.creation_date_time + timedelta(seconds=20)
    assert tracker.last_updated_date_time == expected


def test_one_step_is_due(tracker: EventTracker) -> None:
    tracker._time_progressed += timedelta(seconds=85)
    assert tracker.settle() == lifecycle.CREATE_IN_PROGRESS
    expected = tracker.creation_date_time + timedelta(seconds=95)
    assert tracker.last_updated_date_time == expected


def test_a_failed_creation_can_be_deleted(tracker: EventTracker) -> None:
    tracker.fail()
    assert tracker.settle() == lifecycle.CREATE_FAILED
    tracker.status = lifecycle.DELETE_PENDING
    assert tracker.settle() == lifecycle.DELETE_PENDING
    tracker._time_progressed -= timedelta(seconds=20)
    assert tracker.settle() == lifecycle.GONE


def test_between_a_check_and_its_answer_nothing_changes(tracker: EventTracker) -> None:
    tracker.settle()
    tracker.status = lifecycle.DELETE_PENDING
    tracker._time_progressed -= timedelta(seconds=20)
    assert tracker.status == lifecycle.DELETE_PENDING
    assert tracker.settle() == tracker.status == lifecycle.GONE


def test_a_released_hold_counts_from_the_release(tracker: EventTracker) -> None:
    tracker.hold = lifecycle.CREATE_PENDING
    assert tracker.settle() == lifecycle.CREATE_PENDING
    tracker.release()
    assert tracker.settle() == lifecycle.CREATE_PENDING
    tracker._time_progressed -= timedelta(seconds=10)
    assert tracker.settle() == lifecycle.CREATE_IN_PROGRESS
