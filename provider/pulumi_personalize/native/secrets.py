"""Secrets: which of a request's properties are, and the same of what is answered.

A provider that takes none would be asked in plain, and the engine would make secrets again of what
has the same name: not of the tags that a check puts together with default ones.

Source: ``annotateSecrets`` in pkg/resource/plugin/provider_plugin.go of github.com/pulumi/pulumi.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import struct_pb2

from ..service.inputs import TAGS, TAGS_ALL

#: How a secret is told from an object, and under which key it has its value.
_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
_VALUE = "value"
#: By request: the properties of its answer, and those of its own that they come of.
_COME_OF: dict[str, dict[str, tuple[str, ...]]] = {
    "CheckRequest": {"inputs": ("news",)},
    "CreateRequest": {"properties": ("properties",)},
    # A state's outputs may be from before its inputs were secrets.
    "ReadRequest": {"properties": ("properties", "inputs"), "inputs": ("inputs",)},
    "UpdateRequest": {"properties": ("news",)},
    "InvokeRequest": {"return": ("args",)},
}


def in_plain(request: Any) -> Any:
    """The request with plain values for its secrets."""
    if not _has_some(request):
        return request
    plain = type(request)()
    plain.CopyFrom(request)
    for _, value in plain.ListFields():
        if isinstance(value, struct_pb2.Struct):
            _unwrap_all(value)
    return plain


def keep(answer: Any, request: Any) -> None:
    """Makes secrets of an answer's properties that come of a request's secrets."""
    if not _has_some(request):
        return
    for theirs, places in _COME_OF.get(type(request).__name__, {}).items():
        if not hasattr(answer, theirs):
            continue
        made = getattr(answer, theirs)
        if theirs == "return":
            # All that is known of a secret.
            for value in made.fields.values():
                _wrap(value)
        for given in (getattr(request, place) for place in places):
            _annotate_all(made, given)
            # As a whole: of a map with some secrets, hosts of other languages lose these.
            if TAGS_ALL in made.fields and any(
                _has_some(given.fields[key]) for key in (TAGS, TAGS_ALL) if key in given.fields
            ):
                _wrap(made.fields[TAGS_ALL])


def _has_some(message: Any) -> bool:
    return _SECRET.encode() in message.SerializeToString()


def _is_secret(value: Any) -> bool:
    fields = value.struct_value.fields
    return _SIGNATURE in fields and fields[_SIGNATURE].string_value == _SECRET


def _unwrap_all(struct: Any) -> None:
    for value in struct.fields.values():
        _unwrap(value)


def _unwrap(value: Any) -> None:
    while _is_secret(value):
        inner = struct_pb2.Value()
        inner.CopyFrom(value.struct_value.fields[_VALUE])
        value.CopyFrom(inner)
    if value.HasField("struct_value"):
        _unwrap_all(value.struct_value)
    for item in value.list_value.values:
        _unwrap(item)


def _annotate_all(made: Any, given: Any) -> None:
    for key in given.fields:
        if key in made.fields:
            _annotate(made.fields[key], given.fields[key])


def _annotate(made: Any, given: Any) -> None:
    both_are_objects = made.HasField("struct_value") and given.HasField("struct_value")
    if both_are_objects and not _is_secret(given) and not _is_secret(made):
        _annotate_all(made.struct_value, given.struct_value)
    elif _has_some(given):
        _wrap(made)


def _wrap(value: Any) -> None:
    _unwrap(value)
    inner = struct_pb2.Value()
    inner.CopyFrom(value)
    value.Clear()
    value.struct_value.fields[_SIGNATURE].string_value = _SECRET
    value.struct_value.fields[_VALUE].CopyFrom(inner)
