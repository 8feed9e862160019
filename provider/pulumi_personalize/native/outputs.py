"""Converts event trackers to what the engine shows and keeps: outputs and detailed diffs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..protocol import provider_pb2
from ..service.decide import RETAIN
from ..service.inputs import (
    ADOPT_EXISTING,
    DATASET_GROUP_ARN,
    NAME,
    TAGS,
    TAGS_ALL,
    UNFINISHED,
    UNKNOWN,
)
from ..service.model import ACTIVE, EventTracker
from ..service.preview import STATUS, Difference
from ..session import INPUTS

#: What the state of a dynamic resource has, should the program go back to that class: what
#: `pulumi.dynamic.dynamic.serialize_provider` makes of our provider.
PROVIDER = {
    "__provider": (
        "gASVOwAAAAAAAACMG3B1bHVtaV9wZXJzb25hbGl6ZS5wcm92aWRlcpSMFEV2ZW50VHJhY2tlclByb3ZpZGVylJOUKYGULg=="
    )
}

_TRACKING_ID, _UPDATED = "trackingId", "lastUpdatedDateTime"
#: The path of a change that no property shows: another owner in the ownership tag.
OWNERSHIP = "ownership"

_Diff = provider_pb2.PropertyDiff
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def kept(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Adds the dynamic provider's ``__provider`` to outputs."""
    return {**outputs, **PROVIDER}


def planned(inputs: Mapping[str, Any], adopted: EventTracker | None) -> dict[str, Any]:
    """Returns the outputs of a create, as far as a preview knows them."""
    outputs = {**dict.fromkeys(EventTracker("").outputs, UNKNOWN), TAGS: {}}
    if adopted and adopted.tracking_id:
        outputs |= {**adopted.outputs, STATUS: ACTIVE, _UPDATED: UNKNOWN}
    return outputs | _inputs_in(inputs)


def updated(olds: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the outputs of an update, all known at preview unless it completes a create."""
    outputs = {key: value for key, value in olds.items() if key not in (*INPUTS, UNFINISHED)}
    if outputs.get(STATUS) != ACTIVE:
        tracking_id = outputs.get(_TRACKING_ID) or UNKNOWN
        outputs |= {STATUS: ACTIVE, _UPDATED: UNKNOWN, _TRACKING_ID: tracking_id}
    return {**outputs, TAGS: {}, **_inputs_in(inputs)}


def _inputs_in(props: Mapping[str, Any]) -> dict[str, Any]:
    return {key: props[key] for key in INPUTS if key in props}


def detailed_diff(
    olds: Mapping[str, Any], news: Mapping[str, Any], difference: Difference
) -> dict[str, Any]:
    """Returns the kind of each property's change, by the property's path."""
    kinds: dict[str, Any] = {
        key: _Diff.UPDATE_REPLACE
        for key in (NAME, DATASET_GROUP_ARN, STATUS)
        if key in difference.replaces
    }
    for key in (TAGS, TAGS_ALL):
        kinds |= _diff_of_tags(key, olds.get(key) or {}, news.get(key) or {})
    if (olds.get(ADOPT_EXISTING) or False) != (news.get(ADOPT_EXISTING) or False):
        kinds[ADOPT_EXISTING] = _kind(ADOPT_EXISTING, olds, news)
    if difference.reowned and not difference.replaces:
        kinds[OWNERSHIP] = _Diff.UPDATE
    if difference.retained_anew and not difference.replaces:
        kinds[RETAIN] = _Diff.UPDATE
    if not kinds:
        # An update only completes the create.
        kinds[STATUS] = _Diff.UPDATE
    return {path: _Diff(kind=kind) for path, kind in kinds.items()}


def _diff_of_tags(key: str, olds: Mapping[str, Any], news: Any) -> dict[str, Any]:
    if not isinstance(news, Mapping):
        # Unknown as a whole.
        return {key: _Diff.UPDATE}
    changed = [tag for tag in sorted({*olds, *news}) if olds.get(tag) != news.get(tag)]
    return {_path(key, tag): _kind(tag, olds, news) for tag in changed}


def _kind(key: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Any:
    if key not in news:
        return _Diff.DELETE
    return _Diff.UPDATE if key in olds else _Diff.ADD


def _path(key: str, tag: str) -> str:
    """Returns a tag's path, as in ``tags.team`` and ``tags["cost center"]``."""
    if _IDENTIFIER.fullmatch(tag):
        return f"{key}.{tag}"
    return f"{key}[{json.dumps(tag, ensure_ascii=False)}]"
