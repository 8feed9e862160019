"""Faults that change what the service answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_personalize import PersonalizeClient
    from pulumi_personalize.local import ControlClient

World = Any  # the fixture of this name


class TestRecode:
    @pytest.fixture
    def create(
        self, personalize: PersonalizeClient, world: World
    ) -> Callable[[], tuple[int, str, str]]:
        """Asks for a second tracker on the group: status, code and message of the refusal."""

        def ask() -> tuple[int, str, str]:
            with pytest.raises(ClientError) as refusal:
                personalize.create_event_tracker(name="other", datasetGroupArn=world.group)
            answer = refusal.value.response
            status = answer["ResponseMetadata"]["HTTPStatusCode"]
            return status, answer["Error"]["Code"], answer["Error"]["Message"]

        return ask

    def test_a_refusal_with_another_code(
        self, control: ControlClient, create: Callable[[], tuple[int, str, str]]
    ) -> None:
        usual = create()
        assert usual[:2] == (400, "ResourceAlreadyExistsException")
        control.fault("CreateEventTracker", "recode", code="ResourceInUseException")
        assert create() == (400, "ResourceInUseException", usual[2])
        control.fault("CreateEventTracker", "recode", code="Odd", status=409, message="No.")
        assert create() == (409, "Odd", "No.")
        assert create() == usual
        assert [call["error"] for call in control.calls()[-2:]] == ["Odd", usual[1]]

    def test_what_is_not_refused_is_not_touched_and_not_counted(
        self,
        personalize: PersonalizeClient,
        control: ControlClient,
        make_group: Callable[[str], str],
        create: Callable[[], tuple[int, str, str]],
    ) -> None:
        control.fault("CreateEventTracker", "recode", code="Odd", skip=1)
        for name in ("a", "b"):
            personalize.create_event_tracker(name=name, datasetGroupArn=make_group(name))
        assert control.faults()[0]["fired"] == 0
        assert [create()[1] for _ in range(3)] == [
            "ResourceAlreadyExistsException",
            "Odd",
            "ResourceAlreadyExistsException",
        ]
        assert control.faults()[0]["fired"] == 1

    def test_only_one_code(
        self, control: ControlClient, create: Callable[[], tuple[int, str, str]]
    ) -> None:
        control.fault("*", "recode", code="Odd", of="InvalidInputException", times=None, message="")
        assert create()[1] == "ResourceAlreadyExistsException"
        control.fault("*", "recode", code="Even", of="ResourceAlreadyExistsException", times=None)
        assert create()[1] == "Even"
        assert [rule["fired"] for rule in control.faults()] == [0, 1]

    def test_beside_another_fault(
        self, control: ControlClient, create: Callable[[], tuple[int, str, str]]
    ) -> None:
        control.fault("*", "recode", code="Odd", times=None)
        control.fault("CreateEventTracker", "error", code="Mine")
        control.fault("CreateEventTracker", "delay", seconds=0)
        assert [create()[1] for _ in range(2)] == ["Mine", "Odd"]
        assert [rule["fired"] for rule in control.faults()] == [1, 1, 1]

    def test_events(self, personalize_events: Any, control: ControlClient) -> None:
        control.fault("PutEvents", "recode", code="ResourceNotFoundException")
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            personalize_events.put_events(
                trackingId="none", sessionId="s", eventList=[{"eventType": "e", "sentAt": 1}]
            )


class TestOmit:
    def test_members_of_a_resource(
        self, personalize: PersonalizeClient, control: ControlClient, world: World
    ) -> None:
        def members() -> set[str]:
            found = personalize.describe_event_tracker(eventTrackerArn=world.tracker)
            return set(found["eventTracker"])

        usual = members()
        omitted = ["trackingId", "creationDateTime", "odd"]
        control.fault("DescribeEventTracker", "omit", members=omitted)
        assert members() == usual - set(omitted)
        assert members() == usual

    def test_members_of_all_in_a_list(
        self,
        personalize: PersonalizeClient,
        control: ControlClient,
        world: World,
        make_group: Callable[[str], str],
    ) -> None:
        other = make_group("other")
        personalize.create_event_tracker(name="other", datasetGroupArn=other)
        control.fault("*", "omit", members=["creationDateTime"], times=None)
        trackers = personalize.list_event_trackers()["eventTrackers"]
        assert [one["name"] for one in trackers] == ["tracker", "other"]
        assert all("creationDateTime" not in one for one in trackers)
        control.fault("ListTagsForResource", "omit", members=["tags"])
        assert "tags" not in personalize.list_tags_for_resource(resourceArn=world.tracker)
        assert [rule["fired"] for rule in control.faults()] == [1, 1]

    def test_members_of_resources_in_a_state(
        self,
        personalize: PersonalizeClient,
        control: ControlClient,
        world: World,
        make_group: Callable[[str], str],
    ) -> None:
        control.fault("CreateEventTracker", "stay", status="CREATE PENDING")
        made = personalize.create_event_tracker(name="new", datasetGroupArn=make_group("new"))
        arn = made["eventTrackerArn"]
        states = ["CREATE PENDING", "CREATE IN_PROGRESS"]
        for operation, member in (
            ("DescribeEventTracker", "trackingId"),
            ("ListEventTrackers", "name"),
        ):
            control.fault(operation, "omit", members=[member, "status"], status=states, times=None)

        def look() -> tuple[bool, bool, list[str | None]]:
            described = [
                personalize.describe_event_tracker(eventTrackerArn=one)["eventTracker"]
                for one in (world.tracker, arn)
            ]
            listed = personalize.list_event_trackers()["eventTrackers"]
            first, second = ("trackingId" in one and "status" in one for one in described)
            return first, second, [one.get("name") for one in listed]

        assert look() == (True, False, ["tracker", None])
        assert [rule["fired"] for rule in control.faults()[1:]] == [1, 1]
        control.release()
        assert look() == (True, True, ["tracker", "new"])

    def test_an_answer_without_them_and_a_refusal_do_not_count(
        self, personalize: PersonalizeClient, control: ControlClient, world: World
    ) -> None:
        control.fault("*", "omit", members=["message", "trackingId"])
        with pytest.raises(ClientError, match="already exists for dataset group"):
            personalize.create_event_tracker(name="other", datasetGroupArn=world.group)
        personalize.list_event_trackers()
        personalize.tag_resource(resourceArn=world.tracker, tags=[{"tagKey": "a", "tagValue": ""}])
        assert control.faults()[0]["fired"] == 0
        personalize.describe_event_tracker(eventTrackerArn=world.tracker)
        assert control.faults()[0]["fired"] == 1

    def test_of_a_read_that_lags(
        self, personalize: PersonalizeClient, control: ControlClient, world: World
    ) -> None:
        control.fault("ListEventTrackers", "lag", seconds=0)
        control.fault("ListEventTrackers", "omit", members=["name"])
        (tracker,) = personalize.list_event_trackers()["eventTrackers"]
        assert tracker["eventTrackerArn"] == world.tracker
        assert "name" not in tracker
        assert [rule["fired"] for rule in control.faults()] == [1, 1]

    @pytest.mark.parametrize(
        ("rule", "message"),
        [
            ({}, "members must be a list"),
            ({"members": []}, "members must be a list"),
            ({"members": "trackingId"}, "members must be a list"),
            ({"members": [1]}, "members must be a list"),
            ({"members": ["tracking id"]}, "members must be a list"),
            ({"members": ["a"], "status": "ACTIVE"}, "status must be a list of CREATE PENDING"),
            ({"members": ["a"], "status": ["Active"]}, "status must be a list of"),
            ({"members": ["a"], "status": []}, "status must be a list of"),
            ({"members": ["a"], "code": "A"}, "unknown with kind omit: code"),
        ],
    )
    def test_rules_that_make_no_sense(
        self, rule: dict[str, Any], message: str, control: ControlClient
    ) -> None:
        with pytest.raises(ValueError, match=message):
            control.fault("*", "omit", **rule)
