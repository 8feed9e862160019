"""Waiting: the clock, how long to pause between two reads, and how progress is reported."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar, NamedTuple, TypeVar

Value = TypeVar("Value")
Report = Callable[[str], None]

#: Seconds within which a read may not reflect a recent change. AWS documents no bound for
#: Personalize; reads elsewhere lag by a second or two.
LAG = 10.0


class Clock(NamedTuple):
    """Monotonic time in seconds, which tests replace so that none of them sleeps."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class Progress(str):
    """A line of progress, which the next one replaces where the display supports that."""

    #: What the display shows on the resource's row, which has its name and the time already.
    status: str


class Limit(NamedTuple):
    """A time limit, and the option that changes it, as in ``personalize:createTimeout``."""

    seconds: float
    option: str


def no_report(_line: str) -> None:
    """A progress callback that discards its lines."""


def pause(waited: float, waits: int = 1) -> float:
    """Seconds from one read to the next, after so many seconds, with so many waits at once.

    In the first two minutes they grow to 3.8 s, so that a change is seen within 4 s; AWS takes
    about one minute. After that, they grow to 15 s. Many waits together read at most 25 times a
    second, once they have lasted some seconds. See bench/README.md.
    """
    alone = min(1 + 0.24 * waited, 3.8) + min(max(0.0, 0.24 * (waited - 120)), 11.2)
    return max(alone, min(waits / 25, waited / 4))


class Wait:
    """A wait with a time limit in seconds; ``report`` gets the lines of progress."""

    #: The waits in this process that poll.
    polling: ClassVar[list[Wait]] = []

    def __init__(self, clock: Clock, timeout: float, report: Report = no_report) -> None:
        self._clock = clock
        self._begin = clock.now()
        self._deadline = self._begin + timeout
        self._last_report = ("", "")
        self.report = report

    @property
    def now(self) -> float:
        """The clock's time."""
        return self._clock.now()

    @property
    def waited(self) -> float:
        """Seconds since the wait began."""
        return self.now - self._begin

    @property
    def remaining(self) -> float:
        """Seconds until the time limit."""
        return max(self._deadline - self.now, 0.0)

    @property
    def is_over(self) -> bool:
        """Whether the time limit has passed."""
        return self.remaining == 0

    def within(self, seconds: float) -> Wait:
        """A silent part of this wait, at most this many seconds long."""
        return Wait(self._clock, min(seconds, self.remaining))

    def at_least(self, seconds: float) -> Wait:
        """This wait with at least this many seconds left."""
        return Wait(self._clock, max(seconds, self.remaining), self.report)

    def report_status(self, what: str, status: str) -> None:
        """Reports a status if it has changed."""
        if (what, status) != self._last_report:
            self._last_report = what, status
            line = Progress(f"{what}: {status} ({self.waited:.0f} s)")
            line.status = status
            self.report(line)

    def sleep(self, seconds: float) -> None:
        """Sleeps within the time limit."""
        self._clock.sleep(min(seconds, self.remaining))

    def until(
        self,
        read: Callable[[], Value],
        *,
        done: Callable[[Value], bool],
        status: Callable[[Value], str] = str,
        what: str = "",
        first: Value | None = None,
    ) -> Value:
        """Polls until ``done`` returns true or the time limit passes; returns the last value.

        The user sees each new ``status`` of ``what``. If a ``first`` value is known, the first read
        is saved.
        """
        begin = self.now
        value = read() if first is None else first
        self.polling.append(self)
        try:
            while not done(value):
                self.report_status(what, status(value))
                if self.is_over:
                    break
                self.sleep(pause(self.now - begin, len(self.polling)))
                value = read()
        finally:
            self.polling.remove(self)
        return value
