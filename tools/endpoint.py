"""Starts and stops the local Personalize endpoint of `make up`, in the background.

    endpoint.py start    starts it if it does not run, and prints its URL
    endpoint.py stop     stops it if it runs

All it leaves is in .local: endpoint.json is what the endpoint holds and outlives it; endpoint.log
is its output, which it holds a lock on while it runs. The log begins with its process id and URL,
believed only if an endpoint answers there that says it has this id (after a restart of the machine
the id or the port may be anybody's). Whoever started it may be gone, and the folder be moved.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
STATE = LOCAL / "endpoint.json"
LOG = LOCAL / "endpoint.log"

# The shell writes the process id, as whoever starts it may be killed before it can.
SHELL = ["/bin/sh", "-c", 'echo $$ && exec "$0" "$@"']
ENDPOINT = [*SHELL, sys.executable, "-m", "pulumi_personalize.local"]
PACE = "2"  # so that the waiting for AWS to create and delete things is seen
SECONDS_TO_START = 60
SECONDS_TO_STOP = 10
LOG_BEGINS = re.compile(r"(?P<pid>\d+)\n(?:.*\n)*?(?P<url>http://127\.0\.0\.1:(?P<port>\d+))\n")
END_IT = f"End the process that has {LOG} open, then try again."


class EndpointError(Exception):
    """The endpoint could not be started or stopped."""


class Running(NamedTuple):
    """A running endpoint of this project."""

    pid: int
    url: str
    here: bool
    """Whether it keeps its state here: not if the project's folder was moved since it started."""


def log_begins() -> re.Match[str] | None:
    """What the log says of the endpoint that wrote it, if that came to listen."""
    try:
        return LOG_BEGINS.match(LOG.read_text(errors="replace"))
    except FileNotFoundError:
        return None


def health(url: str) -> dict[str, Any]:
    """What whoever listens at the URL says of itself; empty if it is not an endpoint."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{url}/_local/health", timeout=5) as response:
            said = json.load(response)
    except (OSError, ValueError, HTTPException):
        return {}
    return said if isinstance(said, dict) else {}


def running() -> Running | None:
    """This project's endpoint, if it runs and answers."""
    begins = log_begins()
    if begins is None:
        return None
    pid, url = int(begins["pid"]), begins["url"]
    said = health(url)
    if said.get("pid") != pid:
        return None
    return Running(pid, url, said.get("state") == str(STATE.resolve()))


@contextlib.contextmanager
def locked(file: Path) -> Iterator[IO[str] | None]:
    """Opens the file if its lock can be had at once, else gives None."""
    with file.open("a+") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield opened


def ended() -> bool:
    """Whether no endpoint holds the log's lock."""
    with locked(LOG) as log:
        return log is not None


def launch(log: IO[str], port: str) -> str | None:
    """Starts an endpoint; its URL once it answers, None if it ended instead."""
    log.truncate(0)
    process = subprocess.Popen(
        [*ENDPOINT, "--state", str(STATE), "--port", port, "--pace", PACE],
        cwd=LOCAL,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        while process.poll() is None and time.monotonic() < deadline:
            if begins := log_begins():
                return begins["url"]
            time.sleep(0.05)
    except BaseException:
        process.kill()
        raise
    process.kill()
    process.wait()
    return None


def start() -> str:
    """Starts the endpoint if it does not run; its URL."""
    LOCAL.mkdir(exist_ok=True)
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        with locked(LOG) as log:
            if log is not None:
                # At its old port if that is free, so that what is configured stays true.
                before = log_begins()
                for port in ([before["port"]] if before else []) + ["0"]:
                    if url := launch(log, port):
                        return url
                raise EndpointError(f"The local endpoint did not start:\n{LOG.read_text()[-2000:]}")
        found = running()
        if found is None:  # it does not answer yet
            time.sleep(0.1)
        elif found.here:
            return found.url
        else:
            stop()
    raise EndpointError(f"The local endpoint runs but does not answer. {END_IT}")


def stop() -> None:
    """Stops the endpoint if it runs; only ever the process that is known to be it."""
    if not LOG.exists():
        return
    told = False
    deadline = time.monotonic() + SECONDS_TO_STOP
    while not ended():
        if time.monotonic() > deadline:
            raise EndpointError(f"The local endpoint did not end. {END_IT}")
        if not told and (found := running()):
            told = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(found.pid, signal.SIGTERM)
        time.sleep(0.05)


def main() -> int:
    """Does what the one argument says."""
    command = sys.argv[1] if len(sys.argv) == 2 else ""
    try:
        if command == "start":
            print(start())
        elif command == "stop":
            stop()
        else:
            print("usage: endpoint.py start|stop", file=sys.stderr)
            return 2
    except EndpointError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
