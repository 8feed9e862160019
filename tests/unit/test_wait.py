"""Waiting: when it looks, when it tells, when it gives up. No test sleeps."""

from __future__ import annotations

import itertools

import pytest
from pulumi_personalize.service.clock import Clock
from pulumi_personalize.service.creation import FIRST_LOOK
from pulumi_personalize.service.waiter import Wait, pause

HOUR = 3600.0
DAY = 24 * HOUR


class Watched:
    """A state that changes at given times, with the times at which it was looked at."""

    def __init__(self, clock: Clock, **changes: float) -> None:
        self.clock = clock
        self.changes = changes
        self.looks: list[float] = []
        self.reports: list[tuple[str, float]] = []

    def wait(self, timeout: float, since: float | None = None) -> tuple[str, bool]:
        def report(line: str) -> None:
            waited = self.clock.now() - begin
            state = line.removeprefix("tracker: ").rpartition(" (")[0]
            assert line == f"tracker: {state} ({waited:.0f} s)"
            self.reports.append((state, waited))

        begin = self.clock.now()
        wait = Wait(self.clock, timeout, report)
        return wait.until(
            self.look,
            done=lambda seen: seen == "ACTIVE",
            state=str,
            what="tracker",
            since=since,
        )

    def look(self) -> str:
        now = self.clock.now()
        self.looks.append(now)
        return [state for state, since in self.changes.items() if now >= since][-1]


def test_looks_grow_apart_with_the_time_waited(clock: Clock) -> None:
    watched = Watched(clock, CREATING=0.0, ACTIVE=3.0)
    watched.wait(HOUR)
    assert watched.looks == pytest.approx([0, 0.5, 1.12, 1.8888, 2.842112, 4.02421888])


def test_two_looks_are_at_most_fifteen_seconds_apart(clock: Clock) -> None:
    watched = Watched(clock, CREATING=0.0, ACTIVE=2 * HOUR)
    watched.wait(3 * HOUR)
    gaps = [after - before for before, after in itertools.pairwise(watched.looks)]
    assert max(gaps) == pytest.approx(15)
    assert pause(DAY) == 15


@pytest.mark.parametrize(
    "after", [0.0, 0.1, 0.5, 0.51, 1.0, 4.7, 9.99, 30.0, 77.7, 149.0, 600.0, 1799.0]
)
def test_look_comes_soon_after_the_change(clock: Clock, after: float) -> None:
    watched = Watched(clock, CREATING=0.0, ACTIVE=after)
    assert watched.wait(HOUR) == ("ACTIVE", True)
    assert after <= clock.now() <= after * 1.24 + 0.5 + 1e-9
    assert clock.now() - after <= 15
    assert watched.looks[-1] == clock.now()


@pytest.mark.parametrize("after", [1.0, 5.0, 30.0, 120.0])
def test_usual_durations_are_seen_within_a_tenth(clock: Clock, after: float) -> None:
    # A little later than that, because the create has its own time on the way.
    for late in (0.0, 0.05):
        begin = clock.now()
        watched = Watched(clock, CREATING=0.0, ACTIVE=begin + after - late)
        # As a create does: no tracker is there at once.
        clock.sleep(FIRST_LOOK)
        watched.wait(HOUR, since=begin)
        assert clock.now() - begin - (after - late) <= after / 10 + 0.3


def test_two_minutes_take_twenty_looks(clock: Clock) -> None:
    watched = Watched(clock, CREATING=0.0, ACTIVE=120.0)
    clock.sleep(FIRST_LOOK)
    watched.wait(HOUR, since=0.0)
    assert len(watched.looks) <= 20


@pytest.mark.parametrize("takes", [0.2, 40.0])
def test_what_a_look_takes_is_part_of_the_pause(clock: Clock, takes: float) -> None:
    begun: list[float] = []

    def look() -> str:
        begun.append(clock.now())
        clock.sleep(takes)
        return "CREATING"

    wait = Wait(clock, 100, lambda _line: None)
    wait.until(look, done=lambda _: len(begun) == 3, state=str)
    gaps = [after - before for before, after in itertools.pairwise(begun)]
    assert gaps == pytest.approx([max(takes, 0.5), max(takes, pause(begun[1]))])


def test_done_at_once_takes_no_time_and_tells_nothing(clock: Clock) -> None:
    watched = Watched(clock, ACTIVE=0.0)
    assert watched.wait(HOUR) == ("ACTIVE", True)
    assert clock.now() == 0
    assert watched.looks == [0]
    assert watched.reports == []


@pytest.mark.parametrize("timeout", [0.1, 1.0, 60.0, 1800.0])
def test_gives_up_at_the_time_limit_with_a_last_look(clock: Clock, timeout: float) -> None:
    watched = Watched(clock, CREATING=0.0)
    assert watched.wait(timeout) == ("CREATING", False)
    assert clock.now() == pytest.approx(timeout)
    assert watched.looks[-1] == pytest.approx(timeout)


def test_change_right_at_the_time_limit_is_seen(clock: Clock) -> None:
    assert Watched(clock, CREATING=0.0, ACTIVE=59.999).wait(60.0) == ("ACTIVE", True)


def test_time_counts_from_the_beginning_of_the_wait(clock: Clock) -> None:
    clock.sleep(1000)
    wait = Wait(clock, 60, lambda _line: None)
    assert wait.deadline == 1060
    clock.sleep(5)
    assert wait.waited == 5


def test_two_waits_share_the_time_limit(clock: Clock) -> None:
    wait = Wait(clock, 60, lambda _line: None)
    for _ in range(2):
        seen = wait.until(lambda: "x", done=lambda _: False, state=str)
        assert seen == ("x", False)
        assert clock.now() == pytest.approx(60)


def test_lasting_state_is_told_at_ten_twenty_forty_seconds(clock: Clock) -> None:
    watched = Watched(clock, CREATING=0.0)
    watched.wait(200)
    assert {state for state, _ in watched.reports} == {"CREATING"}
    times = [waited for _, waited in watched.reports]
    assert times[0] == 0
    for told, due in zip(times[1:], [10, *(2 * before for before in times[1:])], strict=False):
        # At the first look from then on.
        assert due <= told <= due * 1.24 + 0.5
    assert len(times) == 5


def test_lasting_state_is_told_every_five_minutes_at_least(clock: Clock) -> None:
    watched = Watched(clock, CREATING=0.0)
    watched.wait(2 * HOUR)
    times = [waited for _, waited in watched.reports]
    gaps = [after - before for before, after in itertools.pairwise(times)]
    assert max(gaps) <= 300 + 30
    assert gaps[-10:] == pytest.approx([300] * 10)


def test_every_change_of_state_is_told_at_once(clock: Clock) -> None:
    watched = Watched(clock, PENDING=0.0, IN_PROGRESS=1.0, STUCK=3.0, ACTIVE=8.0)
    watched.wait(HOUR)
    assert [state for state, _ in watched.reports] == ["PENDING", "IN_PROGRESS", "STUCK"]
    assert [look for _, look in watched.reports] == [
        min(look for look in watched.looks if look >= since) for since in (0.0, 1.0, 3.0)
    ]


def test_error_of_a_look_ends_the_wait(clock: Clock) -> None:
    def look() -> str:
        raise ValueError("broken")

    wait = Wait(clock, 60, lambda _line: None)
    with pytest.raises(ValueError, match="broken"):
        wait.until(look, done=lambda _: True, state=str)
    assert clock.now() == 0


def test_two_waits_in_one_tell_what_is_new_only(clock: Clock) -> None:
    told: list[str] = []
    wait = Wait(clock, HOUR, told.append)
    wait.tell("tracker", "PENDING")
    wait.until(lambda: "PENDING", done=lambda _: clock.now() > 3, state=str, what="tracker")
    wait.tell("group", "PENDING")
    assert told == ["tracker: PENDING (0 s)", "group: PENDING (4 s)"]


def test_rest_ends_with_the_time_limit(clock: Clock) -> None:
    wait = Wait(clock, 10, lambda _line: None)
    wait.rest(0.0)
    assert clock.now() == pytest.approx(0.5)
    wait.rest(0.0)
    assert clock.now() == pytest.approx(0.5 + pause(0.5))
    clock.sleep(9.9 - clock.now())
    assert not wait.is_over
    wait.rest(clock.now())
    assert clock.now() == pytest.approx(10)
    assert wait.is_over


def test_wait_within_a_wait_is_silent_and_no_longer(clock: Clock) -> None:
    told: list[str] = []
    wait = Wait(clock, 10, told.append)
    clock.sleep(4)
    for seconds, end in ((3.0, 7.0), (60.0, 10.0), (60.0, 10.0)):
        inner = wait.within(seconds)
        seen = inner.until(lambda: "x", done=lambda _: False, state=str)
        assert seen == ("x", False)
        assert clock.now() == pytest.approx(end)
    assert told == []
