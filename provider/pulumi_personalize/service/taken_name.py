"""A name that another event tracker has: whether names must be unique, AWS does not say."""

from __future__ import annotations

from .. import errors
from . import arns
from .inputs import Context, Inputs
from .model import EventTracker
from .ownership import Replaced, to_delete_first

_TWO_WAYS = "set delete_before_replace=True, or another name, or omit it"


def warning_of_kept_name(inputs: Inputs, group: str) -> str | None:
    """What the user should know of a move that keeps its name; ``None`` where that is no matter."""
    old, new = arns.parse(group), arns.parse(inputs.dataset_group_arn or "")
    apart = old and new and (old.region, old.account) != (new.region, new.account)
    if inputs.requested_name is None or inputs.context.deletes_first or apart:
        return None
    return (
        f"the move keeps the name '{inputs.requested_name}', which Personalize may refuse while "
        f"the old event tracker exists: {_TWO_WAYS}"
    )


def perhaps_kept_name(inputs: Inputs, replaced: Replaced | None) -> str:
    """What may have refused the create of a move that keeps its name; empty for any other."""
    if replaced is None or not replaced.arn or inputs.context.deletes_first:
        return ""
    if replaced.group == inputs.dataset_group_arn or replaced.name != inputs.name:
        return ""
    return (
        "It may be that this resource's own old event tracker, which stays, still has the name "
        f"'{inputs.name}': {_TWO_WAYS}"
    )


def name_taken(
    other: EventTracker, replaced: Replaced | None, context: Context, refused: errors.ServiceError
) -> errors.NameTakenError:
    """The error of a name that a tracker of another dataset group has."""
    whose, advice = f"of {other.dataset_group_arn}", "Set another name, or omit it"
    if replaced is not None and replaced.arn == other.arn:
        whose = "this resource's own old tracker, which stays"
        if not context.deletes_first:
            advice += f"; or {to_delete_first(context)}, which deletes the old tracker first"
    elif other.is_going:
        advice += f"; or run `pulumi up` again once that tracker is gone ({other.status})"
    return errors.NameTakenError(
        f"name already in use by {other}, {whose}",
        operation="creating",
        resource=f"event tracker {other.name}",
        code=refused.code,
        advice=advice,
    )
