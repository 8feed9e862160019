"""What it takes where each call takes as long as at AWS, and the number of calls counts."""

from __future__ import annotations

import time
from collections import defaultdict
from pathlib import Path
from statistics import median
from typing import Any

from endpoints import Endpoint

from . import rows
from .growth import COMMANDS, PACE
from .rows import Row
from .stacks import OURS, Ran, Stack, make_groups, paced_endpoint

#: Seconds that each call takes.
DELAY = 0.08
#: How many trackers are new in a preview, and how many are refreshed.
NEW = 20
REFRESHED = 100
MOST_CALLS = 14
ROUNDS = 3

_SUFFIX = f"{DELAY * 1000:.0f} ms a call"

Runs = dict[str, list[Ran]]


def measure(folder: Path, *, quick: bool) -> tuple[list[Row], dict[str, Any]]:
    """Runs what the goals are about; reads by themselves, in turn with it, to compare."""
    runs: Runs = defaultdict(list)
    reads: list[float] = []
    near: list[Ran] = []
    for _ in range(1 if quick else ROUNDS):
        with paced_endpoint(PACE) as endpoint:
            _go_far(endpoint)
            runs["up of new"].append(Stack(folder, endpoint, OURS, 1).run(*COMMANDS["up of new"]))
            preview = Stack(folder, endpoint, OURS, NEW)
            runs["preview of new"].append(preview.run(*COMMANDS["preview of new"]))
            reads.append(_read(endpoint, NEW))
        with paced_endpoint() as endpoint:
            many = Stack(folder, endpoint, OURS, REFRESHED)
            many.run(*COMMANDS["up of new"])
            near.append(many.run(*COMMANDS["refresh"]))
            _go_far(endpoint)
            runs["refresh"].append(many.run(*COMMANDS["refresh"]))
    return _rows(runs, near, reads), {
        "delay": DELAY,
        "reads": reads,
        "near": {"refresh": [ran.seconds for ran in near]},
        "far": {
            name: {
                "seconds": [ran.seconds for ran in ones],
                "calling": [_calling(ran) for ran in ones],
                "calls": [len(ran.calls) for ran in ones],
            }
            for name, ones in runs.items()
        },
    }


def _go_far(endpoint: Endpoint) -> None:
    """From now on, each call takes its time on the way."""
    endpoint.fault("*", "delay", seconds=DELAY, times=None)


def _read(endpoint: Endpoint, times: int) -> float:
    """The seconds that so many reads of dataset groups take, one after the other."""
    group = make_groups(endpoint, "read", 1) + "0"
    begun = time.monotonic()
    for _ in range(times):
        endpoint.client.list_event_trackers(datasetGroupArn=group)
    return time.monotonic() - begun


def _calling(ran: Ran) -> float:
    """The seconds from the first call to the end of the last."""
    ended: float = max(call["time"] + call["seconds"] for call in ran.calls)
    begun: float = min(call["time"] for call in ran.calls)
    return ended - begun


def _rows(runs: Runs, near: list[Ran], reads: list[float]) -> list[Row]:
    one, previews, refreshes = runs["up of new"], runs["preview of new"], runs["refresh"]
    return [
        rows.calls(
            f"up of one new, ACTIVE after {PACE} s, {_SUFFIX}",
            [len(ran.calls) for ran in one],
            MOST_CALLS,
            f"at most {MOST_CALLS}",
            _made(one),
        ),
        Row(
            f"up of one new, ACTIVE after {PACE} s, {_SUFFIX}",
            median(ran.seconds for ran in one),
            "",
            None,
            None,
            "s",
            "",
        ),
        rows.times(
            f"preview of new, {NEW}, {_SUFFIX}: from the first call to the last",
            [_calling(ran) for ran in previews],
            f"{NEW} reads",
            reads,
            1.3,
        ),
        rows.calls(
            f"preview of new, {NEW}, {_SUFFIX}",
            [len(ran.calls) for ran in previews],
            2 * NEW,
            "2 a group",
            _made(previews),
        ),
        Row(
            f"refresh, {REFRESHED}, {_SUFFIX}",
            median(ran.seconds for ran in refreshes),
            "at once",
            median(ran.seconds for ran in near),
            None,
            "s",
            "",
        ),
        rows.calls(
            f"refresh, {REFRESHED}, {_SUFFIX}",
            [len(ran.calls) for ran in refreshes],
            2 * REFRESHED,
            "2 a tracker",
            _made(refreshes),
        ),
    ]


def _made(runs: list[Ran]) -> str:
    return ", ".join(f"{name} {times}" for name, times in runs[-1].operations.items())
