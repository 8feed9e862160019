"""What the state and the engine are told of a tracker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi.dynamic.dynamic import PROVIDER_KEY, serialize_provider

from ..provider import EventTrackerProvider
from ..service.inputs import (
    ADOPT_EXISTING,
    CONTEXT,
    DATASET_GROUP_ARN,
    NAME,
    TAGS,
    TAGS_ALL,
    UNFINISHED,
    UNKNOWN,
)
from ..service.model import ACTIVE, EventTracker

_AS_GIVEN = (DATASET_GROUP_ARN, NAME, TAGS, TAGS_ALL, ADOPT_EXISTING, CONTEXT)
#: What changes at the service without anybody's asking for it.
_UPDATED = "lastUpdatedDateTime"


def kept(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs with what the dynamic provider needs, should the resource move there."""
    return {**outputs, PROVIDER_KEY: _SERIALIZED}


_SERIALIZED = serialize_provider(EventTrackerProvider())


def planned(wanted: Mapping[str, Any], adopted: EventTracker | None) -> dict[str, Any]:
    """The outputs of a create as far as a preview knows them.

    Args:
        wanted: The checked inputs.
        adopted: The tracker that is going to be adopted, if one is.
    """
    known = adopted.outputs if adopted and adopted.tracking_id else {}
    if known:
        known = {**known, "status": ACTIVE, _UPDATED: UNKNOWN}
    blank = dict.fromkeys(EventTracker("", "", "").outputs, UNKNOWN)
    given = {key: wanted[key] for key in _AS_GIVEN if key in wanted}
    return {**blank, TAGS: {}, **known, **given}


def updated(olds: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of an update as far as a preview knows them: all, unless it was unfinished."""
    given = {key: wanted[key] for key in _AS_GIVEN if key in wanted}
    known = {key: text for key, text in olds.items() if key not in (*_AS_GIVEN, UNFINISHED)}
    if known.get("status") != ACTIVE:
        known |= {"status": ACTIVE, _UPDATED: UNKNOWN}
        known["trackingId"] = known.get("trackingId") or UNKNOWN
    return {**known, TAGS: {}, **given}
