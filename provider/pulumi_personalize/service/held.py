"""Trackers that a state holds, or is to hold: whether they are finished, and whose they are."""

from __future__ import annotations

from typing import NamedTuple

from .. import errors
from .inputs import Context
from .model import ACTIVE, CREATE_FAILED, EventTracker
from .tags import OwnershipTag


def can_be_finished(tracker: EventTracker | None) -> bool:
    """Whether a tracker that an interrupted create left can be brought to its end."""
    return tracker is not None and not tracker.is_going and tracker.status != CREATE_FAILED


def unfinished(tracker: EventTracker, attempt: str | None) -> str:
    """Why a tracker that a state holds is not finished, and what to do; empty where it is.

    Args:
        tracker: The tracker, with its tags.
        attempt: The attempt that the state tells of its mark.
    """
    mark = OwnershipTag.of(tracker.tags)
    if tracker.status == CREATE_FAILED:
        return f"{tracker} is {tracker.status}: `pulumi up` replaces it"
    if tracker.status != ACTIVE:
        return f"{tracker} is {tracker.status}: `pulumi up` waits until it is ACTIVE"
    if mark is not None and not mark.done and mark.attempt == attempt:
        return f"{tracker} was left unfinished by an interrupted create: `pulumi up` finishes it"
    return ""


class Imported(NamedTuple):
    """Whose a tracker is that is imported.

    Attributes:
        attempt: The attempt of its mark, which the state has to tell from now on.
        owner: The owner that its mark names, where that is another one.
        warning: What the user should know of it; empty for nothing.
    """

    attempt: str = ""
    owner: str = ""
    warning: str = ""


def imported(tracker: EventTracker, context: Context) -> Imported:
    """Whose a tracker is that is imported, or only read: the engine asks the same for both.

    Raises:
        GroupTakenError: Another one has begun it and not finished.
    """
    mark = OwnershipTag.of(tracker.tags)
    if mark is None:
        return Imported()
    if context.is_called(mark.owner):
        return Imported(mark.attempt)
    if not mark.done:
        raise errors.GroupTakenError(
            f"'{mark.owner}' has begun it and not finished",
            operation="reading",
            resource=str(tracker),
            advice="Let that one finish or delete it first",
        )
    return Imported(
        mark.attempt,
        mark.owner,
        f"{tracker} bears the ownership tag of '{mark.owner}'. After an import, the next "
        "`pulumi up` replaces that by one of this resource, and a destroy deletes the event "
        "tracker: then remove it from the stack or program that created it. A resource that is "
        "only read (get) changes nothing",
    )
