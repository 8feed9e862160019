"""How messages name what a program sets: as Python does, or as the schema does for all others."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..service.inputs import ADOPT_EXISTING, CONTEXT, DATASET_GROUP_ARN, unpack
from ..service.names import snake

#: By their names in Python, those that messages give advice about: inputs, options, a function.
_NAMES = {
    snake(name): name
    for name in (
        ADOPT_EXISTING,
        DATASET_GROUP_ARN,
        "deleteBeforeReplace",
        "retainOnDelete",
        "dependsOn",
        "getEventTracker",
    )
}
_IN_PYTHON = re.compile(
    # Not as part of a name or an ARN that a message quotes.
    rf"(?<![\w'/.-])(?P<name>{'|'.join(_NAMES)})\b(?P<value>=True|=\[…\]|=(?='))?|\bname=(?=')"
)
_VALUES = {"=True": ": true", "=": ": "}
#: Where a request has what its program says now, or said last: the first that it has.
_PROPERTIES = ("news", "properties", "args")


def words_of(request: Any) -> Callable[[str], str]:
    """How a message is worded for the program that a request of the engine comes from.

    Only the Python class tells of its program; of others a check notes that they don't.
    """
    place = next((place for place in _PROPERTIES if hasattr(request, place)), "")
    fields = getattr(request, place).fields if place else {}
    told = unpack(fields[CONTEXT].string_value) if CONTEXT in fields else {"bare": True}
    return _as_in_the_schema if told.get("bare") else str


def _as_in_the_schema(text: str) -> str:
    def named(found: re.Match[str]) -> str:
        if not found["name"]:
            return "name: "
        return _NAMES[found["name"]] + _VALUES.get(found["value"] or "", "")

    return _IN_PYTHON.sub(named, text)
