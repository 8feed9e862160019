"""What a process pays before it works: Pulumi's imports, ours, boto3's, and its first client."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

from .rows import Row, times
from .stacks import OURS, Stack, paced_endpoint, processor_time

ROUNDS = 11
PLUGIN = ("-m", "pulumi_personalize.native")


def measure(folder: Path, *, quick: bool) -> tuple[list[Row], dict[str, float]]:
    """Goes through the stretches in new processes, one after the other."""
    rounds = range(3 if quick else ROUNDS)
    starts = [(_processor_time(*PLUGIN), _processor_time("-c", "import pulumi")) for _ in rounds]
    plugin, pulumi = zip(*starts, strict=True)
    with paced_endpoint() as endpoint:
        stack = Stack(folder, endpoint, OURS, 1)
        told: list[dict[str, float]] = [stack.python("stretches") for _ in rounds]
    stretches = {name: median(one[name] for one in told) for name in told[0]}
    rows = [Row(name, seconds, "", None, None, "s", "") for name, seconds in stretches.items()]
    start = times("native plugin: start, processor time", plugin, "import pulumi", pulumi, 1)
    return [start, *rows], stretches


def _processor_time(*arguments: str) -> float:
    """The processor time of a Python process, ended once it prints a line, if it does."""
    before = processor_time()
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        process.terminate()
    return processor_time() - before
