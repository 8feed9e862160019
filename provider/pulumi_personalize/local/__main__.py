"""The command line: python -m pulumi_personalize.local."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading

#: What boto3 and the AWS CLI take an endpoint from, and with them a Pulumi program.
VARIABLES = ("AWS_ENDPOINT_URL_PERSONALIZE", "AWS_ENDPOINT_URL_PERSONALIZE_EVENTS")
#: On Windows, a wait without a limit keeps Ctrl-C from being seen.
SECONDS_BETWEEN_SIGNALS = 1.0


def main(arguments: list[str] | None = None) -> int:
    """Runs the endpoint until SIGTERM or SIGINT, or as long as a command runs.

    Args:
        arguments: The command line's; None for those of this process.

    Returns:
        The exit code: 0, or 1 if it could not start; with a command, the command's.
    """
    parser = argparse.ArgumentParser(
        prog="python -m pulumi_personalize.local",
        description=(
            "Runs an Amazon Personalize on 127.0.0.1 and prints its endpoint URL. With a command, "
            "runs that one instead, which finds the endpoint by "
            f"{' and '.join(VARIABLES)}, and ends with it."
        ),
    )
    parser.add_argument("--port", type=_port, default=0, help="TCP port (default: any free one)")
    parser.add_argument("--state", metavar="FILE", help="keep everything in this file")
    parser.add_argument(
        "--pace",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="how long a creation or deletion takes (default: 0)",
    )
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="another name of this machine that requests are for, as host.docker.internal",
    )
    parser.add_argument("--verbose", action="store_true", help="tell each call on stderr")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    options = parser.parse_args(arguments)
    command = options.command[1:] if options.command[:1] == ["--"] else options.command

    ended = threading.Event()
    signals: list[int] = []

    def note(number: int, _frame: object) -> None:
        signals.append(number)
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, note)
    try:
        from .persistence import StateFileError
        from .server import LocalEndpoint
    except ImportError as error:  # a package is missing, or too old
        return _complain(f"{error}; install pulumi-personalize[local]")
    try:
        endpoint = LocalEndpoint(
            options.port,
            options.state,
            options.pace,
            verbose=options.verbose,
            allowed_hosts=options.allow_host,
        )
    except StateFileError as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(f"cannot listen on port {options.port}: {os.strerror(error.errno or 0)}")
    code = 0
    if command:
        code = _run(command, endpoint.url, signals)
    else:
        print(endpoint.url, flush=True)  # noqa: T201
        _wait_for(ended)
    try:
        endpoint.stop()
    except StateFileError as error:
        return _complain(str(error))
    return code


def _wait_for(ended: threading.Event) -> None:
    """Waits in steps."""
    while not ended.wait(SECONDS_BETWEEN_SIGNALS):
        pass


def _run(command: list[str], url: str, signals: list[int]) -> int:
    """Runs a command with the endpoint and returns its exit code, as a shell reports it.

    Args:
        command: The command; not started if a signal has already arrived.
        url: The endpoint's URL.
        signals: The signals received so far; more are appended as they arrive.
    """
    if signals:
        return 128 + signals[0]
    try:
        process = subprocess.Popen(command, env=os.environ | dict.fromkeys(VARIABLES, url))  # noqa: S603
    except OSError as error:
        return _complain(f"cannot run {command[0]}: {error.strerror}")
    # Ctrl-C reaches the command by itself, which decides what to do; a SIGTERM is passed on.
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    if signal.SIGTERM in signals:  # there was nobody to pass it on to
        process.terminate()
    code = process.wait()
    return code if code >= 0 else 128 - code


def _complain(text: str) -> int:
    print(text, file=sys.stderr)  # noqa: T201
    return 1


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("must be 0 to 65535")
    return port


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 86400:
        raise argparse.ArgumentTypeError("must be 0 to 86400")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
