"""Decides what to do about the event tracker that a dataset group already has.

`decide` serves check, diff and create alike, so that the update does what the preview says. The
tables after it have the messages.

Source: https://docs.aws.amazon.com/personalize/latest/dg/API_CreateEventTracker.html
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from ..errors import DatasetGroupError, GroupTakenError, ServiceError
from .inputs import ADOPT_EXISTING, NAME, Inputs, Resource
from .model import ACTIVE, ALREADY_EXISTS, CREATE_FAILED, CREATING, DatasetGroup, EventTracker
from .names import region_of
from .tags import MAX_TAGS, of_user

#: Options of Pulumi.
DELETE_FIRST, RETAIN = "deleteBeforeReplace", "retainOnDelete"


class Action(Enum):
    """What to do about an event tracker; of several trackers, the first member here counts."""

    REFUSE = "another owner's: an error"
    OURS = "this create made it: wait for it"
    RESUME = "an interrupted create of this resource made it: complete that"
    ADOPT = "another owner's, and adopt_existing allows it: take it over"
    DISCARD = "an interrupted create of this resource left it unusable: delete it"
    CREATE = "there is none, or it is deleted first: create one"
    WAIT = "it is being deleted: wait, then create one"


class Decision(NamedTuple):
    """What to do, about which event tracker, and what the preview announces or refuses."""

    action: Action
    tracker: EventTracker | None = None
    words: str = ""
    refusal: GroupTakenError | None = None


class Replaced(NamedTuple):
    """The event tracker that an update replaces, and the attempt that the state keeps."""

    arn: str
    name: str
    attempt: str
    deleted_first: bool

    def __str__(self) -> str:
        return str(EventTracker(self.arn, self.name))

    def matches(self, tracker: EventTracker) -> bool:
        """Whether a tracker is this one, and nobody has adopted it since."""
        return tracker.arn == self.arn and is_own(tracker, self.attempt)


def is_own(tracker: EventTracker, attempt: str) -> bool:
    """Whether an event tracker's ownership tag names this attempt, or it has none."""
    tag = tracker.owner_tag
    return tag is None or tag.attempt == attempt


def decide(
    found: Sequence[EventTracker],
    inputs: Inputs,
    replaced: Replaced | None = None,
    attempt: str | None = None,
) -> Decision:
    """Decides what to do about the event trackers of a dataset group.

    Args:
        found: All of them, with their tags unless they are being deleted.
        inputs: The inputs wanted.
        replaced: The event tracker that the update replaces.
        attempt: The create's own attempt, empty for none; ``None`` at preview, where a tracker that
            will be deleted first still exists.
    """
    decisions = [_decide(tracker, inputs, replaced, attempt) for tracker in found]
    for action in Action:
        for decision in decisions:
            if decision.action is action:
                return decision
    return Decision(Action.CREATE)


def _decide(
    tracker: EventTracker, inputs: Inputs, replaced: Replaced | None, attempt: str | None
) -> Decision:
    tag, resource, is_preview = tracker.owner_tag, inputs.resource, attempt is None
    is_owner = tag is not None and tag.owner == resource.owner
    may_replace = resource.deletes_first or not resource.options_known
    blockers = _adoption_blockers(tracker, inputs)
    if tracker.is_deleting:
        action = Action.WAIT
    elif tag and tag.attempt == attempt:
        action = Action.OURS
    elif tag and is_owner and not tag.done:
        is_unusable = tracker.status == CREATE_FAILED or not inputs.accepts_name(tracker.name)
        action = Action.DISCARD if is_unusable else Action.RESUME
    elif is_preview and replaced and replaced.deleted_first and replaced.matches(tracker):
        return Decision(Action.CREATE, tracker)
    elif is_preview and is_owner and not replaced and may_replace:
        # Check cannot distinguish a forced replacement from a lost state.
        action = Action.CREATE
    elif inputs.adopt_existing is not False and not blockers:
        action = Action.ADOPT
    else:
        refusal = GroupTakenError(
            f"already has event tracker '{tracker.name}' ({tracker.arn}, {tracker.status}), and "
            "can have only one",
            resource=f"dataset group {inputs.dataset_group_arn}",
            advice=_filled(_advice(tracker, inputs, replaced, blockers), tracker, inputs),
        )
        return Decision(Action.REFUSE, tracker, refusal=refusal)
    return Decision(action, tracker, _filled(_WORDS[action], tracker, inputs))


def _adoption_blockers(tracker: EventTracker, inputs: Inputs) -> list[str]:
    """Why a tracker cannot be adopted: keys of `_BLOCKERS`; an empty list if it can."""
    if tracker.status == CREATE_FAILED:
        return ["failed"]
    tag = tracker.owner_tag
    blockers = [] if inputs.accepts_name(tracker.name) else ["name"]
    if tag and not tag.done and tracker.status in CREATING:
        blockers = ["unfinished"]
    # Another owner's tag has to be replaced, or that owner's destroy would delete the tracker.
    return [*blockers, "room"] if tag and len(inputs.all_tags or {}) == MAX_TAGS else blockers


# Messages; `_filled` replaces what is in braces.

#: It does not quote the ID, which additional_secret_outputs may have made a secret.
REPLACES = (
    "replacing {tracker} permanently changes its tracking ID; PutEvents with the old ID will fail"
)
_WORDS = {
    Action.OURS: "",
    Action.WAIT: "waiting for {tracker} to be deleted ({status}), then creating a new one",
    Action.RESUME: "resuming interrupted create of {tracker}{or_delete}{removing}",
    Action.DISCARD: (
        "deleting {tracker}, which an interrupted create left {unusable}, then creating a new one"
    ),
    Action.CREATE: REPLACES + "; if state was lost: {lost}",
    Action.ADOPT: "adopting existing {tracker}{condition}{removing}{hint}",
}

_ADVICE = {
    "replaced": (
        "Replacing it requires deleting it first: {delete_it_first}; to keep it, {set_to_adopt}"
    ),
    "own": "This resource created it. To recover lost state, {set_to_adopt}{or_import}{replace}",
    "sibling": (
        "Resource '{sibling}' of this stack created it: if you {renamed}, "
        "add aliases; if '{sibling}' moves to another dataset group, deploy that first in a "
        "separate `pulumi up`; otherwise {other_group}"
    ),
    "unfinished": (
        "'{owner}' has not finished creating it: {set_to_adopt} to adopt it{once_active}, delete "
        "it{once_active}, or {other_group}"
    ),
    "another": (
        "Delete that tracker{once_active}, {set_to_adopt} to adopt it{or_import}, or {other_group}"
    ),
}

_BLOCKERS = {
    "failed": "It failed to create and cannot be adopted: delete it, or {other_group}",
    "unfinished": "'{owner}' may still be creating it: run `pulumi up` again once it is ACTIVE",
    "name": "{adopt} adopts only a tracker named '{wanted}': set {its_name} or omit it",
    "room": f"Adopting it replaces its ownership tag: use at most {MAX_TAGS - 1} tags",
}


def _advice(
    tracker: EventTracker, inputs: Inputs, replaced: Replaced | None, blockers: list[str]
) -> str:
    tag, resource = tracker.owner_tag, inputs.resource
    if replaced and not replaced.deleted_first and replaced.matches(tracker):
        return _ADVICE["replaced"]
    if blockers and (inputs.adopt_existing or tracker.status == CREATE_FAILED):
        return ". ".join(_BLOCKERS[blocker] for blocker in blockers)
    if tag is None:
        return _ADVICE["another"]
    if tag.owner == resource.owner:
        return _ADVICE["own"]
    if not tag.done:
        return _ADVICE["unfinished"]
    return _ADVICE["sibling" if tag.owner.startswith(resource.stack_prefix) else "another"]


def _filled(text: str, tracker: EventTracker, inputs: Inputs) -> str:
    """A message about an event tracker, in the program's language."""
    resource, tag, blockers = (
        inputs.resource,
        tracker.owner_tag,
        _adoption_blockers(tracker, inputs),
    )
    owner, first = tag.owner if tag else "", delete_first(resource)
    if_name = f"name is '{tracker.name}'" if inputs.name_unknown else ""
    adopt = adoption_of(resource)
    if_adopt = f"{resource.spelled(ADOPT_EXISTING)} is true"
    unknown = [if_adopt] if inputs.adopt_existing is None else []
    unknown += [if_name] if if_name else []
    sibling = owner.removeprefix(resource.stack_prefix).rpartition("::")[2]
    renamed = f"renamed '{sibling}' to '{resource.name}'"
    if sibling == resource.name:
        renamed = "gave it another parent"
    removed: list[str] = []
    if inputs.all_tags is not None and not unknown:
        removed = sorted(of_user(tracker.tags).keys() - inputs.all_tags.keys())
    hint = ""
    if not unknown and owner == resource.owner and not resource.deletes_first:
        hint = f", which this resource created; to replace it, {first}"
    elif not unknown and tag is None and resource.deletes_first:
        hint = "; if this is a replacement of it, it is deleted first"
    its_name = resource.setting(NAME, tracker.name)
    to_set = [adopt, *([] if inputs.accepts_name(tracker.name) else [its_name])]
    to_set += [f"at most {MAX_TAGS - 1} tags"] if "room" in blockers else []
    set_to_adopt = f"set {' and '.join(to_set)}"
    if_lost = "the update will be refused"
    if inputs.adopt_existing and not blockers:
        if_lost = f"adopting it ({adopt})"
    elif tracker.status != CREATE_FAILED:
        if_lost = f"{if_lost}; {set_to_adopt} to recover it"
    # The engine replaces a tainted resource in each `pulumi up`.
    untaint = "`pulumi state untaint` it if it is tainted, " if resource.retain_on_delete else ""
    or_import = f" or `pulumi import` it (a preview with --import-file needs {adopt})"
    and_name = " and name" if inputs.requested_name == tracker.name else ""
    return text.format(
        tracker=tracker,
        status=tracker.status,
        unusable=CREATE_FAILED if tracker.status == CREATE_FAILED else "under another name",
        or_delete=f" if {if_name} (unknown at preview), else deleting it first" if if_name else "",
        condition=f" if {' and '.join(unknown)} (unknown at preview)" if unknown else f" ({adopt})",
        removing=f"; removing its tags {', '.join(removed)}" if removed else "",
        hint=hint,
        lost=if_lost,
        adopt=adopt,
        its_name=its_name,
        wanted=inputs.requested_name,
        renamed=renamed,
        owner=owner,
        sibling=sibling,
        set_to_adopt=set_to_adopt,
        or_import=or_import if resource.is_importable else "",
        delete_it_first=first,
        replace="" if resource.deletes_first else f"; to force a replacement, {untaint}{first}",
        other_group=f"use another dataset group{and_name}",
        once_active=" once it is ACTIVE" if tracker.status in CREATING else "",
    )


def adoption_of(resource: Resource) -> str:
    """What a program sets to adopt an event tracker."""
    return resource.setting(ADOPT_EXISTING, True)


def delete_first(resource: Resource) -> str:
    """What a program has to change so that a replacement deletes the old tracker first."""
    # Pulumi goes by the option of the last update.
    remove = f"remove {resource.setting(RETAIN, True)} in a separate `pulumi up`"
    remove = remove if resource.retain_on_delete else ""
    add = "" if resource.delete_before_replace else f"set {resource.setting(DELETE_FIRST, True)}"
    return " and ".join(filter(None, (remove, add)))


# The dataset group.


def problem_of(group: DatasetGroup) -> DatasetGroupError | None:
    """What is wrong with a dataset group's status; ``None`` if it is ACTIVE."""
    if group.status == ACTIVE:
        return None
    reason = f" ({group.failure_reason})" if group.failure_reason else ""
    message, advice = f"is {group.status}{reason}, and must be ACTIVE", "Use another one"
    if group.status is None:
        message = f"does not exist in {region_of(group.arn)}"
        advice = "Check its name, region and account"
    elif group.status in CREATING:
        advice = "Wait until it is ACTIVE, then run `pulumi up` again"
    return DatasetGroupError(message, resource=f"dataset group {group.arn}", advice=advice)


def missing_dataset(group: DatasetGroup, inputs: Inputs) -> DatasetGroupError | None:
    """What a preview warns of, and a refused create fails with: no Item interactions dataset."""
    if group.has_interactions is not False:
        return None
    return DatasetGroupError(
        "has no Item interactions dataset, which an event tracker requires",
        resource=f"dataset group {group.arn}",
        advice=f"Create it first; {_depend_on_it(inputs)}",
    )


def _depend_on_it(inputs: Inputs) -> str:
    option = inputs.resource.spelled("dependsOn")
    return f"if this program creates it, name it in {option} of the event tracker"


def possible_causes(
    refusal: ServiceError, group: DatasetGroup, inputs: Inputs, replaced: Replaced | None
) -> list[str]:
    """The likely causes of a refusal that the group does not explain, and what to do then."""
    name, resource = inputs.name, inputs.resource
    causes = []
    if replaced and replaced.name == name and not replaced.deleted_first:
        causes.append(
            "It may be that the old event tracker, which is deleted only after the new one is "
            f"created, still uses the name '{name}': {delete_first(resource)}, or set another name"
        )
    elif refusal.code == ALREADY_EXISTS and resource.named:
        causes.append(
            f"It may be that another event tracker uses the name '{name}': set another name, or "
            "omit it"
        )
    if group.has_interactions is None:
        causes.append(
            f"It may be that dataset group {group.arn} has no Item interactions dataset yet, which "
            f"personalize:ListDatasets would show: {_depend_on_it(inputs)}"
        )
    return causes
