"""What a failed create, rename or move leaves: nothing after a destroy, or the error names it.

Each fault at each call, by operation and number of earlier calls.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from fake_engine import FakeEngine, Outcome, Program, State, situations
from provider.account import Account

pytestmark = pytest.mark.usefixtures("one_client")

ATTEMPTS = 3
FAULTS: dict[str, dict[str, Any]] = {
    "denied": {"kind": "error", "code": "AccessDeniedException"},
    "expired": {"kind": "error", "code": "ExpiredTokenException"},
    "throttled": {"kind": "error", "code": "ThrottlingException", "times": ATTEMPTS},
    "500": {"kind": "error", "code": "InternalServerError", "status": 500, "times": ATTEMPTS},
    "closed-before": {"kind": "close", "when": "before", "times": ATTEMPTS},
    "closed-after": {"kind": "close", "when": "after", "times": ATTEMPTS},
    "lost-once": {"kind": "close", "when": "after"},
    "unknown": {"kind": "error", "code": "SomethingNewException"},
    "denied-always": {"kind": "error", "code": "AccessDeniedException", "times": None},
    "closed-always": {"kind": "close", "when": "after", "times": None},
    "in-use-always": {"kind": "error", "code": "ResourceInUseException", "times": None},
}
ALWAYS = ["denied-always", "closed-always", "in-use-always"]
_CREATE = {"ListDatasets": 1, "ListEventTrackers": 1, "CreateEventTracker": 1, "TagResource": 1}
_DELETE = {"DeleteEventTracker": 1, "ListTagsForResource": 1}
_DESCRIBE = "DescribeEventTracker"
#: How often each operation is called if nothing fails.
CALLS: dict[str, dict[str, int]] = {
    "create": {**_CREATE, _DESCRIBE: 2},
    "rename": {
        **_CREATE,
        **_DELETE,
        _DESCRIBE: 6,
        "ListTagsForResource": 2,
        "ListEventTrackers": 2,
    },
    "move": {**_CREATE, **_DELETE, _DESCRIBE: 5},
}
#: The faults of a test, by operation, with the number of calls before them.
CASES = [
    pytest.param(what, settings, {operation: {**rule, "skip": nth}}, id="-".join(names))
    for what, calls in CALLS.items()
    for operation, times in calls.items()
    for nth in range(times)
    for fault, rule in FAULTS.items()
    for settings in [{}, *([{"ownership_tag": False}] if what == "create" else [])]
    if (names := [what, operation, str(nth), fault, *settings])
] + [
    # Two operations at once, denied or without an answer.
    pytest.param(what, {}, {one: FAULTS[fault], two: FAULTS[fault]}, id=f"{what}-{one}-{fault}")
    for what in CALLS
    for fault in ALWAYS[:2]
    for one, two in [(_DESCRIBE, "DeleteEventTracker"), ("TagResource", "DeleteEventTracker")]
]


class Stage:
    """One stack, whose trackers take two of the provider's sleeps for each of their states."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.sleeps = 0
        self.meanwhile: Callable[[], object] = int
        self.engine = self.with_settings()

    def with_settings(self, **settings: Any) -> FakeEngine:
        """Uses an engine whose provider has these settings."""
        given = {"create_timeout": 30, "delete_timeout": 30, "max_attempts": ATTEMPTS, **settings}
        self.engine = FakeEngine(
            lambda: self.account.provider(on_sleep=self.on_sleep, **given), self.account.log_lines
        )
        return self.engine

    def on_sleep(self) -> None:
        self.meanwhile()
        self.sleeps += 1
        if self.sleeps % 2 == 0:
            self.account.control.release()

    def begin(self, what: str) -> tuple[Program, State]:
        """The program of a create, rename or move, and the state before it."""
        program = Program(self.account.group, "clicks")
        if what == "create":
            return program, State()
        before = self.account.make_group("before") if what == "move" else program.group
        state = self.engine.up(Program(before, "before")).state
        assert state.id
        return program, state

    def hold(self) -> None:
        """From now on, trackers stay for a while in each state."""
        for operation, status in [("Create", "CREATE PENDING"), ("Delete", "DELETE IN_PROGRESS")]:
            self.account.fault(f"{operation}EventTracker", "stay", status=status, times=None)
        self.account.control.clear_calls()
        self.sleeps = 0

    def remaining(self) -> list[Any]:
        """The trackers that remain once all faults have ended."""
        self.account.control.clear_faults()
        self.account.control.release()
        # A read takes a released tracker to its next state.
        for one in self.account.all():
            self.account.client.describe_event_tracker(eventTrackerArn=one["eventTrackerArn"])
        return self.account.all()

    def must_end_well(self, done: Outcome, program: Program, *, may_remain: bool = True) -> None:
        """Destroys the stack: nothing remains, or the error names it, and its advice works."""
        line = done.refusal
        assert not line or re.fullmatch(r".+\.", line), "one line"
        self.account.control.clear_faults()
        self.meanwhile = int
        assert self.engine.destroy(done.state).refusal == ""
        remaining = self.remaining()
        assert may_remain or not remaining
        for one in remaining:
            named = one["name"] in line and program.group in line
            assert one["eventTrackerArn"] in line or named
            # Without an ownership tag, it may be anybody's.
            unknown = "set adopt_existing=True to adopt it" in line
            assert unknown or "`pulumi destroy` does not know of it" in line
            adopt = unknown or "set adopt_existing=True and" in line or None
            again = self.engine.up(replace(program, adopt=adopt))
            if again.refusal and "if that is refused, set adopt_existing=True" in line:
                again = self.engine.up(replace(program, adopt=True))
            assert again.refusal == ""
            assert again.id == one["eventTrackerArn"] or "deletes it" in line
            assert self.engine.destroy(again.state).refusal == ""
            assert self.remaining() == []


@pytest.fixture
def stage(account: Account) -> Stage:
    return Stage(account)


class TestEachFaultAtEachCall:
    @pytest.mark.parametrize("what", CALLS)
    def test_table_of_calls_is_complete(self, stage: Stage, what: str) -> None:
        program, state = stage.begin(what)
        stage.hold()
        done = stage.engine.up(program, state)
        assert done.refusal == ""
        assert Counter(stage.account.operations()) == CALLS[what]
        stage.must_end_well(done, program)

    @pytest.mark.parametrize(("what", "settings", "faults"), CASES)
    def test_nothing_is_left_or_it_is_named(
        self, stage: Stage, what: str, settings: dict[str, bool], faults: dict[str, Any]
    ) -> None:
        stage.with_settings(**settings)
        program, state = stage.begin(what)
        for operation, rule in faults.items():
            stage.account.fault(operation, **rule)
        stage.hold()
        done = stage.engine.up(program, state)
        assert settings or len(faults) > 1 or stage.account.fired()[0]
        # Only one that was ACTIVE remains, or one whose deletion fails, too.
        may_remain = bool(settings) or len(faults) > 1 or "TagResource" in faults
        stage.must_end_well(done, program, may_remain=may_remain)


class TestNotRemoved:
    """A tracker of anybody else, or one that nobody can be sure of, is not deleted."""

    @pytest.mark.parametrize(
        "case",
        situations(
            ["resume", "adopt"],
            [_DESCRIBE, "ListTagsForResource", "UntagResource", "TagResource"],
            range(3),
            ALWAYS,
        ),
    )
    def test_tracker_that_existed_before(self, stage: Stage, case: Any) -> None:
        what, operation, nth, fault = case
        tag = "creating-1:shop/dev/web" if what == "resume" else ""
        existing = stage.account.put("CREATE PENDING", tag)
        program = Program(stage.account.group, adopt=what == "adopt")
        stage.account.fault(operation, **{**FAULTS[fault], "skip": nth})
        stage.hold()
        done = stage.engine.up(program)
        assert "DeleteEventTracker" not in stage.account.operations()
        assert [one["eventTrackerArn"] for one in stage.remaining()] == [existing]
        assert not done.refusal or re.fullmatch(r".+\.", done.refusal)
        # The next update continues with it.
        again = stage.engine.up(program, done.state)
        if again.refusal and "if that is refused, set adopt_existing=True" in done.refusal:
            again = stage.engine.up(replace(program, adopt=True))
        assert again.id == existing

    @pytest.mark.parametrize("fault", ["another's tag", *ALWAYS])
    def test_tracker_of_another_create_or_with_unreadable_tags(
        self, stage: Stage, fault: str
    ) -> None:
        account = stage.account
        program, state = stage.begin("create")
        account.fault("DescribeEventTracker", **FAULTS["denied-always"])
        if fault in FAULTS:
            account.fault("ListTagsForResource", **FAULTS[fault])
        else:
            stage.meanwhile = lambda: account.tag(account.arn(), owner="creating-2:shop/dev/web")
        stage.hold()
        done = stage.engine.up(program, state)
        assert "DeleteEventTracker" not in account.operations()
        (remaining,) = stage.remaining()
        assert remaining["eventTrackerArn"] in done.refusal
        stage.must_end_well(done, program)

    @pytest.mark.parametrize("fault", ["", *ALWAYS])
    @pytest.mark.parametrize("operation", ["DescribeEventTracker", "TagResource"])
    def test_tracker_of_an_engine_that_is_gone(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch, operation: str, fault: str
    ) -> None:
        program, state = stage.begin("create")
        if fault:
            stage.account.fault(operation, **FAULTS[fault])
        stage.hold()
        with monkeypatch.context() as patch:
            patch.setattr("pulumi_personalize.engine.is_listening", lambda: False)
            done = stage.engine.up(program, state)
        assert done.refusal
        assert fault or "the Pulumi engine exited; the next `pulumi up` resumes" in done.refusal
        assert "DeleteEventTracker" not in stage.account.operations()
        (remaining,) = stage.remaining()
        arn = remaining["eventTrackerArn"]
        owner_tag = stage.account.tags(arn)["pulumi-personalize:owner"]
        assert re.fullmatch("creating-[0-9a-f]{8}:shop/dev/web", owner_tag)
        again = stage.engine.up(program)
        assert again.id == arn
        # The same attempt, which reads that lag still show.
        assert again.state.outputs["ownershipTag"] in owner_tag
