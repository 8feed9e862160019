"""The engine: its log, which is what users see of an operation, and whether it still lives.

Source: https://github.com/pulumi/pulumi/blob/master/proto/pulumi/engine.proto
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from .service.waiter import Progress

if TYPE_CHECKING:
    from pulumi.runtime.proto.engine_pb2_grpc import EngineStub

    from .service.inputs import Context
    from .service.waiter import Report

Severity = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

#: Seconds that a line may take; one that takes longer is the last that is sent.
_PATIENCE = 5.0
#: Seconds from one look at the engine to the next.
_PULSE = 2.0

_TYPE = r"[A-Za-z][\w.-]*:[\w./-]*:[A-Za-z_][\w./-]*"
_TYPES = re.compile(rf"{_TYPE}(\${_TYPE})*")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")


def urn(kind: str, context: Context) -> str:
    """The URN of a resource; empty where not all of it is known for sure.

    The display draws a row for any URN, and the CLI panics at one that is malformed.

    Args:
        kind: The resource's type.
        context: What the program told of it.
    """
    parents = f"{context.parents}$" if context.parents else ""
    known = (
        _NAME.fullmatch(context.stack)
        and _NAME.fullmatch(context.project)
        and _TYPES.fullmatch(parents + kind)
        and context.name
        and context.name.isprintable()
    )
    if not known:
        return ""
    return f"urn:pulumi:{context.stack}::{context.project}::{parents}{kind}::{context.name}"


def address_of(arguments: Sequence[str]) -> str:
    """The engine's address, the last argument of a provider's process; empty where it is none."""
    last = arguments[-1] if len(arguments) > 1 else ""
    return last if re.fullmatch(r"127\.0\.0\.1:\d{1,5}|\[::1\]:\d{1,5}", last) else ""


class Log:
    """What users are told; thread-safe.

    Lines go to the engine, which shows them on the row of their resource. Where that can't be had,
    they go to stderr, which the engine shows on the row of the stack.

    Args:
        address: The engine's address; empty for none.
        ticks: Whether a state that lasts is told again, which leaves nothing behind in a terminal
            and one line more in any other display; if left out, found out.
    """

    def __init__(self, address: str = "", *, ticks: bool | None = None) -> None:
        self._stub = _connect(address) if address else None
        self._ticks = _is_watched() if ticks is None and address else bool(ticks)

    def report(self, urn: str, prefix: str) -> Report:
        """A progress callback for lines about one resource.

        Args:
            urn: Its URN; empty for the stack's row.
            prefix: What lines begin with that are not on its own row, as in ``web: ``.
        """

        def report(line: str) -> None:
            if not isinstance(line, Progress):
                self._send("INFO", line, urn, prefix)
            elif self._ticks or not line.is_tick or not self._stub:
                row = line.on_row if urn else line
                self._send("INFO", row, urn, prefix, ephemeral=True, plain=prefix + line)

        return report

    def warn(self, warning: str, urn: str = "", prefix: str = "") -> None:
        """Shows a warning, which stays."""
        self._send("WARNING", warning, urn, prefix, plain=f"warning: {prefix}{warning}")

    def tell(
        self, notes: Iterable[str], warnings: Iterable[str], urn: str, prefix: str = ""
    ) -> None:
        """Shows what was found out about one resource."""
        for note in notes:
            self.report(urn, prefix)(note)
        for warning in warnings:
            self.warn(warning, urn, prefix)

    def debug(self, line: str) -> None:
        """Tells what only those need who look for a cause."""
        self._send("DEBUG", line, "", "", plain=f"debug: {line}")

    def _send(
        self,
        severity: Severity,
        line: str,
        urn: str,
        prefix: str,
        *,
        ephemeral: bool = False,
        plain: str = "",
    ) -> None:
        stub = self._stub
        if stub is not None:
            from pulumi.runtime.proto import engine_pb2

            request = engine_pb2.LogRequest(
                severity=engine_pb2.LogSeverity.Value(severity),
                message=line if urn else prefix + line,
                urn=urn,
                ephemeral=ephemeral,
            )
            # Whatever the log's trouble is, it must not become the resource's.
            with contextlib.suppress(Exception):
                stub.Log(request, timeout=_PATIENCE)
                return
            self._stub = None
        log(plain or prefix + line)


def log(line: str) -> None:
    """Writes a line to stderr: what a provider's process writes there is in Pulumi's display."""
    with contextlib.suppress(BrokenPipeError):
        # In one write, so that lines of two threads don't run into each other.
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def is_listening() -> bool:
    """Whether the engine is still there: it reads what this process writes to stderr.

    A killed engine leaves this process behind, which would bring a create to an end that no state
    ever tells of.
    """
    try:
        poll = select.poll()
        poll.register(sys.stderr.fileno(), 0)
        return not any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
    except (AttributeError, OSError, ValueError):
        # No poll on Windows, no file behind stderr in a test: it can't be told.
        return True


def end_with_it() -> None:
    """Ends this process when the engine is gone: nobody else would."""

    def watch() -> None:
        while is_listening():
            time.sleep(_PULSE)
        os._exit(1)

    threading.Thread(target=watch, name="engine-watch", daemon=True).start()


def _connect(address: str) -> EngineStub:
    import grpc
    from pulumi.runtime.proto.engine_pb2_grpc import EngineStub

    # A proxy that the environment names is not for this.
    return EngineStub(grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)]))


def _is_watched() -> bool:
    """Whether the display is a terminal's that draws over its lines, as far as that can be told.

    It is the terminal of the nearest process before ours that has one, which is the CLI.
    """
    if os.environ.get("CI"):
        return False
    pid = os.getppid()
    try:
        for _ in range(4):
            process = Path(f"/proc/{pid}")
            arguments = process.joinpath("cmdline").read_bytes().split(b"\0")
            if process.joinpath("fd/1").readlink().is_relative_to("/dev/pts"):
                plain = {b"--diff", b"--json", b"-j", b"--non-interactive"}
                return not plain.intersection(arguments)
            pid = int(process.joinpath("stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):
        pass
    return False
