"""One event tracker a dataset group: what is refused before anything is changed, and why.

Source: https://docs.aws.amazon.com/personalize/latest/dg/API_CreateEventTracker.html
"""

from __future__ import annotations

import threading

from .. import errors
from . import arns
from .event_tracker import ACTIVE, CREATE_FAILED, CREATING, EventTracker, Finder
from .inputs import DATASET_GROUP_ARN, Context, Inputs, Problem
from .tags import MAX_TAGS, Mark

_ONE_EACH = "Personalize allows one for each"


class Claims:
    """Which resource of this program wants which dataset group; thread-safe."""

    def __init__(self) -> None:
        self._claims: dict[str, Context] = {}
        self._lock = threading.Lock()

    def claim(self, inputs: Inputs) -> Problem | None:
        """Notes the group for a resource; a problem where another resource has it."""
        group = inputs.dataset_group_arn or inputs.context.group
        mine = inputs.context
        if not group or not mine.resource:
            return None
        with self._lock:
            other = self._claims.setdefault(group, mine)
        if other.owner == mine.owner:
            return None
        which = f"dataset group {group}" if inputs.dataset_group_arn else "one dataset group"
        return Problem(
            DATASET_GROUP_ARN,
            f"{which} is given to two event trackers of this program, '{other.resource}' and "
            f"'{mine.resource}', and {_ONE_EACH}. Give each a dataset group of its own",
        )


def group_problem(finder: Finder, arn: str) -> errors.DatasetGroupError | None:
    """What keeps a dataset group from taking an event tracker; ``None`` where nothing does."""
    status = finder.group_status(arn)
    if status == ACTIVE:
        return None
    if status is None:
        region = arns.region_of(arn)
        message, advice = f"does not exist in {region}", "Check its name, region and account"
    else:
        message = f"is {status}, and only an ACTIVE one takes an event tracker"
        if status in CREATING:
            advice = "Wait until it is ACTIVE, and run again"
        elif status == CREATE_FAILED:
            advice = "aws personalize describe-dataset-group tells why; use another one"
        else:
            advice = "Use another one"
    return errors.DatasetGroupError(message, resource=f"dataset group {arn}", advice=advice)


def is_unfinished(mark: Mark | None, inputs: Inputs) -> bool:
    """Whether a mark says that this very resource began the tracker and never came to its end."""
    return mark is not None and not mark.done and mark.owner == inputs.context.owner


def is_finished(mark: Mark | None, inputs: Inputs) -> bool:
    """Whether a mark says that this very resource made the tracker, or took it over."""
    if mark is None or not mark.done:
        return False
    # A mark keeps the name that the resource had then.
    aliased = inputs.context.aliased and _name_in_stack(mark, inputs.context) is not None
    return aliased or mark.owner == inputs.context.owner


def may_adopt(tracker: EventTracker, mark: Mark | None, inputs: Inputs) -> bool:
    """Whether a tracker may be taken over: the program says so, and nothing speaks against it."""
    return inputs.adopt_existing is not False and not _against_adoption(tracker, mark, inputs)


def _against_adoption(tracker: EventTracker, mark: Mark | None, inputs: Inputs) -> str:
    """What speaks against taking a tracker over, and what to do about it; empty if nothing does."""
    if tracker.status == CREATE_FAILED:
        return "It is of no use: delete it, or use another dataset group"
    if inputs.asked not in (None, tracker.name):
        return (
            f"adopt_existing=True takes over a tracker of the name asked for, '{inputs.asked}', "
            f"only: ask for '{tracker.name}', or leave the name out"
        )
    if mark is not None and len(inputs.tags or {}) == MAX_TAGS:
        return (
            f"It carries the mark of its owner, '{mark.owner}', whose place a mark of ours has to "
            f"take: give at most {MAX_TAGS - 1} tags"
        )
    return ""


def group_taken(
    tracker: EventTracker, mark: Mark | None, inputs: Inputs, *, replaced: bool = False
) -> errors.GroupTakenError:
    """The refusal of a second tracker on a group: what is in the way, and what to do.

    Args:
        tracker: The tracker that the group has.
        mark: Its ownership mark, if any.
        inputs: What is wanted.
        replaced: Whether it is the one that is to be replaced.
    """
    return errors.GroupTakenError(
        f"has the event tracker '{tracker.name}' already ({tracker.arn}, {tracker.status}), "
        f"and {_ONE_EACH}",
        resource=f"dataset group {inputs.dataset_group_arn}",
        advice=_how_to_replace(inputs) if replaced else _what_to_do(tracker, mark, inputs),
    )


def _what_to_do(tracker: EventTracker, mark: Mark | None, inputs: Inputs) -> str:
    against = _against_adoption(tracker, mark, inputs)
    if against and (inputs.adopt_existing or tracker.status == CREATE_FAILED):
        return against
    if is_finished(mark, inputs):
        if against:
            return (
                f"This resource made it: ask for '{tracker.name}' with adopt_existing=True, which "
                "takes it over. Where it was to be renamed, retain_on_delete has kept it, which a "
                "parent or a transform may have set"
            )
        return (
            "This resource made it: if the stack's state was lost, adopt_existing=True takes it "
            "over; if a replacement is forced (--replace, replace_with, replace_on_changes), set "
            "delete_before_replace=True"
        )
    if mark is not None and (other := _name_in_stack(mark, inputs.context)):
        return (
            f"Resource '{other}' of this stack made it: if '{inputs.context.resource}' is its new "
            "name, tell Pulumi with aliases; if it is to leave the group, let it, with an up of "
            "its own; else use another dataset group"
        )
    return (
        "Use another dataset group, delete that tracker, or take it over with adopt_existing=True"
    )


def _how_to_replace(inputs: Inputs) -> str:
    if inputs.context.retain_on_delete:
        return "The replacement needs it deleted first: remove retain_on_delete=True"
    return "The replacement needs it deleted first: set delete_before_replace=True"


def _name_in_stack(mark: Mark, context: Context) -> str | None:
    """The resource of this stack that a mark names; ``None`` where it is of another, or of none."""
    prefix = f"{context.project}/{context.stack}/"
    if not context.project or not mark.owner.startswith(prefix):
        return None
    return mark.owner.removeprefix(prefix).rpartition("::")[2]
