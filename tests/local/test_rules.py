"""Rules that event trackers and their dataset groups are under, switched on or off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_personalize import PersonalizeClient
    from pulumi_personalize.local import ControlClient

World = Any  # the fixture of this name


class TestInteractionsDataset:
    @pytest.fixture
    def add(self, personalize: PersonalizeClient, avro: str) -> Callable[[str, str], str]:
        """Makes a dataset of a type in a group: its ARN."""
        schema = personalize.create_schema(name="schema", schema=avro)["schemaArn"]
        return lambda group, kind: personalize.create_dataset(
            name="dataset", schemaArn=schema, datasetGroupArn=group, datasetType=kind
        )["datasetArn"]

    def test_without_one_there_is_no_tracker(
        self,
        personalize: PersonalizeClient,
        make_empty_group: Callable[[str], str],
        make_group: Callable[[str], str],
        add: Callable[[str, str], str],
    ) -> None:
        make_group("another")
        group = make_empty_group("group")
        add(group, "Action_Interactions")
        add(group, "Items")
        refused = personalize.exceptions.InvalidInputException
        with pytest.raises(refused, match=f"group {group} does not have an Interactions dataset"):
            personalize.create_event_tracker(name="t", datasetGroupArn=group)
        assert personalize.list_event_trackers()["eventTrackers"] == []
        add(group, "interActions")
        personalize.create_event_tracker(name="t", datasetGroupArn=group)

    @pytest.mark.parametrize("status", ["CREATE PENDING", "CREATE IN_PROGRESS"])
    def test_one_that_is_being_made_will_do(
        self,
        status: str,
        personalize: PersonalizeClient,
        control: ControlClient,
        make_empty_group: Callable[[str], str],
        add: Callable[[str, str], str],
    ) -> None:
        group = make_empty_group("group")
        control.fault("CreateDataset", "stay", status=status)
        add(group, "Interactions")
        personalize.create_event_tracker(name="t", datasetGroupArn=group)

    @pytest.mark.parametrize("status", ["CREATE FAILED", "DELETE PENDING", "DELETE IN_PROGRESS"])
    def test_one_that_failed_or_is_going_will_not_do(
        self,
        status: str,
        personalize: PersonalizeClient,
        control: ControlClient,
        make_empty_group: Callable[[str], str],
        add: Callable[[str, str], str],
    ) -> None:
        group = make_empty_group("group")
        if status == "CREATE FAILED":
            control.fault("CreateDataset", "fail")
        dataset = add(group, "Interactions")
        if status != "CREATE FAILED":
            control.fault("DeleteDataset", "stay", status=status)
            personalize.delete_dataset(datasetArn=dataset)
        described = personalize.describe_dataset(datasetArn=dataset)["dataset"]
        assert described["status"] == status
        with pytest.raises(personalize.exceptions.InvalidInputException, match="Interactions"):
            personalize.create_event_tracker(name="t", datasetGroupArn=group)

    def test_switched_off(
        self,
        personalize: PersonalizeClient,
        control: ControlClient,
        make_empty_group: Callable[[str], str],
    ) -> None:
        group = make_empty_group("group")
        control.rules(interactionsDataset=False)
        personalize.create_event_tracker(name="t", datasetGroupArn=group)

    @pytest.mark.parametrize("state", ["ACTIVE", "CREATE FAILED", "DELETE IN_PROGRESS"])
    def test_it_is_in_use_until_the_tracker_is_gone(
        self,
        state: str,
        personalize: PersonalizeClient,
        control: ControlClient,
        make_group: Callable[[str], str],
        add: Callable[[str, str], str],
    ) -> None:
        group = make_group("group")
        (dataset,) = personalize.list_datasets(datasetGroupArn=group)["datasets"]
        items = add(group, "Items")
        if state == "CREATE FAILED":
            control.fault("CreateEventTracker", "fail")
        made = personalize.create_event_tracker(name="t", datasetGroupArn=group)
        tracker = made["eventTrackerArn"]
        if state == "DELETE IN_PROGRESS":
            control.fault("DeleteEventTracker", "stay")
            personalize.delete_event_tracker(eventTrackerArn=tracker)
        described = personalize.describe_event_tracker(eventTrackerArn=tracker)["eventTracker"]
        assert described["status"] == state
        with pytest.raises(personalize.exceptions.ResourceInUseException, match=tracker):
            personalize.delete_dataset(datasetArn=dataset["datasetArn"])
        personalize.delete_dataset(datasetArn=items)
        if state == "DELETE IN_PROGRESS":
            control.release()
        else:
            personalize.delete_event_tracker(eventTrackerArn=tracker)
        personalize.delete_dataset(datasetArn=dataset["datasetArn"])
        assert personalize.list_datasets()["datasets"] == []

    def test_the_tracker_of_another_group_does_not_matter(
        self, personalize: PersonalizeClient, world: World, make_group: Callable[[str], str]
    ) -> None:
        group = make_group("other")
        assert group != world.group
        (dataset,) = personalize.list_datasets(datasetGroupArn=group)["datasets"]
        personalize.delete_dataset(datasetArn=dataset["datasetArn"])


def test_names_that_are_not_unique(
    personalize: PersonalizeClient,
    control: ControlClient,
    world: World,
    make_group: Callable[[str], str],
) -> None:
    control.rules(uniqueNames=False)
    other = make_group("other")
    made = personalize.create_event_tracker(name="tracker", datasetGroupArn=other)
    assert made["eventTrackerArn"] != world.tracker
    with pytest.raises(personalize.exceptions.ResourceAlreadyExistsException, match=world.group):
        personalize.create_event_tracker(name="new", datasetGroupArn=world.group)
    control.rules(uniqueNames=True)
    third = make_group("third")
    with pytest.raises(personalize.exceptions.ResourceAlreadyExistsException, match="Another"):
        personalize.create_event_tracker(name="tracker", datasetGroupArn=third)


def test_a_list_without_what_is_going(
    personalize: PersonalizeClient, control: ControlClient, world: World
) -> None:
    def listed() -> list[str]:
        trackers = personalize.list_event_trackers(datasetGroupArn=world.group)["eventTrackers"]
        return [one["status"] for one in trackers]

    control.rules(listShowsGoing=False)
    assert listed() == ["ACTIVE"]
    control.fault("DeleteEventTracker", "stay", status="DELETE PENDING")
    personalize.delete_event_tracker(eventTrackerArn=world.tracker)
    assert listed() == []
    tracker = personalize.describe_event_tracker(eventTrackerArn=world.tracker)["eventTracker"]
    assert tracker["status"] == "DELETE PENDING"
    control.rules(listShowsGoing=True)
    assert listed() == ["DELETE PENDING"]


def test_rules_are_on_at_first_and_change_one_by_one(control: ControlClient) -> None:
    on = {"interactionsDataset": True, "uniqueNames": True, "listShowsGoing": True}
    assert control.rules() == on
    assert control.rules(uniqueNames=False) == on | {"uniqueNames": False}
    assert control.rules(listShowsGoing=False)["uniqueNames"] is False
    control.reset()
    assert control.rules() == on
