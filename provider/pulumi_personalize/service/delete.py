"""Deletes an event tracker and waits until it is gone.

Source: https://docs.aws.amazon.com/personalize/latest/dg/API_DeleteEventTracker.html
"""

from __future__ import annotations

from ..errors import (
    AccessDeniedError,
    CredentialsError,
    ServiceError,
    TransientError,
    UnexpectedResponseError,
    UnreachableError,
    WaitTimeoutError,
)
from .aws import Personalize
from .decide import is_own
from .model import CREATING, DELETE_PENDING, IN_USE, NOT_FOUND, EventTracker
from .waiter import LAG, Wait


class Deletion:
    """The deletion of one event tracker.

    Its ownership tag, if it has one, must name this attempt. An attempt of ``None`` only waits for
    a deletion that others have requested. Unless it ``needs_describe``, the tags alone say whether
    to delete a tracker that can't be described.
    """

    def __init__(
        self,
        personalize: Personalize,
        tracker: EventTracker,
        wait: Wait,
        attempt: str | None,
        *,
        needs_describe: bool = True,
    ) -> None:
        self._personalize = personalize
        self._tracker = tracker
        self._wait = wait
        self._attempt = attempt
        self._needs_describe = needs_describe
        self._failures = 0
        #: When the service accepted the request, by the clock; ``None`` if it has not.
        self.requested_at: float | None = None
        #: Why nothing is requested: the ownership tag names another attempt.
        self.reason_not_to_delete = ""

    def until_gone(self, advice: str) -> None:
        """Requests the deletion as soon as the service permits it, and waits until it is done.

        It ends early, with a `reason_not_to_delete`, if the tracker belongs to another attempt. If
        it takes too long, it raises an error with this advice.
        """
        found = self._wait.until(
            self._step,
            done=lambda tracker: tracker is None,
            status=lambda tracker: tracker.status if tracker else "gone",
            what=f"event tracker {self._tracker.name}",
        )
        if found:
            raise timed_out("deleting", found, self._wait, advice)
        if not self.reason_not_to_delete:
            self._personalize.deleted.add(self._tracker.arn)

    def _step(self) -> EventTracker | None:
        """Requests the deletion if it is due; returns the tracker, ``None`` at the end."""
        if self._attempt is None:
            return self._personalize.tracker(self._tracker, self._wait)
        if self.requested_at is not None:
            tracker = self._personalize.tracker(self._tracker, self._wait)
            if tracker is None or tracker.is_deleting:
                return tracker
            if self._wait.now < self.requested_at + LAG:
                return tracker._replace(status=DELETE_PENDING)
            # The service has not deleted it: it is requested again.
        tracker = self._read()
        if tracker is None or tracker.is_deleting:
            return tracker
        if not is_own(tracker, self._attempt):
            owner = tracker.owner_tag.owner if tracker.owner_tag else ""
            self.reason_not_to_delete = f"its ownership tag now names '{owner}', in another attempt"
            return None
        return self._request(tracker)

    def _read(self) -> EventTracker | None:
        """Reads the tracker with its tags; ``None`` if it is gone."""
        failure = None
        try:
            tracker = self._personalize.tracker_with_tags(
                self._tracker, self._wait.at_least(LAG), has_tags=bool(self._attempt)
            )
        except UnexpectedResponseError:
            raise
        except ServiceError as error:
            if self._needs_describe:
                raise
            tracker, failure = None, error
        if tracker or not (failure or self._personalize.is_recent(self._tracker)):
            return tracker
        # Describe may be denied, or lag for longer: the tags say whose it is.
        tags = self._personalize.tags(self._tracker, self._wait)
        if tags is None and failure:
            raise failure
        return None if tags is None else self._tracker.with_tags(tags)

    def _request(self, tracker: EventTracker) -> EventTracker:
        try:
            self._personalize.request_deletion(tracker, self._wait)
        except (TransientError, UnreachableError):
            # The answer may be lost: it is read again before the next request.
            self._failures += 1
            if self._failures >= self._personalize.settings.max_attempts:
                raise
            return tracker
        except (AccessDeniedError, CredentialsError, UnexpectedResponseError):
            raise
        except ServiceError as error:
            # The code for a tracker that is still being created is not documented.
            if error.code not in (IN_USE, NOT_FOUND) and tracker.status not in CREATING:
                raise
            self._failures = 0
            return tracker
        self.requested_at = self._wait.now
        return tracker._replace(status=DELETE_PENDING)


def timed_out(operation: str, tracker: EventTracker, wait: Wait, advice: str) -> WaitTimeoutError:
    """The error of a wait whose time limit has passed."""
    return WaitTimeoutError(
        f"still {tracker.status} after {wait.waited:.0f} s",
        operation=operation,
        resource=str(tracker),
        advice=advice,
    )
