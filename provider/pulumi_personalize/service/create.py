"""Creates an event tracker, from the first read to the ownership tag's last write.

Source: https://docs.aws.amazon.com/personalize/latest/dg/API_CreateEventTracker.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from .. import errors
from .aws import Personalize
from .decide import (
    Action,
    Decision,
    Replaced,
    adoption_of,
    decide,
    is_own,
    missing_dataset,
    possible_causes,
    problem_of,
)
from .delete import Deletion, timed_out
from .inputs import Inputs
from .model import ACTIVE, CREATE_FAILED, CREATING, IN_USE, TOO_MANY_TAGS, EventTracker
from .tags import MAX_TAGS, OWNER_KEY, OwnershipTag
from .waiter import LAG, Limit, Report, Wait, pause

#: Refusals that the state of the dataset group cannot explain.
_FINAL = (
    errors.AccessDeniedError,
    errors.CredentialsError,
    errors.TransientError,
    errors.UnreachableError,
)
_FINAL_CODES = (*TOO_MANY_TAGS, "SerializationException", "ValidationException")
#: The status of a tracker that reads do not show yet.
_NOT_VISIBLE = "not found yet"


class Created(NamedTuple):
    """An event tracker with all its tags, and the attempt in its ownership tag, if any."""

    tracker: EventTracker
    attempt: str


class UnfinishedError(Exception):
    """A create failed, and the caller keeps its event tracker as last read."""

    def __init__(self, error: errors.PersonalizeError, created: Created) -> None:
        self.error = error
        self.created = created
        super().__init__(str(error))


@dataclass
class Create:
    """The create of an event tracker, which may resume an interrupted one, or adopt a tracker.

    A create that fails deletes the tracker that it made, unless that became ACTIVE; the error names
    a tracker that remains.

    Attributes:
        inputs: The inputs; group, name and tags are known by now.
        is_awaited: Whether the engine is still connected. If not, the tracker stays marked as
            unfinished, so that the next create resumes it.
        expected: What the check decided during the same `pulumi up`.
        replaced: The event tracker that this one replaces.
        keeps_unfinished: Whether the caller keeps a tracker that is not ACTIVE yet. If so, a create
            that fails leaves it, and raises an `UnfinishedError`.
        limit: The time limit; by default the configuration's.
        kept: The unfinished event tracker that the caller has kept, and its attempt.
    """

    personalize: Personalize
    inputs: Inputs
    report: Report
    is_awaited: Callable[[], bool] = lambda: True
    expected: Decision | None = None
    replaced: Replaced | None = None
    keeps_unfinished: bool = False
    limit: Limit | None = None
    kept: Created | None = None

    def __post_init__(self) -> None:
        settings = self.personalize.settings
        limit = self.limit or Limit(settings.create_timeout, "personalize:createTimeout")
        self.group = self.inputs.dataset_group_arn or ""
        self.label = f"event tracker {self.inputs.name}"
        self.option = limit.option
        self.wait = self.personalize.wait(self.report, limit.seconds)
        #: Whether the user's tags leave room for an ownership tag.
        self.has_room = len(self.inputs.all_tags or {}) < MAX_TAGS
        is_tagged = settings.ownership_tag and self.has_room
        #: The ownership tag of this attempt; ``None`` for none.
        self.tag = OwnershipTag.new(self.inputs.resource.owner) if is_tagged else None
        #: The event tracker to wait for, as last read; ``None`` before there is one.
        self.tracker: EventTracker | None = None
        #: Why it is waited for: CREATE, OURS, RESUME or ADOPT.
        self.action = Action.CREATE
        #: Whether a read has found it.
        self.was_found = False
        #: Whether a request may have succeeded although its response was lost.
        self.answer_lost = False
        #: Within it, a refusal may be due to reads that lag; it begins with the first one.
        self.lag: Wait | None = None

    @property
    def _attempt(self) -> str:
        return self.tag.attempt if self.tag else ""

    @property
    def _was_active(self) -> bool:
        return self.tracker is not None and self.tracker.status == ACTIVE

    def run(self) -> Created:
        """Creates the event tracker and waits until it is ACTIVE.

        Raises:
            PersonalizeError: It failed: see `errors`.
            UnfinishedError: The same, if the caller keeps the tracker.
        """
        try:
            tracker = self._find_kept(self.kept) if self.kept else self._find_or_request()
            active = self._wait_until_active(tracker)
            if not self.is_awaited():
                line = "the Pulumi engine exited; the next `pulumi up` resumes the create"
                raise errors.PersonalizeError(line)
            return self._complete(active)
        except errors.PersonalizeError as error:
            named = error.about("creating", str(self.tracker or self.label))
            raise self._after_failure(named) from error.__cause__

    # Find or request the tracker.

    def _find_or_request(self) -> EventTracker:
        """Finds the event tracker to wait for, or requests one."""
        # The check found no tracker at all.
        is_free = self.expected == Decision(Action.CREATE)
        found = [] if is_free else self.personalize.trackers(self.group, self.wait)
        while True:
            if not found:
                try:
                    requested = self.personalize.create(
                        self.inputs.name or "", self.group, self._wanted_tags(self.tag), self.wait
                    )
                except errors.CancelledError:
                    self.answer_lost = True
                    raise
                except errors.ServiceError as refusal:
                    self.answer_lost = self.answer_lost or refusal.answer_lost
                    found = self._after_refusal(refusal)
                    continue
                return self._wait_for(requested, Action.CREATE)
            decision = decide(found, self.inputs, self.replaced, self._attempt)
            action, tracker, words, refused = decision
            if words and not (self.expected and self.expected.words == words):
                self.report(words)
            if refused or tracker is None:
                raise refused or AssertionError("a decision about trackers names one")
            if action in (Action.WAIT, Action.DISCARD):
                own = tracker.owner_tag if action is Action.DISCARD else None
                deletion = Deletion(
                    self.personalize, tracker, self.wait, own.attempt if own else None
                )
                deletion.until_gone(f"Run again, or increase {self.option}")
                self.lag = None
                found = self.personalize.trackers(self.group, self.wait)
                continue
            if action is Action.RESUME:
                # Keeps the interrupted create's attempt: reads that lag still show its tag.
                self.tag = tracker.owner_tag
            elif action is Action.ADOPT and tracker.owner_tag and not self.tag:
                # An existing ownership tag must be replaced, even if tagging is switched off.
                self.tag = OwnershipTag.new(self.inputs.resource.owner)
            return self._wait_for(tracker, action)

    def _wait_for(self, tracker: EventTracker, action: Action) -> EventTracker:
        """Sets the tracker to wait for, and the action on it."""
        self.tracker, self.action = tracker, action
        self.was_found = action is not Action.CREATE
        return tracker

    def _after_refusal(self, refusal: errors.ServiceError) -> list[EventTracker]:
        """Finds out from the group, whatever the error code, why a request was refused.

        Returns the trackers, or an empty list to repeat the request.
        """
        is_final = isinstance(refusal, _FINAL) or refusal.code in _FINAL_CODES
        if is_final and not self.answer_lost:
            raise refusal
        try:
            # A request whose response was lost may have created one that is not listed yet.
            shown = self.wait.within(LAG if self.answer_lost else 0)
            found = shown.until(lambda: self.personalize.trackers(self.group, self.wait), done=bool)
            is_ours = decide(found, self.inputs, None, self._attempt).action is Action.OURS
            if is_final and not is_ours:
                raise refusal
            if found:
                return found
            group = self.personalize.group(self.group, self.wait)
        except errors.ServiceError as failure:
            if failure is refusal:
                raise
            note = f"Reading the group also failed ({failure.code}: {failure.message})"
            raise refusal.with_note(note) from failure
        status = "in use" if refusal.code == IN_USE else ""
        if group.status in CREATING:
            status = group.status
        elif problem := problem_of(group) or missing_dataset(group, self.inputs):
            said = f"Personalize refused it: {refusal.code}: {refusal.message}"
            raise problem.with_note(said) from refusal
        # The lag counts only from when the group is free.
        self.lag = None if status else self.lag or self.wait.within(LAG)
        wait = self.lag or self.wait
        if wait.is_over:
            causes = possible_causes(refusal, group, self.inputs, self.replaced)
            if status:
                waited = f"is still {status} after {self.wait.waited:.0f} s"
                causes.insert(0, f"The dataset group {waited}: increase {self.option}")
            raise refusal.with_note(*causes)
        self.wait.report_status(
            self.label, f"dataset group {status}" if status else "requesting again"
        )
        wait.sleep(pause(wait.waited))
        return []

    def _find_kept(self, kept: Created) -> EventTracker:
        """Finds the unfinished event tracker that the caller has kept."""
        tracker, attempt = kept
        self.tag = OwnershipTag(self.inputs.resource.owner, attempt) if attempt else None
        self._wait_for(tracker, Action.RESUME)
        found = self.personalize.tracker_with_tags(tracker, self.wait, has_tags=bool(attempt))
        if found is None or found.is_deleting:
            raise self._not_found()
        if not is_own(found, attempt):
            raise self._taken_over(found)
        return self._wait_for(found, Action.RESUME)

    # Wait for it, and complete the create.

    def _wait_until_active(self, known: EventTracker) -> EventTracker:
        lag_ends = self.wait.now + LAG

        def read() -> EventTracker:
            found = self.personalize.tracker(known, self.wait)
            if found is None:
                return known._replace(status=_NOT_VISIBLE)
            self.tracker, self.was_found = found, True
            return found

        def is_settled(tracker: EventTracker) -> bool:
            if tracker.status == _NOT_VISIBLE:
                return self.wait.now >= lag_ends
            return tracker.is_ready or tracker.is_deleting or tracker.status == CREATE_FAILED

        tracker = self.wait.until(
            read,
            done=is_settled,
            status=lambda tracker: tracker.status,
            what=self.label,
            first=known,
        )
        if not is_settled(tracker):
            if self._was_active:
                tracker = tracker._replace(status="ACTIVE without a tracking ID")
            raise timed_out("creating", tracker, self.wait, f"Increase {self.option}")
        if tracker.status == _NOT_VISIBLE or tracker.is_deleting:
            raise self._not_found()
        if tracker.status == CREATE_FAILED:
            advice = "Check the dataset group and its Item interactions dataset"
            if self.action is Action.ADOPT:
                advice = "Delete it, then run `pulumi up` again"
            message = "Personalize reports CREATE FAILED and gives no reason"
            raise errors.CreateFailedError(message, code=CREATE_FAILED, advice=advice)
        return tracker

    def _not_found(self) -> errors.EventTrackerNotFoundError:
        message = f"was not found within {LAG:.0f} s of its creation"
        if self.was_found:
            message = "was deleted outside of Pulumi during creation"
        return errors.EventTrackerNotFoundError(message, advice="Run `pulumi up` again")

    def _complete(self, tracker: EventTracker) -> Created:
        """Writes the wanted tags and the finished ownership tag."""
        before = tracker.owner_tag
        if self.action in (Action.RESUME, Action.ADOPT):
            # The tags may have changed during the wait.
            tags = self.personalize.tags(tracker, self.wait)
            tracker = tracker.with_tags(tracker.tags if tags is None else tags)
            if tracker.owner_tag != before:
                raise self._taken_over(tracker)
        done = self.tag._replace(done=True) if self.tag and self.has_room else None
        wanted, is_adopted = self._wanted_tags(done), self.action is Action.ADOPT
        self.personalize.set_tags(tracker, tracker.tags, wanted, self.wait)
        if is_adopted and done and before and before.owner != done.owner:
            # Tags cannot be written conditionally: waits until the former owner's reads show this
            # one, then checks that it is still there.
            wait = self.wait.at_least(2 * LAG)
            wait.sleep(LAG)
            written = self.personalize.tracker_with_tags(tracker, wait)
            if written is None or written.is_deleting:
                raise self._not_found()
            if written.owner_tag != done:
                raise self._taken_over(written)
        if self.action in (Action.RESUME, Action.ADOPT):
            # Keeps this operation from deleting it later as the replaced tracker.
            self.personalize.adopted.add(tracker.arn)
        return Created(tracker.with_tags(wanted), done.attempt if done else "")

    def _wanted_tags(self, tag: OwnershipTag | None) -> dict[str, str]:
        return {**(self.inputs.all_tags or {}), **({OWNER_KEY: tag.value} if tag else {})}

    def _taken_over(self, tracker: EventTracker) -> errors.GroupTakenError:
        tag = tracker.owner_tag
        owner = f"by '{tag.owner}', attempt {tag.attempt}" if tag else "(its ownership tag is gone)"
        return errors.GroupTakenError(
            f"was adopted during this create {owner}", advice="Let only one resource declare it"
        )

    # Clean up.

    def _after_failure(self, error: errors.PersonalizeError) -> Exception:
        """Deletes what the create made, or says what it leaves; returns the error to raise."""
        tracker = self.tracker
        if not self.is_awaited() or isinstance(error, errors.GroupTakenError):
            return error
        if tracker is None:
            if not self.answer_lost:
                return error
            return error.with_note(
                f"The answer to a request was lost: event tracker {self.inputs.name} may exist in "
                f"dataset group {self.group}, and `pulumi destroy` does not know of it: "
                f"{self._how_to_continue(error)}"
            )
        is_gone = isinstance(error, errors.EventTrackerNotFoundError) and self.was_found
        if is_gone or self.action is Action.ADOPT:
            return error
        is_made_here = self.action in (Action.CREATE, Action.OURS)
        if is_made_here and not self._was_active:
            is_useless = isinstance(error, errors.CreateFailedError)
            deletes = is_useless or not self.keeps_unfinished
            if deletes and (outcome := self._delete(tracker)):
                return error.with_note(outcome)
        if self.keeps_unfinished:
            next_up = "replaces it" if tracker.status == CREATE_FAILED else "resumes it"
            note = (
                f"The stack's state keeps event tracker {tracker.name} as unfinished: `pulumi up` "
                f"{next_up}, `pulumi destroy` removes it"
            )
            return UnfinishedError(error.with_note(note), Created(tracker, self._attempt))
        remains = "is left as it is" if self.was_found else "may be left"
        return error.with_note(
            f"Event tracker {tracker.name} ({tracker.arn}) {remains}, and `pulumi destroy` does "
            f"not know of it: {self._how_to_continue(error)}"
        )

    def _delete(self, tracker: EventTracker) -> str:
        """Deletes the tracker that this create made.

        Returns a sentence for the error, or an empty string if it was not deleted.
        """
        wait = self.wait.at_least(2 * LAG)
        deletion = Deletion(self.personalize, tracker, wait, self._attempt, needs_describe=False)
        try:
            deletion.until_gone(advice="")
        except (errors.ServiceError, errors.WaitTimeoutError, errors.CancelledError):
            if deletion.requested_at is None:
                return ""
            return f"The deletion of {tracker} was requested; its completion could not be confirmed"
        if deletion.reason_not_to_delete:
            return ""
        removed = "The unfinished event tracker was removed"
        return "It no longer exists" if deletion.requested_at is None else removed

    def _how_to_continue(self, error: errors.PersonalizeError) -> str:
        again = "run `pulumi up` again"
        if isinstance(error, errors.CreateFailedError):
            if self.tag:
                return "the next `pulumi up` deletes it and creates a new one"
            return f"delete it, then {again}"
        adopt = f"set {adoption_of(self.inputs.resource)}"
        if not self.tag:
            return f"{adopt} and {again}, which adopts it"
        if self._was_active:
            return f"{again}, which resumes it; if that is refused, {adopt}"
        return f"{again}, which resumes it"
