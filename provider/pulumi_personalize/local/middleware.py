"""The WSGI middleware around the services: call log, faults, state file."""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections import deque
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from threading import Event, RLock
from typing import TYPE_CHECKING, Any

from moto.core.utils import camelcase_to_underscores, get_service_model, utcnow
from moto.moto_api import state_manager
from werkzeug.wrappers import Request, Response

from . import persistence
from .faults import ABOUT, CREATIONS, MAX_SECONDS, ControlError, Fault, Faults, is_seconds
from .history import History
from .personalize.lifecycle import STEPS_TO_ACTIVE
from .personalize.models import MODEL_NAMES
from .personalize.responses import PersonalizeResponse
from .protocol import (
    EVENT_PATHS,
    JSON_1_1,
    aws_error,
    credential_scope,
    is_for_sts,
    operation_of,
    parse,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from contextlib import AbstractContextManager

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from .personalize.models import StatefulResource


MOTO_TRANSITIONS = "/moto-api/state-manager/set-transition"
"""The only path of moto's own interface that is served."""


class CloseConnection(Exception):  # noqa: N818 - not an error, but what is to be done
    """Tells the server to close the connection without an answer."""


@dataclass
class Call:
    """A service call in the log.

    Attributes:
        operation: The operation's name.
        region: The region that it was signed for; None if it was not signed.
        about: The request members that say what it is about (see `faults.ABOUT`).
        time: When it came, in seconds since the epoch.
        status: The HTTP status of the answer; None if there was none (yet).
        error: The error code of the answer; None if it has none.
        seconds: How long it took; None while it goes on.
    """

    operation: str
    region: str | None
    about: dict[str, str]
    time: float
    status: int | None = None
    error: str | None = None
    seconds: float | None = None


class Middleware:
    """The services with all that happens around a call.

    Attributes:
        services: The application with the services and moto's own interface.
        state_file: Where what they hold is kept; None for nowhere.
        verbose: Whether each call is told on stderr.
        pace: The seconds that `set_pace` was last called with.
        stopping: Set when the server ends; no fault waits any longer then.
        faults: The fault rules in force.
        calls: The latest calls.
        lock: Held where the backends are read or changed. Moto's are not made for threads: a check
            and what follows must be one.
        history: What the backends held a while ago.
    """

    def __init__(
        self, services: WSGIApplication, state_file: persistence.StateFile | None, *, verbose: bool
    ) -> None:
        self.services = services
        self.state_file = state_file
        self.verbose = verbose
        self.pace = 0.0
        self.stopping = Event()
        self.faults = Faults()
        self.calls: deque[Call] = deque(maxlen=100_000)
        self.lock = RLock()
        self.history = History()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers a request (PEP 3333)."""
        request = Request(environ)
        if request.path == MOTO_TRANSITIONS:
            response = guarded(self._moto, environ)
        elif is_for_sts(request):
            response = guarded(Response.from_app, self.services, environ, True)
        else:
            response = self._call(request)
        return response(environ, start_response)

    def set_pace(self, seconds: float, models: Iterable[str] = MODEL_NAMES) -> None:
        """Sets how long resources take to become ACTIVE, and to be gone, from now on.

        Args:
            seconds: From the call to the end, by the clock; 0 for at once.
            models: Which resources, as moto's state manager names them.

        Raises:
            ControlError: The seconds are no number, less than 0 or more than `MAX_SECONDS`.
        """
        if not is_seconds(seconds):
            raise ControlError(f"seconds must be a number, 0 to {MAX_SECONDS}")
        transition: dict[str, Any] = {"progression": "immediate"}
        if seconds:
            transition = {"progression": "time", "seconds": seconds / STEPS_TO_ACTIVE}
        with self.lock:
            _settle()
            self.pace = seconds
            for model in models:
                state_manager.set_transition(model, transition)
            self.history.note()

    def start_over(self) -> None:
        """Restarts history from the present contents, after a load or a reset."""
        with self.lock:
            self.history.restart()
            self.save()

    def changed(self, arns: Collection[str] | None = None) -> None:
        """Records history and saves the state file, after a change.

        Args:
            arns: The resources that may have changed, and others; None for all.
        """
        with self.lock:
            self.history.note(arns)
            self.save()

    def save(self) -> None:
        """Writes the state file, if there is one."""
        with self.lock:
            if self.state_file:
                self.state_file.save()

    def _call(self, request: Request) -> Response:
        operation, scope = operation_of(request), credential_scope(request)
        if operation is None:
            return aws_error(404, "UnknownOperationException", "No service is at this place.")
        body = request.get_data()
        try:
            parameters, problem = parse(body), "The body is not a JSON object."
        except (ValueError, RecursionError) as error:
            parameters, problem = None, f"The body is not JSON: {error}."
        about = {}
        if isinstance(parameters, dict):
            about = {key: parameters[key] for key in ABOUT if isinstance(parameters.get(key), str)}
        call = Call(operation, scope[2] if scope else None, about, time.time())
        self.calls.append(call)
        started = time.monotonic()
        try:
            if isinstance(parameters, dict):
                response = guarded(
                    self._answer, call, parameters, request.environ | {"wsgi.input": BytesIO(body)}
                )
            else:
                response = aws_error(400, "SerializationException", problem)
            call.status = response.status_code
            if call.status >= 400:
                call.error = json.loads(response.get_data()).get("__type")
        finally:
            call.seconds = round(time.monotonic() - started, 6)
            if self.verbose:
                sys.stderr.write(f"{operation} {call.status} {call.seconds:.3f}s\n")
        return response

    def _answer(self, call: Call, parameters: dict[str, Any], environ: WSGIEnvironment) -> Response:
        fault = self.faults.take(call.operation, call.about)
        if fault and fault.kind == "error":
            return aws_error(*(fault.options[name] for name in ("status", "code", "message")))
        self._disturb(fault, "before")
        with self.lock:
            with self._lagging(fault):
                response = self._work(call.operation, environ)
            if response.status_code < 400:
                if fault and fault.kind in {"stay", "fail"}:
                    _change_course(fault, parameters, json.loads(response.get_data()))
                if not call.operation.startswith(("Describe", "List")):
                    self.changed(_arns(parameters | json.loads(response.get_data() or "{}")))
                elif _is_manual():
                    self.changed()
        self._disturb(fault, "after")
        return self._rewritten(call, response)

    def _rewritten(self, call: Call, response: Response) -> Response:
        answer = self.faults.rewrite(
            call.operation, call.about, response.status_code, response.get_data()
        )
        if answer is None:
            return response
        if answer.status >= 400:
            return aws_error(answer.status, answer.content["__type"], answer.content["message"])
        response.set_data(json.dumps(answer.content))
        return response

    def _work(self, operation: str, environ: WSGIEnvironment) -> Response:
        # Moto goes by the content type; what a client says there does not matter.
        if operation in EVENT_PATHS.values():
            environ["CONTENT_TYPE"] = "application/json"
        elif operation in get_service_model("personalize").operation_names and hasattr(
            PersonalizeResponse, camelcase_to_underscores(operation)
        ):
            environ["CONTENT_TYPE"] = JSON_1_1
        else:
            return aws_error(
                404, "UnknownOperationException", f"{operation} is not implemented here."
            )
        return Response.from_app(self.services, environ, buffered=True)

    def _lagging(self, fault: Fault | None) -> AbstractContextManager[None]:
        if fault is None or fault.kind != "lag":
            return nullcontext()
        return self.history.as_of(utcnow() - timedelta(seconds=fault.options["seconds"]))

    def _disturb(self, fault: Fault | None, when: str) -> None:
        if fault is None or fault.options.get("when") != when:
            return
        if fault.kind == "delay":
            self.stopping.wait(fault.options["seconds"])
        else:
            raise CloseConnection

    def _moto(self, environ: WSGIEnvironment) -> Response:
        with self.lock:
            _settle()
            response = Response.from_app(self.services, environ, buffered=True)
            self.changed()
        return response


def stateful_resources() -> list[StatefulResource]:
    """Returns all resources that have a state, without reading it, which may advance it."""
    return [
        one for *_, backend in persistence.all_backends() for one in backend.stateful().values()
    ]


def guarded(work: Callable[..., Response], *arguments: Any) -> Response:
    """Answers a request; an unexpected exception is InternalServerError and printed to stderr."""
    try:
        return work(*arguments)
    except CloseConnection:
        raise
    except Exception:
        traceback.print_exc()
        return aws_error(500, "InternalServerError", "The traceback is on the endpoint's stderr.")


def _is_manual() -> bool:
    """Tells whether a Describe may be what takes a resource to its next state."""
    return any(
        state_manager.get_transition(model)["progression"] == "manual" for model in MODEL_NAMES
    )


def _settle() -> None:
    """Takes the transitions that are due, before other rules for transitions come into force."""
    for *_, backend in persistence.all_backends():
        backend.settle()


def _arns(content: dict[str, Any]) -> set[str]:
    found = (value for name, value in content.items() if name.endswith("Arn"))
    return {value for value in found if isinstance(value, str)}


def _change_course(fault: Fault, request: dict[str, Any], response: dict[str, Any]) -> None:
    arns = _arns(response if fault.operation in CREATIONS else request)
    for resource in stateful_resources():
        if resource.arn in arns:
            if fault.kind == "fail":
                resource.fail()
            else:
                resource.hold = fault.options["status"]
