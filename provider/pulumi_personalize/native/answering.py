"""How a request ends that has no answer of its own: in an error, or with an unfinished tracker.

Source: ``proto/pulumi/provider.proto`` and ``errors.proto`` of github.com/pulumi/pulumi.
"""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, NoReturn, Protocol, TypeVar

import grpc
from google.protobuf import any_pb2
from pulumi.runtime.proto import provider_pb2, status_pb2

from ..engine import Log
from ..errors import PersonalizeError
from . import secrets
from .properties import to_struct
from .words import words_of


class Context(Protocol):
    """A request's context, as far as it is used: grpc brings no types."""

    def is_active(self) -> bool:
        """Whether the engine still waits for the answer."""

    def abort(self, code: Any, details: str) -> None:
        """Ends the request with an error."""

    def set_trailing_metadata(self, metadata: Any) -> None:
        """What goes with the error."""


class _Serving(Protocol):
    """What serves requests."""

    log: Log

    def at_work(self) -> AbstractContextManager[None]:
        """For as long as a request is served."""


_Self = TypeVar("_Self", bound=_Serving)
_Request = TypeVar("_Request")
_Answer = TypeVar("_Answer")


class Unhealthy(Exception):  # noqa: N818 - not an error, but an answer
    """A tracker that is there, and not finished."""

    def __init__(self, id_: str, props: Mapping[str, Any], reason: str, inputs: Any = None) -> None:
        self.found = provider_pb2.ErrorResourceInitFailed(
            id=id_, properties=to_struct(props), inputs=inputs
        )
        self.reason = reason
        super().__init__(reason)


def answering(
    method: Callable[[_Self, _Request, Context], _Answer],
) -> Callable[[_Self, _Request, Context], _Answer]:
    """Lets an error that is foreseen be one line, and shows the traceback of any other.

    What a method is asked is in plain; what it answers of the engine's secrets is secret again.
    """

    @functools.wraps(method)
    def guarded(self: _Self, given: _Request, context: Context) -> _Answer:
        request = secrets.in_plain(given)
        try:
            with self.at_work():
                answer = method(self, request, context)
                secrets.keep(answer, given)
                return answer
        except Unhealthy as found:
            unhealthy = found
            secrets.keep(unhealthy.found, given)
        except PersonalizeError as error:
            # The engine takes it that nothing was left behind, which holds: see `creation`.
            line = words_of(request)(str(error))
            return _abort(context, grpc.StatusCode.FAILED_PRECONDITION, line)
        except Exception as error:
            # What a plugin writes to stderr, the engine shows to nobody.
            self.log.warn(traceback.format_exc(limit=50))
            return _abort(context, grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}")
        return _abort_with(context, unhealthy, words_of(request)(unhealthy.reason))

    return guarded


def _abort(context: Context, code: grpc.StatusCode, line: str) -> NoReturn:
    context.abort(code, line)
    raise AssertionError("abort raises")


def _abort_with(context: Context, unhealthy: Unhealthy, line: str) -> NoReturn:
    unhealthy.found.reasons.append(line)
    detail = any_pb2.Any()
    detail.Pack(unhealthy.found)
    code = grpc.StatusCode.UNKNOWN
    told = status_pb2.Status(code=code.value[0], message=line, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", told.SerializeToString()),))
    _abort(context, code, line)
