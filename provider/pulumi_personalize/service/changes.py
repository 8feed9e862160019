"""What is changed at an event tracker that exists: its tags, and its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

from .. import errors
from . import arns
from .client import Calls
from .finder import Finder
from .model import ACTIVE, CREATE_FAILED, DELETE_PENDING, IN_USE, NOT_FOUND, EventTracker
from .tags import as_list, of_account
from .waiter import LAG, Wait

if TYPE_CHECKING:
    from mypy_boto3_personalize import PersonalizeClient


_NOT_YET = "not found yet"


class Deletion(Enum):
    """How the service answers a request for a deletion."""

    ACCEPTED = "accepted"
    IN_USE = "in use"
    NOT_FOUND = "not found"
    LOST = "its answer was lost"


class Changes:
    """Changes event trackers, with calls that are safe to make again."""

    def __init__(self, calls: Calls, finder: Finder) -> None:
        self._calls = calls
        self._clock = calls.clock
        self._finder = finder

    def delete_and_wait(
        self,
        tracker: EventTracker,
        wait: Wait,
        advice: str,
        may: Callable[[], None] = lambda: None,
    ) -> None:
        """Deletes as soon as the service lets it, and waits until the tracker is gone.

        Args:
            tracker: What is known of it. A young one that is not found is not there yet.
            wait: The time limit.
            advice: What to do where the time is up.
            may: Is asked before each request; raises where it must not be made.

        Raises:
            WaitTimeoutError: It was not gone in time.
            ServiceError: A call failed.
        """
        accepted_at: float | None = None
        failures = 0
        was_seen = False
        young_until = wait.now + LAG if self._finder.is_young(tracker) else wait.now

        def look() -> EventTracker | None:
            nonlocal accepted_at, failures, was_seen
            found = self._finder.tracker(tracker.arn, wait.deadline, tracker)
            if found is None:
                young = self._finder.is_young(tracker) and wait.now < young_until
                requested = accepted_at is not None or (was_seen and failures > 0)
                if requested or not young or self._finder.was_deleted(tracker.arn):
                    return None
                found = tracker._replace(status=_NOT_YET)
            elif found.status not in (ACTIVE, CREATE_FAILED):
                return found
            else:
                was_seen = True
            if accepted_at is not None and wait.now < accepted_at + LAG:
                # A read that trails: the service has accepted the deletion.
                return found._replace(status=DELETE_PENDING)
            may()
            try:
                answer = self.request_deletion(tracker.arn, wait)
            except (errors.TransientError, errors.UnreachableError):
                # Its answer may be lost: not again before another look.
                failures += 1
                if failures >= self._calls.settings.max_attempts:
                    raise
                return found
            failures = 0
            if answer is Deletion.ACCEPTED:
                accepted_at = wait.now
                return found._replace(status=DELETE_PENDING)
            return found

        def until_gone(wait: Wait) -> EventTracker | None:
            seen, _ = wait.until(
                look,
                done=lambda seen: seen is None,
                state=status,
                what=f"event tracker {tracker.name}",
            )
            return seen

        seen = until_gone(wait)
        if seen and seen.status == _NOT_YET:
            # The time is up, and it may be gone: that is known once it is no longer young.
            seen = until_gone(wait.anew(LAG))
        if seen:
            raise timeout_error("deleting", seen, wait, advice)
        self._finder.note_deleted(tracker)

    def request_deletion(self, arn: str, wait: Wait) -> Deletion:
        """Asks for the deletion, once; how the service answers.

        Raises:
            ServiceError: The call failed.
        """
        try:
            self._calls.make(
                arns.region_of(arn),
                lambda client: client.delete_event_tracker(eventTrackerArn=arn),
                operation="deleting",
                resource=f"event tracker {arn}",
                deadline=wait.deadline,
                attempts=1,
            )
        except errors.ServiceError as error:
            if error.code == IN_USE:
                return Deletion.IN_USE
            if error.code == NOT_FOUND:
                return Deletion.NOT_FOUND
            raise
        return Deletion.ACCEPTED

    def set_tags(
        self, tracker: EventTracker, before: Mapping[str, str], after: Mapping[str, str], wait: Wait
    ) -> bool:
        """Tags and untags what differs from before to after; whether anything did.

        What is in neither is left alone. A tracker that is in use is waited for, and so is one that
        can be described but not tagged yet.

        Raises:
            ServiceError: A call failed.
        """
        arn = tracker.arn
        stale = [key for key in of_account(before) if key not in after]
        fresh = {key: text for key, text in after.items() if before.get(key) != text}
        # Untagging comes first, so that no tracker has more than 50 on the way.
        if stale:
            self._change_tags(
                lambda client: client.untag_resource(resourceArn=arn, tagKeys=stale),
                "untagging",
                tracker,
                wait,
            )
        if fresh:
            self._change_tags(
                lambda client: client.tag_resource(resourceArn=arn, tags=as_list(fresh)),
                "tagging",
                tracker,
                wait,
            )
        return bool(stale or fresh)

    def _change_tags(
        self, act: Callable[[PersonalizeClient], Any], doing: str, tracker: EventTracker, wait: Wait
    ) -> None:
        not_found_until = self._clock.now() + LAG

        def attempt() -> errors.ServiceError | None:
            try:
                self._calls.make(
                    arns.region_of(tracker.arn),
                    act,
                    operation=doing,
                    resource=f"event tracker {tracker.name}",
                    deadline=wait.deadline,
                )
            except errors.ServiceError as error:
                if error.code == IN_USE:
                    return error
                late = self._clock.now() >= not_found_until
                if error.code != NOT_FOUND or late or not self._sees(tracker, wait):
                    raise
                return error
            return None

        refused, _ = wait.until(
            attempt,
            done=lambda refused: refused is None,
            state=lambda refused: "in use" if refused and refused.code == IN_USE else "no tags yet",
            what=f"{doing} event tracker {tracker.name}",
        )
        if refused:
            raise refused

    def _sees(self, tracker: EventTracker, wait: Wait) -> bool:
        return self._finder.tracker(tracker.arn, wait.deadline) is not None


def status(tracker: EventTracker | None) -> str:
    """The status of a tracker for the user, ``gone`` where there is none."""
    return tracker.status if tracker else "gone"


def timeout_error(
    operation: str, tracker: EventTracker, wait: Wait, advice: str
) -> errors.WaitTimeoutError:
    """The error of a wait that was given up."""
    return errors.WaitTimeoutError(
        f"still {tracker.status} after {wait.waited:.0f} s",
        operation=operation,
        resource=str(tracker),
        advice=advice,
    )
