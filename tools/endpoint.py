"""Starts and stops the local Personalize endpoint of `make up`, in the background.

    endpoint.py start    starts it if it does not run, and prints its URL
    endpoint.py url      prints its URL if it runs, else exits with 1
    endpoint.py stop     stops it if it runs

All it leaves is in .local: endpoint.json is what the endpoint holds and outlives it; endpoint.pid
and endpoint.url tell where it runs, but are believed only if an endpoint answers at the URL that
says it has this process id and this state file (after a restart of the machine the id or the port
may be anybody's). The running endpoint holds a lock on endpoint.log, which it writes to.
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
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
LOCAL = ROOT / ".local"
STATE = LOCAL / "endpoint.json"
PID = LOCAL / "endpoint.pid"
URL = LOCAL / "endpoint.url"
LOG = LOCAL / "endpoint.log"

ENDPOINT = [sys.executable, "-m", "pulumi_personalize.local"]
PACE = "2"  # so that the waiting for AWS to create and delete things is seen
SECONDS_TO_START = 60
SECONDS_TO_STOP = 10
URL_LINE = re.compile(r"^http://127\.0\.0\.1:(\d+)$", re.MULTILINE)


class EndpointError(Exception):
    """The endpoint could not be started or stopped."""


def read(file: Path) -> str:
    """The file's text, or nothing if there is no such file."""
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        return ""


def health(url: str) -> dict[str, Any]:
    """What whoever listens at the URL says of itself; empty if it is not an endpoint."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{url}/_local/health", timeout=5) as response:
            said = json.load(response)
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def running() -> tuple[int, str] | None:
    """The process id and URL of this project's endpoint, if it runs."""
    pid, url = read(PID), read(URL)
    if not pid.isdecimal() or not URL_LINE.match(url):
        return None
    said = health(url)
    ours = said.get("pid") == int(pid) and said.get("state") == str(STATE)
    return (int(pid), url) if ours else None


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
    process = subprocess.Popen(  # noqa: S603 - nothing of the command comes from outside
        [*ENDPOINT, "--state", str(STATE), "--port", port, "--pace", PACE],
        cwd=LOCAL,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        PID.write_text(f"{process.pid}\n")
        deadline = time.monotonic() + SECONDS_TO_START
        while process.poll() is None and time.monotonic() < deadline:
            if line := URL_LINE.search(LOG.read_text()):
                URL.write_text(f"{line[0]}\n")
                return line[0]
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
        if found := running():
            return found[1]
        with locked(LOG) as log:
            if log is None:  # it runs but does not answer yet
                time.sleep(0.1)
                continue
            # At its old port if that is free, so that what is configured stays true.
            before = URL_LINE.match(read(URL))
            for port in ([before[1]] if before else []) + ["0"]:
                if url := launch(log, port):
                    return url
        raise EndpointError(f"The local endpoint did not start:\n{LOG.read_text()[-2000:]}")
    raise EndpointError(f"The local endpoint runs but does not answer; its output is in {LOG}")


def stop() -> None:
    """Stops the endpoint if it runs; only ever the process that is known to be it."""
    if not LOG.exists():
        return
    told = None
    deadline = time.monotonic() + SECONDS_TO_STOP
    while not ended():
        if time.monotonic() > deadline:
            raise EndpointError(f"The local endpoint, process {read(PID)}, did not end.")
        if told is None and (found := running()):
            told = found[0]
            os.kill(told, signal.SIGTERM)
        time.sleep(0.05)
    PID.unlink(missing_ok=True)
    URL.unlink(missing_ok=True)


def main() -> int:
    """Does what the one argument says."""
    command = sys.argv[1] if len(sys.argv) == 2 else ""
    try:
        if command == "start":
            print(start())
        elif command == "stop":
            stop()
        elif command == "url":
            found = running()
            if found is None:
                return 1
            print(found[1])
        else:
            print("usage: endpoint.py start|url|stop", file=sys.stderr)
            return 2
    except EndpointError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
