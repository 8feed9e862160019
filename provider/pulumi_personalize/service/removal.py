"""The removal of an event tracker that a failed create has made."""

from __future__ import annotations

from typing import NamedTuple

from .. import errors
from .changes import Changes, Deletion, status
from .finder import Finder
from .model import EventTracker
from .tags import OwnershipTag
from .waiter import LAG, Wait


class Removal(NamedTuple):
    """What is removed, and how long that is tried.

    Attributes:
        tracker: The tracker.
        mark: The mark that it must still bear; ``None`` where trackers bear none.
        wait: The create's wait.
        begun_at: The clock's time at which the tracker was begun.
    """

    tracker: EventTracker
    mark: OwnershipTag | None
    wait: Wait
    begun_at: float

    def run(self, finder: Finder, changes: Changes) -> str:
        """Has it deleted, as long as its mark says that it is this create's and unfinished.

        Args:
            finder: Looks at its mark, and for its end.
            changes: Deletes it.

        Returns:
            What became of it, for the user; empty where it is left.
        """
        # The create's time may be up: some is left for this, and to try a failed call again.
        wait = self.wait.anew(max(self.wait.left, 2 * LAG))
        asked: Deletion | None = None

        def request() -> Deletion | None:
            nonlocal asked
            asked = self._request(finder, changes, wait, again=asked is Deletion.LOST)
            return asked

        try:
            asked, _ = wait.until(
                request,
                done=lambda asked: asked not in (Deletion.IN_USE, Deletion.LOST),
                state=lambda _: "waiting to remove it",
                what=f"event tracker {self.tracker.name}",
            )
        except (errors.ServiceError, errors.CancelledError):
            # What matters to the user is the error that led here; of this, that it is left.
            asked = None
        if asked is Deletion.NOT_FOUND:
            return "It is no longer found"
        if asked is not Deletion.ACCEPTED:
            return ""
        gone = False
        try:
            _, gone = wait.until(
                lambda: finder.tracker(self.tracker.arn, wait.deadline, self.tracker),
                done=lambda seen: seen is None,
                state=status,
                what=f"event tracker {self.tracker.name}",
            )
        except (errors.ServiceError, errors.CancelledError):
            gone = False
        if not gone:
            return f"The deletion of {self.tracker} was requested; whether it ended was not seen"
        finder.note_deleted(self.tracker)
        return "The unfinished event tracker was removed"

    def _request(
        self, finder: Finder, changes: Changes, wait: Wait, *, again: bool
    ) -> Deletion | None:
        """How the service answered the request; ``None`` where it must not be made.

        In use stands for all that is to be tried again. After a lost answer, it may be going.
        """
        young = wait.now < self.begun_at + LAG
        if again:
            seen = finder.tracker(self.tracker.arn, wait.deadline)
            if seen is None:
                return Deletion.LOST if young else Deletion.NOT_FOUND
            if seen.is_going:
                return Deletion.ACCEPTED
        if self.mark:
            tags = finder.tags(self.tracker.arn, wait)
            mark = OwnershipTag.of(tags or {})
            if mark is None and young:
                return Deletion.IN_USE
            if tags is None and not finder.tracker(self.tracker.arn, wait.deadline):
                return Deletion.NOT_FOUND
            if mark != self.mark:
                return None
        try:
            answer = changes.request_deletion(self.tracker.arn, wait)
        except (errors.TransientError, errors.UnreachableError):
            return Deletion.LOST
        return Deletion.IN_USE if answer is Deletion.NOT_FOUND and young else answer
