"""The same job by hand: the AWS CLI in a loop, and a naive provider, beside ours."""

from __future__ import annotations

import subprocess
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from .rows import Row
from .stacks import HERE, NAIVE, OURS, Ran, Stack, paced_endpoint

CLI = "AWS CLI"
#: As many as make a difference, and no more, because the CLI's loop takes them one by one.
MANY = 5
ROUNDS = 3


@dataclass(frozen=True)
class Job:
    """Something to be done.

    Attributes:
        name: What is done.
        count: To how many trackers.
        pace: The seconds that each takes at the service.
        command: What does it with Pulumi.
        script: What does it with the AWS CLI.
    """

    name: str
    count: int
    pace: float
    command: tuple[str, ...]
    script: str

    @property
    def title(self) -> str:
        """The job in words."""
        return f"{self.name} {self.count}" + (f", {self.pace:g} s each" if self.pace else "")


_UP = ("up", "--yes")
_DESTROY = ("destroy", "--yes", "--skip-preview")
MAKE = [Job("make", count, pace, _UP, "up.sh") for count, pace in [(1, 5), (2, 35), (MANY, 5)]]
LOOK = [
    Job("nothing to do", MANY, 0, _UP, "look.sh"),
    Job("refresh", MANY, 0, ("refresh", "--yes", "--skip-preview"), "look.sh"),
]
DELETE = [Job("delete", count, 5, _DESTROY, "destroy.sh") for count in (1, 2, MANY)]

Results = dict[tuple[Job, str], list[Ran]]


class Contestant:
    """One way to do the jobs, with an endpoint of its own."""

    def __init__(self, way: str, folder: Path, open_: ExitStack) -> None:
        self.way = way
        self._endpoint = open_.enter_context(paced_endpoint())
        # The CLI takes of its stack the dataset groups only.
        provider = OURS if way == CLI else way
        self._stacks = {
            job.count: Stack(folder, self._endpoint, provider, job.count) for job in MAKE
        }

    def do(self, job: Job) -> Ran:
        """Does one job."""
        self._endpoint.pace(job.pace, ["personalize::event_tracker"])
        stack = self._stacks[job.count]
        if self.way != CLI:
            return stack.run(*job.command)
        self._endpoint.clear_calls()
        begun = time.monotonic()
        subprocess.run(
            [HERE / "byhand" / job.script, stack.groups, str(job.count)],
            env=stack.environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return Ran(time.monotonic() - begun, 0.0, time.time(), self._endpoint.calls())


def measure(folder: Path, *, quick: bool) -> tuple[list[Row], Results]:
    """Lets all do the jobs: side by side where they wait, in turn where they compute."""
    results: Results = defaultdict(list)
    rounds = 1 if quick else ROUNDS
    with ExitStack() as open_:
        contestants = [
            Contestant(way, folder, open_) for _ in range(rounds) for way in (OURS, NAIVE, CLI)
        ]

        def do_all(jobs: list[Job], contestant: Contestant, late: float) -> None:
            time.sleep(late)
            for job in jobs:
                ran = contestant.do(job)
                results[job, contestant.way].append(ran)
                print(f"{job.name}, {job.count}, {contestant.way}: {ran.seconds:.1f} s", flush=True)

        def side_by_side(jobs: list[Job]) -> None:
            with ThreadPoolExecutor(len(contestants)) as pool:
                # One after the other, since each begins with some seconds of computing.
                begun = [
                    pool.submit(do_all, jobs, contestant, 3.0 * place)
                    for place, contestant in enumerate(contestants)
                ]
            for one in begun:
                one.result()

        side_by_side(MAKE)
        for contestant in contestants:
            do_all(LOOK, contestant, 0)
        side_by_side(DELETE)
    return _rows(results), results


def as_json(results: Results) -> list[dict[str, Any]]:
    """All runs."""
    return [
        {
            "job": job.title,
            "way": way,
            "median": median(ran.seconds for ran in runs),
            "seconds": [ran.seconds for ran in runs],
            "calls": [len(ran.calls) for ran in runs],
        }
        for (job, way), runs in results.items()
    ]


def _rows(results: Results) -> list[Row]:
    rows = []
    for job in [*MAKE, *LOOK, *DELETE]:
        ours = results[job, OURS]
        for way in (CLI, NAIVE):
            theirs = results[job, way]
            seconds = [median(ran.seconds for ran in runs) for runs in (ours, theirs)]
            calls = [median(len(ran.calls) for ran in runs) for runs in (ours, theirs)]
            rows.append(Row(job.title, seconds[0], way, seconds[1], seconds[1], "s", "ahead"))
            # No goal: the reads are what a true preview and a create that loses nothing cost.
            rows.append(Row(job.title, calls[0], way, calls[1], None, "calls", ""))
    return rows
