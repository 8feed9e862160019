"""Reads that lag, answers without some members, and tag calls that are refused for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from fake_engine import FakeEngine, Program, State, requested
from kinds import OWNER_TAG
from provider.account import Account
from pulumi_personalize import ServiceError, WaitTimeoutError
from pulumi_personalize.service.aws import Personalize
from pulumi_personalize.service.client import Calls
from pulumi_personalize.service.model import EventTracker
from pulumi_personalize.service.waiter import LAG

pytestmark = pytest.mark.usefixtures("one_client")

#: Real seconds, and 6 of the provider's.
LAGGING = 0.3
READS = ["DescribeEventTracker", "ListEventTrackers", "ListTagsForResource"]
OLD = {"creationDateTime": "2020-01-01T00:00:00.000Z"}


class TestLaggingReads:
    """With preview, update and destroy in processes of their own, right after each other."""

    @pytest.fixture
    def speed(self) -> float:
        return 20

    @pytest.fixture(params=[READS[:1], READS[1:2], READS[2:], READS], ids="-".join)
    def lag(self, request: pytest.FixtureRequest, account: Account) -> Callable[[], None]:
        """Makes reads lag from now on."""

        def lag() -> None:
            for operation in request.param:
                account.fault(operation, "lag", seconds=LAGGING, times=None)

        return lag

    @pytest.mark.parametrize("what", ["create", "rename", "move"])
    def test_lagging_reads_fail_no_operation(
        self, fake_engine: FakeEngine, account: Account, lag: Callable[[], None], what: str
    ) -> None:
        state = State()
        if what != "create":
            before = account.make_group("before") if what == "move" else account.group
            state = fake_engine.up(Program(before, "there")).state
        lag()
        program = Program(account.group, "clicks")
        assert fake_engine.preview(program, state).refusal == ""
        done = fake_engine.up(program, state)
        assert done.refusal == ""
        refreshed = fake_engine.refresh(done.state).state
        assert replace(refreshed, inputs=requested(refreshed.inputs)) == done.state
        again = fake_engine.up(program, refreshed)
        assert (again.refusal, again.words, again.id) == ("", (), done.id)
        retagged = fake_engine.up(replace(program, tags=2), again.state)
        assert retagged.refusal == ""
        assert fake_engine.destroy(retagged.state).refusal == ""
        account.control.clear_faults()
        assert account.trackers() == {}

    @pytest.mark.parametrize(
        ("tag", "adopt"), [("creating-1:shop/dev/web", False), ("done-1:other/dev/web", True)]
    )
    def test_resume_and_adopt(
        self, account: Account, lag: Callable[[], None], tag: str, adopt: bool
    ) -> None:
        arn = account.make_tracker("clicks", tag)
        time.sleep(LAGGING)
        lag()
        made = account.create(adoptExisting=adopt)
        assert made.id == arn
        account.delete(made)
        account.control.clear_faults()
        assert account.trackers() == {}

    def test_tracker_that_another_resource_has_just_created(
        self, fake_engine: FakeEngine, account: Account, lag: Callable[[], None]
    ) -> None:
        arn = account.create(resource="app", name="there").id
        lag()
        # If the preview can't see it yet, the update does.
        foreseen = fake_engine.preview(Program(account.group, "there"))
        done = fake_engine.up(Program(account.group, "there"))
        assert f"already has event tracker 'there' ({arn}, ACTIVE)" in done.refusal
        assert not foreseen.refusal or f"({arn}, ACTIVE)" in foreseen.refusal

    def test_group_is_free_after_a_destroy(
        self, fake_engine: FakeEngine, account: Account, lag: Callable[[], None]
    ) -> None:
        made = fake_engine.up(Program(account.group, "there")).state
        lag()
        assert fake_engine.destroy(made).refusal == ""
        assert account.operations().count("DeleteEventTracker") == 1
        assert fake_engine.preview(Program(account.group, "there")).refusal == ""
        done = fake_engine.up(Program(account.group, "there"))
        assert (done.refusal, done.id == made.id) == ("", False)

    @pytest.mark.parametrize("fault", ["CreateEventTracker", "TagResource"])
    def test_lost_answer(self, account: Account, lag: Callable[[], None], fault: str) -> None:
        account.fault(fault, "close", when="after")
        lag()
        # Without a second attempt, only reads can tell of the first.
        attempts = 1 if fault == "CreateEventTracker" else 2
        made = account.create(account.provider(max_attempts=attempts), tags={"team": "web"})
        account.control.clear_faults()
        assert account.trackers() == {"clicks": "ACTIVE"}
        owner_tag = f"done-{made.attempt}:shop/dev/web"
        assert account.tags(made.id) == {"team": "web", OWNER_TAG: owner_tag}


def test_list_still_shows_what_the_operation_has_deleted(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = account.provider()
    made = account.create(provider)
    found = account.all()
    account.delete(made, provider)
    monkeypatch.setattr(Personalize, "_list", lambda *_: found)
    before = account.waited()
    assert account.create(provider).id != made.id
    assert account.waited() - before < LAG


def test_tags_that_can_not_be_found(account: Account) -> None:
    made = account.create()
    account.fault("ListTagsForResource", "error", code="ResourceNotFoundException", times=None)
    for method in (account.read, account.delete):
        with pytest.raises(ServiceError, match="exists, but its tags can't be read"):
            method(made)
        assert account.waited() == LAG
    account.control.clear_faults()
    # Whose it is by now is not known.
    assert account.trackers() == {"clicks": "ACTIVE"}


def test_tracker_that_the_list_leaves_out_while_it_is_going_is_waited_for(account: Account) -> None:
    account.control.rules(listShowsGoing=False)
    account.fault("DeleteEventTracker", "stay")
    arn = account.make_tracker(team="web")
    account.client.delete_event_tracker(eventTrackerArn=arn)
    assert account.create(account.provider(on_sleep=account.control.release)).id != arn


class TestOld:
    """Trackers that are older than the lag are as they are read: nothing waits."""

    def test_refresh_of_one_that_is_gone(self, account: Account) -> None:
        made = account.create()
        account.control.forget(made.id)
        account.operations()
        assert account.read(made, **OLD).id == ""
        # Its group is found: this is the right account.
        calls = ["DescribeEventTracker", "DescribeDatasetGroup"]
        assert (account.waited(), account.operations()) == (0, calls)

    def test_preview_of_a_group_whose_tracker_is_gone(
        self, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        arn = account.make_tracker("theirs")
        (listed,) = account.all()
        account.control.forget(arn)
        # An hour after its creation, the list still shows it.
        gone = EventTracker(arn, dataset_group_arn=account.group).updated_by(listed)
        monkeypatch.setattr(Personalize, "_listed", lambda *_: [gone])
        service_time = Calls.service_time

        def later(calls: Calls) -> datetime | None:
            now = service_time(calls)
            return now and now + timedelta(hours=1)

        monkeypatch.setattr(Calls, "service_time", later)
        account.operations()
        assert account.provider().check({}, account.props()).failures == []
        assert account.waited() == 0
        assert account.operations().count("DescribeEventTracker") == 1


class TestMembersLeftOut:
    @pytest.mark.parametrize(
        "member", ["name", "trackingId", "datasetGroupArn", "accountId", "creationDateTime"]
    )
    def test_create_and_refresh(self, account: Account, member: str) -> None:
        for operation in READS[:2]:
            account.fault(operation, "omit", members=[member], times=None)
        made = account.create()
        assert made.outs["trackingId"]
        assert made.outs["name"] == "clicks"
        assert account.read(made).outs == made.outs

    @pytest.mark.parametrize(
        ("operation", "members"),
        [
            ("CreateEventTracker", ["eventTrackerArn"]),
            ("CreateEventTracker", ["trackingId"]),
            ("ListTagsForResource", ["tags"]),
            ("ListEventTrackers", ["eventTrackers"]),
        ],
    )
    def test_create_and_destroy(self, account: Account, operation: str, members: list[str]) -> None:
        account.fault(operation, "omit", members=members)
        account.delete(account.create())
        assert account.trackers() == {}

    def test_status_that_is_never_told(self, account: Account) -> None:
        account.fault("DescribeEventTracker", "omit", members=["status"], times=None)
        with pytest.raises(WaitTimeoutError, match="still CREATE PENDING after 20 s"):
            account.create(account.provider(create_timeout=20))

    def test_tracking_id_that_is_told_late_or_never(self, account: Account) -> None:
        arn = account.make_tracker("clicks", "creating-1:shop/dev/web")
        account.fault("DescribeEventTracker", "omit", members=["trackingId"], times=None)
        with pytest.raises(WaitTimeoutError, match="still ACTIVE without a tracking ID after 20 s"):
            account.create(account.provider(create_timeout=20))
        made = account.create(account.provider(on_sleep=account.control.clear_faults))
        assert (made.id, bool(made.outs["trackingId"])) == (arn, True)


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("ListTagsForResource", "ResourceInUseException"),
        ("ListTagsForResource", "ResourceNotFoundException"),
        ("TagResource", "ResourceInUseException"),
        ("UntagResource", "ResourceInUseException"),
    ],
)
def test_tags_that_are_in_use_are_waited_for(account: Account, operation: str, code: str) -> None:
    def refuse() -> None:
        account.control.clear_faults()
        account.fault(operation, "error", code=code, times=3)

    account.make_tracker("clicks", "creating-1:shop/dev/web", stale="x")
    inputs = account.props(tags={"old": "1"})
    refuse()
    assert account.provider().check({}, inputs).failures == []
    refuse()
    made = account.create(**inputs)
    refuse()
    updated = account.update(made, tags={"new": "2"})
    refuse()
    assert account.read(updated).outs == updated.outs
    refuse()
    account.delete(updated)
    assert account.trackers() == {}
