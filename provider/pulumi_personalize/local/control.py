"""The control interface, /_local/: pace, rules, faults, and what the endpoint has seen."""

from __future__ import annotations

import os
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from moto.core.utils import underscores_to_camelcase
from werkzeug.wrappers import Request, Response

from . import persistence
from .faults import ControlError, Fault
from .middleware import guarded, stateful_resources
from .personalize.models import MODEL_NAMES, PersonalizeBackend
from .personalize.rules import Rules
from .personalizeevents.models import personalizeevents_backends
from .protocol import is_for_sts, json_response, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from .middleware import Middleware
    from .personalizeevents.models import PersonalizeEventsBackend

PREFIX = "/_local/"

RULES = {underscores_to_camelcase(rule.name): rule.name for rule in fields(Rules)}
"""The rules that can be switched, as the interface names them and as `Rules` does."""


LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""The hosts that requests may always be for, and that a web page's requests may come from."""


class Control:
    """The application that the server runs: the control interface, and the services beside it.

    A web page in the user's browser can reach loopback, too. Requests of pages from elsewhere, for
    other hosts (DNS rebinding), and in forms that need no permission (CORS) are refused.

    Attributes:
        services: The services, which get every request that is not for the control interface.
        hosts: The hosts that requests may be for.
    """

    def __init__(self, services: Middleware, allowed_hosts: Iterable[str] = ()) -> None:
        self.services = services
        self.hosts = {*LOOPBACK, *(host.lower() for host in allowed_hosts)}
        self._routes: dict[tuple[str, str], Callable[[Request], Any]] = {
            ("GET", "health"): self._health,
            ("GET", "calls"): lambda _: [asdict(call) for call in list(services.calls)],
            ("DELETE", "calls"): lambda _: services.calls.clear(),
            ("GET", "events"): self._events,
            ("GET", "puts"): self._puts,
            ("PUT", "pace"): self._put_pace,
            ("GET", "rules"): lambda _: _rules(),
            ("PUT", "rules"): self._put_rules,
            ("GET", "faults"): lambda _: services.faults.to_json(),
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): lambda _: services.faults.clear(),
            ("POST", "release"): self._release,
            ("POST", "forget"): self._forget,
            ("POST", "reset"): self._reset,
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers a request (PEP 3333)."""
        request = Request(environ)
        if reason := self._refusal(request):
            return json_response({"error": reason}, 403)(environ, start_response)
        if request.path.startswith(PREFIX):
            return guarded(self._control, request)(environ, start_response)
        return self.services(environ, start_response)

    def _refusal(self, request: Request) -> str:
        """Why a request is not answered at all; empty if it is."""
        host, origin = _hostname(f"//{request.host}"), request.headers.get("Origin")
        if host not in self.hosts:
            return f"host '{host}' is not allowed: start the endpoint with --allow-host NAME"
        if origin is not None and _hostname(origin) not in LOOPBACK:
            return f"origin '{origin}' is not allowed"
        is_sent = request.method in ("POST", "PUT")
        if is_sent and "json" not in request.mimetype and not is_for_sts(request):
            return f"the content type must be JSON, not '{request.mimetype}'"
        return ""

    def _control(self, request: Request) -> Response:
        route = self._routes.get((request.method, request.path.removeprefix(PREFIX)))
        try:
            if route is None:
                raise ControlError(f"no such control request: {request.method} {request.path}")
            with self.services.lock:
                return json_response(route(request))
        except ControlError as error:
            return json_response({"error": str(error)}, 400)

    def _health(self, _: Request) -> dict[str, Any]:
        file = self.services.state_file
        state = str(file.path) if file else None
        return {"pid": os.getpid(), "state": state, "pace": self.services.pace}

    def _events(self, request: Request) -> list[dict[str, Any]]:
        tracking_id = request.args.get("trackingId")
        if not tracking_id:
            raise ControlError("trackingId must be given in the query")
        return [
            event
            for *_, backend in list(personalizeevents_backends.iter_backends())
            for event in cast("PersonalizeEventsBackend", backend).events
            if event["trackingId"] == tracking_id
        ]

    def _puts(self, _: Request) -> list[dict[str, Any]]:
        backends = list(personalizeevents_backends.iter_backends())
        return [put for *_, one in backends for put in cast("PersonalizeEventsBackend", one).puts]

    def _put_pace(self, request: Request) -> None:
        content = _json(request)
        seconds: Any = content.get("seconds")
        models: Any = content.get("models", list(MODEL_NAMES))
        if not isinstance(models, list) or not set(map(str, models)) <= set(MODEL_NAMES):
            raise ControlError(f"models must be a list of {', '.join(MODEL_NAMES)}")
        self.services.set_pace(seconds, models)

    def _put_rules(self, request: Request) -> dict[str, bool]:
        content = _json(request)
        if unknown := set(content) - set(RULES):
            raise ControlError(f"unknown rules: {', '.join(sorted(unknown))}")
        for name, value in content.items():
            if not isinstance(value, bool):
                raise ControlError(f"{name} must be true or false")
        changes = {RULES[name]: value for name, value in content.items()}
        PersonalizeBackend.rules = replace(PersonalizeBackend.rules, **changes)
        return _rules()

    def _add_fault(self, request: Request) -> None:
        self.services.faults.add(Fault.from_json(_json(request)))

    def _release(self, request: Request) -> None:
        arn = _json(request).get("eventTrackerArn")
        held = [one for one in stateful_resources() if arn in (None, one.arn) and one.hold]
        if arn and not held:
            raise ControlError(f"{arn} is not held in a state")
        for resource in held:
            resource.release()
        self.services.changed()

    def _forget(self, request: Request) -> None:
        arn = str(_json(request).get("eventTrackerArn"))
        for *_, backend in persistence.all_backends():
            if backend.event_trackers.pop(arn, None):
                backend.tagger.delete_all_tags_for_resource(arn)
                self.services.history.forget(arn)
                self.services.changed()
                return
        raise ControlError(f"there is no event tracker {arn}")

    def _reset(self, _: Request) -> None:
        persistence.forget()
        PersonalizeBackend.rules = Rules()
        self.services.faults.clear()
        self.services.calls.clear()
        self.services.start_over()


def _hostname(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _rules() -> dict[str, bool]:
    return {name: getattr(PersonalizeBackend.rules, field) for name, field in RULES.items()}


def _json(request: Request) -> dict[str, Any]:
    try:
        content = parse(request.get_data())
    except (ValueError, RecursionError) as error:
        raise ControlError(f"the body is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise ControlError("the body must be a JSON object")
    return content
