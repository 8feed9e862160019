"""The local endpoint's server."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import Flask
from moto.core.utils import convert_to_flask_response
from moto.moto_api import state_manager
from moto.moto_server.werkzeug_app import (
    BackendRequest,
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import ThreadedWSGIServer
from werkzeug.wrappers import Request, Response

from .control import Control
from .middleware import CloseConnection, Middleware
from .persistence import StateFile, forget
from .personalize import urls as personalize_urls
from .personalize.models import MODEL_NAMES, PersonalizeBackend
from .personalize.rules import Rules
from .personalizeevents import urls as personalizeevents_urls
from .protocol import EVENT_PATHS, is_for_sts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

HOST = "127.0.0.1"
"""The endpoint checks no signatures: it must not be reachable from elsewhere."""

MAX_BODY = 4 * 1024 * 1024
"""The largest body of a request, in bytes."""

SERVICES: dict[str, dict[str, Any]] = {
    "personalize": personalize_urls.url_paths,
    "personalizeevents": personalizeevents_urls.url_paths,
}
"""The two backends of this package, which take the place of moto's."""


def create_app(service: str) -> Flask:
    """Returns the application of one backend, as moto's create_backend_app does.

    Args:
        service: A key of `SERVICES`, or "moto_api".
    """
    if service not in SERVICES:
        app = create_backend_app(service)  # type: ignore[arg-type]
        app.debug = False
    else:
        app = Flask(service, static_folder=None)
        app.request_class = BackendRequest
        for path, handler in SERVICES[service].items():
            app.add_url_rule(
                path.format("").rstrip("$"),
                endpoint=path,
                methods=["POST"],
                view_func=convert_to_flask_response(handler),
            )
    app.config["PROPAGATE_EXCEPTIONS"] = True
    return app


class LocalDispatcher(DomainDispatcherApplication):
    """Moto's dispatcher, with the backends of this package.

    Both services sign as "personalize", so the path decides.
    """

    def __init__(self) -> None:
        super().__init__(create_app)

    def infer_service_region_host(self, environ: dict[str, Any], path: str) -> str:
        """Returns the backend for a request that is not for moto's own interface."""
        if is_for_sts(Request(environ)):
            return "sts"
        return "personalizeevents" if path in EVENT_PATHS else "personalize"

    def get_backend_for_host(self, host: str | None) -> Any:
        """Returns the backend for what `infer_service_region_host` returned."""
        return host


class RequestHandler(MotoRequestHandler):
    """Moto's request handler, with connections that stay open (werkzeug's closes each).

    Kept-alive connections are what clients have with AWS, faults on them included.
    """

    protocol_version = "HTTP/1.1"
    #: Seconds after which a connection that sends nothing is closed.
    timeout = 120
    disable_nagle_algorithm = True
    # Headers and content in one packet.
    wbufsize = -1

    def run_wsgi(self) -> None:
        """Answers one request."""
        environ = self.make_environ()
        length = environ.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            self.send_error(400)
            return
        limit = min(int(length), MAX_BODY + 1)
        if environ.pop("wsgi.input_terminated", False):
            body = environ["wsgi.input"].read(MAX_BODY + 1)
        else:
            body = self.rfile.read(limit)
        if len(body) > MAX_BODY:
            self.close_connection = True
            self.send_error(413)
            return
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        try:
            response = Response.from_app(self.server.app, environ, buffered=True)
        except CloseConnection:
            self.close_connection = True
            return
        self.send_response_only(response.status_code)
        self.send_header("Date", self.date_time_string())
        for name, value in response.headers:
            # No page elsewhere may read an answer.
            is_cors = name.lower().startswith("access-control-")
            if not is_cors and name.lower() not in {"connection", "content-length", "date"}:
                self.send_header(name, value)
        content = response.get_data()
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Logs nothing: the endpoint itself reports errors."""


class Server(ThreadedWSGIServer):
    """A server with a thread for each connection, which can end them all."""

    def __init__(self, listener: socket.socket, app: Control) -> None:
        self._connections: set[Any] = set()
        super().__init__(
            HOST, listener.getsockname()[1], app, handler=RequestHandler, fd=listener.fileno()
        )

    def process_request(self, request: Any, client_address: Any) -> None:
        """Starts the thread of a connection."""
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Ends a connection, in its thread."""
        super().shutdown_request(request)
        self._connections.discard(request)

    def end_connections(self, seconds: float) -> None:
        """Lets each connection give the answer it is at, but take no more requests.

        Args:
            seconds: How long to wait for the answers.
        """
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        deadline = time.monotonic() + seconds
        while self._connections and time.monotonic() < deadline:
            time.sleep(0.01)


class LocalEndpoint:
    """A running Amazon Personalize on this machine, served by a thread of this process.

    It can be used as a context manager. Moto's backends are global to a process, so there can be
    one endpoint at a time in a process; it starts empty, or with what the state file has.

    Attributes:
        url: The endpoint URL for clients, http://127.0.0.1:PORT.
    """

    _running = threading.Lock()

    def __init__(
        self,
        port: int = 0,
        state: str | os.PathLike[str] | None = None,
        pace: float = 0.0,
        *,
        verbose: bool = False,
        allowed_hosts: Iterable[str] = (),
    ) -> None:
        """Starts it.

        Args:
            port: The TCP port, 1 to 65535; 0 for any that is free.
            state: The file to keep what it holds in; None to keep nothing.
            pace: Seconds from a creation to ACTIVE, and from a deletion to its end, from 0.
            verbose: Whether to tell operation, status and seconds of each call on stderr.
            allowed_hosts: Names of this machine that requests may be for, beside loopback's, as
                ``host.docker.internal``.

        Raises:
            ValueError: The pace is out of range.
            OSError: The port is taken.
            RuntimeError: This process has an endpoint already.
            StateFileError: The state file is broken, of another version, in use by another
                endpoint, no regular file, or cannot be written.
        """
        if not self._running.acquire(blocking=False):
            raise RuntimeError("this process has a local endpoint already")
        self._state_file: StateFile | None = None
        try:
            # Any region that a client signs for is one.
            os.environ.setdefault("MOTO_ALLOW_NONEXISTENT_REGION", "true")
            forget()
            self._state_file = state_file = StateFile(state) if state is not None else None
            self._services = Middleware(LocalDispatcher(), state_file, verbose=verbose)
            self._services.set_pace(pace)
            if state_file:
                state_file.lock()
                state_file.load()
            with socket.create_server((HOST, port)) as listener:
                self._services.start_over()
                self._server = Server(listener, Control(self._services, allowed_hosts))
        except BaseException:
            self._clean_up()
            raise
        self.url = f"http://{HOST}:{self._server.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="local-endpoint", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Ends it, with the state file written; does nothing if it has ended.

        Raises:
            StateFileError: The state file cannot be written.
        """
        if not self._thread.is_alive():
            return
        self._services.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.end_connections(5)
        try:
            self._services.save()
        finally:
            self._clean_up()

    def _clean_up(self) -> None:
        if self._state_file:
            self._state_file.unlock()
        forget()
        PersonalizeBackend.rules = Rules()
        for model in MODEL_NAMES:
            state_manager.unset_transition(model)
        self._running.release()

    def __enter__(self) -> LocalEndpoint:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
