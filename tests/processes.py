"""The processes of a run of the CLI: finds and kills them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

#: The command line of a provider's process contains one of these.
PROVIDERS = ("pulumi.dynamic", "pulumi_personalize.native")


@dataclass
class Started:
    """A ``pulumi up`` that runs in the background, in a process group of its own."""

    process: subprocess.Popen[str]
    left_behind: list[int] = field(default_factory=list)
    providers: list[int] = field(default_factory=list)

    def kill(self, victim: str) -> None:
        """Kills without warning.

        Args:
            victim: ``provider``, the provider's process; ``engine``, the CLI's, whose children go
                on; ``everything``, as if the machine were lost.
        """
        children = descendants(self.process.pid)
        self.providers = [
            pid for pid, command in children.items() if any(word in command for word in PROVIDERS)
        ]
        pids = {
            "provider": self.providers,
            "engine": [self.process.pid],
            "everything": [self.process.pid, *children],
        }[victim]
        assert pids
        for pid in pids:
            kill(pid)
        if victim == "provider":
            self.wait()
        else:
            self._end()
        self.left_behind = [pid for pid in children if pid not in pids]

    def is_without_provider(self) -> bool:
        """Whether the provider's processes have ended after a kill."""
        return not any(is_running(pid) for pid in self.providers)

    def clean_up(self) -> None:
        """Ends the CLI and what a killed engine left running."""
        for pid in [
            *self.left_behind,
            *([self.process.pid] if self.process.poll() is None else []),
        ]:
            kill(pid)
        self._end()

    def _end(self) -> None:
        """Closes the pipe of a killed process; a warning about it would fail another test."""
        self.process.wait(60)
        assert self.process.stdout
        self.process.stdout.close()

    def wait(self) -> str:
        """Waits for the end; returns the output."""
        text, _ = self.process.communicate(timeout=120)
        return text


def is_running(pid: int) -> bool:
    """Whether a process exists and has not ended."""
    try:
        os.kill(pid, 0)
        return not Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z")
    except (ProcessLookupError, FileNotFoundError):
        return False


def kill(pid: int) -> None:
    """Kills a process, unless it has ended, as one may whose parent was killed."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> dict[int, str]:
    """The ids and command lines of a process's descendants."""
    listing = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 2) for line in listing.stdout.splitlines()]
    found: dict[int, str] = {}
    parents = {pid}
    while parents:
        children = {int(row[0]): row[2] for row in rows if int(row[1]) in parents}
        found |= children
        parents = set(children)
    return found


def eventually(condition: Callable[[], object], seconds: float = 60) -> None:
    """Waits until a condition is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never became true"
        time.sleep(0.02)
