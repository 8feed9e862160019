"""How messages name what a program sets: as Python does, or as the schema does for all others."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..service.inputs import ADOPT_EXISTING, CONTEXT, unpack
from ..service.names import snake

#: By their names in Python, those that messages give advice about: inputs, options, a function.
_NAMES = {
    snake(name): name
    for name in (
        ADOPT_EXISTING,
        "deleteBeforeReplace",
        "retainOnDelete",
        "dependsOn",
        "getEventTracker",
    )
}
_IN_PYTHON = re.compile(
    # Not as part of a name or an ARN that a message quotes.
    rf"(?<![\w'/.-])(?P<name>{'|'.join(_NAMES)})\b(?P<value>=True|=\[…\])?|\bname=(?=')"
)
_VALUES = {"=True": ": true"}
#: Where a request has the properties of its resource.
_PROPERTIES = ("news", "properties", "olds", "args")


def words_of(request: Any) -> Callable[[str], str]:
    """How a message is worded for the program that a request of the engine comes from.

    Only the Python class tells of its program; of others a check notes that they don't.
    """
    for place in _PROPERTIES:
        fields = getattr(getattr(request, place, None), "fields", {})
        if CONTEXT in fields:
            told = unpack(fields[CONTEXT].string_value)
            return _as_in_the_schema if told.get("bare") else str
    return _as_in_the_schema


def _as_in_the_schema(text: str) -> str:
    def named(found: re.Match[str]) -> str:
        if not found["name"]:
            return "name: "
        return _NAMES[found["name"]] + _VALUES.get(found["value"] or "", "")

    return _IN_PYTHON.sub(named, text)
