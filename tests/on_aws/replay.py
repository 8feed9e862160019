"""Runs what a recording asked against another endpoint, and compares the answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from acceptance.recorder import LONG, Record, Recorder
from acceptance.script import elsewhere


def replay(recorded: Mapping[str, Record], ask: Recorder) -> list[str]:
    """Makes a recording's calls again; returns where the answers differ.

    Texts, times, IDs and the order of lists may differ. A step that names what this endpoint has
    not made is left out, and said to be.
    """
    differences = []
    ask.names |= elsewhere(ask.names["account"], ask.names["region"])
    for step, record in recorded.items():
        request = _filled(record.request, ask.names)
        if unbound := re.findall(r"\{[\w :-]+\}", str(request)):
            differences.append(f"{step}: left out, without {', '.join(unbound)}")
            continue
        if record.polls:
            end = _collapsed(record.state)
            read = (record.operation, request, lambda state, end=end: _collapsed(state) == end)
            found = ask.trail({step: read}, LONG)[step]
        else:
            found = ask.call(step, record.operation, **request)
        for name in [] if found.code else _bound(record):
            ask.name(found, name)
        differences += [f"{step}: {it}" for it in _differences(record, found)]
    return differences


def _bound(record: Record) -> list[str]:
    """The name that a step's answer gave to what it made."""
    if not record.operation.startswith("Create"):
        return []
    arns = [value for key, value in record.answer.items() if key.endswith("Arn")]
    return [found[1] for arn in arns if (found := re.fullmatch(r"\{(.+)\}", arn))]


def _filled(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, names) for one in value]
    if isinstance(value, str):
        return re.sub(r"\{([\w :-]+)\}", lambda it: names.get(it[1], it[0]), value)
    return value


def _differences(recorded: Record, found: Record) -> list[str]:
    pairs = {
        "code": (recorded.code, found.code),
        "HTTP status": (recorded.status, found.status),
        "shape": (_shape(recorded.answer), _shape(found.answer)),
        "states": (_states(recorded), _states(found)),
    }
    return [f"{what}: {old} became {new}" for what, (old, new) in pairs.items() if old != new]


def _shape(value: Any) -> Any:
    """The members and types of an answer; of a list, those of its entries together."""
    if isinstance(value, Mapping):
        return {key: _shape(one) for key, one in sorted(value.items())}
    if isinstance(value, list):
        return sorted({str(_shape(one)) for one in value})
    if value == "<number>" or (isinstance(value, int | float) and not isinstance(value, bool)):
        return "number"
    if value == "<time>" or hasattr(value, "tzinfo"):
        return "time"
    return type(value).__name__


def _states(record: Record) -> list[str]:
    return list(dict.fromkeys(_collapsed(state) for _, state in record.polls))


def _collapsed(state: str) -> str:
    """A state, PENDING and IN_PROGRESS as one."""
    return re.sub(" (PENDING|IN_PROGRESS)$", "", state)
