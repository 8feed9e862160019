"""Which properties an update changes, one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pulumi.runtime.proto import provider_pb2

from ..service.inputs import (
    ADOPT_EXISTING,
    CONTEXT,
    DATASET_GROUP_ARN,
    NAME,
    TAGS,
    TAGS_ALL,
    UNFINISHED,
)
from ..service.preview import STATUS, Difference

_Kind = provider_pb2.PropertyDiff
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: The path of what no property shows: whose mark the tracker bears.
OWNERSHIP = "ownership"


def detailed_diff(
    olds: Mapping[str, Any], news: Mapping[str, Any], difference: Difference
) -> dict[str, provider_pb2.PropertyDiff]:
    """What changes, by the path of each property.

    Args:
        olds: The outputs in the state.
        news: The checked inputs.
        difference: What the planner says of both.
    """
    detail: dict[str, provider_pb2.PropertyDiff] = {}
    for key in (NAME, DATASET_GROUP_ARN, STATUS):
        if key in difference.replaces:
            detail[key] = provider_pb2.PropertyDiff(kind=_Kind.UPDATE_REPLACE)
    for key in (TAGS, TAGS_ALL):
        detail |= _of_tags(key, olds.get(key) or {}, news.get(key) or {})
    if (olds.get(ADOPT_EXISTING) or False) != (news.get(ADOPT_EXISTING) or False):
        detail[ADOPT_EXISTING] = _change_of(ADOPT_EXISTING, olds, news)
    if difference.reowned and not difference.replaces:
        detail[OWNERSHIP] = provider_pb2.PropertyDiff(kind=_Kind.UPDATE)
    if not detail:
        # What only its create's end, or the state's own repair, is missing.
        key = STATUS if olds.get(UNFINISHED) else CONTEXT
        detail[key] = provider_pb2.PropertyDiff(kind=_Kind.UPDATE)
    return detail


def _of_tags(
    path: str, before: Mapping[str, Any], after: Any
) -> dict[str, provider_pb2.PropertyDiff]:
    if not isinstance(after, Mapping):
        # None of them is known yet.
        return {path: provider_pb2.PropertyDiff(kind=_Kind.UPDATE)}
    detail = {}
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            detail[_path(path, key)] = _change_of(key, before, after)
    return detail


def _change_of(
    key: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> provider_pb2.PropertyDiff:
    kind = _Kind.ADD if key not in before else _Kind.UPDATE
    return provider_pb2.PropertyDiff(kind=_Kind.DELETE if key not in after else kind)


def _path(*keys: str) -> str:
    """A property's path, as in ``tags.team`` and ``tags["cost center"]``."""
    first, *rest = keys
    return first + "".join(
        f".{key}" if _PLAIN.fullmatch(key) else f"[{json.dumps(key, ensure_ascii=False)}]"
        for key in rest
    )
