"""Reads that trail, answers that lack members, calls on tags that are refused for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from mypy_boto3_personalize import PersonalizeClient
from pulumi_personalize import GroupTakenError, PersonalizeError, ServiceError
from pulumi_personalize.local import ControlClient
from pulumi_personalize.provider import EventTrackerProvider
from pulumi_personalize.service.waiter import LAG

pytestmark = pytest.mark.usefixtures("one_client")

Bag = Callable[..., dict[str, Any]]
MakeProvider = Callable[..., EventTrackerProvider]
MakeTracker = Callable[..., str]
TagsOf = Callable[[str], dict[str, str]]
OWNER_TAG = "pulumi-personalize:owner"
#: Real seconds, and 6 of the provider's, which passes them 20 times as fast.
TRAILING = 0.3
READS = ["DescribeEventTracker", "ListEventTrackers", "ListTagsForResource"]
TAG_CALLS = ["ListTagsForResource", "TagResource", "UntagResource"]


@pytest.fixture(params=[*([one] for one in READS), READS], ids=["describe", "list", "tags", "all"])
def trail(request: pytest.FixtureRequest, control: ControlClient) -> Callable[[], None]:
    """Lets reads trail from now on."""

    def trail() -> None:
        for operation in request.param:
            control.fault(operation, "lag", seconds=TRAILING, times=None)

    return trail


@pytest.fixture
def trackers_at_last(
    control: ControlClient, trackers: Callable[[], dict[str, str]]
) -> Callable[[], dict[str, str]]:
    """The names and states of all trackers, with reads that are up to date."""

    def find() -> dict[str, str]:
        control.clear_faults()
        return trackers()

    return find


class TestTrailing:
    def test_create(
        self,
        provider: EventTrackerProvider,
        bag: Bag,
        trail: Callable[[], None],
        tags_of: TagsOf,
        trackers_at_last: Callable[[], dict[str, str]],
    ) -> None:
        trail()
        created = provider.create(bag(tags={"team": "web"}))
        assert trackers_at_last() == {"clicks": "ACTIVE"}
        assert created.outs is not None
        assert tags_of(created.id) == {
            "team": "web",
            OWNER_TAG: f"done-{created.outs['__mark']}:shop/dev/web",
        }

    def test_create_whose_answer_was_lost(
        self,
        provider: EventTrackerProvider,
        bag: Bag,
        trail: Callable[[], None],
        control: ControlClient,
        trackers_at_last: Callable[[], dict[str, str]],
    ) -> None:
        trail()
        control.fault("CreateEventTracker", "close", when="after")
        assert provider.create(bag()).id
        assert trackers_at_last() == {"clicks": "ACTIVE"}

    def test_refresh_and_destroy_right_after(
        self,
        make_provider: MakeProvider,
        bag: Bag,
        trail: Callable[[], None],
        trackers_at_last: Callable[[], dict[str, str]],
    ) -> None:
        created = make_provider().create(bag(tags={"team": "web"}))
        assert created.outs is not None
        trail()
        read = make_provider().read(created.id, created.outs)
        assert read.id == created.id
        assert read.outs == created.outs
        make_provider().delete(created.id, created.outs)
        assert trackers_at_last() == {}

    def test_rename(
        self,
        provider: EventTrackerProvider,
        bag: Bag,
        trail: Callable[[], None],
        trackers_at_last: Callable[[], dict[str, str]],
    ) -> None:
        created = provider.create(bag())
        assert created.outs is not None
        trail()
        provider.delete(created.id, created.outs)
        assert provider.create(bag(name="views")).id
        assert trackers_at_last() == {"views": "ACTIVE"}

    @pytest.mark.parametrize(
        ("mark", "adopt"), [("creating-1:shop/dev/web", False), ("done-1:other/dev/web", True)]
    )
    def test_resume_and_adopt(
        self,
        make_provider: MakeProvider,
        bag: Bag,
        make_tracker: MakeTracker,
        trail: Callable[[], None],
        trackers_at_last: Callable[[], dict[str, str]],
        mark: str,
        adopt: bool,
    ) -> None:
        arn = make_tracker("clicks", mark)
        time.sleep(TRAILING)
        trail()
        created = make_provider().create(bag(adoptExisting=adopt))
        assert created.id == arn
        # Once reads show the new mark, a destroy knows it for its own.
        assert created.outs is not None
        make_provider().delete(created.id, created.outs)
        assert trackers_at_last() == {}

    def test_group_is_asked_again_where_the_list_lacks_what_takes_it(
        self,
        provider: EventTrackerProvider,
        bag: Bag,
        make_tracker: MakeTracker,
        control: ControlClient,
    ) -> None:
        arn = make_tracker("theirs", team="web")
        control.fault("ListEventTrackers", "lag", seconds=TRAILING, times=None)
        with pytest.raises(GroupTakenError, match=f"already has event tracker 'theirs' .{arn}"):
            provider.create(bag())

    def test_tracker_that_the_list_leaves_out_while_it_is_going_is_waited_for(
        self,
        make_provider: MakeProvider,
        bag: Bag,
        make_tracker: MakeTracker,
        control: ControlClient,
        personalize: PersonalizeClient,
    ) -> None:
        arn = make_tracker("theirs")
        control.rules(listShowsGoing=False)
        control.fault("DeleteEventTracker", "stay")
        personalize.delete_event_tracker(eventTrackerArn=arn)
        assert make_provider(on_sleep=control.release).create(bag()).id != arn

    def test_tracker_that_the_list_leaves_out_and_stays_is_no_taken_name(
        self,
        provider: EventTrackerProvider,
        bag: Bag,
        make_tracker: MakeTracker,
        control: ControlClient,
        personalize: PersonalizeClient,
    ) -> None:
        arn = make_tracker("theirs")
        control.rules(listShowsGoing=False)
        control.fault("DeleteEventTracker", "stay")
        personalize.delete_event_tracker(eventTrackerArn=arn)
        with pytest.raises(ServiceError) as caught:
            provider.create(bag())
        assert "Event tracker already exists for dataset group" in str(caught.value)
        assert provider._session is not None
        assert LAG <= provider._session.lifecycle._clock.now() < 2 * LAG


class TestOld:
    """What is older than reads trail is taken as read: nothing waits."""

    def test_refresh_of_one_that_is_gone(self, make_provider: MakeProvider, bag: Bag) -> None:
        slept: list[None] = []
        provider = make_provider(on_sleep=lambda: slept.append(None))
        created = provider.create(bag())
        assert created.outs is not None
        provider.delete(created.id, created.outs)
        slept.clear()
        old = {**created.outs, "creationDateTime": "2020-01-01T00:00:00.000Z"}
        assert provider.read(created.id, old).id == ""
        assert slept == []

    def test_preview_of_a_group_with_room(self, make_provider: MakeProvider, bag: Bag) -> None:
        slept: list[None] = []
        assert make_provider(on_sleep=lambda: slept.append(None)).check({}, bag()).failures == []
        assert slept == []


class TestMembersLeftOut:
    @pytest.mark.parametrize(
        "member",
        ["name", "status", "trackingId", "datasetGroupArn", "accountId", "creationDateTime"],
    )
    @pytest.mark.parametrize("operation", ["DescribeEventTracker", "ListEventTrackers"])
    def test_create_and_refresh(
        self,
        make_provider: MakeProvider,
        bag: Bag,
        control: ControlClient,
        operation: str,
        member: str,
    ) -> None:
        provider = make_provider(create_timeout=20)
        control.fault(operation, "omit", members=[member], times=None)
        if (operation, member) == ("DescribeEventTracker", "status"):
            with pytest.raises(PersonalizeError, match="still CREATE PENDING"):
                provider.create(bag())
            return
        created = provider.create(bag())
        assert created.outs is not None
        assert created.outs["trackingId"]
        assert created.outs["name"] == "clicks"
        assert provider.read(created.id, created.outs).outs == created.outs

    @pytest.mark.usefixtures("by_looks")
    def test_tracking_id_that_is_told_late(
        self,
        provider: EventTrackerProvider,
        bag: Bag,
        make_tracker: MakeTracker,
        control: ControlClient,
    ) -> None:
        arn = make_tracker("clicks", "creating-1:shop/dev/web")
        going_on = ["CREATE PENDING", "CREATE IN_PROGRESS"]
        control.fault(
            "DescribeEventTracker", "omit", members=["trackingId"], status=going_on, times=None
        )
        created = provider.create(bag())
        assert created.id == arn
        assert created.outs is not None
        assert created.outs["trackingId"]


@pytest.mark.parametrize("operation", TAG_CALLS)
def test_tags_that_are_in_use_are_waited_for(
    make_provider: MakeProvider,
    bag: Bag,
    make_tracker: MakeTracker,
    control: ControlClient,
    trackers: Callable[[], dict[str, str]],
    operation: str,
) -> None:
    def in_use() -> None:
        control.clear_faults()
        control.fault(operation, "error", code="ResourceInUseException", times=3)

    make_tracker("clicks", "creating-1:shop/dev/web", stale="x")
    inputs = bag(tags={"old": "1"})
    in_use()
    assert make_provider().check({}, inputs).failures == []
    in_use()
    created = make_provider().create(inputs)
    assert created.outs is not None
    in_use()
    updated = make_provider().update(created.id, created.outs, bag(tags={"new": "2"}))
    assert updated.outs is not None
    in_use()
    assert make_provider().read(created.id, updated.outs).outs == updated.outs
    in_use()
    make_provider().delete(created.id, updated.outs)
    assert trackers() == {}
