"""One create, from the first look to the last tag: look, decide, ask, wait, finish, tidy up.

Sources: https://docs.aws.amazon.com/personalize/latest/dg/API_CreateEventTracker.html and the pages
of ListEventTrackers, DescribeEventTracker, TagResource and DeleteEventTracker beside it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from .. import errors
from . import arns, aws_errors, ownership
from .changes import Changes, status, timeout_error
from .claim import Claim
from .client import Calls
from .finder import Finder
from .model import ACTIVE, CREATE_FAILED, CREATE_PENDING, EventTracker, iso
from .ownership import Call, Decision, Verdict
from .refusals import Refusals
from .removal import Removal
from .request import Created, Request, UnfinishedError
from .tags import as_list
from .waiter import LAG, Limit, Wait

if TYPE_CHECKING:
    from mypy_boto3_personalize import PersonalizeClient


#: Seconds to the first look at a tracker that was just asked for. At AWS it takes a minute.
FIRST_LOOK = 1.0


class Creation:
    """One create.

    Args:
        request: What is asked of it.
        calls: Makes the calls.
        finder: Looks for trackers.
        changes: Changes trackers.
    """

    def __init__(self, request: Request, calls: Calls, finder: Finder, changes: Changes) -> None:
        self._request = request
        self._inputs = request.inputs
        self._calls = calls
        self._clock = calls.clock
        self._finder = finder
        self._changes = changes
        self._group = request.inputs.dataset_group_arn or ""
        self._label = f"event tracker {request.inputs.name}"
        self._limit = request.limit or Limit(
            calls.settings.create_timeout, "personalize:createTimeout"
        )
        self._wait = Wait(self._clock, self._limit.seconds, request.report, self._label)
        self._claim = Claim(
            request.inputs, self._wait, finder, changes, marked=calls.settings.ownership_tag
        )
        self._refusals = Refusals(request.inputs, request.replaced, finder, self._wait, self._limit)
        #: Without a mark, the service's time when it was first asked for the tracker.
        self._asked_at = ""
        self._lost = False
        #: The tracker that is brought to its end, what it is to this create, and since when.
        self._begun: EventTracker | None = None
        self._seen: EventTracker | None = None
        self._verdict = Verdict.CREATE
        self._begun_at = 0.0
        self._was_seen = False
        self._was_active = False

    def run(self) -> Created:
        """Makes the tracker, or brings one to its end, and waits until it is ACTIVE.

        Raises:
            PersonalizeError: See `Lifecycle.create`.
            UnfinishedError: The same, where the caller keeps what there is of the tracker.
        """
        return self._to_its_end(lambda: self._begin(self._first_look()))

    def resume(self, known: EventTracker, attempt: str) -> Created:
        """Brings a tracker to its end that the caller has kept though it was not finished.

        Args:
            known: What is known of it.
            attempt: The attempt that its mark tells; empty where it has none.

        Raises:
            PersonalizeError: As of `run`.
            UnfinishedError: As of `run`.
        """
        return self._to_its_end(lambda: self._kept(known, attempt))

    def _to_its_end(self, begin: Callable[[], EventTracker]) -> Created:
        try:
            tracker = self._until_active(begin())
            if not self._request.is_awaited():
                raise errors.PersonalizeError(
                    "the Pulumi engine exited; the next `pulumi up` resumes",
                    operation="creating",
                    resource=str(tracker),
                )
            return self._finish(tracker)
        except errors.PersonalizeError as raised:
            error = raised
            if isinstance(raised, errors.CancelledError):
                # It comes out of a sleep, which knows of nothing.
                what = str(self._seen or self._begun or self._label)
                error = errors.CancelledError("cancelled", operation="creating", resource=what)
            tidied = self._tidied(error)
            raise tidied from (raised if tidied is not raised else raised.__cause__)

    def _kept(self, known: EventTracker, attempt: str) -> EventTracker:
        """The tracker that the caller has kept, as it is now.

        Raises:
            EventTrackerNotFoundError: It is gone or going.
            GroupTakenError: Another one has claimed it.
        """
        self._claim.renew(attempt)
        tracker = self._finder.in_full(known, self._wait, tagged=bool(attempt))
        self._was_seen = True
        if tracker is None or tracker.is_going:
            raise self._not_found(known)
        self._claim.insist_on(tracker)
        return self._take(tracker, Verdict.RESUME)

    # Look, and decide.

    def _first_look(self) -> list[EventTracker]:
        """The trackers of the group, unless a check has just seen that there is room.

        Where that is not so any more, the service refuses, and the group is looked at then.
        """
        expected = self._request.expected
        if expected and expected.verdict is Verdict.CREATE:
            return []
        return self._finder.look(self._group, self._wait)

    def _decide(self, found: list[EventTracker]) -> Decision:
        since = self._asked_at if self._lost and not self._claim.mark else None
        call = Call(self._claim.mark.attempt if self._claim.mark else "", since)
        return ownership.decide(found, self._inputs, self._request.replaced, call)

    def _begin(self, found: list[EventTracker]) -> EventTracker:
        """Comes to a tracker that is there, or on its way, and ours to bring to its end.

        Raises:
            GroupTakenError: The group has one that is not.
        """
        while True:
            decision = self._decide(found)
            expected = self._request.expected
            if decision.words and not (expected and expected.words == decision.words):
                self._request.report(decision.words)
            tracker = decision.tracker
            if decision.refusal:
                raise decision.refusal
            if tracker is None:
                try:
                    return self._take(self._ask(), Verdict.CREATE)
                except errors.ServiceError as refusal:
                    found = self._refusals.judge(refusal, self._decide if self._lost else None)
            elif decision.verdict is Verdict.WAIT:
                found = self._until_room(tracker)
                self._refusals.forget()
            elif decision.verdict is Verdict.DISCARD:
                self._discard(self._claim.take(tracker))
                found = []
            elif self._claim.made(tracker):
                # Its answer was lost, but this very call made it.
                return self._take(tracker, Verdict.CREATE)
            else:
                # As soon as it bears the claim, an end of this leaves it to be kept, or named.
                taking = functools.partial(self._take, verdict=decision.verdict)
                return taking(self._claim.take(tracker, taking))

    def _discard(self, tracker: EventTracker) -> None:
        advice = f"Run again; {self._limit.advice}"
        self._changes.delete_and_wait(
            tracker, self._wait, advice, may=lambda: self._claim.insist(tracker)
        )
        self._refusals.forget()

    def _take(self, tracker: EventTracker, verdict: Verdict) -> EventTracker:
        self._begun, self._verdict, self._begun_at = tracker, verdict, self._clock.now()
        self._seen = tracker
        self._was_seen = verdict is not Verdict.CREATE
        return tracker

    def _until_room(self, going: EventTracker) -> list[EventTracker]:
        """Waits until nothing of the group is going; the trackers that it has then."""

        def look() -> list[EventTracker]:
            found = self._finder.look(self._group, self._wait)
            if all(one.arn != going.arn for one in found):
                # A list may leave out what is going.
                unlisted = self._finder.tracker(going.arn, self._wait.deadline, going)
                found += [unlisted] if unlisted and unlisted.is_going else []
            return found

        found, settled = self._wait.until(
            look,
            done=lambda found: not any(one.is_going for one in found),
            state=lambda found: status(next((one for one in found if one.is_going), None)),
            what=f"event tracker {going.name}",
        )
        if not settled:
            raise timeout_error("deleting", going, self._wait, "Run again once it is gone")
        return found

    def _ask(self) -> EventTracker:
        """Asks for the tracker; gives it as it was begun.

        Raises:
            ServiceError: The service refused.
        """
        if not self._claim.mark and not self._asked_at:
            self._asked_at = self._finder.service_time(self._group, self._wait.deadline)
        name, wanted = self._inputs.name or "", self._claim.wanted(self._claim.mark)

        def act(client: PersonalizeClient) -> EventTracker:
            try:
                answer = client.create_event_tracker(
                    name=name, datasetGroupArn=self._group, tags=as_list(wanted)
                )
            except Exception as error:
                self._lost = self._lost or aws_errors.may_have_worked(error)
                raise
            begun = EventTracker(answer.get("eventTrackerArn", ""), name, CREATE_PENDING)
            if not begun.arn:
                self._lost = True
                raise errors.ServiceError("the answer names no event tracker", resource=self._label)
            return begun.told({**answer, "datasetGroupArn": self._group}).with_tags(wanted)

        return self._calls.make(
            arns.region_of(self._group),
            act,
            operation="creating",
            resource=self._label,
            deadline=self._wait.deadline,
        )

    # Wait, and finish.

    def _until_active(self, begun: EventTracker) -> EventTracker:
        """Waits for ACTIVE; where another tracker of the group keeps it from that, begins again."""
        while True:
            if self._verdict is Verdict.CREATE:
                # Right after the request it is never further.
                self._wait.tell(self._label, begun.status)
                self._clock.sleep(min(FIRST_LOOK, self._wait.left))
            known, settled = self._until_settled(begun)
            self._was_active = bool(known and known.status == ACTIVE)
            if not settled:
                raise self._too_late(known or begun)
            if known is None or known.is_going:
                raise self._not_found(begun)
            if self._was_active:
                return known.with_tags(begun.tags)
            begun = self._begin(self._others_after_failure(known))

    def _until_settled(self, begun: EventTracker) -> tuple[EventTracker | None, bool]:
        if self._is_settled(begun):
            return begun, True

        def look() -> EventTracker | None:
            seen = self._finder.tracker(begun.arn, self._wait.deadline, begun)
            self._was_seen = self._was_seen or seen is not None
            self._seen = seen or self._seen
            return seen

        return self._wait.until(
            look,
            done=self._is_settled,
            state=lambda seen: status(seen) if seen else "not found yet",
            what=self._label,
            since=self._begun_at,
        )

    def _is_settled(self, seen: EventTracker | None) -> bool:
        if seen is None:
            return self._clock.now() >= self._begun_at + LAG
        if seen.status == ACTIVE:
            return bool(seen.tracking_id)
        return seen.status == CREATE_FAILED or seen.is_going

    def _not_found(self, begun: EventTracker) -> errors.EventTrackerNotFoundError:
        what, advice = "was deleted outside of Pulumi during creation", "Run `pulumi up` again"
        if not self._was_seen:
            what = f"was not found within {LAG:.0f} s of its creation"
        return errors.EventTrackerNotFoundError(
            f"{begun.arn} {what}", operation="creating", resource=self._label, advice=advice
        )

    def _too_late(self, tracker: EventTracker) -> errors.WaitTimeoutError:
        advice = self._limit.advice
        if tracker.status == ACTIVE:
            tracker = tracker._replace(status="ACTIVE without a tracking ID")
        return timeout_error("creating", tracker, self._wait, advice)

    def _others_after_failure(self, failed: EventTracker) -> list[EventTracker]:
        """The trackers of the group beside one that failed, which they are the cause of.

        Raises:
            CreateFailedError: There is none.
        """
        advice = "Check the dataset group and its Item interactions dataset"
        if self._verdict is Verdict.ADOPT:
            advice = "Delete it, then run `pulumi up` again"
        try:
            found = self._finder.look(self._group, self._wait)
            others = [one for one in found if one.arn != failed.arn]
            if others and self._removal(failed):
                self._begun = None
                return others
            if others:
                advice = (
                    f"The group has {others[0]}, too, and can have only one: delete one of them"
                )
            elif self._finder.group(self._group, self._wait.deadline).has_interactions is False:
                advice = "Create the group's Item interactions dataset first"
        except errors.ServiceError as failure:
            advice += f". A look at the dataset group failed, too ({failure.code})"
        raise errors.CreateFailedError(
            "Personalize reports CREATE FAILED and gives no reason",
            operation="creating",
            resource=str(failed),
            code=CREATE_FAILED,
            advice=advice,
        )

    def _finish(self, tracker: EventTracker) -> Created:
        """The last step: tags as wanted, and the mark says that it is done."""
        begun_here = self._verdict is Verdict.CREATE
        young = self._clock.now() < self._begun_at + LAG
        self._claim.insist(tracker, young=begun_here and young)
        finished = self._claim.finish(tracker, verify=not begun_here)
        created = finished.created or iso(self._calls.service_time())
        return Created(
            finished._replace(created=created),
            self._claim.mark.attempt if self._claim.mark else "",
            adopted=not begun_here,
        )

    # Tidy up.

    def _tidied(self, error: errors.PersonalizeError) -> errors.PersonalizeError | UnfinishedError:
        """Leaves nothing behind that no state knows, or says what it left."""
        tracker = self._begun
        if not self._request.is_awaited():
            return error
        if self._claim.is_lost:
            return error
        if tracker is None:
            if not self._lost or isinstance(error, errors.GroupTakenError):
                return error
            return error.with_note(
                f"The answer to a request was lost: event tracker {self._inputs.name} may exist in "
                f"dataset group {self._group}, and `pulumi destroy` does not know of it: "
                f"{self._how_to_resume(error)}"
            )
        if self._request.keeps_unfinished:
            return self._to_keep(error, tracker)
        if self._verdict is Verdict.ADOPT:
            if not self._claim.mark:
                return error
            return error.with_note(
                f"Event tracker {tracker.name} ({tracker.arn}) may bear this resource's ownership "
                "tag already: run `pulumi up` again, which adopts it"
            )
        if isinstance(error, errors.EventTrackerNotFoundError) and self._was_seen:
            return error
        if removed := self._removal(tracker):
            return error.with_note(removed)
        seen = "is left as it is" if self._was_seen else "may be left"
        return error.with_note(
            f"Event tracker {tracker.name} ({tracker.arn}) {seen}, and `pulumi destroy` does not "
            f"know of it: {self._how_to_resume(error)}"
        )

    def _to_keep(
        self, error: errors.PersonalizeError, tracker: EventTracker
    ) -> errors.PersonalizeError | UnfinishedError:
        """What a caller gets that keeps an unfinished tracker: that, unless it is of no use."""
        if isinstance(error, errors.EventTrackerNotFoundError) and self._was_seen:
            return error
        kept = (self._seen or tracker).with_tags(tracker.tags)
        next_up = "replaces it" if kept.status == CREATE_FAILED else "resumes it"
        if isinstance(error, errors.CreateFailedError):
            if self._verdict is Verdict.ADOPT:
                return error
            if removed := self._removal(tracker):
                return error.with_note(removed)
        attempt = self._claim.mark.attempt if self._claim.mark else ""
        note = (
            f"The stack's state keeps event tracker {kept.name} as unfinished: `pulumi up` "
            f"{next_up}, `pulumi destroy` removes it"
        )
        created = Created(kept, attempt, adopted=self._verdict is not Verdict.CREATE)
        return UnfinishedError(error.with_note(note), created)

    def _removal(self, tracker: EventTracker) -> str:
        """Removes a tracker that this call made, and that nobody saw ACTIVE; tells how that went.

        Empty where it is left.
        """
        if self._verdict is not Verdict.CREATE or self._was_active:
            return ""
        removal = Removal(tracker, self._claim.mark, self._wait, self._begun_at)
        return removal.run(self._finder, self._changes)

    def _how_to_resume(self, error: errors.PersonalizeError) -> str:
        if isinstance(error, errors.CreateFailedError) and self._claim.mark:
            return "the next `pulumi up` deletes it and creates a new one"
        if isinstance(error, errors.CreateFailedError):
            return "delete it, then run `pulumi up` again"
        if not self._claim.mark:
            return "set adopt_existing=True and run `pulumi up` again, which adopts it"
        if self._was_active:
            return (
                "run `pulumi up` again, which resumes it; if that is refused, set "
                "adopt_existing=True"
            )
        return "run `pulumi up` again, which resumes it"
