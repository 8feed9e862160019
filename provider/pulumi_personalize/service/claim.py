"""The ownership tag that one create writes, and whether the tracker still bears it.

Tags know no conditional write, so that two runs that take one tracker for theirs (of two backends,
say) find out by reading late enough: claim, wait, look; before the end, and after.
"""

from __future__ import annotations

from collections.abc import Callable

from .. import errors
from . import ownership
from .changes import Changes
from .finder import Finder
from .inputs import Inputs
from .model import EventTracker
from .tags import MAX_TAGS, OWNER_KEY, OwnershipTag
from .waiter import LAG, Wait


class Claim:
    """What one create marks its tracker with.

    Args:
        inputs: What is wanted.
        wait: The create's time limit.
        finder: Reads tags.
        changes: Writes them.
        marked: Whether trackers are to bear a mark.

    Attributes:
        mark: The mark, as long as the create is not done; ``None`` for none.
        is_lost: Whether another run was seen to have claimed the tracker.
    """

    def __init__(
        self, inputs: Inputs, wait: Wait, finder: Finder, changes: Changes, *, marked: bool
    ) -> None:
        self._inputs = inputs
        self._wait = wait
        self._finder = finder
        self._changes = changes
        self.mark = self._new_mark() if marked else None
        self.is_lost = False

    def wanted(self, mark: OwnershipTag | None) -> dict[str, str]:
        """The tags that the tracker is to carry: the user's, and a mark."""
        return {**(self._inputs.all_tags or {}), **({OWNER_KEY: mark.value} if mark else {})}

    def made(self, tracker: EventTracker) -> bool:
        """Whether a tracker bears this very create's mark."""
        return self.mark is not None and OwnershipTag.of(tracker.tags) == self.mark

    def take(
        self, tracker: EventTracker, claimed: Callable[[EventTracker], object] = bool
    ) -> EventTracker:
        """Claims a tracker that was there before: of two that do so, the later one has it.

        Args:
            tracker: The tracker, with its tags.
            claimed: Is told once the tracker bears the claim, which may be lost yet.

        Raises:
            GroupTakenError: Another one has it.
            ServiceError: A call failed.
        """
        mark = OwnershipTag.of(tracker.tags)
        if mark and not self.mark:
            # Another's mark has to go, even where no tag is wanted: by it, the other would delete.
            self.mark = self._new_mark()
        if not self.mark or (mark is None and len(tracker.tags) >= MAX_TAGS):
            return tracker
        ours = tracker.with_tags({**tracker.tags, OWNER_KEY: self.mark.value})
        self._changes.set_tags(tracker, tracker.tags, ours.tags, self._wait)
        claimed(ours)
        self._wait.let_pass(LAG)
        self.insist(ours)
        return ours

    def renew(self, attempt: str) -> None:
        """Goes on with the mark of an attempt that was not finished; none where it left none."""
        self.mark = OwnershipTag(self._inputs.context.owner, attempt) if attempt else None

    def insist_on(self, tracker: EventTracker) -> None:
        """Makes sure that no other attempt has claimed a tracker since.

        Raises:
            GroupTakenError: One has.
        """
        mark = OwnershipTag.of(tracker.tags)
        if mark and mark.attempt != (self.mark.attempt if self.mark else ""):
            self._lose(tracker, mark)

    def insist(self, tracker: EventTracker, *, young: bool = False) -> None:
        """Makes sure that a tracker that bore the mark still does.

        Args:
            tracker: The tracker, with the tags that it should bear.
            young: Whether its tags may not be seen yet.

        Raises:
            GroupTakenError: It bears another one.
            ServiceError: A call failed.
        """
        if not self.made(tracker):
            return
        mark = OwnershipTag.of(self._finder.tags(tracker.arn, self._wait) or {})
        if mark != self.mark and not (young and mark is None):
            self._lose(tracker, mark)

    def finish(self, tracker: EventTracker, *, verify: bool) -> EventTracker:
        """Brings the tags in line, with the mark that says that it is done.

        Args:
            tracker: The tracker, with the tags that it bears.
            verify: Whether reads must show the mark, or a destroy would take it for another's.

        Raises:
            GroupTakenError: Another one has claimed the tracker.
            ServiceError: A call failed.
        """
        done = self.mark.finished() if self.mark else None
        wanted = self.wanted(done)
        try:
            self._changes.set_tags(tracker, tracker.tags, wanted, self._wait)
        except errors.ServiceError as error:
            # Its answer may be lost: the mark goes with all other tags, in one request.
            lost = isinstance(error, errors.TransientError | errors.UnreachableError)
            if done is None or self._until_seen(tracker, done, LAG if lost else 0.0) != done:
                raise
        if done:
            seen = self._until_seen(tracker, done, LAG if verify else 0.0)
            if seen not in (self.mark, done, None):
                self._lose(tracker, seen)
        return tracker.with_tags(wanted)

    def _until_seen(
        self, tracker: EventTracker, mark: OwnershipTag, seconds: float
    ) -> OwnershipTag | None:
        """The mark that a tracker bears; for so long at most, it is looked for this one."""
        seen, _ = self._wait.within(seconds).until(
            lambda: self._seen(tracker), done=lambda seen: seen == mark, state=str
        )
        return seen

    def _seen(self, tracker: EventTracker) -> OwnershipTag | None:
        """The mark that a tracker bears; ``None`` where it bears none, or can't be asked."""
        try:
            return OwnershipTag.of(self._finder.tags(tracker.arn, self._wait) or {})
        except errors.ServiceError:
            return None

    def _lose(self, tracker: EventTracker, mark: OwnershipTag | None) -> None:
        self.is_lost = True
        raise ownership.claimed(tracker, mark)

    def _new_mark(self) -> OwnershipTag | None:
        room = len(self._inputs.all_tags or {}) < MAX_TAGS
        known = bool(self._inputs.context.resource)
        return OwnershipTag.beginning(self._inputs.context.owner) if room and known else None
