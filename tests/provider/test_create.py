"""Create, against a running endpoint."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from kinds import OWNER_TAG, Capfd, MakeProvider, Props, Trackers
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


class TestCreate:
    def test_create_returns_id_and_outputs(
        self,
        provider: EventTrackerProvider,
        props: Props,
        personalize: PersonalizeClient,
        group: str,
    ) -> None:
        result = provider.create(props(tags={"team": "web"}, adoptExisting=False))
        found = personalize.describe_event_tracker(eventTrackerArn=result.id)["eventTracker"]
        assert result.outs is not None
        attempt = result.outs.pop("ownershipTag")
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
            "resourceContext": props()["resourceContext"],
        }

    @pytest.mark.usefixtures("by_looks")
    def test_create_waits_until_active_and_tells_how_it_stands(
        self, provider: EventTrackerProvider, props: Props, capfd: Capfd
    ) -> None:
        result = provider.create(props())
        assert result.outs is not None
        assert result.outs["status"] == "ACTIVE"
        assert capfd.readouterr().err.splitlines() == [
            "web: event tracker clicks: CREATE PENDING (0 s)",
            "web: event tracker clicks: CREATE IN_PROGRESS (2 s)",
        ]

    def test_create_taggable(
        self, provider: EventTrackerProvider, props: Props, tags_of: Callable[[str], dict[str, str]]
    ) -> None:
        result = provider.create(props(tags={"team": "web", "Größe 1": ""}))
        assert result.outs is not None
        assert result.outs["tags"] == {"team": "web", "Größe 1": ""}
        assert tags_of(result.id) == {
            "team": "web",
            "Größe 1": "",
            OWNER_TAG: f"done-{result.outs['ownershipTag']}:shop/dev/web",
        }

    def test_create_with_fifty_tags_goes_without_the_mark(
        self, provider: EventTrackerProvider, props: Props, tags_of: Callable[[str], dict[str, str]]
    ) -> None:
        tags = {f"key{number}": str(number) for number in range(50)}
        result = provider.create(props(tags=tags))
        assert result.outs is not None
        assert tags_of(result.id) == result.outs["tags"] == tags
        assert result.outs["ownershipTag"] == "none"

    @pytest.mark.parametrize(
        ("settings", "context"), [({"ownership_tag": False}, {}), ({}, {"resource": ""})]
    )
    def test_create_without_the_mark(
        self,
        make_provider: MakeProvider,
        props: Props,
        tags_of: Callable[[str], dict[str, str]],
        settings: dict[str, Any],
        context: dict[str, Any],
    ) -> None:
        result = make_provider(**settings).create(props(tags={"team": "web"}, context=context))
        assert tags_of(result.id) == {"team": "web"}
        assert result.outs is not None
        assert result.outs["ownershipTag"] == "none"

    def test_create_takes_only_the_calls_it_needs(
        self, provider: EventTrackerProvider, props: Props, operations: Callable[[], list[str]]
    ) -> None:
        operations()
        provider.create(props())
        assert operations() == [
            "ListEventTrackers",
            "CreateEventTracker",
            "DescribeEventTracker",
            "ListTagsForResource",
            "TagResource",
            "ListTagsForResource",
        ]

    def test_create_after_its_check_looks_no_more(
        self, provider: EventTrackerProvider, props: Props, operations: Callable[[], list[str]]
    ) -> None:
        operations()
        inputs = provider.check({}, props()).inputs
        assert sorted(operations()) == ["ListDatasets", "ListEventTrackers"]
        provider.create(inputs)
        assert operations() == [
            "CreateEventTracker",
            "DescribeEventTracker",
            # Whether the mark is still its own, before it says "done" and after: see TestClaim.
            "ListTagsForResource",
            "TagResource",
            "ListTagsForResource",
        ]

    def test_check_asks_for_the_group_only_where_no_dataset_tells_of_it(
        self,
        provider: EventTrackerProvider,
        props: Props,
        control: ControlClient,
        operations: Callable[[], list[str]],
        capfd: Capfd,
    ) -> None:
        control.fault("ListDatasets", "error", code="AccessDeniedException")
        operations()
        assert provider.check({}, props()).failures == []
        assert sorted(operations()) == ["DescribeDatasetGroup", "ListDatasets", "ListEventTrackers"]
        assert capfd.readouterr().err == ""

    def test_create_in_the_region_of_the_group(
        self, make_provider: MakeProvider, props: Props, control: ControlClient
    ) -> None:
        make_provider(region="eu-west-1").create(props())
        assert {call["region"] for call in control.calls()} == {"us-east-1"}


class TestCreateRefused:
    def test_group_that_has_one_of_this_stack(
        self, provider: EventTrackerProvider, props: Props, group: str
    ) -> None:
        arn = provider.create(props()).id
        with pytest.raises(GroupTakenError) as caught:
            provider.create(props("app", name="views"))
        line = str(caught.value)
        assert line.startswith(f"dataset group {group} already has ")
        assert f"event tracker 'clicks' ({arn}, ACTIVE)" in line
        assert "renamed 'web' to 'app', add aliases" in line

    def test_group_that_is_taken_in_the_last_moment(
        self, provider: EventTrackerProvider, props: Props, control: ControlClient
    ) -> None:
        # The occupant is not seen at first, as if it came between the look and the request.
        arn = provider.create(props()).id
        control.fault("ListEventTrackers", "error", code="ResourceNotFoundException")
        with pytest.raises(GroupTakenError) as caught:
            provider.create(props("app", name="views"))
        assert f"event tracker 'clicks' ({arn}, ACTIVE)" in str(caught.value)

    def test_name_of_another_groups_tracker(
        self,
        provider: EventTrackerProvider,
        props: Props,
        group: str,
        make_group: Callable[[str], str],
    ) -> None:
        arn = provider.create(props()).id
        with pytest.raises(NameTakenError) as caught:
            provider.create(props("app", datasetGroupArn=make_group("other")))
        line = str(caught.value)
        assert line.startswith("creating event tracker clicks: ResourceAlreadyExistsException: ")
        assert f"event tracker clicks ({arn}), of {group}." in line

    def test_group_that_does_not_exist(
        self, provider: EventTrackerProvider, props: Props, group: str
    ) -> None:
        with pytest.raises(DatasetGroupError) as caught:
            provider.create(props(datasetGroupArn=group + "2"))
        told = f"dataset group {group}2 does not exist in us-east-1. "
        assert str(caught.value).startswith(told)

    def test_group_that_is_being_created_is_waited_for(
        self,
        make_provider: MakeProvider,
        props: Props,
        control: ControlClient,
        unfinished_group: str,
        capfd: Capfd,
    ) -> None:
        slow = props(datasetGroupArn=unfinished_group)
        result = make_provider(on_sleep=control.release).create(slow)
        assert result.outs is not None
        assert result.outs["status"] == "ACTIVE"
        assert "web: event tracker clicks: dataset group in use (0 s)\n" in capfd.readouterr().err

    def test_group_that_never_becomes_active(
        self,
        make_provider: MakeProvider,
        props: Props,
        unfinished_group: str,
    ) -> None:
        with pytest.raises(WaitTimeoutError) as caught:
            make_provider(create_timeout=2).create(props(datasetGroupArn=unfinished_group))
        assert str(caught.value) == (
            f"creating event tracker clicks: ResourceInUseException: dataset group "
            f"{unfinished_group} is still CREATE IN_PROGRESS after 2 s: Resource Arn "
            f"{unfinished_group} is in CREATE IN_PROGRESS state. Run again later; "
            "personalize:createTimeout gives it more time."
        )


class TestCreateFailed:
    @pytest.mark.usefixtures("by_looks")
    def test_failed_tracker_is_removed(
        self,
        provider: EventTrackerProvider,
        props: Props,
        control: ControlClient,
        trackers: Trackers,
    ) -> None:
        control.fault("CreateEventTracker", "fail")
        with pytest.raises(CreateFailedError) as caught:
            provider.create(props())
        assert re.fullmatch(
            r"creating event tracker clicks \(arn:\S+\): CREATE FAILED: Personalize reports CREATE "
            r"FAILED and gives no reason\. Check the dataset group and its Item interactions "
            r"dataset\. The unfinished event tracker was removed\.",
            str(caught.value),
        )
        assert trackers() == {}
        assert provider.create(props()).id

    def test_failed_tracker_without_a_mark_is_removed_by_its_arn(
        self,
        make_provider: MakeProvider,
        props: Props,
        control: ControlClient,
        trackers: Trackers,
    ) -> None:
        control.fault("CreateEventTracker", "fail")
        with pytest.raises(CreateFailedError, match="The unfinished event tracker was removed"):
            make_provider(ownership_tag=False).create(props())
        assert trackers() == {}

    @pytest.mark.parametrize("mark", [True, False])
    def test_removal_whose_answer_was_lost_is_not_asked_for_again(
        self,
        make_provider: MakeProvider,
        props: Props,
        control: ControlClient,
        operations: Callable[[], list[str]],
        mark: bool,
    ) -> None:
        control.fault("CreateEventTracker", "fail")
        control.fault("DeleteEventTracker", "stay", status="DELETE IN_PROGRESS")
        control.fault("DeleteEventTracker", "close", when="after")
        provider = make_provider(on_sleep=control.release, ownership_tag=mark)
        with pytest.raises(CreateFailedError, match="The unfinished event tracker was removed"):
            provider.create(props())
        assert operations().count("DeleteEventTracker") == 1

    def test_tracker_that_is_not_seen_at_once_is_waited_for(
        self, provider: EventTrackerProvider, props: Props, control: ControlClient, capfd: Capfd
    ) -> None:
        control.fault("DescribeEventTracker", "error", code="ResourceNotFoundException", times=3)
        result = provider.create(props())
        assert result.outs is not None
        assert result.outs["status"] == "ACTIVE"
        assert "web: event tracker clicks: not found yet (" in capfd.readouterr().err

    def test_tracker_that_is_never_seen_is_removed(
        self,
        provider: EventTrackerProvider,
        props: Props,
        control: ControlClient,
        trackers: Trackers,
    ) -> None:
        control.fault("DescribeEventTracker", "error", code="ResourceNotFoundException", times=None)
        with pytest.raises(EventTrackerNotFoundError):
            provider.create(props())
        assert trackers() == {}

    def test_tracker_deleted_meanwhile(
        self,
        make_provider: MakeProvider,
        props: Props,
        control: ControlClient,
        personalize: PersonalizeClient,
    ) -> None:
        def meanwhile() -> None:
            for one in personalize.list_event_trackers()["eventTrackers"]:
                control.forget(one["eventTrackerArn"])

        with pytest.raises(EventTrackerNotFoundError) as caught:
            make_provider(on_sleep=meanwhile).create(props())
        assert re.fullmatch(
            r"creating event tracker clicks: (arn:\S+) was not found within 10 s of its creation\. "
            r"Run `pulumi up` again\. It is no longer found\.",
            str(caught.value),
        )

    @pytest.mark.parametrize("status", ["CREATE PENDING", "CREATE IN_PROGRESS"])
    @pytest.mark.parametrize(
        ("settings", "advice"),
        [
            ({}, "run `pulumi up` again, which resumes it."),
            (
                {"ownership_tag": False},
                "set adopt_existing=True and run `pulumi up` again, which adopts it.",
            ),
        ],
    )
    def test_time_limit_leaves_a_tracker_that_can_not_be_deleted_yet(
        self,
        make_provider: MakeProvider,
        props: Props,
        control: ControlClient,
        trackers: Trackers,
        status: str,
        settings: dict[str, Any],
        advice: str,
    ) -> None:
        control.fault("CreateEventTracker", "stay", status=status)
        provider = make_provider(create_timeout=2, **settings)
        with pytest.raises(WaitTimeoutError) as caught:
            provider.create(props())
        line = str(caught.value)
        found = re.match(r"creating event tracker clicks \((arn:\S+)\): ", line)
        assert found
        assert line.endswith(
            f": still {status} after 2 s. personalize:createTimeout gives it more time. "
            f"Event tracker clicks ({found[1]}) is left as it is, and `pulumi destroy` does not "
            f"know of it: {advice}"
        )
        assert trackers() == {"clicks": status}
        control.release()
        # What the advice says does help.
        again = provider.create(props(adoptExisting=bool(settings)))
        assert again.outs is not None
        assert again.outs["status"] == "ACTIVE"


def iso(moment: datetime) -> str:
    text = moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
