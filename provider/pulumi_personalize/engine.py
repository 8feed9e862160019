"""The engine: its log, which users see during an operation, and whether it is still running.

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
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from .service.waiter import Progress

if TYPE_CHECKING:
    from pulumi.runtime.proto.engine_pb2_grpc import EngineStub

    from .service.waiter import Report

#: Seconds that sending a line may take; after a slower one, no further line is sent.
_SEND_TIMEOUT = 5.0
#: Seconds between two checks whether the engine is running.
_POLL_INTERVAL = 2.0


def address_of(arguments: Sequence[str]) -> str:
    """The engine's address, the last argument of a provider's process; empty if there is none."""
    last = arguments[-1] if len(arguments) > 1 else ""
    return last if re.fullmatch(r"127\.0\.0\.1:\d{1,5}|\[::1\]:\d{1,5}", last) else ""


class Log:
    """The engine's log; thread-safe.

    The engine shows a line on the row of its resource. If the engine cannot be reached, lines go to
    stderr, which it shows on the row of the stack.

    Args:
        address: The engine's address; empty for none.
    """

    def __init__(self, address: str = "") -> None:
        self._stub = _connect(address) if address else None

    def report(self, urn: str = "") -> Report:
        """A progress callback for lines on a resource's row; by default on the stack's."""

        def report(line: str) -> None:
            if isinstance(line, Progress):
                self._send("INFO", line, urn, on_row=line.status if urn else "", ephemeral=True)
            else:
                self._send("INFO", line, urn)

        return report

    def warn(self, urn: str, *warnings: str) -> None:
        """Shows warnings on a resource's row; on the stack's if the URN is empty."""
        for warning in warnings:
            self._send("WARNING", warning, urn)

    def _send(
        self,
        severity: Literal["INFO", "WARNING"],
        line: str,
        urn: str,
        on_row: str = "",
        *,
        ephemeral: bool = False,
    ) -> None:
        if self._stub is not None:
            from .protocol import engine_pb2

            request = engine_pb2.LogRequest(
                severity=engine_pb2.LogSeverity.Value(severity),
                message=on_row or line,
                urn=urn,
                ephemeral=ephemeral,
            )
            # A failure to log must not fail the operation.
            with contextlib.suppress(Exception):
                self._stub.Log(request, timeout=_SEND_TIMEOUT)
                return
            self._stub = None
        name = urn.rpartition("::")[2]
        warning = "warning: " if severity == "WARNING" else ""
        log(f"{warning}{name}: {line}" if name else f"{warning}{line}")


def log(line: str) -> None:
    """Writes a line to stderr, which Pulumi's display shows."""
    with contextlib.suppress(BrokenPipeError):
        # One write, so that lines of two threads do not mix.
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def is_listening() -> bool:
    """Whether the engine is still running: it reads what this process writes to stderr.

    A killed engine leaves this process behind, and a completed create is not saved in the state.
    """
    try:
        poll = select.poll()
        poll.register(sys.stderr.fileno(), 0)
        return not any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
    except (AttributeError, OSError, ValueError):
        # Windows has no poll, and stderr may be no file in a test: not known.
        return True


def exit_with_engine() -> None:
    """Exits once the engine has exited."""

    def watch() -> None:
        while is_listening():
            time.sleep(_POLL_INTERVAL)
        os._exit(1)

    threading.Thread(target=watch, name="engine-watch", daemon=True).start()


def _connect(address: str) -> EngineStub:
    import grpc

    from .protocol import engine_pb2_grpc

    # The environment may name a proxy, which cannot reach the engine.
    channel = grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)])
    return engine_pb2_grpc.EngineStub(channel)
