"""The plugin: ``pulumi-resource-personalize ENGINE``, which Pulumi starts."""

from __future__ import annotations

import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc

from .. import __version__
from ..engine import Log, address_of, exit_with_engine
from ..protocol import provider_pb2_grpc
from ..session import set_up_log
from .servicer import Servicer

#: Created as they are needed: a Cancel must not wait until an operation ends.
_MAX_THREADS = 2048
#: Seconds between checks: a signal that arrives just before the wait does not interrupt it.
_POLL_INTERVAL = 0.5
_ABOUT = (
    f"pulumi-resource-personalize {__version__}: the provider of Amazon Personalize event "
    "trackers. Pulumi starts it by itself; `pulumi plugin ls` shows whether it is installed"
)


def serve(servicer: Servicer) -> tuple[grpc.Server, int]:
    """Starts the server on localhost; returns it and its port."""
    pool = ThreadPoolExecutor(_MAX_THREADS, thread_name_prefix="engine")
    server = grpc.server(pool)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def main() -> None:
    """Serves until the engine ends this process, or has exited itself."""
    done = threading.Event()

    def interrupted(*_: object) -> None:
        # The engine stops a plugin with SIGINT and kills it after 5 seconds. Ctrl-C may come the
        # same way: what is being served then ends by the engine's Cancel.
        if servicer.is_idle:
            done.set()

    if {"--help", "-h", "--version"} & set(sys.argv[1:]):
        sys.stdout.write(f"{_ABOUT}\n")
        return
    address = address_of(sys.argv)
    log = Log(address)
    set_up_log(log.report())
    servicer = Servicer(log)
    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    server, port = serve(servicer)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    if address:
        exit_with_engine()
    while not done.wait(_POLL_INTERVAL):
        pass
    server.stop(None)
    os._exit(0)


if __name__ == "__main__":
    main()
