"""How soon after ACTIVE a create returns, and how many reads that takes."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from pulumi_personalize.service.waiter import pause

from .rows import Row
from .stacks import OURS, Stack, paced_endpoint

#: How often each pace is measured.
PACES = {120: 3, 61: 3, 30: 3, 5: 5, 1: 5}
#: From here on, waits are idle for so long that others can be measured meanwhile.
LONG = 30
#: How many reads are allowed, by the pace.
MOST_READS = {120: 40, 61: 22}


@dataclass(frozen=True)
class Waited:
    """One create.

    Attributes:
        pace: Seconds from the create call to ACTIVE.
        returned: Seconds from ACTIVE to the end of the provider's last call, its return.
        ended: Seconds from ACTIVE to the end of `pulumi up`.
        reads: How many times it was described.
    """

    pace: float
    returned: float
    ended: float
    reads: int


def measure(folder: Path, *, quick: bool) -> tuple[list[Row], list[Waited]]:
    """Makes trackers of each pace; the long waits pass side by side, beside the short ones."""
    paces = {5: 1, 1: 1} if quick else PACES
    waited: list[Waited] = []
    with ThreadPoolExecutor() as pool:
        long = []
        for pace, rounds in paces.items():
            for _ in range(rounds):
                if pace >= LONG:
                    long.append(pool.submit(_wait, folder, pace))
                    time.sleep(4)
                else:
                    waited.append(_wait(folder, pace))
        waited += [one.result() for one in long]
    return _rows(waited), waited


def goal(waited: float) -> float:
    """Seconds within which ACTIVE has to be seen, by the seconds until then."""
    return 0.1 * waited + 0.3 if waited < 20 else 4.0 if waited <= 120 else 0.1 * waited


def _wait(folder: Path, pace: float) -> Waited:
    with paced_endpoint(pace) as endpoint:
        ran = Stack(folder, endpoint, OURS, 1).run("up", "--yes", "--skip-preview")
    (created,) = [call for call in ran.calls if call["operation"] == "CreateEventTracker"]
    active = created["time"] + pace
    last = ran.calls[-1]
    one = Waited(
        pace,
        last["time"] + last["seconds"] - active,
        ran.ended - active,
        ran.operations["DescribeEventTracker"],
    )
    print(one, flush=True)
    return one


def _rows(waited: list[Waited]) -> list[Row]:
    by_pace = defaultdict(list)
    for one in waited:
        by_pace[one.pace].append(one)
    rows = []
    for pace, ones in sorted(by_pace.items()):
        returned = median(one.returned for one in ones)
        ended = median(one.ended for one in ones)
        limit = goal(pace)
        measure = f"up of one new, ACTIVE after {pace:g} s: from ACTIVE to the create's return"
        polled = -pace % 10
        note = f"to the end of pulumi up: {ended:.2f} s; a poll every 10 s: {polled:g} s"
        rows.append(Row(measure, returned, "", None, limit, "s", f"at most {limit:.1f} s", note))
        reads = max(one.reads for one in ones)
        most = MOST_READS.get(int(pace))
        rows.append(
            Row(
                f"up of one new, ACTIVE after {pace:g} s: DescribeEventTracker",
                reads,
                "",
                None,
                most,
                "calls",
                f"at most {most}" if most else "",
            )
        )
    return rows


def reads() -> Iterator[float]:
    """When a create reads, in seconds after its request."""
    at = pause(0)
    while True:
        yield at
        at += pause(at)


def curve(longest: float = 600) -> list[dict[str, float]]:
    """What is lost between reads: the worst and the mean, and how many reads that takes."""
    points = []
    before = 0.0
    for number, at in enumerate(reads()):
        if number:
            gap = at - before
            middle = (at + before) / 2
            points.append(
                {
                    "after": middle,
                    "mean": gap / 2,
                    "worst": gap,
                    "goal": goal(middle),
                    "reads": number + 1,
                }
            )
        if at > longest:
            return points
        before = at
    raise AssertionError("reads never end")


def as_json(waited: list[Waited]) -> dict[str, object]:
    """The creates and the curve."""
    return {
        "creates": [asdict(one) for one in waited],
        "by duration": curve(),
    }
