"""Whose a dataset group's event tracker is, and what may be done with it: the one decision.

`decide` says it for check, diff and create alike, so that the preview says what the update does.
Every refusal is here too, with its reason and what to do.

Source: https://docs.aws.amazon.com/personalize/latest/dg/API_CreateEventTracker.html
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from .. import errors
from .inputs import DATASET_GROUP_ARN, Context, Inputs, Problem
from .model import CREATE_FAILED, CREATING, EventTracker
from .tags import MAX_TAGS, OwnershipTag, of_user

_UP_FIRST = (
    "run `pulumi up` once without --replace (after a taint, `pulumi state untaint` first), "
    "then again"
)
_ONE_EACH = "a dataset group can have only one event tracker"


class Verdict(Enum):
    """What is to be done about the event tracker that a dataset group has."""

    CREATE = "there is none, or it goes first: create one"
    WAIT = "it is being deleted: wait, then create one"
    RESUME = "an interrupted create of this resource began it: bring that to its end"
    DISCARD = "an interrupted create of this resource left it, of no use: delete it, create one"
    ADOPT = "it is another's, and adopt_existing allows it: take it over"
    REFUSE = "it is another's: an error"


class Decision(NamedTuple):
    """What is to be done, to which tracker, and what the user reads about it.

    Attributes:
        verdict: What is to be done.
        tracker: The tracker that it is done to, or that is in the way; ``None`` for none.
        words: What the user should know of it; empty for nothing.
        refusal: The error, where the verdict is to refuse.
    """

    verdict: Verdict
    tracker: EventTracker | None = None
    words: str = ""
    refusal: errors.GroupTakenError | None = None


class Replaced(NamedTuple):
    """The tracker that a resource has and that an update replaces.

    Attributes:
        group: Its dataset group.
        name: Its name.
        arn: Its ARN; empty where only the resource's old inputs are known.
        attempt: The attempt that the state tells of its mark; ``None`` where it tells nothing.
        first: Whether it is deleted before the new one is created.
    """

    group: str
    name: str
    arn: str = ""
    attempt: str | None = None
    first: bool = False

    def is_it(self, tracker: EventTracker, mark: OwnershipTag | None, inputs: Inputs) -> bool:
        """Whether a tracker is this one, and nobody adopted it since."""
        if self.arn:
            return tracker.arn == self.arn and holds(self.attempt, mark, inputs.context) is True
        same = (self.group, self.name) == (inputs.dataset_group_arn, tracker.name)
        return same and (mark is None or _is_finished(mark, inputs))


class Call(NamedTuple):
    """What a create knows of its own call; by it, it knows its own tracker.

    Attributes:
        attempt: The attempt of its mark; empty where its tracker bears none.
        lost_since: Where an answer was lost and trackers bear no mark: the service's time at which
            the call began.
    """

    attempt: str = ""
    lost_since: str | None = None

    def made(self, tracker: EventTracker, mark: OwnershipTag | None, inputs: Inputs) -> bool:
        """Whether a tracker is the one that this very call asked for."""
        if self.attempt or mark:
            return mark is not None and not mark.done and mark.attempt == self.attempt
        if not self.lost_since or not tracker.created or tracker.name != inputs.name:
            return False
        return tracker.created >= self.lost_since


def decide(
    found: Sequence[EventTracker],
    inputs: Inputs,
    replaced: Replaced | None = None,
    call: Call | None = None,
) -> Decision:
    """Decides what may be done about the trackers that a dataset group has.

    Args:
        found: All of them, with their tags unless they are going.
        inputs: What is wanted.
        replaced: The tracker that the resource has, if an update replaces it.
        call: The create's own call; ``None`` at preview, where the old tracker of a replacement
            that is deleted first is still there.
    """
    judged = [_judge(tracker, inputs, replaced, call) for tracker in found if not tracker.is_going]
    for verdict in (Verdict.REFUSE, Verdict.RESUME, Verdict.ADOPT, Verdict.DISCARD, Verdict.CREATE):
        for decision in judged:
            if decision.verdict is verdict:
                return decision
    for going in found:
        words = f"waiting for {going} to be deleted ({going.status}), then creating a new one"
        return Decision(Verdict.WAIT, going, words)
    return Decision(Verdict.CREATE)


def _judge(
    tracker: EventTracker, inputs: Inputs, replaced: Replaced | None, call: Call | None
) -> Decision:
    mark = OwnershipTag.of(tracker.tags)
    context = inputs.context
    if call and call.made(tracker, mark, inputs):
        return Decision(Verdict.RESUME, tracker)
    if _is_unfinished(mark, inputs):
        return _unfinished(tracker, inputs)
    if call is None and replaced and replaced.first and replaced.is_it(tracker, mark, inputs):
        return Decision(Verdict.CREATE, tracker)
    may_replace = context.deletes_first or context.bare
    if call is None and not replaced and may_replace and _is_finished(mark, inputs):
        # A forced replacement, of which the check is told nothing, or lost state: which, is open.
        lost = _if_state_was_lost(tracker, mark, inputs)
        creator = _creator(mark, context)
        words = f"replacing {tracker}, which {creator} created; if state was lost: {lost}"
        return Decision(Verdict.CREATE, tracker, words)
    if inputs.adopt_existing is not False and not _against(tracker, mark, inputs):
        return Decision(Verdict.ADOPT, tracker, _adopting(tracker, mark, inputs, replaced, call))
    advice = _advice(tracker, mark, inputs, replaced, call)
    return Decision(Verdict.REFUSE, tracker, refusal=_taken(tracker, inputs, advice))


def _unfinished(tracker: EventTracker, inputs: Inputs) -> Decision:
    """What becomes of our own tracker that an interrupted create left."""
    left = ""
    if tracker.status == CREATE_FAILED:
        left = CREATE_FAILED
    elif inputs.requested_name not in (None, tracker.name):
        left = "under another name"
    if left:
        words = (
            f"deleting {tracker}, which an interrupted create left {left}, then creating a new one"
        )
        return Decision(Verdict.DISCARD, tracker, words)
    words = f"resuming interrupted create of {tracker}"
    if inputs.name_unknown:
        words += f" if name is '{tracker.name}' (unknown at preview), else deleting it first"
    return Decision(Verdict.RESUME, tracker, words + _removing(tracker, inputs))


def _removing(tracker: EventTracker, inputs: Inputs) -> str:
    """Which tags go that the program does not ask for."""
    wanted = inputs.all_tags
    stale = (
        [] if wanted is None else sorted(key for key in of_user(tracker.tags) if key not in wanted)
    )
    return f"; removing its tags {', '.join(stale)}" if stale else ""


def _adopting(
    tracker: EventTracker,
    mark: OwnershipTag | None,
    inputs: Inputs,
    replaced: Replaced | None,
    call: Call | None,
) -> str:
    unknown = ["adopt_existing is true"] if inputs.adopt_existing is None else []
    unknown += [f"name is '{tracker.name}'"] if inputs.name_unknown else []
    if unknown:
        return f"adopting existing {tracker} if {' and '.join(unknown)} (unknown at preview)"
    words = f"adopting existing {tracker} (adopt_existing=True){_removing(tracker, inputs)}"
    if _is_finished(mark, inputs) and not inputs.context.deletes_first:
        first = to_delete_first(inputs.context)
        return f"{words}, which {_creator(mark, inputs.context)} created; to replace it, {first}"
    may_be_it = call is None and replaced is None and mark is None
    if may_be_it and inputs.context.deletes_first:
        return f"{words}; where this is a replacement of it, it is deleted first"
    return words


def _creator(mark: OwnershipTag | None, context: Context) -> str:
    """Who made a tracker that a resource of this stack may call its own."""
    if mark is None or context.is_called(mark.owner):
        return "this resource"
    return f"'{_name_in_stack(mark, context)}', a former name of this resource,"


def _if_state_was_lost(tracker: EventTracker, mark: OwnershipTag | None, inputs: Inputs) -> str:
    if tracker.status == CREATE_FAILED:
        return "the update will be refused"
    if inputs.adopt_existing and not _against(tracker, mark, inputs):
        return "adopting it (adopt_existing=True)"
    recover = _set(_to_adopt(tracker, mark, inputs))
    return f"the update will be refused; {recover} to recover it"


def _is_unfinished(mark: OwnershipTag | None, inputs: Inputs) -> bool:
    """Whether a mark says that this very resource began the tracker and never came to its end."""
    return mark is not None and not mark.done and inputs.context.is_called(mark.owner)


def _is_finished(mark: OwnershipTag | None, inputs: Inputs) -> bool:
    """Whether a mark says that this very resource made the tracker, or adopted it."""
    if mark is None or not mark.done:
        return False
    # A mark keeps the name that the resource had then.
    aliased = inputs.context.aliased and _name_in_stack(mark, inputs.context) is not None
    return aliased or inputs.context.is_called(mark.owner)


def holds(attempt: str | None, mark: OwnershipTag | None, context: Context) -> bool | None:
    """Whether a state's tracker is still its own; ``None`` where that can't be told.

    Args:
        attempt: The attempt that the state tells; empty for none, ``None`` where it tells nothing,
            as one of an earlier version may, or one that a Pulumi SDK dropped it from.
        mark: The mark that the tracker bears.
        context: What is known of the resource.
    """
    if mark is None or attempt is not None:
        return mark is None or mark.attempt == attempt
    if not context.resource:
        return None
    return context.is_called(mark.owner) or _is_finished(mark, Inputs(None, None, context=context))


def keeps(
    tracker: EventTracker, attempt: str | None, mark: OwnershipTag | None, context: Context
) -> str:
    """What keeps a state's tracker from being deleted, see `holds`; empty where nothing does.

    Raises:
        PersonalizeError: It can't be told.
    """
    its_own = holds(attempt, mark, context)
    if its_own or mark is None:
        return ""
    if its_own is None:
        raise errors.PersonalizeError(
            "the state does not say which resource it belongs to: a version of Pulumi's Python SDK "
            f"dropped that; its ownership tag names '{mark.owner}'",
            operation="deleting",
            resource=str(tracker),
            advice="Run `pulumi up` with the resource unchanged in the program, which restores it",
        )
    if attempt is None:
        return f"its ownership tag names '{mark.owner}', and the state of this resource has none"
    return "another resource has adopted it"


def attempt_of(mark: OwnershipTag | None, context: Context) -> str | None:
    """What a state that tells no attempt is to tell from now on, by the mark; see `holds`."""
    if mark is None:
        return ""
    return mark.attempt if holds(None, mark, context) else None


def _taken(tracker: EventTracker, inputs: Inputs, advice: str) -> errors.GroupTakenError:
    return errors.GroupTakenError(
        f"already has event tracker '{tracker.name}' ({tracker.arn}, {tracker.status}), "
        f"and {_ONE_EACH}",
        resource=f"dataset group {inputs.dataset_group_arn}",
        advice=advice,
    )


def _against(tracker: EventTracker, mark: OwnershipTag | None, inputs: Inputs) -> str:
    """What speaks against adopting a tracker, and what to do about it; empty if nothing does."""
    if tracker.status == CREATE_FAILED:
        other = _other_group(tracker, inputs)
        return f"It failed to create and cannot be adopted: delete it, or {other}"
    reasons = []
    if inputs.requested_name not in (None, tracker.name):
        reasons.append(
            f"adopt_existing=True adopts only a tracker named '{inputs.requested_name}': "
            f"set name='{tracker.name}' or omit it"
        )
    if _needs_room(mark, inputs):
        reasons.append(
            f"It bears the ownership tag of '{mark.owner if mark else ''}', which one of ours has "
            f"to replace: use at most {MAX_TAGS - 1} tags to adopt it"
        )
    return ". ".join(reasons)


def _needs_room(mark: OwnershipTag | None, inputs: Inputs) -> bool:
    return mark is not None and len(inputs.all_tags or {}) == MAX_TAGS


def _to_adopt(tracker: EventTracker, mark: OwnershipTag | None, inputs: Inputs) -> list[str]:
    """All that the program has to say for a tracker to be adopted."""
    named = inputs.requested_name not in (None, tracker.name)
    return [
        "adopt_existing=True",
        *([f"name='{tracker.name}'"] if named else []),
        *([f"at most {MAX_TAGS - 1} tags"] if _needs_room(mark, inputs) else []),
    ]


def _advice(
    tracker: EventTracker,
    mark: OwnershipTag | None,
    inputs: Inputs,
    replaced: Replaced | None,
    call: Call | None,
) -> str:
    """What to do about a tracker that is in the way."""
    context = inputs.context
    adopt = _set(_to_adopt(tracker, mark, inputs))
    if replaced and replaced.is_it(tracker, mark, inputs):
        if call is None or not replaced.first:
            return f"Replacing it requires deleting it first: {to_delete_first(context)}"
        return (
            "It was to be deleted first, and retain_on_delete, which a parent or a transform may "
            f"set, kept it: {adopt} to keep it, or delete it to create the new one"
        )
    against = _against(tracker, mark, inputs)
    if against and (inputs.adopt_existing or tracker.status == CREATE_FAILED):
        return against
    other = _other_group(tracker, inputs)
    first = "" if context.deletes_first else f"; to force a replacement, {to_delete_first(context)}"
    if mark is not None and context.is_called(mark.owner):
        if replaced and replaced.arn and replaced.group != inputs.dataset_group_arn:
            return (
                "This resource had it before, and either still has to delete it: run `pulumi up` "
                f"once with dataset_group_arn='{replaced.group}', which finishes that; or kept it "
                f"(retain_on_delete): {adopt}"
            )
        return f"This resource created it. To recover lost state, {adopt}{first}"
    if mark is not None and (sibling := _name_in_stack(mark, context)):
        if not mark.done:
            return (
                f"Resource '{sibling}' of this stack began it and did not finish: {adopt} to adopt "
                f"it, delete it, or {other}"
            )
        if context.aliased:
            return (
                f"Resource '{sibling}' of this stack created it. If that is a former name of "
                f"'{context.resource}': to recover lost state, {adopt}{first}; otherwise {other}"
            )
        return (
            f"Resource '{sibling}' of this stack created it: if you renamed '{sibling}' to "
            f"'{context.resource}', add aliases; if '{sibling}' moves to another dataset group, "
            f"deploy that first in a separate `pulumi up`; otherwise {other}"
            + (
                f". If '{sibling}' was the name of '{context.resource}' until a `pulumi state "
                f"rename` or under an alias that is gone, {_UP_FIRST}"
                if context.deletes_first
                else ""
            )
        )
    renamed = ""
    if mark and mark.done and mark.owner.endswith(f"/{context.in_stack}"):
        # After a rename of stack or project the mark names who the resource was.
        renamed = (
            f". If '{mark.owner}' was this resource's identity before a rename of its stack or "
            f"project, {_UP_FIRST}"
        )
    once = " once it is ACTIVE" if tracker.status in CREATING else ""
    return f"Delete that tracker{once}, {adopt} to adopt it, or {other}{renamed}"


def _set(terms: list[str]) -> str:
    """Tells to set arguments: "set a, b and c"."""
    *most, last = terms
    return f"set {', '.join(most)} and {last}" if most else f"set {last}"


def _other_group(tracker: EventTracker, inputs: Inputs) -> str:
    # Whether names are unique in an account is not known.
    same = inputs.requested_name == tracker.name
    return f"use another dataset group{' and name' if same else ''}"


def to_delete_first(context: Context) -> str:
    """What a program has to say for a replacement to delete the old tracker first."""
    remove = ["remove retain_on_delete=True"] if context.retain_on_delete else []
    add = [] if context.delete_before_replace else ["set delete_before_replace=True"]
    return " and ".join(remove + add)


def _name_in_stack(mark: OwnershipTag, context: Context) -> str | None:
    """The resource of this stack that a mark names; ``None`` where it is of another, or of none."""
    stack = f"{context.project}/{context.stack}/"
    for prefix in (f"{context.organization}/{stack}", stack):
        if context.project and mark.owner.startswith(prefix):
            return mark.owner.removeprefix(prefix).rpartition("::")[2]
    return None


def two_of_one_program(inputs: Inputs, other: Context) -> Problem:
    """The refusal of two resources of one program that use one dataset group."""
    group = inputs.dataset_group_arn
    which = f"dataset group {group}" if group else "the same dataset group"
    return Problem(
        DATASET_GROUP_ARN,
        f"'{other.resource}' and '{inputs.context.resource}' both use {which}, and {_ONE_EACH}. "
        "Give each its own dataset group",
    )


def forbids_rename(context: Context) -> str | None:
    """The program's option that keeps the old tracker of a replacement, for a while or for good."""
    if context.retain_on_delete:
        return "retain_on_delete=True"
    return "delete_before_replace=False" if context.delete_before_replace is False else None


def claimed(tracker: EventTracker, mark: OwnershipTag | None) -> errors.GroupTakenError:
    """The error of a create whose tracker another one has claimed meanwhile."""
    whose = (
        f"'{mark.owner}', attempt {mark.attempt}" if mark else "nobody: its ownership tag is gone"
    )
    return errors.GroupTakenError(
        f"was claimed meanwhile by {whose}",
        operation="creating",
        resource=str(tracker),
        advice=(
            "Another run manages it, of another backend or at the same time: let one of the two "
            "declare it"
        ),
    )
