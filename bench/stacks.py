"""What is measured: one program, with the provider that is compared, run by the real CLI."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endpoints import Endpoint, local_endpoint
from environment import forget_foreign
from harness import Deployment
from pulumi_personalize.local import make_dataset_group

HERE = Path(__file__).parent
PROVIDERS = HERE / "providers"

OURS = "pulumi_personalize"
NATIVE = "pulumi_personalize.native"
EMPTY = "empty"
NAIVE = "naive"
LEAST = "least"

PROGRAM = """
import pulumi

config = pulumi.Config()
groups = config.require("groups")
for number in range(config.require_int("count")):
    EventTracker(f"tracker-{number}", f"{groups}{number}", tags={"team": "search"})
"""

#: As docs/troubleshooting.md advises for many trackers; all that is compared runs with it.
PARALLEL = ("--parallel", "128")


@dataclass(frozen=True)
class Ran:
    """One command of the CLI.

    Attributes:
        seconds: How long it took.
        processor: The processor time of all processes that it started.
        ended: When it ended, in seconds since the epoch.
        calls: The calls to the service meanwhile, as the endpoint logged them.
    """

    seconds: float
    processor: float
    ended: float
    calls: list[dict[str, Any]]

    @property
    def operations(self) -> Counter[str]:
        """How often each operation was called."""
        return Counter(call["operation"] for call in self.calls)


@contextmanager
def paced_endpoint(pace: float = 0) -> Iterator[Endpoint]:
    """An endpoint in a process of its own.

    Args:
        pace: Seconds from a create to ACTIVE, and from a delete to its end.
    """
    with local_endpoint() as url:
        endpoint = Endpoint(url)
        endpoint.pace(0)
        endpoint.pace(pace, ["personalize::event_tracker"])
        yield endpoint


def make_groups(endpoint: Endpoint, prefix: str, count: int) -> str:
    """Makes dataset groups, of which an endpoint takes 500.

    Returns:
        What their ARNs have in common, before the number.
    """
    made = [make_dataset_group(endpoint.client, f"{prefix}-{n}") for n in range(count)]
    return made[0].removesuffix("0")


class Stack:
    """A stack of the program, with one provider and a number of trackers."""

    def __init__(self, folder: Path, endpoint: Endpoint, provider: str, count: int) -> None:
        self.endpoint = endpoint
        folder = Path(tempfile.mkdtemp(dir=folder))
        native = provider == NATIVE
        self._deployment = Deployment(folder, endpoint, "bench", "bench", native=native)
        self._deployment.program(f"from {provider} import EventTracker\n{PROGRAM}")
        # The empty provider reads no group.
        self.groups = make_groups(endpoint, folder.name, 1 if provider == EMPTY else count)
        self._deployment.config({"groups": self.groups, "count": str(count)})
        self.environment = self._deployment.environment | {
            "PYTHONPATH": str(PROVIDERS),
            "AWS_ENDPOINT_URL": endpoint.url,
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def run(self, *arguments: str) -> Ran:
        """Runs a command of the CLI, with its options, to its end."""
        self.endpoint.clear_calls()
        begun, before = time.monotonic(), processor_time()
        process = self.start(*arguments)
        text, _ = process.communicate()
        seconds = time.monotonic() - begun
        if process.returncode:
            raise RuntimeError(f"pulumi {' '.join(arguments)} failed:\n{text}")
        processor = processor_time() - before
        return Ran(seconds, processor, time.time(), self.endpoint.calls())

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Begins a command of the CLI."""
        stack = self._deployment.stack.name
        return subprocess.Popen(
            ["pulumi", *arguments, *PARALLEL, "--stack", stack, "--non-interactive"],
            cwd=self._deployment.stack_folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def python(self, program: str) -> Any:
        """Runs one of the programs as the CLI would, on the first group; returns what it prints."""
        file = HERE / f"programs/{program}.py"
        done = subprocess.run(
            [sys.executable, file, self.endpoint.url, f"{self.groups}0"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)


def processor_time() -> float:
    """The processor time of all child processes that have ended, and of theirs, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def forget_surroundings() -> None:
    """Lets nothing of the one who runs this come through to the CLI."""
    forget_foreign()
    # In the background of a script SIGINT is ignored, also by what is started from there; with it
    # the CLI ends its language host, and else it waits 5 s for that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
