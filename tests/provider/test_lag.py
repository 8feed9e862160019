"""Reads that trail, answers that lack members, calls on tags that are refused for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from kinds import OWNER_TAG, MakeProvider, MakeTracker, Props, TagsOf, Trackers
from mypy_boto3_personalize import PersonalizeClient
from play import Play, Program, State, asked
from pulumi_personalize import GroupTakenError, PersonalizeError, ServiceError
from pulumi_personalize.local import ControlClient
from pulumi_personalize.provider import EventTrackerProvider
from pulumi_personalize.service.client import Calls
from pulumi_personalize.service.finder import Finder
from pulumi_personalize.service.model import EventTracker
from pulumi_personalize.service.waiter import LAG

pytestmark = pytest.mark.usefixtures("one_client")

#: How much faster the provider sleeps than it believes to.
SPEED = 20
#: Real seconds, and 6 of the provider's.
TRAILING = 0.3
READS = ["DescribeEventTracker", "ListEventTrackers", "ListTagsForResource"]
TAG_CALLS = ["ListTagsForResource", "TagResource", "UntagResource"]


@pytest.fixture
def speed() -> float:
    return SPEED


@pytest.fixture(params=[*([one] for one in READS), READS], ids=["describe", "list", "tags", "all"])
def trail(request: pytest.FixtureRequest, control: ControlClient) -> Callable[[], None]:
    """Lets reads trail from now on."""

    def trail() -> None:
        for operation in request.param:
            control.fault(operation, "lag", seconds=TRAILING, times=None)

    return trail


@pytest.fixture
def trackers_at_last(control: ControlClient, trackers: Trackers) -> Callable[[], dict[str, str]]:
    """The names and states of all trackers, with reads that are up to date."""

    def find() -> dict[str, str]:
        control.clear_faults()
        return trackers()

    return find


class TestTrailing:
    def test_create(
        self,
        provider: EventTrackerProvider,
        props: Props,
        trail: Callable[[], None],
        tags_of: TagsOf,
        trackers_at_last: Trackers,
    ) -> None:
        trail()
        created = provider.create(props(tags={"team": "web"}))
        assert trackers_at_last() == {"clicks": "ACTIVE"}
        assert created.outs is not None
        assert tags_of(created.id) == {
            "team": "web",
            OWNER_TAG: f"done-{created.outs['ownershipTag']}:shop/dev/web",
        }

    def test_create_whose_answer_was_lost(
        self,
        provider: EventTrackerProvider,
        props: Props,
        trail: Callable[[], None],
        control: ControlClient,
        trackers_at_last: Trackers,
    ) -> None:
        trail()
        control.fault("CreateEventTracker", "close", when="after")
        assert provider.create(props()).id
        assert trackers_at_last() == {"clicks": "ACTIVE"}

    def test_refresh_and_destroy_right_after(
        self,
        make_provider: MakeProvider,
        props: Props,
        trail: Callable[[], None],
        trackers_at_last: Trackers,
    ) -> None:
        created = make_provider().create(props(tags={"team": "web"}))
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
        props: Props,
        trail: Callable[[], None],
        trackers_at_last: Trackers,
    ) -> None:
        created = provider.create(props())
        assert created.outs is not None
        trail()
        provider.delete(created.id, created.outs)
        assert provider.create(props(name="views")).id
        assert trackers_at_last() == {"views": "ACTIVE"}

    @pytest.mark.parametrize(
        ("mark", "adopt"), [("creating-1:shop/dev/web", False), ("done-1:other/dev/web", True)]
    )
    def test_resume_and_adopt(
        self,
        make_provider: MakeProvider,
        props: Props,
        make_tracker: MakeTracker,
        trail: Callable[[], None],
        trackers_at_last: Trackers,
        mark: str,
        adopt: bool,
    ) -> None:
        arn = make_tracker("clicks", mark)
        time.sleep(TRAILING)
        trail()
        created = make_provider().create(props(adoptExisting=adopt))
        assert created.id == arn
        # Once reads show the new mark, a destroy knows it for its own.
        assert created.outs is not None
        make_provider().delete(created.id, created.outs)
        assert trackers_at_last() == {}

    def test_group_is_asked_again_where_the_list_lacks_what_takes_it(
        self,
        provider: EventTrackerProvider,
        props: Props,
        make_tracker: MakeTracker,
        control: ControlClient,
    ) -> None:
        arn = make_tracker("theirs", team="web")
        control.fault("ListEventTrackers", "lag", seconds=TRAILING, times=None)
        with pytest.raises(GroupTakenError, match=f"event tracker 'theirs' .{arn}"):
            provider.create(props())

    def test_tracker_that_the_list_leaves_out_while_it_is_going_is_waited_for(
        self,
        make_provider: MakeProvider,
        props: Props,
        make_tracker: MakeTracker,
        control: ControlClient,
        personalize: PersonalizeClient,
    ) -> None:
        arn = make_tracker("theirs")
        control.rules(listShowsGoing=False)
        control.fault("DeleteEventTracker", "stay")
        personalize.delete_event_tracker(eventTrackerArn=arn)
        assert make_provider(on_sleep=control.release).create(props()).id != arn

    def test_tracker_that_the_list_leaves_out_and_stays_is_no_taken_name(
        self,
        provider: EventTrackerProvider,
        props: Props,
        make_tracker: MakeTracker,
        control: ControlClient,
        personalize: PersonalizeClient,
    ) -> None:
        arn = make_tracker("theirs")
        control.rules(listShowsGoing=False)
        control.fault("DeleteEventTracker", "stay")
        personalize.delete_event_tracker(eventTrackerArn=arn)
        with pytest.raises(ServiceError) as caught:
            provider.create(props())
        assert "Event tracker already exists for dataset group" in str(caught.value)
        assert provider._session is not None
        assert LAG <= provider._session.lifecycle._clock.now() < 2 * LAG


class TestTrailingInTheEnginesOrder:
    """With preview, update and destroy in processes of their own, right after each other."""

    @pytest.fixture
    def made(self, play: Play, group: str) -> State:
        made = play.up(Program(group, "there"))
        assert made.refusal == ""
        return made.state

    @pytest.mark.parametrize("what", ["create", "rename", "move"])
    def test_from_up_to_destroy(
        self,
        play: Play,
        group: str,
        make_group: Callable[[str], str],
        trail: Callable[[], None],
        trackers_at_last: Trackers,
        what: str,
    ) -> None:
        state = State()
        if what != "create":
            before = make_group("before") if what == "move" else group
            state = play.up(Program(before, "there")).state
        trail()
        program = Program(group, "clicks")
        assert play.preview(program, state).refusal == ""
        done = play.up(program, state)
        assert done.refusal == ""
        refreshed = play.refresh(done.state)
        seen = refreshed.state
        assert replace(seen, inputs=asked(seen.inputs)) == done.state
        again = play.up(program, refreshed.state)
        assert (again.refusal, again.words, again.id) == ("", (), done.id)
        assert play.destroy(again.state).refusal == ""
        assert trackers_at_last() == {}

    def test_what_another_resource_made_takes_the_group(
        self,
        play: Play,
        provider: EventTrackerProvider,
        props: Props,
        group: str,
        trail: Callable[[], None],
    ) -> None:
        arn = provider.create(props("app", name="there")).id
        trail()
        # Where the preview can't see it yet, the update does.
        foreseen = play.preview(Program(group, "there"))
        done = play.up(Program(group, "there"))
        assert done.refusal.startswith(f"dataset group {group} already has ")
        assert f"event tracker 'there' ({arn}, ACTIVE)" in done.refusal
        assert not foreseen.refusal or f"({arn}, ACTIVE)" in foreseen.refusal

    @pytest.mark.parametrize("operation", READS)
    @pytest.mark.parametrize("shows_going", [True, False])
    def test_what_we_deleted_leaves_room(
        self,
        play: Play,
        made: State,
        group: str,
        control: ControlClient,
        operation: str,
        shows_going: bool,
    ) -> None:
        control.rules(listShowsGoing=shows_going)
        control.fault(operation, "lag", seconds=TRAILING, times=None)
        assert play.destroy(made).refusal == ""
        assert play.preview(Program(group, "there")).refusal == ""
        done = play.up(Program(group, "there"))
        assert done.refusal == ""
        assert done.id != made.id

    def test_refresh_of_what_somebody_just_deleted(
        self,
        play: Play,
        made: State,
        personalize: PersonalizeClient,
        trail: Callable[[], None],
    ) -> None:
        personalize.delete_event_tracker(eventTrackerArn=made.id)
        trail()
        seen = play.refresh(made)
        assert seen.refusal == ""
        if seen.id:
            # As things stood a moment ago; the next one sees it.
            time.sleep(TRAILING)
            assert play.refresh(made).id == ""

    def test_last_answer_that_is_lost(
        self,
        make_provider: MakeProvider,
        props: Props,
        control: ControlClient,
        tags_of: TagsOf,
        trail: Callable[[], None],
    ) -> None:
        control.fault("TagResource", "close", when="after", times=None)
        trail()
        created = make_provider(max_attempts=3).create(props())
        assert tags_of(created.id)[OWNER_TAG].startswith("done-")


class TestAllOfTheList:
    """One that is going, and another: all entries of a list count."""

    @pytest.fixture(autouse=True)
    def _going(self, monkeypatch: pytest.MonkeyPatch, group: str) -> None:
        listed = Finder.listed
        arn = group.replace("dataset-group/shop", "event-tracker/00000000")
        going = EventTracker(arn, "old", "DELETE IN_PROGRESS", dataset_group_arn=group)
        monkeypatch.setattr(Finder, "listed", lambda *args, **kw: [going, *listed(*args, **kw)])

    @pytest.mark.parametrize("mark", ["", "done-1:other/dev/web", "done-1:shop/dev/web"])
    def test_theirs_takes_the_group(
        self, play: Play, make_tracker: MakeTracker, group: str, mark: str
    ) -> None:
        arn = make_tracker("theirs", mark, team="web")
        foreseen = play.preview(Program(group))
        assert foreseen.refusal.startswith(f"dataset group {group} already has ")
        assert f"event tracker 'theirs' ({arn}, ACTIVE)" in foreseen.refusal
        assert play.up(Program(group)).refusal == foreseen.refusal

    @pytest.mark.parametrize(
        ("mark", "adopt", "words"),
        [("creating-1:shop/dev/web", None, "resuming"), ("", True, "adopting")],
    )
    def test_what_can_be_had_is_had(
        self,
        play: Play,
        make_tracker: MakeTracker,
        group: str,
        mark: str,
        adopt: bool | None,
        words: str,
    ) -> None:
        arn = make_tracker("theirs", mark)
        program = Program(group, adopt=adopt)
        assert play.preview(program).words[0].startswith(words)
        assert play.up(program).id == arn


class TestOld:
    """What is older than reads trail is taken as read: nothing waits."""

    def test_refresh_of_one_that_is_gone(self, make_provider: MakeProvider, props: Props) -> None:
        slept: list[None] = []
        provider = make_provider(on_sleep=lambda: slept.append(None))
        created = provider.create(props())
        assert created.outs is not None
        provider.delete(created.id, created.outs)
        slept.clear()
        old = {**created.outs, "creationDateTime": "2020-01-01T00:00:00.000Z"}
        assert provider.read(created.id, old).id == ""
        assert slept == []

    def test_preview_of_a_group_whose_tracker_is_gone(
        self,
        make_provider: MakeProvider,
        props: Props,
        make_tracker: MakeTracker,
        group: str,
        personalize: PersonalizeClient,
        operations: Callable[[], list[str]],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        arn = make_tracker("theirs")
        (listed,) = personalize.list_event_trackers(datasetGroupArn=group)["eventTrackers"]
        personalize.delete_event_tracker(eventTrackerArn=arn)
        # The list shows it still, an hour after it was made.
        gone = EventTracker(arn, "theirs", "ACTIVE", dataset_group_arn=group).told(listed)
        monkeypatch.setattr(Finder, "listed", lambda *_, **__: [gone])
        time_then = Calls.service_time

        def later(calls: Calls) -> datetime | None:
            now = time_then(calls)
            return now and now + timedelta(hours=1)

        monkeypatch.setattr(Calls, "service_time", later)
        slept: list[None] = []
        operations()
        provider = make_provider(on_sleep=lambda: slept.append(None))
        assert provider.check({}, props()).failures == []
        assert slept == []
        assert operations().count("DescribeEventTracker") == 1

    def test_preview_of_a_group_with_room(self, make_provider: MakeProvider, props: Props) -> None:
        slept: list[None] = []
        assert make_provider(on_sleep=lambda: slept.append(None)).check({}, props()).failures == []
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
        props: Props,
        control: ControlClient,
        operation: str,
        member: str,
    ) -> None:
        provider = make_provider(create_timeout=20)
        control.fault(operation, "omit", members=[member], times=None)
        if (operation, member) == ("DescribeEventTracker", "status"):
            with pytest.raises(PersonalizeError, match="still CREATE PENDING"):
                provider.create(props())
            return
        created = provider.create(props())
        assert created.outs is not None
        assert created.outs["trackingId"]
        assert created.outs["name"] == "clicks"
        assert provider.read(created.id, created.outs).outs == created.outs

    @pytest.mark.parametrize("member", ["eventTrackerArn", "trackingId"])
    @pytest.mark.parametrize("ownership", [True, False])
    def test_answer_to_a_create_without_one_is_made_good(
        self,
        make_provider: MakeProvider,
        props: Props,
        control: ControlClient,
        trackers: Trackers,
        member: str,
        ownership: bool,
    ) -> None:
        control.fault("CreateEventTracker", "omit", members=[member], times=None)
        created = make_provider(ownership_tag=ownership).create(props())
        assert created.outs is not None
        assert created.outs["trackingId"]
        assert trackers() == {"clicks": "ACTIVE"}

    @pytest.mark.parametrize("member", ["tags", "eventTrackers", "eventTrackerArn"])
    def test_lists_without_one_do_no_harm(
        self, provider: EventTrackerProvider, props: Props, control: ControlClient, member: str
    ) -> None:
        for operation in ("ListEventTrackers", "ListTagsForResource"):
            control.fault(operation, "omit", members=[member], times=None)
        created = provider.create(props())
        assert created.outs is not None
        provider.delete(created.id, created.outs)

    @pytest.mark.usefixtures("by_looks")
    def test_tracking_id_that_is_told_late(
        self,
        provider: EventTrackerProvider,
        props: Props,
        make_tracker: MakeTracker,
        control: ControlClient,
    ) -> None:
        arn = make_tracker("clicks", "creating-1:shop/dev/web")
        going_on = ["CREATE PENDING", "CREATE IN_PROGRESS"]
        control.fault(
            "DescribeEventTracker", "omit", members=["trackingId"], status=going_on, times=None
        )
        created = provider.create(props())
        assert created.id == arn
        assert created.outs is not None
        assert created.outs["trackingId"]


@pytest.mark.parametrize("operation", TAG_CALLS)
def test_tags_that_are_in_use_are_waited_for(
    make_provider: MakeProvider,
    props: Props,
    make_tracker: MakeTracker,
    control: ControlClient,
    trackers: Trackers,
    operation: str,
) -> None:
    def in_use() -> None:
        control.clear_faults()
        control.fault(operation, "error", code="ResourceInUseException", times=3)

    make_tracker("clicks", "creating-1:shop/dev/web", stale="x")
    inputs = props(tags={"old": "1"})
    in_use()
    assert make_provider().check({}, inputs).failures == []
    in_use()
    created = make_provider().create(inputs)
    assert created.outs is not None
    in_use()
    updated = make_provider().update(created.id, created.outs, props(tags={"new": "2"}))
    assert updated.outs is not None
    in_use()
    assert make_provider().read(created.id, updated.outs).outs == updated.outs
    in_use()
    make_provider().delete(created.id, updated.outs)
    assert trackers() == {}
