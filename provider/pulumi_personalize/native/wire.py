"""Converts between gRPC messages and what the provider works with.

Source: ``proto/pulumi/provider.proto`` and ``errors.proto`` of github.com/pulumi/pulumi.
"""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import grpc
from google.protobuf import any_pb2
from google.protobuf.struct_pb2 import Struct, Value

from ..errors import PersonalizeError
from ..protocol import provider_pb2, status_pb2
from ..service.inputs import TAGS, TAGS_ALL
from ..session import from_pulumi, to_pulumi

# Property bags.


def from_struct(struct: Struct) -> dict[str, Any]:
    """Converts a property bag to that of `service`; properties that are null are left out."""
    props = {key: _from_value(value) for key, value in struct.fields.items()}
    return {key: value for key, value in props.items() if value is not None}


def to_struct(props: Mapping[str, Any]) -> Struct:
    """Converts a property bag from that of `service`."""
    struct = Struct()
    struct.update(to_pulumi(props))
    return struct


def _from_value(value: Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return from_struct(value.struct_value)
    if kind == "list_value":
        return [_from_value(item) for item in value.list_value.values]
    return None if kind in ("null_value", None) else from_pulumi(getattr(value, kind))


# Secrets. For a provider that accepts none, the engine itself marks those properties of a response
# that have the name of a secret in the request: not `tagsAll`, which Check makes of secret `tags`,
# and of which such a provider could not tell whether it is secret. (`annotateSecrets` in
# sdk/go/common/resource/plugin/provider_plugin.go of github.com/pulumi/pulumi)

#: The key and value that mark an object as a secret, and the key of the secret's own value.
_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
_VALUE = "value"


def reveal(request: Any) -> Any:
    """Returns a request with plain values in place of its secrets."""
    if not _has_secret(request):
        return request
    plain = type(request)()
    plain.CopyFrom(request)
    for _, struct in _structs(plain):
        for value in struct.fields.values():
            _unwrap(value)
    return plain


def secrets_of(request: Any) -> set[str]:
    """Returns the texts that are secret in a request."""
    found: set[str] = set()

    def visit(value: Value, *, hidden: bool) -> None:
        hidden = hidden or _is_secret(value)
        if hidden and value.HasField("string_value"):
            found.add(value.string_value)
        for item in (*value.struct_value.fields.values(), *value.list_value.values):
            visit(item, hidden=hidden)

    for _, struct in _structs(request):
        for value in struct.fields.values():
            visit(value, hidden=False)
    return found


def conceal(response: Any, request: Any) -> None:
    """Marks the properties of a response secret that are secret in its request."""
    if not _has_secret(request):
        return
    # Old values do not count: a secret may have become plain.
    given = [struct.fields for name, struct in _structs(request) if not name.startswith("old")]
    for _, struct in _structs(response):
        fields = struct.fields
        if isinstance(request, provider_pb2.InvokeRequest):
            # A result looked up with a secret is secret.
            for value in fields.values():
                _wrap(value)
        for originals in given:
            _mark(fields, originals)
            tags = [originals[key] for key in (TAGS, TAGS_ALL) if key in originals]
            if TAGS_ALL in fields and any(map(_has_secret, tags)):
                # As a whole: hosts of other languages lose the secrets within a map.
                _wrap(fields[TAGS_ALL])


def _structs(message: Any) -> Iterator[tuple[str, Struct]]:
    for field, value in message.ListFields():
        if isinstance(value, Struct):
            yield field.name, value


def _has_secret(message: Any) -> bool:
    return _SECRET.encode() in message.SerializeToString()


def _is_secret(value: Value) -> bool:
    fields = value.struct_value.fields
    return _SIGNATURE in fields and fields[_SIGNATURE].string_value == _SECRET


def _mark(fields: Any, originals: Any) -> None:
    """Marks the values of a map that are secret in another, key by key."""
    for key, original in originals.items():
        if key not in fields or not _has_secret(original):
            continue
        value = fields[key]
        are_maps = value.HasField("struct_value") and original.HasField("struct_value")
        if are_maps and not _is_secret(value) and not _is_secret(original):
            _mark(value.struct_value.fields, original.struct_value.fields)
        else:
            _wrap(value)


def _wrap(value: Value) -> None:
    """Makes a secret of a value, with no other one in it."""
    _unwrap(value)
    inner = Value()
    inner.CopyFrom(value)
    value.Clear()
    value.struct_value.fields[_SIGNATURE].string_value = _SECRET
    value.struct_value.fields[_VALUE].CopyFrom(inner)


def _unwrap(value: Value) -> None:
    while _is_secret(value):
        inner = Value()
        inner.CopyFrom(value.struct_value.fields[_VALUE])
        value.CopyFrom(inner)
    for item in (*value.struct_value.fields.values(), *value.list_value.values):
        _unwrap(item)


# Requests and their errors.

Context: TypeAlias = grpc.ServicerContext
_Method = Callable[[Any, Any, Context], Any]


class InitFailed(Exception):  # noqa: N818 - a response rather than an error
    """Raised for an event tracker that exists and that the state keeps as unfinished."""

    def __init__(self, id_: str, props: Mapping[str, Any], reason: str, inputs: Any = None) -> None:
        self.resource = provider_pb2.ErrorResourceInitFailed(
            id=id_, properties=to_struct(props), reasons=[reason], inputs=inputs
        )
        super().__init__(reason)


def answering(method: _Method) -> _Method:
    """Reports expected errors as one line, others with a traceback, and keeps secrets.

    The method itself sees plain values only.
    """

    @functools.wraps(method)
    def guarded(self: Any, request: Any, context: Context) -> Any:
        try:
            self.secrets |= secrets_of(request)
            with self.at_work():
                response = method(self, reveal(request), context)
            conceal(response, request)
            return response
        except InitFailed as error:
            conceal(error.resource, request)
            _abort(context, grpc.StatusCode.UNKNOWN, str(error), error.resource)
        except PersonalizeError as error:
            # The engine assumes that nothing was created: see `create`.
            _abort(context, grpc.StatusCode.FAILED_PRECONDITION, str(error))
        except Exception as error:
            # The engine shows nothing of what a plugin writes to stderr.
            self.log.warn("", traceback.format_exc(limit=50))
            _abort(context, grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}")

    return guarded


def _abort(context: Context, code: Any, line: str, resource: Any = None) -> None:
    if resource is not None:
        detail = any_pb2.Any()
        detail.Pack(resource)
        status = status_pb2.Status(code=code.value[0], message=line, details=[detail])
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, line)
