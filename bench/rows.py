"""The rows of the table: what was measured, with what it compares, and whether that is enough."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        measure: What was measured.
        ours: The median of our runs.
        than: What it is compared with.
        other: The median of that one's runs; None where the goal is a number by itself.
        limit: The most that ours may be; None where no goal is set.
        unit: Of all three numbers.
        goal: The goal in words.
        note: What else is to be known.
    """

    measure: str
    ours: float
    than: str
    other: float | None
    limit: float | None
    unit: str
    goal: str
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours to the other's."""
        return self.ours / self.other if self.other else None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met."""
        return None if self.limit is None else self.ours <= self.limit

    def as_json(self) -> dict[str, Any]:
        """The row with what is computed from it."""
        return {**asdict(self), "ratio": self.ratio, "met": self.met}


def times(
    measure: str, ours: Sequence[float], than: str, other: Sequence[float], most: float | None
) -> Row:
    """A row of seconds, where ours may take so many times as long as the other, if that is set."""
    row = Row(measure, median(ours), than, median(other), None, "s", "")
    if most is None:
        return row
    return replace(row, limit=median(other) * most, goal=f"at most {most:g} times")


def calls(measure: str, counts: Iterable[int], limit: int, goal: str, note: str = "") -> Row:
    """A row of service calls: the worst of the runs counts."""
    return Row(measure, max(counts), "", None, limit, "calls", goal, note)


def table(rows: Sequence[Row]) -> str:
    """The rows for the terminal, and for Markdown."""
    head = ("measure", "ours", "compared with", "ratio", "goal", "met", "")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    padded = [
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        + " |"
        for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([padded[0], rule, *padded[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    other = "" if row.other is None else f"{row.than}: {_number(row.other, row.unit)}"
    ratio = "" if row.ratio is None else f"{row.ratio:.3f}"
    met = {True: "yes", False: "NO", None: ""}[row.met]
    return (row.measure, _number(row.ours, row.unit), other, ratio, row.goal, met, row.note)


def _number(number: float, unit: str) -> str:
    if unit != "s":
        return f"{number:.0f} {unit}"
    return f"{number:.2f} s" if number >= 0.1 else f"{number * 1000:.1f} ms"
