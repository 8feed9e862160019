"""Create, against a running endpoint."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from mypy_boto3_personalize import PersonalizeClient
from pulumi_personalize import (
    CreateFailedError,
    DatasetGroupError,
    EventTrackerNotFoundError,
    GroupTakenError,
    NameTakenError,
    WaitTimeoutError,
)
from pulumi_personalize.local import ControlClient
from pulumi_personalize.provider import EventTrackerProvider

Capfd = pytest.CaptureFixture[str]
Bag = Callable[..., dict[str, Any]]
MakeProvider = Callable[..., EventTrackerProvider]
OWNER_TAG = "pulumi-personalize:owner"


class TestCreate:
    def test_create_returns_id_and_outputs(
        self, provider: EventTrackerProvider, bag: Bag, personalize: PersonalizeClient, group: str
    ) -> None:
        result = provider.create(bag(tags={"team": "web"}, adoptExisting=False))
        found = personalize.describe_event_tracker(eventTrackerArn=result.id)["eventTracker"]
        assert result.outs is not None
        attempt = result.outs.pop("__mark")
        assert re.fullmatch("[0-9a-f]{8}", attempt)
        assert result.outs == {
            "eventTrackerArn": result.id,
            "trackingId": found["trackingId"],
            "name": "clicks",
            "datasetGroupArn": group,
            "status": "ACTIVE",
            "accountId": "123456789012",
            "creationDateTime": iso(found["creationDateTime"]),
            "lastUpdatedDateTime": iso(found["lastUpdatedDateTime"]),
            "tags": {"team": "web"},
            "adoptExisting": False,
            "__context": bag()["__context"],
        }

    @pytest.mark.usefixtures("by_looks")
    def test_create_waits_until_active_and_tells_how_it_stands(
        self, provider: EventTrackerProvider, bag: Bag, capfd: Capfd
    ) -> None:
        result = provider.create(bag())
        assert result.outs is not None
        assert result.outs["status"] == "ACTIVE"
        assert capfd.readouterr().err.splitlines() == [
            "web: event tracker clicks: CREATE PENDING (0 s)",
            "web: event tracker clicks: CREATE IN_PROGRESS (0 s)",
        ]

    def test_create_taggable(
        self, provider: EventTrackerProvider, bag: Bag, tags_of: Callable[[str], dict[str, str]]
    ) -> None:
        result = provider.create(bag(tags={"team": "web", "Größe 1": ""}))
        assert result.outs is not None
        assert result.outs["tags"] == {"team": "web", "Größe 1": ""}
        assert tags_of(result.id) == {
            "team": "web",
            "Größe 1": "",
            OWNER_TAG: f"done-{result.outs['__mark']}:shop/dev/web",
        }

    def test_create_with_fifty_tags_goes_without_the_mark(
        self, provider: EventTrackerProvider, bag: Bag, tags_of: Callable[[str], dict[str, str]]
    ) -> None:
        tags = {f"key{number}": str(number) for number in range(50)}
        result = provider.create(bag(tags=tags))
        assert result.outs is not None
        assert tags_of(result.id) == result.outs["tags"] == tags
        assert "__mark" not in result.outs

    @pytest.mark.parametrize(
        ("settings", "context"), [({"ownership_tag": False}, {}), ({}, {"resource": ""})]
    )
    def test_create_without_the_mark(
        self,
        make_provider: MakeProvider,
        bag: Bag,
        tags_of: Callable[[str], dict[str, str]],
        settings: dict[str, Any],
        context: dict[str, Any],
    ) -> None:
        result = make_provider(**settings).create(bag(tags={"team": "web"}, context=context))
        assert tags_of(result.id) == {"team": "web"}
        assert result.outs is not None
        assert "__mark" not in result.outs

    def test_create_takes_only_the_calls_it_needs(
        self, provider: EventTrackerProvider, bag: Bag, operations: Callable[[], list[str]]
    ) -> None:
        operations()
        provider.create(bag())
        assert operations() == [
            "ListEventTrackers",
            "CreateEventTracker",
            "DescribeEventTracker",
            "TagResource",
        ]

    def test_create_in_the_region_of_the_group(
        self, make_provider: MakeProvider, bag: Bag, control: ControlClient
    ) -> None:
        make_provider(region="eu-west-1").create(bag())
        assert {call["region"] for call in control.calls()} == {"us-east-1"}


class TestCreateRefused:
    def test_create_create(self, provider: EventTrackerProvider, bag: Bag, group: str) -> None:
        arn = provider.create(bag()).id
        with pytest.raises(GroupTakenError) as caught:
            provider.create(bag("app", name="views"))
        assert str(caught.value) == (
            f"dataset group {group} has the event tracker 'clicks' already ({arn}, ACTIVE), and "
            "Personalize allows one for each. Resource 'web' of this stack made it: if 'app' is "
            "its new name, tell Pulumi with aliases; if it is to leave the group, let it, with an "
            "up of its own; else use another dataset group."
        )

    def test_group_that_is_taken_in_the_last_moment(
        self, provider: EventTrackerProvider, bag: Bag, control: ControlClient
    ) -> None:
        # The occupant is not seen at first, as if it came between the look and the request.
        arn = provider.create(bag()).id
        control.fault("ListEventTrackers", "error", code="ResourceNotFoundException")
        with pytest.raises(GroupTakenError) as caught:
            provider.create(bag("app", name="views"))
        assert f"has the event tracker 'clicks' already ({arn}, ACTIVE)" in str(caught.value)

    def test_name_of_another_groups_tracker(
        self, provider: EventTrackerProvider, bag: Bag, make_group: Callable[[str], str]
    ) -> None:
        arn = provider.create(bag()).id
        with pytest.raises(NameTakenError) as caught:
            provider.create(bag("app", datasetGroupArn=make_group("other")))
        assert str(caught.value) == (
            "creating event tracker clicks: ResourceAlreadyExistsException: the name is taken by "
            "an event tracker of another dataset group: Another resource of type event tracker "
            f"with Arn {arn} already exists. Give it another name, or leave the name out."
        )

    def test_group_that_does_not_exist(
        self, provider: EventTrackerProvider, bag: Bag, group: str
    ) -> None:
        with pytest.raises(DatasetGroupError) as caught:
            provider.create(bag(datasetGroupArn=group + "2"))
        assert str(caught.value) == (
            f"dataset group {group}2 does not exist in us-east-1. "
            "Check its name, region and account."
        )

    def test_group_that_is_being_created_is_waited_for(
        self,
        make_provider: MakeProvider,
        bag: Bag,
        control: ControlClient,
        make_group: Callable[[str], str],
        capfd: Capfd,
    ) -> None:
        control.fault("CreateDatasetGroup", "stay")
        slow = bag(datasetGroupArn=make_group("slow"))
        result = make_provider(on_sleep=control.release).create(slow)
        assert result.outs is not None
        assert result.outs["status"] == "ACTIVE"
        assert "web: event tracker clicks: dataset group in use (0 s)\n" in capfd.readouterr().err

    def test_group_that_never_becomes_active(
        self,
        make_provider: MakeProvider,
        bag: Bag,
        control: ControlClient,
        make_group: Callable[[str], str],
    ) -> None:
        control.fault("CreateDatasetGroup", "stay")
        stuck = make_group("stuck")
        with pytest.raises(WaitTimeoutError) as caught:
            make_provider(create_timeout=2).create(bag(datasetGroupArn=stuck))
        assert str(caught.value) == (
            "creating event tracker clicks: ResourceInUseException: "
            f"dataset group {stuck} was in use for 2 s. Run again later."
        )


class TestCreateFailed:
    def test_failed_tracker_is_removed(
        self,
        provider: EventTrackerProvider,
        bag: Bag,
        control: ControlClient,
        trackers: Callable[[], dict[str, str]],
    ) -> None:
        control.pace(0.1, ["personalize::event_tracker"])
        control.fault("CreateEventTracker", "fail")
        with pytest.raises(CreateFailedError) as caught:
            provider.create(bag())
        assert re.fullmatch(
            r"creating event tracker clicks \(arn:\S+\): CREATE FAILED: Personalize reports CREATE "
            r"FAILED and gives no reason\. The failed tracker is removed: check the dataset group "
            r"and its interactions dataset, and run again\.",
            str(caught.value),
        )
        assert trackers() == {}
        assert provider.create(bag()).id

    def test_tracker_deleted_meanwhile(
        self,
        provider: EventTrackerProvider,
        bag: Bag,
        control: ControlClient,
    ) -> None:
        control.fault("DescribeEventTracker", "error", code="ResourceNotFoundException")
        with pytest.raises(EventTrackerNotFoundError) as caught:
            provider.create(bag())
        assert re.fullmatch(
            r"creating event tracker clicks: arn:\S+ was deleted by someone else meanwhile\. "
            r"Run again\.",
            str(caught.value),
        )

    @pytest.mark.parametrize("status", ["CREATE PENDING", "CREATE IN_PROGRESS"])
    @pytest.mark.parametrize(
        ("settings", "advice"),
        [
            (
                {},
                "Run pulumi up again, which goes on with it (as adopt_existing=True would); "
                "personalize:createTimeout gives it more time.",
            ),
            (
                {"ownership_tag": False},
                "Set adopt_existing=True and run pulumi up again, which takes it over; "
                "personalize:createTimeout gives it more time.",
            ),
        ],
    )
    def test_time_limit_leaves_a_tracker_to_go_on_with(
        self,
        make_provider: MakeProvider,
        bag: Bag,
        control: ControlClient,
        trackers: Callable[[], dict[str, str]],
        status: str,
        settings: dict[str, Any],
        advice: str,
    ) -> None:
        control.fault("CreateEventTracker", "stay", status=status)
        provider = make_provider(create_timeout=2, **settings)
        with pytest.raises(WaitTimeoutError) as caught:
            provider.create(bag())
        line = str(caught.value)
        assert re.match(r"creating event tracker clicks \(arn:\S+\): ", line)
        assert line.endswith(f": still {status} after 2 s. {advice}")
        assert trackers() == {"clicks": status}
        control.release()
        # What the advice says does help.
        again = provider.create(bag(adoptExisting=bool(settings)))
        assert again.outs is not None
        assert again.outs["status"] == "ACTIVE"


def iso(moment: datetime) -> str:
    text = moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
