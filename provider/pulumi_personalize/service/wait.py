"""Waiting for a state: when to look again, and when to say how it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from .clock import Clock

Seen = TypeVar("Seen")


def pause(waited: float) -> float:
    """Seconds from one look to the next, which grow with the time waited.

    A change is seen at most 24 % of the time waited (plus 0.5 s) after it came, half of that on
    average, and never more than 30 s. Two minutes take 20 looks; to see every change within 10 %
    (plus 0.3 s) they would take 40 (see bench/README.md).
    """
    return min(0.5 + 0.24 * waited, 30.0)


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
        begin = self._clock.now()
        told = ""
        next_report = 0.0
        while True:
            looked = self._clock.now()
            seen = look()
            if done(seen):
                return seen, True
            if state(seen) != told or self.waited >= next_report:
                told = state(seen)
                # A state that lasts is told at 10, 20, 40 … seconds, and every 5 minutes at least.
                next_report = self.waited + min(max(self.waited, 10.0), 300.0)
                self._report(told, self.waited)
            now = self._clock.now()
            if now >= self.deadline:
                return seen, False
            # From look to look: what a call takes is part of the pause.
            next_look = min(looked + pause(looked - begin), self.deadline)
            self._clock.sleep(max(next_look - now, 0.0))
