"""Read and delete, of trackers that are there, have changed, or are gone."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import pytest
from kinds import Capfd, MakeProvider, MakeTracker, Props, Trackers
from mypy_boto3_personalize import PersonalizeClient
from mypy_boto3_personalize.type_defs import TagTypeDef
from play import asked
from pulumi_personalize import EventTrackerNotFoundError, InputError, WaitTimeoutError
from pulumi_personalize.local import ControlClient
from pulumi_personalize.provider import EventTrackerProvider

#: What the state has of a tracker that was created long ago.
OLD = {"creationDateTime": "2020-01-01T00:00:00.000Z"}


class TestRead:
    @pytest.mark.parametrize(
        "more", [{}, {"tags": {"team": "web"}, "adoptExisting": True}, {"adoptExisting": False}]
    )
    def test_create_read(
        self, provider: EventTrackerProvider, props: Props, more: dict[str, Any]
    ) -> None:
        created = provider.create(props(**more))
        assert created.outs is not None
        read = provider.read(created.id, created.outs)
        assert read.id == created.id
        assert read.outs == created.outs
        assert asked(read.inputs) == props(**more)

    def test_read_after_drift(
        self, provider: EventTrackerProvider, props: Props, personalize: PersonalizeClient
    ) -> None:
        created = provider.create(props(tags={"team": "web", "old": "1"}))
        assert created.outs is not None
        theirs: TagTypeDef = {"tagKey": "team", "tagValue": "app"}
        personalize.tag_resource(resourceArn=created.id, tags=[theirs])
        personalize.untag_resource(resourceArn=created.id, tagKeys=["old"])
        read = provider.read(created.id, created.outs)
        assert read.outs == {**created.outs, "tags": {"team": "app"}}
        assert asked(read.inputs) == props(tags={"team": "app"})
        # The next diff replaces nothing; what changes in place, the engine tells by itself.
        difference = provider.diff(created.id, read.outs, props(tags={"team": "web", "old": "1"}))
        assert (difference.changes, difference.replaces) == (None, [])
        difference = provider.diff(created.id, read.outs, props(tags={"team": "app"}))
        assert (difference.changes, difference.replaces) == (False, [])

    def test_read_after_drift_of_default_tags(
        self, provider: EventTrackerProvider, props: Props, personalize: PersonalizeClient
    ) -> None:
        every = {"team": "web", "env": "dev", "cost": "1", "area": "eu"}
        wanted = props(tags={"team": "web"}, tagsAll=every)
        created = provider.create(wanted)
        assert created.outs is not None
        assert created.outs["tags"] == {"team": "web"}
        assert created.outs["tagsAll"] == every
        read = provider.read(created.id, created.outs)
        assert (read.outs, asked(read.inputs)) == (created.outs, wanted)
        theirs: list[TagTypeDef] = [
            {"tagKey": "env", "tagValue": "prod"},
            {"tagKey": "bot", "tagValue": "1"},
        ]
        personalize.tag_resource(resourceArn=created.id, tags=theirs)
        personalize.untag_resource(resourceArn=created.id, tagKeys=["cost"])
        read = provider.read(created.id, created.outs)
        assert read.outs is not None
        own = {"team": "web", "env": "prod", "bot": "1"}
        assert asked(read.inputs) == props(tags=own, tagsAll={**own, "area": "eu"})
        assert provider.diff(created.id, read.outs, wanted).changes is None
        updated = provider.update(created.id, read.outs, wanted)
        assert updated.outs is not None
        assert updated.outs["tagsAll"] == every
        read = provider.read(created.id, updated.outs)
        assert (read.outs, asked(read.inputs)) == (updated.outs, wanted)

    @pytest.mark.parametrize(
        "wrong",
        [
            "web",
            "arn:aws:personalize:us-east-1:123456789012:dataset-group/shop",
            "arn:aws:s3:us-east-1:123456789012:event-tracker/1",
        ],
    )
    def test_get_by_what_is_no_arn_of_an_event_tracker(
        self, provider: EventTrackerProvider, operations: Callable[[], list[str]], wrong: str
    ) -> None:
        with pytest.raises(InputError) as caught:
            provider.read(wrong, {"resourceContext": "{}"})
        assert str(caught.value) == (
            f"reading an event tracker: '{wrong}' must be an event tracker ARN. Set one, for "
            "example arn:aws:personalize:us-east-1:123456789012:event-tracker/ID; "
            "get_event_tracker finds it by its dataset group."
        )
        assert operations() == []

    def test_get_of_what_does_not_exist(self, provider: EventTrackerProvider, group: str) -> None:
        arn = group.replace("dataset-group", "event-tracker")
        with pytest.raises(EventTrackerNotFoundError) as caught:
            provider.read(arn, {"resourceContext": "{}"})
        assert str(caught.value) == (
            f"event tracker {arn} does not exist. Check its ARN; get_event_tracker finds it by its "
            "dataset group."
        )

    @pytest.mark.parametrize("going", [False, True])
    def test_read_after_deletion(
        self,
        provider: EventTrackerProvider,
        props: Props,
        control: ControlClient,
        personalize: PersonalizeClient,
        going: bool,
    ) -> None:
        created = provider.create(props())
        assert created.outs is not None
        if going:
            control.fault("DeleteEventTracker", "stay", status="DELETE IN_PROGRESS")
        personalize.delete_event_tracker(eventTrackerArn=created.id)
        read = provider.read(created.id, created.outs)
        assert (read.id, read.outs) == ("", {})

    def test_read_of_a_tracker_that_goes_between_the_calls(
        self, make_provider: MakeProvider, props: Props, control: ControlClient
    ) -> None:
        created = make_provider().create(props())
        assert created.outs is not None
        control.fault("ListTagsForResource", "error", code="ResourceNotFoundException")
        meanwhile = functools.cache(lambda: control.forget(created.id))
        provider = make_provider(on_sleep=meanwhile)
        read = provider.read(created.id, created.outs)
        assert (read.id, read.outs) == ("", {})

    def test_read_of_a_tracker_whose_tags_are_not_seen_at_once(
        self, provider: EventTrackerProvider, props: Props, control: ControlClient
    ) -> None:
        created = provider.create(props(tags={"team": "web"}))
        assert created.outs is not None
        control.fault("ListTagsForResource", "error", code="ResourceNotFoundException", times=2)
        assert provider.read(created.id, created.outs).outs == created.outs

    def test_read_of_a_young_tracker_that_is_not_seen_at_once(
        self, provider: EventTrackerProvider, props: Props, control: ControlClient
    ) -> None:
        created = provider.create(props())
        assert created.outs is not None
        control.fault("DescribeEventTracker", "error", code="ResourceNotFoundException", times=2)
        assert provider.read(created.id, created.outs).outs == created.outs

    def test_read_of_an_old_tracker_that_is_gone_looks_once(
        self, provider: EventTrackerProvider, props: Props, operations: Callable[[], list[str]]
    ) -> None:
        created = provider.create(props())
        assert created.outs is not None
        provider.delete(created.id, created.outs)
        operations()
        assert provider.read(created.id, {**created.outs, **OLD}).id == ""
        assert operations() == ["DescribeEventTracker"]

    @pytest.mark.parametrize("status", ["CREATE PENDING", "CREATE FAILED"])
    def test_read_tells_any_other_state(
        self,
        provider: EventTrackerProvider,
        make_tracker: MakeTracker,
        control: ControlClient,
        status: str,
    ) -> None:
        if status == "CREATE FAILED":
            control.fault("CreateEventTracker", "fail")
        else:
            control.fault("CreateEventTracker", "stay", status=status)
        arn = make_tracker("clicks")
        read = provider.read(arn, {})
        assert read.id == arn
        assert read.outs is not None
        assert read.outs["status"] == status


class TestDelete:
    def test_delete_of_a_young_tracker_that_is_gone_succeeds_whatever_the_time_limit(
        self,
        make_provider: Callable[..., EventTrackerProvider],
        props: Props,
        control: ControlClient,
    ) -> None:
        provider = make_provider(delete_timeout=1)
        created = provider.create(props())
        assert created.outs is not None
        control.forget(created.id)
        provider.delete(created.id, created.outs)

    @pytest.mark.usefixtures("by_looks")
    def test_delete_waits_until_it_is_gone(
        self, provider: EventTrackerProvider, props: Props, trackers: Trackers, capfd: Capfd
    ) -> None:
        created = provider.create(props())
        assert created.outs is not None
        capfd.readouterr()
        provider.delete(created.id, created.outs)
        assert trackers() == {}
        assert capfd.readouterr().err.splitlines() == [
            "web: event tracker clicks: DELETE PENDING (0 s)",
            "web: event tracker clicks: DELETE IN_PROGRESS (1 s)",
        ]

    def test_delete_delete(
        self, provider: EventTrackerProvider, props: Props, operations: Callable[[], list[str]]
    ) -> None:
        created = provider.create(props())
        assert created.outs is not None
        provider.delete(created.id, created.outs)
        operations()
        provider.delete(created.id, {**created.outs, **OLD})
        assert "DeleteEventTracker" not in operations()
        provider.delete(created.id, created.outs)

    def test_delete_of_a_young_tracker_that_is_not_seen_at_once(
        self,
        provider: EventTrackerProvider,
        props: Props,
        control: ControlClient,
        trackers: Trackers,
    ) -> None:
        created = provider.create(props())
        assert created.outs is not None
        control.fault("DescribeEventTracker", "error", code="ResourceNotFoundException", times=2)
        provider.delete(created.id, created.outs)
        assert trackers() == {}

    def test_delete_read(self, provider: EventTrackerProvider, props: Props) -> None:
        created = provider.create(props())
        assert created.outs is not None
        provider.delete(created.id, created.outs)
        assert provider.read(created.id, created.outs).id == ""

    def test_delete_needs_nothing_of_the_state(
        self, provider: EventTrackerProvider, make_tracker: MakeTracker, trackers: Trackers
    ) -> None:
        provider.delete(make_tracker("clicks"), {})
        assert trackers() == {}

    @pytest.mark.parametrize("status", ["CREATE PENDING", "CREATE IN_PROGRESS"])
    def test_delete_while_it_is_created(
        self,
        make_provider: MakeProvider,
        make_tracker: MakeTracker,
        control: ControlClient,
        trackers: Trackers,
        operations: Callable[[], list[str]],
        capfd: Capfd,
        status: str,
    ) -> None:
        control.fault("CreateEventTracker", "stay", status=status)
        arn = make_tracker("clicks")
        released: list[str] = []

        def meanwhile() -> None:
            if not released:
                released.append(arn)
                control.release(arn)

        make_provider(on_sleep=meanwhile).delete(arn, {"name": "clicks"})
        assert operations().count("DeleteEventTracker") == 1
        assert trackers() == {}
        told = capfd.readouterr().err.splitlines()
        assert told[0] == f"event tracker clicks: {status} (0 s)"

    def test_delete_while_it_is_deleted_already(
        self,
        make_provider: MakeProvider,
        make_tracker: MakeTracker,
        control: ControlClient,
        personalize: PersonalizeClient,
        operations: Callable[[], list[str]],
    ) -> None:
        control.fault("DeleteEventTracker", "stay")
        arn = make_tracker("clicks")
        personalize.delete_event_tracker(eventTrackerArn=arn)
        operations()
        make_provider(on_sleep=control.release).delete(arn, {"name": "clicks"})
        assert set(operations()) == {"ListTagsForResource", "DescribeEventTracker"}

    def test_delete_refused_as_in_use_is_tried_again(
        self,
        provider: EventTrackerProvider,
        make_tracker: MakeTracker,
        control: ControlClient,
        trackers: Trackers,
    ) -> None:
        arn = make_tracker("clicks")
        control.fault("DeleteEventTracker", "error", code="ResourceInUseException", times=3)
        provider.delete(arn, {"name": "clicks"})
        assert trackers() == {}

    def test_delete_whose_answer_was_lost(
        self,
        provider: EventTrackerProvider,
        make_tracker: MakeTracker,
        control: ControlClient,
        trackers: Trackers,
    ) -> None:
        arn = make_tracker("clicks")
        control.fault("DeleteEventTracker", "close", when="after")
        provider.delete(arn, {"name": "clicks"})
        assert trackers() == {}

    @pytest.mark.parametrize(
        ("fault", "status"),
        [("DeleteEventTracker", "DELETE IN_PROGRESS"), ("CreateEventTracker", "CREATE PENDING")],
    )
    def test_delete_gives_up_at_the_time_limit(
        self,
        make_provider: MakeProvider,
        make_tracker: MakeTracker,
        control: ControlClient,
        fault: str,
        status: str,
    ) -> None:
        control.fault(fault, "stay", status=status)
        arn = make_tracker("clicks")
        with pytest.raises(WaitTimeoutError) as caught:
            make_provider(delete_timeout=3).delete(arn, {"name": "clicks"})
        assert re.fullmatch(
            rf"deleting event tracker clicks \({arn}\): still {status} after 3 s\. "
            r"Run again; personalize:deleteTimeout \(with an up after it\) gives it more time\.",
            str(caught.value),
        )
