"""The memory of the provider's process, and what boto3 has of it."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from pathlib import Path
from statistics import median

from processes import descendants

from .rows import Row
from .stacks import EMPTY, NATIVE, OURS, Stack, paced_endpoint

ROUNDS = 3
MIB = 1024
#: The modules that the providers' processes run: one of them, as a program has one provider.
PROCESSES = ("pulumi.dynamic", NATIVE)
REST, MANY = "at rest", "with 100 trackers"

Peaks = dict[tuple[str, str], list[int]]


def measure(folder: Path, *, quick: bool) -> tuple[list[Row], dict[str, list[int]]]:
    """Watches the process while nothing changes (at rest), and while 100 trackers are made."""
    peaks: Peaks = defaultdict(list)
    boto3 = []
    for _ in range(1 if quick else ROUNDS):
        with paced_endpoint(1) as endpoint:
            for provider in (EMPTY, OURS, NATIVE):
                one = Stack(folder, endpoint, provider, 1)
                one.run("up", "--yes", "--skip-preview")
                peaks[provider, REST].append(_peak(one))
                peaks[provider, MANY].append(_peak(Stack(folder, endpoint, provider, 100)))
            boto3.append(one.python("boto3_share"))
    found = {", ".join(key): kib for key, kib in peaks.items()} | {"boto3": boto3}
    print(found, flush=True)
    return _rows(peaks, median(boto3)), found


def _peak(stack: Stack) -> int:
    """The most memory that a provider's process had resident during `pulumi up`, in kiB."""
    process = stack.start("up", "--yes")
    most = 0
    while process.poll() is None:
        for pid, command in descendants(process.pid).items():
            if any(module in command for module in PROCESSES) and "/bin/sh" not in command:
                most = max(most, _resident(pid))
        time.sleep(0.05)
    text, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(text)
    return most


def _resident(pid: int) -> int:
    """The most that a process had resident so far; 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) if found else 0


def _rows(peaks: Peaks, boto3: float) -> list[Row]:
    rows = []
    for state in (REST, MANY):
        ours, empty = (median(peaks[name, state]) / MIB for name in (OURS, EMPTY))
        # At rest boto3 is not even imported.
        share = boto3 / MIB if state == MANY else 0
        native = [peak / MIB for peak in peaks[NATIVE, state]]
        rows.append(
            Row(
                f"memory of the provider's process {state}",
                ours,
                EMPTY,
                empty,
                1.3 * empty + share,
                "MiB",
                f"at most {1.3 * empty + share:.0f} MiB",
                f"boto3's own share: {boto3 / MIB:.0f} MiB" if share else "",
            )
        )
        rows.append(
            Row(
                f"memory of the native provider's process {state}",
                median(native),
                "dynamic",
                ours,
                1.05 * ours,
                "MiB",
                "not more, but for 5 %",
            )
        )
    return rows
