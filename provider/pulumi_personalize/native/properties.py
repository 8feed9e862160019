"""Property bags as they come over gRPC, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf import struct_pb2


def from_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """A property bag as Python has it; what is null in it is left out."""
    return {
        key: _from_value(value)
        for key, value in struct.fields.items()
        if value.WhichOneof("kind") not in ("null_value", None)
    }


def to_struct(props: Mapping[str, Any]) -> struct_pb2.Struct:
    """A property bag as gRPC has it."""
    struct = struct_pb2.Struct()
    struct.update(props)
    return struct


def _from_value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return from_struct(value.struct_value)
    if kind == "list_value":
        return [_from_value(item) for item in value.list_value.values]
    if kind == "number_value" and value.number_value.is_integer():
        return int(value.number_value)
    return None if kind in ("null_value", None) else getattr(value, kind)
