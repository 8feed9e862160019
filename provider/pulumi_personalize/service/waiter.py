"""Waiting for a state: when to look again, and when to say how it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from .clock import Clock

Seen = TypeVar("Seen")
Report = Callable[[str], None]


class Progress(str):
    """How a wait stands: a line that the next one replaces, where the display can do that.

    Attributes:
        on_row: The line for a row that names the resource already: state and seconds first.
        is_tick: Whether it says of a state only that it lasts.
    """

    __slots__ = ("is_tick", "on_row")
    on_row: str
    is_tick: bool

    @classmethod
    def of(cls, what: str, state: str, seconds: float, about: str, *, is_tick: bool) -> Progress:
        """The line about what is waited for, on the row of a resource or beside it."""
        after = f"{state} ({seconds:.0f} s)"
        line = cls(f"{what}: {after}")
        line.on_row = after if what == about else f"{after}: {what}"
        line.is_tick = is_tick
        return line


class Limit(NamedTuple):
    """A time limit, and what the user sets for another one.

    Attributes:
        seconds: After so many, a wait is given up.
        option: What sets it, as in ``personalize:createTimeout``.
    """

    seconds: float
    option: str

    @property
    def advice(self) -> str:
        """What to do where the time was too short."""
        return f"{self.option} gives it more time"


def quiet(_line: str) -> None:
    """The report of what nobody has to hear of."""


#: Seconds for which a read may trail a change: what is younger than this and not seen (or still
#: seen) is looked at again, what is older is taken as read. AWS names no bound for Personalize;
#: reads elsewhere trail by a second or two, and 5 s were worth trying. Peers' minutes (Alchemy 40
#: to 80 s, terraform 20 looks) cover the whole creation, which is waited for by its status here.
LAG = 10.0


def pause(waited: float) -> float:
    """Seconds from one look to the next, which grow with the time waited.

    A change is seen at most 24 % of the time waited (plus 0.5 s) after it came, half of that on
    average, and never more than 15 s. A create of two minutes takes 19 looks; to see every change
    within 10 % (plus 0.3 s) it would take 40 (see bench/README.md).
    """
    return min(0.5 + 0.24 * waited, 15.0)


class Wait:
    """One wait with a time limit.

    Args:
        clock: Tells the time and lets it pass.
        timeout: Seconds after which it is given up.
        report: Progress callback, one line per call.
        about: What it is that the report's lines are about anyway, as ``event tracker clicks``.
    """

    def __init__(self, clock: Clock, timeout: float, report: Report, about: str = "") -> None:
        self._clock = clock
        self.report = report
        self._about = about
        self._begin = clock.now()
        self._told = ""
        self._next_report = 0.0
        self.deadline = self._begin + timeout

    @property
    def waited(self) -> float:
        """Seconds since the beginning."""
        return self._clock.now() - self._begin

    @property
    def now(self) -> float:
        """The clock's time."""
        return self._clock.now()

    @property
    def left(self) -> float:
        """Seconds until the time is up."""
        return max(self.deadline - self._clock.now(), 0.0)

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self._clock.now() >= self.deadline

    def within(self, seconds: float) -> Wait:
        """A wait of at most so many seconds from now, as part of this one: nothing is told."""
        return Wait(self._clock, min(seconds, self.left), quiet)

    def anew(self, seconds: float) -> Wait:
        """Another wait of so many seconds from now, told to the same."""
        return Wait(self._clock, seconds, self.report, self._about)

    def tell(self, what: str, state: str) -> None:
        """Says how it stands, where that is new, or has lasted.

        Args:
            what: What is waited for, as in ``event tracker clicks``.
            state: How it stands, as in ``CREATE IN_PROGRESS``.
        """
        line = f"{what}: {state}"
        is_tick = line == self._told
        if not is_tick or self.waited >= self._next_report:
            self._told = line
            # A state that lasts is told at 10, 20, 40 … seconds, and every 5 minutes at least.
            self._next_report = self.waited + min(max(self.waited, 10.0), 300.0)
            self.report(Progress.of(what, state, self.waited, self._about, is_tick=is_tick))

    def let_pass(self, seconds: float) -> None:
        """Lets so many seconds pass, within the time limit."""
        self._clock.sleep(min(seconds, self.left))

    def rest(self, since: float) -> None:
        """Lets the time from one look to the next pass, within the time limit.

        Args:
            since: The clock's time at which the looks began.
        """
        now = self._clock.now()
        self._clock.sleep(max(min(pause(now - since), self.deadline - now), 0.0))

    def until(
        self,
        look: Callable[[], Seen],
        *,
        done: Callable[[Seen], bool],
        state: Callable[[Seen], str],
        what: str = "",
        since: float | None = None,
    ) -> tuple[Seen, bool]:
        """Looks until it is done or the time is up.

        Args:
            look: Finds what is waited for, as it is now.
            done: Whether this is the end of the wait.
            state: Puts what was seen into a word for the user.
            what: What is waited for, for the user.
            since: The clock's time from which the pauses grow; if left out, now.

        Returns:
            What was seen last, and whether it was done.
        """
        begin = self._clock.now() if since is None else since
        while True:
            looked = self._clock.now()
            seen = look()
            if done(seen):
                return seen, True
            self.tell(what, state(seen))
            now = self._clock.now()
            if now >= self.deadline:
                return seen, False
            # From look to look: what a call takes is part of the pause.
            next_look = min(looked + pause(looked - begin), self.deadline)
            self._clock.sleep(max(next_look - now, 0.0))
