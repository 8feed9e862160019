"""Processes of a run of the CLI: how they are begun, found and killed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

#: What the command of a provider's process holds.
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
            victim: ``provider``, the provider's process; ``engine``, the CLI's, which
                leaves its children behind; ``everything``, as the loss of a machine would.
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
        """Whether the provider's processes ended, after a kill: with their engine by themselves."""
        return not any(is_running(pid) for pid in self.providers)

    def clean_up(self) -> None:
        """Ends what still runs, and what a killed engine left behind."""
        for pid in [
            *self.left_behind,
            *([self.process.pid] if self.process.poll() is None else []),
        ]:
            kill(pid)
        self._end()

    def _end(self) -> None:
        """Lets go of a process that was killed: an open pipe would fail some other test."""
        self.process.wait(60)
        assert self.process.stdout
        self.process.stdout.close()

    def wait(self) -> str:
        """Waits for the end; gives what was shown."""
        text, _ = self.process.communicate(timeout=120)
        return text


def is_running(pid: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    try:
        os.kill(pid, 0)
        return not Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z")
    except (ProcessLookupError, FileNotFoundError):
        return False


def kill(pid: int) -> None:
    """Kills a process, unless it ended by itself, as one does whose parent was just killed."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> dict[int, str]:
    """The ids and commands of a process's children, and theirs."""
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
    """Waits until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never became so"
        time.sleep(0.02)
