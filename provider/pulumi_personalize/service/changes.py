"""What is changed at an event tracker that exists: its tags, and its end."""

from __future__ import annotations

from collections.abc import Mapping

from .. import errors
from . import arns
from .calls import Calls
from .event_tracker import (
    CREATING,
    DELETE_PENDING,
    DELETING,
    IN_USE,
    NOT_FOUND,
    EventTracker,
    Finder,
)
from .tags import as_list, of_account
from .wait import Wait


class Changes:
    """Changes event trackers, with calls that are safe to make again."""

    def __init__(self, calls: Calls, finder: Finder) -> None:
        self._calls = calls
        self._finder = finder

    def until_gone(self, arn: str, wait: Wait) -> None:
        """Deletes as soon as the service lets it, and waits until the tracker is gone."""

        def look() -> EventTracker | None:
            tracker = self._finder.tracker(arn, wait.deadline)
            settled = tracker is not None and tracker.status not in (*CREATING, *DELETING)
            if tracker and settled and self.request_deletion(arn, wait):
                return tracker._replace(status=DELETE_PENDING)
            return tracker

        tracker, gone = wait.until(look, done=lambda tracker: tracker is None, state=status)
        if tracker is not None and not gone:
            # A destroy goes by the configuration of the last up.
            advice = "Run again; personalize:deleteTimeout (with an up after it) gives it more time"
            raise too_late("deleting", tracker, wait, advice)

    def request_deletion(self, arn: str, wait: Wait) -> bool:
        """Asks for the deletion; whether the service takes it, or there is nothing to delete."""
        try:
            self._calls.make(
                arns.region_of(arn),
                lambda client: client.delete_event_tracker(eventTrackerArn=arn),
                operation="deleting",
                resource=f"event tracker {arn}",
                deadline=wait.deadline,
            )
        except errors.ServiceError as error:
            if error.code == IN_USE:
                return False
            if error.code != NOT_FOUND:
                raise
        return True

    def set_tags(self, tracker: EventTracker, wanted: Mapping[str, str]) -> bool:
        """Tags and untags what differs; whether anything did."""
        region, arn = arns.region_of(tracker.arn), tracker.arn
        label = f"event tracker {tracker.name}"
        stale = [key for key in of_account(tracker.tags) if key not in wanted]
        fresh = {key: text for key, text in wanted.items() if tracker.tags.get(key) != text}
        # Untagging comes first, so that no tracker has more than 50 on the way.
        if stale:
            self._calls.make(
                region,
                lambda client: client.untag_resource(resourceArn=arn, tagKeys=stale),
                operation="untagging",
                resource=label,
            )
        if fresh:
            self._calls.make(
                region,
                lambda client: client.tag_resource(resourceArn=arn, tags=as_list(fresh)),
                operation="tagging",
                resource=label,
            )
        return bool(stale or fresh)


def status(tracker: EventTracker | None) -> str:
    """The status of a tracker for the user, ``gone`` where there is none."""
    return tracker.status if tracker else "gone"


def too_late(
    operation: str, tracker: EventTracker, wait: Wait, advice: str
) -> errors.WaitTimeoutError:
    """The error of a wait that was given up."""
    return errors.WaitTimeoutError(
        f"still {tracker.status} after {wait.waited:.0f} s",
        operation=operation,
        resource=str(tracker),
        advice=advice,
    )
