"""What operations cost, and how that grows with the number of trackers, ours and the empty one."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

from endpoints import Endpoint

from . import rows
from .rows import Row
from .stacks import EMPTY, LEAST, NATIVE, OURS, Ran, Stack, paced_endpoint

#: Seconds from a create to ACTIVE, and from a delete to its end.
PACE = 5
COMMANDS = {
    "preview of new": ("preview",),
    "up of new": ("up", "--yes"),
    "up without changes": ("up", "--yes"),
    "refresh": ("refresh", "--yes", "--skip-preview"),
    "destroy": ("destroy", "--yes", "--skip-preview"),
}
UNCHANGED = "up without changes"
#: How many times all of it is run, for each number of trackers.
ROUNDS = {1: 4, 10: 2, 100: 3, 400: 1}
#: With which numbers of trackers others than the empty provider and ours are run.
TAKING_PART = {1: (EMPTY, OURS, NATIVE), 100: (EMPTY, OURS, NATIVE, LEAST)}
#: How often an update without changes is run in each round: its goal is the tightest.
REPEATED = 4


@dataclass
class Growth:
    """The runs by operation, provider and number of trackers."""

    runs: dict[tuple[str, str, int], list[Ran]] = field(default_factory=lambda: defaultdict(list))

    def seconds(self, operation: str, provider: str, count: int) -> list[float]:
        """How long each run took."""
        return [ran.seconds for ran in self.runs[operation, provider, count]]

    def as_json(self) -> list[dict[str, Any]]:
        """All runs."""
        return [
            {
                "operation": operation,
                "provider": provider,
                "trackers": count,
                "median": median(self.seconds(operation, provider, count)),
                "seconds": self.seconds(operation, provider, count),
                "calls": dict(runs[-1].operations),
            }
            for (operation, provider, count), runs in self.runs.items()
        ]


def measure(folder: Path, *, quick: bool) -> tuple[list[Row], Growth]:
    """Runs all operations, ours and the empty provider's in turn: a slow moment hits both."""
    growth = Growth()
    for count, rounds in ({1: 1, 100: 1} if quick else ROUNDS).items():
        for _ in range(rounds):
            with paced_endpoint(PACE) as endpoint:
                _round(folder, endpoint, count, growth)
    return _rows(growth), growth


def _round(folder: Path, endpoint: Endpoint, count: int, growth: Growth) -> None:
    names = TAKING_PART.get(count, (EMPTY, OURS))
    stacks = {name: Stack(folder, endpoint, name, count) for name in names}
    for operation, command in COMMANDS.items():
        for _ in range(REPEATED if operation == UNCHANGED else 1):
            for name, stack in stacks.items():
                ran = stack.run(*command)
                growth.runs[operation, name, count].append(ran)
                print(f"{operation}, {count}, {name}: {ran.seconds:.2f} s", flush=True)


def _rows(growth: Growth) -> list[Row]:
    def compared(
        operation: str, count: int, most: float | None, name: str = OURS, than: str = EMPTY
    ) -> Row:
        """Of the processor time of all processes, which other work bends less than the clock."""
        ours, others = (growth.runs[operation, one, count] for one in (name, than))
        title = f"{operation}, {count}{'' if name == OURS else f': {name}'}, processor time"
        row = rows.times(
            title, [ran.processor for ran in ours], than, [ran.processor for ran in others], most
        )
        clock = [median(ran.seconds for ran in runs) for runs in (ours, others)]
        return replace(row, note=f"by the clock {clock[0]:.2f} s, {than} {clock[1]:.2f} s")

    def of_native(operation: str) -> Row:
        dynamic, native = (growth.seconds(operation, name, 100) for name in (OURS, NATIVE))
        # A wait ends with a read, and those are up to 2 s apart.
        most = 1.1 if operation in ("up of new", "destroy") else 1.05
        return rows.times(f"{operation}, 100: native", native, "dynamic", dynamic, most)

    def hundred(operation: str, most: float) -> Row:
        many, one = (growth.seconds(operation, OURS, count) for count in (100, 1))
        return rows.times(f"{operation}, 100, {PACE} s each", many, "one", one, most)

    def called(operation: str, count: int, limit: int, goal: str) -> Row:
        runs = growth.runs[operation, OURS, count]
        made = ", ".join(f"{name} {times}" for name, times in runs[-1].operations.items())
        return rows.calls(
            f"{operation}, {count}", [len(ran.calls) for ran in runs], limit, goal, made
        )

    previews = growth.runs["preview of new", OURS, 100]
    return [
        compared(UNCHANGED, 1, 1.05),
        called(UNCHANGED, 1, 0, "none"),
        compared(UNCHANGED, 1, 0.9, NATIVE),
        compared(UNCHANGED, 100, 1, NATIVE),
        compared(UNCHANGED, 100, None),
        called(UNCHANGED, 100, 0, "none"),
        compared(UNCHANGED, 100, 1.1, than=LEAST),
        compared("preview of new", 100, None),
        compared("preview of new", 100, 1.15, than=LEAST),
        called("preview of new", 100, 200, "2 a group"),
        rows.calls(
            "preview of new, 100: doubled", [_doubled(ran.calls) for ran in previews], 0, "none"
        ),
        hundred("up of new", 1.6),
        hundred("destroy", 2),
        compared("refresh", 100, 3),
        called("refresh", 100, 200, "2 a tracker"),
        *[of_native(operation) for operation in COMMANDS],
    ]


def _doubled(calls: list[dict[str, Any]]) -> int:
    """How many calls were made that had been made already."""
    return len(calls) - len({(call["operation"], str(call["about"])) for call in calls})
