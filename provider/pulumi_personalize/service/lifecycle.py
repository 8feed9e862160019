"""Create, read, update and delete of an event tracker, each to its true end.

Sources: https://docs.aws.amazon.com/personalize/latest/dg/API_CreateEventTracker.html and the
pages of DescribeEventTracker, DeleteEventTracker, TagResource and UntagResource beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from .. import errors
from . import arns, faults, rules
from .calls import Calls
from .changes import Changes, status, too_late
from .clock import Clock
from .event_tracker import (
    ALREADY_EXISTS,
    CREATE_FAILED,
    CREATE_PENDING,
    CREATING,
    DELETING,
    IN_USE,
    NOT_FOUND,
    EventTracker,
    Finder,
)
from .inputs import Inputs
from .settings import Settings
from .tags import MAX_TAGS, OWNER_KEY, Mark, as_list
from .wait import Wait

if TYPE_CHECKING:
    from mypy_boto3_personalize import PersonalizeClient

Report = Callable[[str], None]


class Created(NamedTuple):
    """What a create leaves behind.

    Attributes:
        tracker: The event tracker, ACTIVE, with all its tags.
        attempt: The attempt that its ownership mark tells; empty where it carries none.
    """

    tracker: EventTracker
    attempt: str


class Lifecycle:
    """The life of event trackers under one set of settings; thread-safe."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._clock = clock or Clock()
        self._calls = Calls(settings, self._clock)
        self._adopted: set[str] = set()
        self.finder = Finder(self._calls)
        self._changes = Changes(self._calls, self.finder)

    def create(
        self, inputs: Inputs, report: Report, is_awaited: Callable[[], bool] = lambda: True
    ) -> Created:
        """Makes an event tracker and waits until it is ACTIVE.

        One that an interrupted create of the same resource left behind is gone on with, and with
        ``adopt_existing`` the one that the group has is taken over.

        Args:
            inputs: What is wanted; group, name and tags are known by now.
            report: Is told how it stands, a line at a time.
            is_awaited: Whether anybody will keep the result. If not, the tracker stays marked as
                unfinished, so that the next create goes on with it.

        Raises:
            GroupTakenError: The group has a tracker that is not to be taken over.
            NameTakenError: Another group's tracker has the name.
            DatasetGroupError: The group is missing, or takes no tracker.
            CreateFailedError: The service reported CREATE FAILED; the failed tracker is removed.
            WaitTimeoutError: It was not ACTIVE within the time limit.
            ServiceError: A call failed.
        """
        wait = self._wait(f"event tracker {inputs.name}", self._settings.create_timeout, report)
        found = self._occupant(inputs, wait)
        other = Mark.of(found.tags) if found else None
        ours = found is None or rules.is_unfinished(other, inputs)
        mark = self._mark_for(inputs, instead_of=None if ours else other)
        if found:
            report(f"goes on with {found}" if ours else f"takes over {found}")
        begun = found or self._request(inputs, mark, wait)
        tracker = self._until_active(begun.arn, inputs, wait, ours=ours)
        _insist(is_awaited, tracker)
        if found:
            self._adopted.add(tracker.arn)
        return self._finish(tracker.with_tags(begun.tags), inputs, mark)

    def read(self, arn: str) -> EventTracker | None:
        """The event tracker with all its tags; ``None`` where it is gone or going.

        Raises:
            ServiceError: A call failed.
        """
        tracker = self.finder.tracker(arn)
        if tracker is None or tracker.status in DELETING:
            return None
        tags = self.finder.tags(arn)
        return None if tags is None else tracker.with_tags(tags)

    def get(self, arn: str) -> EventTracker:
        """The event tracker with all its tags, for somebody who expects it to be there.

        Raises:
            InputError: That is not the ARN of an event tracker.
            EventTrackerNotFoundError: It is gone or going, or never was.
            ServiceError: A call failed.
        """
        parts = arns.parse(arn)
        if parts is None or (parts.service, parts.kind) != ("personalize", "event-tracker"):
            raise errors.InputError(
                f"'{arn}' is not the ARN of one",
                operation="reading",
                resource="an event tracker",
                advice=(
                    "Give one as in arn:aws:personalize:us-east-1:123456789012:event-tracker/ID; "
                    "get_event_tracker finds it by its dataset group"
                ),
            )
        tracker = self.read(arn)
        if tracker is None:
            raise errors.EventTrackerNotFoundError(
                "does not exist",
                resource=f"event tracker {arn}",
                advice="Check its ARN; get_event_tracker finds it by its dataset group",
            )
        return tracker

    def update(self, arn: str, inputs: Inputs) -> EventTracker:
        """Brings the tags in line, and gives the tracker as it is then.

        Raises:
            EventTrackerNotFoundError: The tracker is gone.
            ServiceError: A call failed.
        """
        tracker = self.read(arn)
        if tracker is None:
            raise errors.EventTrackerNotFoundError(
                "it is gone",
                operation="updating",
                resource=f"event tracker {arn}",
                advice="Run pulumi refresh; the next up makes it anew",
            )
        wanted = _wanted(inputs, Mark.of(tracker.tags))
        changed = self._changes.set_tags(tracker, wanted)
        if not changed:
            return tracker
        return (self.finder.tracker(arn) or tracker).with_tags(wanted)

    def delete(self, arn: str, name: str, attempt: str, report: Report) -> None:
        """Deletes an event tracker and waits until it is gone; already gone is success.

        Args:
            arn: The tracker's ARN.
            name: Its name, for messages.
            attempt: The attempt that the caller's state tells, empty where it left no mark. A
                tracker that another attempt has taken over since is left alone.
            report: Is told how it stands, a line at a time.

        Raises:
            WaitTimeoutError: It was not gone within the time limit.
            ServiceError: A call failed.
        """
        if self._has_another_owner(arn, attempt):
            report(f"leaves event tracker {name} ({arn}) alone: it was taken over since")
            return
        wait = self._wait(f"event tracker {name}", self._settings.delete_timeout, report)
        self._changes.until_gone(arn, wait)

    def _wait(self, what: str, timeout: float, report: Report) -> Wait:
        return Wait(
            self._clock,
            timeout,
            lambda state, waited: report(f"{what}: {state} ({waited:.0f} s)"),
        )

    def _mark_for(self, inputs: Inputs, instead_of: Mark | None = None) -> Mark | None:
        # Another's mark has to go, even where no tag is wanted: by it, the other would delete.
        wanted = self._settings.ownership_tag or instead_of is not None
        room = len(inputs.tags or {}) < MAX_TAGS
        known = bool(inputs.context.resource)
        marked = wanted and room and known
        return Mark.beginning(inputs.context.owner) if marked else None

    def _occupant(self, inputs: Inputs, wait: Wait) -> EventTracker | None:
        """The tracker of the group to go on with, tags included; ``None`` where there is room.

        Raises:
            GroupTakenError: There is one that is not ours to go on with.
        """
        group = _group(inputs)
        found, settled = wait.until(
            lambda: self.finder.tracker_of_group(group, wait.deadline),
            done=lambda tracker: tracker is None or tracker.status not in DELETING,
            state=status,
        )
        if found is None:
            return None
        if not settled:
            raise too_late("deleting", found, wait, "Run again once it is gone")
        tags = self.finder.tags(found.arn, wait.deadline) or {}
        mark = Mark.of(tags)
        unfinished = rules.is_unfinished(mark, inputs)
        if unfinished and (found.status == CREATE_FAILED or inputs.asked not in (None, found.name)):
            # Our own, never handed to anyone, and of no use: out of the way with it.
            self._changes.until_gone(found.arn, wait)
            return None
        if unfinished or rules.may_adopt(found, mark, inputs):
            return found.with_tags(tags)
        raise rules.group_taken(found, mark, inputs)

    def _request(self, inputs: Inputs, mark: Mark | None, wait: Wait) -> EventTracker:
        """Asks for the tracker, and gives it as begun, also where the answer was lost."""
        group, name, wanted = _group(inputs), inputs.name or "", _wanted(inputs, mark)
        asked_at = None if mark else self.finder.service_time(group)
        lost = False

        def act(client: PersonalizeClient) -> str:
            nonlocal lost
            try:
                return client.create_event_tracker(
                    name=name, datasetGroupArn=group, tags=as_list(wanted)
                )["eventTrackerArn"]
            except Exception as error:
                lost = lost or faults.may_have_worked(error)
                raise

        def attempt() -> EventTracker | None:
            try:
                arn = self._calls.make(
                    arns.region_of(group),
                    act,
                    operation="creating",
                    resource=f"event tracker {name}",
                    deadline=wait.deadline,
                )
                return EventTracker(arn, name, CREATE_PENDING, tags=wanted)
            except errors.ServiceError as error:
                if error.code == IN_USE:
                    return None
                if error.code == NOT_FOUND:
                    problem = rules.group_problem(self.finder, group)
                    raise problem or error from error
                if error.code != ALREADY_EXISTS:
                    raise
                other = self.finder.tracker_of_group(group, wait.deadline)
                if other is None:
                    raise _name_taken(inputs, error) from error
                tags = self.finder.tags(other.arn, wait.deadline) or {}
                found = Mark.of(tags)
                this = lost and _is_of_this_call(other, found, mark, name, asked_at)
                # The call of an interrupted create may arrive only now.
                earlier = rules.is_unfinished(found, inputs) and inputs.asked in (None, other.name)
                if this or earlier:
                    return other.with_tags(tags)
                raise rules.group_taken(other, found, inputs) from error

        begun, _ = wait.until(
            attempt, done=lambda begun: begun is not None, state=lambda _: "dataset group in use"
        )
        if begun is None:
            raise errors.WaitTimeoutError(
                f"dataset group {group} was in use for {wait.waited:.0f} s",
                operation="creating",
                resource=f"event tracker {name}",
                code=IN_USE,
                advice="Run again later",
            )
        return begun

    def _until_active(self, arn: str, inputs: Inputs, wait: Wait, *, ours: bool) -> EventTracker:
        """Waits for ACTIVE; of our own that does not get there, nothing is left if possible."""
        tracker, settled = wait.until(
            lambda: self.finder.tracker(arn, wait.deadline),
            done=lambda tracker: tracker is None or tracker.status not in CREATING,
            state=status,
        )
        label = f"event tracker {inputs.name}"
        if tracker is None or tracker.status in DELETING:
            raise errors.EventTrackerNotFoundError(
                f"{arn} was deleted by someone else meanwhile",
                operation="creating",
                resource=label,
                advice="Run again",
            )
        if not settled:
            if ours and self._is_removed(arn, wait):
                advice = "It is being removed; run again, and see personalize:createTimeout"
            elif ours and self._settings.ownership_tag:
                advice = (
                    "Run pulumi up again, which goes on with it (as adopt_existing=True would); "
                    "personalize:createTimeout gives it more time"
                )
            else:
                advice = (
                    "Set adopt_existing=True and run pulumi up again, which takes it over; "
                    "personalize:createTimeout gives it more time"
                )
            raise too_late("creating", tracker, wait, advice)
        if tracker.status == CREATE_FAILED:
            if ours:
                self._changes.until_gone(
                    arn, self._wait(label, self._settings.delete_timeout, _quiet)
                )
            raise errors.CreateFailedError(
                "Personalize reports CREATE FAILED and gives no reason",
                operation="creating",
                resource=f"event tracker {tracker.name} ({arn})",
                code=CREATE_FAILED,
                advice=(
                    "The failed tracker is removed: check the dataset group and its interactions "
                    "dataset, and run again"
                    if ours
                    else "Delete it, and run again"
                ),
            )
        return tracker

    def _is_removed(self, arn: str, wait: Wait) -> bool:
        try:
            return self._changes.request_deletion(arn, wait)
        except errors.ServiceError:
            # What matters to the user is that the time is up.
            return False

    def _finish(self, tracker: EventTracker, inputs: Inputs, mark: Mark | None) -> Created:
        """The last step of a create: tags as wanted, and the mark says that it is done."""
        done = mark.finished() if mark else None
        wanted = _wanted(inputs, done)
        self._changes.set_tags(tracker, wanted)
        return Created(tracker.with_tags(wanted), done.attempt if done else "")

    def _has_another_owner(self, arn: str, attempt: str) -> bool:
        if arn in self._adopted:
            # Taken over in this very run: the resource it replaces goes, the tracker stays.
            return True
        mark = Mark.of(self.finder.tags(arn) or {})
        return mark is not None and mark.attempt != attempt


def _group(inputs: Inputs) -> str:
    if inputs.dataset_group_arn is None:
        raise errors.InputError(
            "the dataset group's ARN is not known",
            operation="creating",
            resource=f"event tracker {inputs.name}",
        )
    return inputs.dataset_group_arn


def _wanted(inputs: Inputs, mark: Mark | None) -> dict[str, str]:
    """The tags that a tracker is to carry: the user's, and the mark where there is room for it."""
    wanted = dict(inputs.tags or {})
    if mark is not None and len(wanted) < MAX_TAGS:
        wanted[OWNER_KEY] = mark.value
    return wanted


def _insist(is_awaited: Callable[[], bool], tracker: EventTracker) -> None:
    if not is_awaited():
        raise errors.PersonalizeError(
            "nobody waits for the result any more", operation="creating", resource=str(tracker)
        )


def _quiet(_line: str) -> None:
    pass


def _name_taken(inputs: Inputs, error: errors.ServiceError) -> errors.NameTakenError:
    return errors.NameTakenError(
        f"the name is taken by an event tracker of another dataset group: {error.message}",
        operation="creating",
        resource=f"event tracker {inputs.name}",
        code=error.code,
        advice="Give it another name, or leave the name out",
    )


def _is_of_this_call(
    tracker: EventTracker, found: Mark | None, mark: Mark | None, name: str, asked_at: str | None
) -> bool:
    """Whether a tracker that was not there before is the one that a lost answer told of."""
    if mark is not None:
        return found == mark
    return found is None and tracker.name == name and tracker.created >= (asked_at or "")
