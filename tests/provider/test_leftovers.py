"""What a failed create, rename or move leaves: nothing once the stack is destroyed, or it is named.

Each fault at each call, by operation and how often it was called before.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from kinds import OWNER_TAG, Capfd, MakeProvider
from mypy_boto3_personalize import PersonalizeClient
from mypy_boto3_personalize.type_defs import TagTypeDef
from play import Outcome, Play, Program, State
from pulumi_personalize.local import ControlClient
from pulumi_personalize.service.waiter import LAG

Begin = Callable[[str], tuple[Program, State]]
pytestmark = pytest.mark.usefixtures("one_client")

ATTEMPTS = 3
#: How fast the provider sleeps where reads lag, and the seconds for which they do: half of what it
#: allows for.
SLOWER = 40
LAGGING = LAG / 2 / SLOWER
FAULTS: dict[str, dict[str, Any]] = {
    "denied": {"kind": "error", "code": "AccessDeniedException"},
    "expired": {"kind": "error", "code": "ExpiredTokenException"},
    "throttled": {"kind": "error", "code": "ThrottlingException", "times": ATTEMPTS},
    "500": {"kind": "error", "code": "InternalServerError", "status": 500, "times": ATTEMPTS},
    "closed-before": {"kind": "close", "when": "before", "times": ATTEMPTS},
    "closed-after": {"kind": "close", "when": "after", "times": ATTEMPTS},
    "lost-once": {"kind": "close", "when": "after"},
    "unknown": {"kind": "error", "code": "SomethingNewException"},
    "in-use": {"kind": "error", "code": "ResourceInUseException"},
}
#: How often each operation is called where nothing goes wrong.
CALLS: dict[str, dict[str, int]] = {
    "create": {
        "ListDatasets": 1,
        "ListEventTrackers": 1,
        "CreateEventTracker": 1,
        "DescribeEventTracker": 2,
        "ListTagsForResource": 2,
        "TagResource": 1,
    },
    "rename": {
        "ListTagsForResource": 4,
        "DescribeEventTracker": 6,
        "DeleteEventTracker": 1,
        "ListDatasets": 1,
        "ListEventTrackers": 1,
        "CreateEventTracker": 1,
        "TagResource": 1,
    },
    "move": {
        "ListDatasets": 1,
        "ListEventTrackers": 1,
        "CreateEventTracker": 1,
        "DescribeEventTracker": 5,
        "TagResource": 1,
        "ListTagsForResource": 3,
        "DeleteEventTracker": 1,
    },
}
PLACES = [
    (what, operation, nth)
    for what, calls in CALLS.items()
    for operation, times in calls.items()
    for nth in range(times)
]
#: Faults that do not end by themselves.
LASTING = ["denied", "closed-after", "in-use"]
#: One of each kind: refused, done though the answer is lost, lost for once, of an unknown meaning.
KINDS = ["denied", "closed-after", "lost-once", "unknown"]
#: The calls by which a tracker that is ACTIVE comes to its end.
FINISHING = ["ListTagsForResource", "TagResource"]
READS = ["DescribeEventTracker", "ListEventTrackers", "ListTagsForResource"]


class Stage:
    """One stack at the endpoint, and what becomes of it.

    Every resource takes two of the provider's sleeps for what it is at.

    Args:
        control: The endpoint.
        personalize: A client for what is left there.
        make_provider: Makes the engine's providers.
        heard: The lines shown since it was last asked.
    """

    def __init__(
        self,
        control: ControlClient,
        personalize: PersonalizeClient,
        make_provider: MakeProvider,
        heard: Callable[[], list[str]],
    ) -> None:
        self.control = control
        self.personalize = personalize
        self.make_provider = make_provider
        self.heard = heard
        self.sleeps = 0
        self.meanwhile: Callable[[], object] = int
        self.play = self.with_settings()

    def with_settings(self, **settings: Any) -> Play:
        """An engine whose provider has these settings."""
        given = {"create_timeout": 30, "delete_timeout": 30, "max_attempts": ATTEMPTS, **settings}
        self.play = Play(lambda: self.make_provider(on_sleep=self.on_sleep, **given), self.heard)
        return self.play

    def on_sleep(self) -> None:
        self.meanwhile()
        self.sleeps += 1
        if self.sleeps % 2 == 0:
            self.control.release()

    def hold(self) -> None:
        """From now on, trackers stay for a while in the states that they go through."""
        self.control.fault("CreateEventTracker", "stay", status="CREATE PENDING", times=None)
        self.control.fault("DeleteEventTracker", "stay", status="DELETE IN_PROGRESS", times=None)
        self.control.clear_calls()
        self.sleeps = 0

    def calls(self) -> Counter[str]:
        """How often each operation was called since `hold`."""
        return Counter(call["operation"] for call in self.control.calls())

    def left(self) -> list[dict[str, Any]]:
        """The trackers that are there once no fault is any more, and what is going is gone."""
        self.control.clear_faults()
        self.control.release()
        return [
            dict(self.personalize.describe_event_tracker(eventTrackerArn=arn)["eventTracker"])
            for one in self.personalize.list_event_trackers()["eventTrackers"]
            if (arn := one["eventTrackerArn"])
        ]

    def must_end_well(self, done: Outcome, program: Program, *, may_leave: bool = True) -> None:
        """Destroys what the state has: nothing is left, or was named, with advice that helps.

        Args:
            done: How it ended.
            program: What was asked for.
            may_leave: Whether a tracker may be left, if it is named.
        """
        line = done.refusal
        assert not line or re.fullmatch(r".+\.", line), "one line"
        self.control.clear_faults()
        self.meanwhile = int
        assert self.play.destroy(done.state).refusal == ""
        left = self.left()
        assert may_leave or not left
        for one in left:
            named = one["name"] in line and one["datasetGroupArn"] in line
            assert one["eventTrackerArn"] in line or named, f"left, not named: {one}, {line}"
        if left:
            assert "`pulumi destroy` does not know of it" in line
            adopt = "set adopt_existing=True and" in line or None
            again = self.play.up(replace(program, adopt=adopt))
            if again.refusal and "if that is refused, set adopt_existing=True" in line:
                again = self.play.up(replace(program, adopt=True))
            assert again.refusal == ""
            assert again.id == left[0]["eventTrackerArn"] or "deletes it" in line
            assert self.play.destroy(again.state).refusal == ""
            assert self.left() == []


@pytest.fixture
def stage(
    control: ControlClient,
    personalize: PersonalizeClient,
    make_provider: MakeProvider,
    capfd: Capfd,
) -> Stage:
    return Stage(control, personalize, make_provider, lambda: capfd.readouterr().err.splitlines())


@pytest.fixture
def begin(stage: Stage, group: str, make_group: Callable[[str], str]) -> Begin:
    """Comes to where a create, rename or move begins: the program, and the state before it."""

    def begin(what: str) -> tuple[Program, State]:
        program = Program(group, "clicks")
        if what == "create":
            return program, State()
        before = make_group("before") if what == "move" else group
        state = stage.play.up(Program(before, "before")).state
        assert state.id
        return program, state

    return begin


def rule(fault: str, nth: int = 0, *, lasting: bool = False) -> dict[str, Any]:
    """A fault for the endpoint, from the nth call on."""
    return {**FAULTS[fault], "skip": nth, **({"times": None} if lasting else {})}


class TestEachFaultAtEachCall:
    @pytest.mark.parametrize("what", CALLS)
    def test_places_are_all_calls(self, stage: Stage, begin: Begin, what: str) -> None:
        program, state = begin(what)
        stage.hold()
        done = stage.play.up(program, state)
        assert done.refusal == ""
        assert stage.calls() == CALLS[what]
        stage.must_end_well(done, program)

    @pytest.mark.parametrize(
        ("fault", "lasting"),
        [
            *((fault, False) for fault in FAULTS if fault != "in-use"),
            *((fault, True) for fault in LASTING),
        ],
        ids=lambda value: {True: "lasting", False: ""}.get(value, str(value)),
    )
    @pytest.mark.parametrize(("what", "operation", "nth"), PLACES)
    def test_nothing_is_left_or_it_is_named(
        self,
        stage: Stage,
        begin: Begin,
        control: ControlClient,
        what: str,
        operation: str,
        nth: int,
        fault: str,
        lasting: bool,
    ) -> None:
        program, state = begin(what)
        control.fault(operation, **rule(fault, nth, lasting=lasting))
        stage.hold()
        done = stage.play.up(program, state)
        assert control.faults()[0]["fired"]
        # Only one that was seen ACTIVE is left.
        stage.must_end_well(done, program, may_leave=operation in FINISHING)

    @pytest.mark.parametrize("fault", FAULTS)
    @pytest.mark.parametrize(
        ("operation", "nth"),
        [(operation, nth) for what, operation, nth in PLACES if what == "create"],
    )
    def test_nothing_is_left_or_it_is_named_without_marks(
        self,
        stage: Stage,
        begin: Begin,
        control: ControlClient,
        operation: str,
        nth: int,
        fault: str,
    ) -> None:
        stage.with_settings(ownership_tag=False)
        program, state = begin("create")
        control.fault(operation, **rule(fault, nth, lasting=fault in LASTING))
        stage.hold()
        stage.must_end_well(stage.play.up(program, state), program)

    @pytest.mark.parametrize("fault", KINDS)
    @pytest.mark.parametrize(
        "operation",
        ["CreateEventTracker", "DescribeEventTracker", "TagResource", "DeleteEventTracker"],
    )
    @pytest.mark.parametrize("what", CALLS)
    def test_while_reads_lag(
        self,
        stage: Stage,
        begin: Begin,
        control: ControlClient,
        what: str,
        operation: str,
        fault: str,
    ) -> None:
        stage.with_settings(speed=SLOWER)
        program, state = begin(what)
        control.fault(operation, **rule(fault, lasting=fault in LASTING))
        control.fault("*", "lag", seconds=LAGGING, times=None)
        done = stage.play.up(program, state)
        time.sleep(LAGGING)
        stage.must_end_well(done, program)

    @pytest.mark.parametrize("what", CALLS)
    @pytest.mark.parametrize(
        "operations",
        [
            ["DescribeEventTracker", "DeleteEventTracker"],
            ["DescribeEventTracker", "ListTagsForResource"],
            ["DescribeEventTracker", "ListEventTrackers"],
            ["TagResource", "DeleteEventTracker"],
            ["CreateEventTracker", "ListEventTrackers"],
        ],
        ids="-".join,
    )
    @pytest.mark.parametrize("fault", LASTING[:2])
    def test_two_operations_at_once(
        self,
        stage: Stage,
        begin: Begin,
        control: ControlClient,
        what: str,
        operations: list[str],
        fault: str,
    ) -> None:
        program, state = begin(what)
        for operation in operations:
            # What the plan needs comes through.
            looks = CALLS[what].get(operation, 0) if operation in READS[1:] else 0
            control.fault(operation, **rule(fault, looks, lasting=True))
        stage.hold()
        stage.must_end_well(stage.play.up(program, state), program)


class TestNotRemoved:
    @pytest.mark.parametrize("fault", LASTING)
    @pytest.mark.parametrize(
        "operation",
        ["DescribeEventTracker", "ListTagsForResource", "UntagResource", "TagResource"],
    )
    @pytest.mark.parametrize("nth", range(4))
    @pytest.mark.parametrize("what", ["resume", "adopt"])
    def test_what_was_there_before(
        self,
        stage: Stage,
        put: Callable[[str, str], str],
        control: ControlClient,
        group: str,
        what: str,
        nth: int,
        operation: str,
        fault: str,
    ) -> None:
        mark = "creating-1:shop/dev/web" if what == "resume" else ""
        there = put("CREATE PENDING", mark)
        program = Program(group, adopt=what == "adopt")
        control.fault(operation, **rule(fault, nth, lasting=fault in LASTING))
        stage.hold()
        done = stage.play.up(program)
        control.clear_faults()
        assert stage.calls()["DeleteEventTracker"] == 0
        assert [one["eventTrackerArn"] for one in stage.left()] == [there]
        assert not done.refusal or re.fullmatch(r".+\.", done.refusal)
        # It is not lost: the next one goes on with it.
        assert stage.play.up(program, done.state).id == there

    @pytest.mark.parametrize("mark", ["", "creating-2:shop/dev/web", "done-1:shop/dev/web"])
    def test_what_bears_another_mark_by_then(
        self,
        stage: Stage,
        begin: Begin,
        control: ControlClient,
        personalize: PersonalizeClient,
        mark: str,
    ) -> None:
        program, state = begin("create")
        control.fault("DescribeEventTracker", **rule("denied", lasting=True))
        stage.hold()

        def taken_over() -> None:
            for one in personalize.list_event_trackers()["eventTrackers"]:
                arn = one["eventTrackerArn"]
                personalize.untag_resource(resourceArn=arn, tagKeys=[OWNER_TAG])
                if mark:
                    tag: TagTypeDef = {"tagKey": OWNER_TAG, "tagValue": mark}
                    personalize.tag_resource(resourceArn=arn, tags=[tag])

        stage.meanwhile = taken_over
        done = stage.play.up(program, state)
        assert stage.calls()["DeleteEventTracker"] == 0
        (left,) = stage.left()
        assert left["eventTrackerArn"] in done.refusal

    @pytest.mark.parametrize("fault", LASTING)
    def test_whose_mark_can_not_be_read(
        self, stage: Stage, begin: Begin, control: ControlClient, fault: str
    ) -> None:
        program, state = begin("create")
        control.fault("DescribeEventTracker", **rule("denied", lasting=True))
        control.fault("ListTagsForResource", **rule(fault, lasting=True))
        stage.hold()
        done = stage.play.up(program, state)
        assert stage.calls()["DeleteEventTracker"] == 0
        (left,) = stage.left()
        assert left["eventTrackerArn"] in done.refusal
        stage.must_end_well(done, program)

    @pytest.mark.parametrize("fault", [None, *LASTING])
    @pytest.mark.parametrize("operation", ["DescribeEventTracker", "TagResource"])
    def test_where_nobody_listens(
        self,
        stage: Stage,
        begin: Begin,
        control: ControlClient,
        monkeypatch: pytest.MonkeyPatch,
        operation: str,
        fault: str | None,
    ) -> None:
        program, state = begin("create")
        if fault:
            control.fault(operation, **rule(fault, lasting=True))
        stage.hold()
        with monkeypatch.context() as patch:
            patch.setattr("pulumi_personalize.engine.is_listening", lambda: False)
            done = stage.play.up(program, state)
        assert done.refusal
        assert stage.calls()["DeleteEventTracker"] == 0
        control.clear_faults()
        (left,) = stage.left()
        # The next one resumes it.
        assert stage.play.up(program).id == left["eventTrackerArn"]
