"""What a URN tells of a resource, for programs that tell nothing themselves."""

from __future__ import annotations

from typing import Any

TYPE = "personalize:index:EventTracker"
GET_EVENT_TRACKER = "personalize:index:getEventTracker"


def context_of(urn: str) -> dict[str, Any]:
    """The context that a URN gives, as in ``urn:pulumi:STACK::PROJECT::PARENTS$TYPE::NAME``."""
    parts = urn.removeprefix("urn:pulumi:").split("::", 3)
    if len(parts) != 4:
        return {"bare": True}
    stack, project, types, name = parts
    parents, _, _ = types.rpartition("$")
    told = {"project": project, "stack": stack, "resource": name, "bare": True}
    return {**told, "parents": parents} if parents else told
