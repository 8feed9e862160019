"""Pulumi's engine, as a provider's process knows it: its log, and whether it lives."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

INFO = engine_pb2.INFO
WARNING = engine_pb2.WARNING
#: Seconds from one look for the engine to the next.
_PERIOD = 1.0


class Engine:
    """The engine's log.

    Args:
        address: Where the engine listens, as in ``127.0.0.1:4242``; empty for none.
    """

    def __init__(self, address: str = "") -> None:
        self._stub = None
        if address:
            self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))

    def log(self, urn: str, line: str, *, severity: int = INFO, ephemeral: bool = False) -> None:
        """Shows a line on the row of a resource; with an empty URN, on that of the stack.

        Args:
            urn: The resource's URN, as the engine gave it: a malformed one makes the CLI panic.
            line: What the user is to read.
            severity: ``INFO`` or ``WARNING``.
            ephemeral: Whether the next line may replace it.
        """
        if self._stub is None:
            return
        entry = engine_pb2.LogRequest(
            severity=severity,  # type: ignore[arg-type] # an enum, which protobuf takes as a number
            message=line,
            urn=urn,
            ephemeral=ephemeral,
        )
        try:
            self._stub.Log(entry, timeout=10)
        except grpc.RpcError:
            # Nobody is there to read it.
            return


def watch(address: str, end: Callable[[], object]) -> threading.Thread:
    """Has a process end once the engine is gone, which may have been killed.

    A process that a shell started has no parent that tells of that, so the engine's own address is
    asked.

    Args:
        address: Where the engine listens.
        end: Ends the process.
    """

    def look() -> None:
        while is_there(address):
            time.sleep(_PERIOD)
        end()

    watching = threading.Thread(target=look, name="engine watch", daemon=True)
    watching.start()
    return watching


def is_there(address: str) -> bool:
    """Whether anybody listens at an address; where that can't be told, yes."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_PERIOD):
            return True
    except ConnectionRefusedError:
        return False
    except (OSError, ValueError):
        return True


def end_process() -> None:
    """Ends this process at once, whatever its threads wait for."""
    os._exit(1)
