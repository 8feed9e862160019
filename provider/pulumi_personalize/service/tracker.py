"""Reads, looks up, updates and deletes an event tracker; an update may complete a create.

Sources: https://docs.aws.amazon.com/personalize/latest/dg/API_DescribeEventTracker.html and the
pages of DeleteEventTracker, TagResource and UntagResource beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .. import errors
from .aws import Personalize
from .create import Create, Created
from .delete import Deletion
from .gone import check_gone, explained
from .inputs import (
    DATASET_GROUP_ARN,
    NO_ATTEMPT,
    OWNERSHIP_TAG,
    UNFINISHED,
    Inputs,
    Resource,
    parse,
    state_tags,
)
from .model import ACTIVE, CREATE_FAILED, NOT_FOUND, EventTracker
from .names import parse_arn
from .tags import MAX_TAGS, OWNER_KEY, OwnershipTag
from .waiter import Limit, Report, Wait, no_report

_NO_STATE: Mapping[str, Any] = {}
_LOOK_UP = "Check its ARN, or look it up by its dataset group"


def attempt_of(state: Mapping[str, Any]) -> str:
    """The attempt that a state keeps; empty if it keeps none."""
    attempt = state.get(OWNERSHIP_TAG)
    return attempt if isinstance(attempt, str) and attempt != NO_ATTEMPT else ""


def read(
    personalize: Personalize,
    arn: str,
    state: Mapping[str, Any] = _NO_STATE,
    report: Report = no_report,
    urn: str = "",
) -> EventTracker | None:
    """Reads an event tracker with its tags; ``None`` if it is gone or being deleted.

    What the service leaves out of its response comes from the state's outputs.

    Raises:
        EventTrackerNotFoundError: It is not found, and may exist elsewhere: see `check_gone`.
    """
    known = EventTracker.from_state(arn, state)
    has_tags = bool(state_tags(state) or attempt_of(state))
    wait = personalize.wait(report)
    with explained(personalize, known, "reading"):
        tracker = personalize.tracker_with_tags(known, wait, has_tags=has_tags)
        if tracker is None:
            check_gone(personalize, known, wait, urn)
    return None if tracker is None or tracker.is_deleting else tracker


def get(personalize: Personalize, arn: str) -> EventTracker:
    """Reads an event tracker that has to exist.

    Raises:
        InputError: The ARN is invalid, or its account is not allowed.
        EventTrackerNotFoundError: It does not exist.
    """
    parts = parse_arn(arn)
    if parts and parts.kind == "event-tracker":
        problem = personalize.settings.problem_of(parts.account)
    else:
        example = "arn:aws:personalize:us-east-1:123456789012:event-tracker/ID"
        problem = f"must be an event tracker ARN, for example {example}"
    resource = f"event tracker {arn}"
    if problem:
        raise errors.InputError(problem, operation="reading", resource=resource, advice=_LOOK_UP)
    wait = personalize.wait(no_report)
    tracker = personalize.tracker_with_tags(EventTracker(arn), wait, has_tags=False)
    if tracker is None or tracker.is_deleting:
        raise errors.EventTrackerNotFoundError("does not exist", resource=resource, advice=_LOOK_UP)
    return tracker


def look_up(personalize: Personalize, group: str) -> EventTracker:
    """Reads the event tracker of a dataset group.

    Raises:
        InputError: The ARN is invalid, or its account is not allowed.
        EventTrackerNotFoundError: The group has no event tracker.
    """
    _, problems = parse({DATASET_GROUP_ARN: group})
    problem = problems[0].reason if problems else personalize.settings.problem_of_group(group)
    if problem:
        # It does not quote what is no ARN, which may be a secret.
        raise errors.InputError(problem, operation="looking up", resource="a dataset group")
    resource = f"dataset group {group}"
    for tracker in personalize.trackers(group, personalize.wait(no_report)):
        if not tracker.is_deleting:
            return tracker
    advice = "Create one first, or check the group's name, region and account"
    raise errors.EventTrackerNotFoundError("has no event tracker", resource=resource, advice=advice)


def reason_unfinished(tracker: EventTracker, attempt: str) -> str:
    """Why an event tracker that a state keeps is not finished; empty if it is."""
    if tracker.status == CREATE_FAILED:
        return f"{tracker} is {tracker.status}: `pulumi up` replaces it"
    if tracker.status != ACTIVE:
        return f"{tracker} is {tracker.status}: `pulumi up` waits until it is ACTIVE"
    tag = tracker.owner_tag
    if tag and not tag.done and tag.attempt == attempt:
        return f"{tracker} was left unfinished by an interrupted create: `pulumi up` finishes it"
    return ""


def imported_tag(tracker: EventTracker, resource: Resource) -> OwnershipTag | None:
    """The ownership tag of an imported event tracker.

    Raises:
        GroupTakenError: Another resource's create of it has not completed.
    """
    tag = tracker.owner_tag
    if tag and tag.owner != resource.owner and not tag.done:
        raise errors.GroupTakenError(
            f"'{tag.owner}' has not finished creating it",
            operation="reading",
            resource=str(tracker),
            advice="Let that resource finish or delete it first",
        )
    return tag


def update(
    personalize: Personalize,
    arn: str,
    inputs: Inputs,
    state: Mapping[str, Any] = _NO_STATE,
    report: Report = no_report,
    limit: Limit | None = None,
    is_awaited: Callable[[], bool] = lambda: True,
) -> Created:
    """Applies the difference between the state's tags and those wanted.

    Other tags are left alone, since the preview did not show them. The ownership tag is rewritten
    if the owner has changed. An unfinished tracker is completed.

    Raises:
        EventTrackerNotFoundError: The tracker is gone.
        UnfinishedError: An unfinished tracker could not be completed.
    """
    known = EventTracker.from_state(arn, state)
    if state.get(UNFINISHED):
        kept = Created(known, attempt_of(state))
        return Create(
            personalize, inputs, report, is_awaited, keeps_unfinished=True, limit=limit, kept=kept
        ).run()
    wait = personalize.wait(report, limit.seconds if limit else None)
    with explained(personalize, known, "updating"):
        return _retag(personalize, known, inputs, state, wait)


def _retag(
    personalize: Personalize,
    known: EventTracker,
    inputs: Inputs,
    state: Mapping[str, Any],
    wait: Wait,
) -> Created:
    before, after = state_tags(state), dict(inputs.all_tags or {})
    attempt, former, owner = attempt_of(state), Resource.of(state), inputs.resource.owner
    gone = errors.EventTrackerNotFoundError(
        "no longer exists", advice="Run `pulumi refresh`, then `pulumi up` to recreate it"
    )
    current = personalize.tracker_with_tags(known, wait, has_tags=bool(attempt))
    if current is None:
        check_gone(personalize, known, wait)
    if current is None or current.is_deleting:
        raise gone
    tag = current.owner_tag
    # After an import of another owner's tracker, a new attempt keeps that owner's destroy from
    # deleting it.
    renewed = OwnershipTag.derived(owner, attempt)
    own = {attempt, renewed.attempt} if former.previous_owner else {attempt}
    if tag and tag.attempt not in own:
        raise errors.GroupTakenError(
            f"'{tag.owner}' has adopted it",
            advice="Remove it from this program, which leaves the event tracker alone",
        )
    if former.previous_owner and len(after) == MAX_TAGS:
        message = f"its ownership tag has to be replaced: use at most {MAX_TAGS - 1} tags"
        raise errors.InputError(message)
    if attempt and len(after) == MAX_TAGS:
        # The user's tags leave no room for the ownership tag.
        before[OWNER_KEY], attempt = "", ""  # so that `set_tags` removes it
    elif attempt and former.owner != owner:
        tag = renewed if former.previous_owner else OwnershipTag(owner, attempt, done=True)
        attempt, after[OWNER_KEY] = tag.attempt, tag.value
    try:
        personalize.set_tags(current, before, after, wait)
    except (errors.ServiceError, errors.CancelledError) as error:
        if error.code == NOT_FOUND:
            raise gone from error
        raise error.with_note("`pulumi refresh` shows which tags are set") from error.__cause__
    return Created(current.with_tags(after), attempt)


def delete(
    personalize: Personalize,
    arn: str,
    state: Mapping[str, Any],
    report: Report,
    limit: Limit | None = None,
    urn: str = "",
) -> None:
    """Deletes an event tracker and waits until it is gone; succeeds if it is gone already.

    A tracker that another attempt has adopted since is left alone.
    """
    known = EventTracker.from_state(arn, state)
    # A destroy uses the configuration of the last `up`.
    configured = Limit(
        personalize.settings.delete_timeout, "personalize:deleteTimeout and run `pulumi up`"
    )
    limit = limit or configured
    wait = personalize.wait(report, limit.seconds)
    if arn in personalize.adopted:
        report(f"keeping {known}, which the resource that replaces it has adopted")
        return
    if owner := Resource.of(state).previous_owner:
        report(f"deleting {known}, which was imported with the ownership tag of '{owner}'")
    deletion = Deletion(personalize, known, wait, attempt_of(state))
    with explained(personalize, known, "deleting"):
        try:
            deletion.until_gone(f"Run again, or increase {limit.option}")
        except errors.CancelledError as error:
            note = "The stack's state keeps it: run again to finish the deletion"
            raise error.with_note(note) from None
        if not deletion.reason_not_to_delete:
            check_gone(personalize, known, wait, urn)
    if deletion.reason_not_to_delete:
        report(f"not deleting {known}: {deletion.reason_not_to_delete}")
