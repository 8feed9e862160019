"""Waiting for a state: when to look again, and when to say how it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from .clock import Clock

Seen = TypeVar("Seen")


def delays() -> Iterator[float]:
    """Seconds between looks: they grow with the time waited, so that little is lost in the end.

    A look comes at most a tenth of the time waited (plus 0.3 s) after the change it is waiting for.
    """
    waited = 0.0
    while True:
        delay = min(0.3 + waited / 10, 15.0)
        yield delay
        waited += delay


class Wait:
    """One wait with a time limit.

    Args:
        clock: Tells the time and lets it pass.
        timeout: Seconds after which it is given up.
        report: Is told how it stands, with the state and the seconds waited.
    """

    def __init__(self, clock: Clock, timeout: float, report: Callable[[str, float], None]) -> None:
        self._clock = clock
        self._report = report
        self._begin = clock.now()
        self.deadline = self._begin + timeout

    @property
    def waited(self) -> float:
        """Seconds since the beginning."""
        return self._clock.now() - self._begin

    def until(
        self,
        look: Callable[[], Seen],
        *,
        done: Callable[[Seen], bool],
        state: Callable[[Seen], str],
    ) -> tuple[Seen, bool]:
        """Looks until it is done or the time is up.

        Args:
            look: Finds what is waited for, as it is now.
            done: Whether this is the end of the wait.
            state: Puts what was seen into a word for the user.

        Returns:
            What was seen last, and whether it was done.
        """
        told = ""
        next_report = 0.0
        for delay in delays():
            seen = look()
            if done(seen):
                return seen, True
            if state(seen) != told or self.waited >= next_report:
                told = state(seen)
                # A state that lasts is told at 10, 20, 40 … seconds, and every 5 minutes at least.
                next_report = self.waited + min(max(self.waited, 10.0), 300.0)
                self._report(told, self.waited)
            left = self.deadline - self._clock.now()
            if left <= 0:
                return seen, False
            self._clock.sleep(min(delay, left))
        raise AssertionError("delays never end")
