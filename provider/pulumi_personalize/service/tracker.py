"""Create, read, update and delete of an event tracker, each waited for to its completion.

Sources: https://docs.aws.amazon.com/personalize/latest/dg/API_CreateEventTracker.html and the
pages of DescribeEventTracker, DeleteEventTracker, TagResource and UntagResource beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .. import errors
from . import arns, ownership
from .changes import Changes
from .client import Calls
from .clock import Clock
from .creation import Creation
from .finder import Finder
from .inputs import OWNERSHIP_TAG, UNFINISHED, Context, Inputs, state_tags
from .model import LIMIT_EXCEEDED, NOT_FOUND, TOO_MANY_TAG_KEYS, TOO_MANY_TAGS, EventTracker
from .request import Created, Request
from .settings import Settings
from .tags import MAX_TAGS, OWNER_KEY, OwnershipTag, of_user
from .waiter import Limit, Report, Wait, quiet

_NOTHING: Mapping[str, Any] = {}
_NOBODY = Context()


class Lifecycle:
    """The life of event trackers under one set of settings; thread-safe."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self._settings = settings
        self._calls = Calls(settings, clock)
        self._clock = self._calls.clock
        self._adopted: set[str] = set()
        self.finder = Finder(self._calls)
        self._changes = Changes(self._calls, self.finder)

    @property
    def settings(self) -> Settings:
        """What the configuration asks for."""
        return self._settings

    def create(self, request: Request) -> Created:
        """Creates an event tracker and waits until it is ACTIVE.

        One that an interrupted create of the same resource left behind is resumed, and with
        ``adopt_existing`` the one that the group has is adopted. One that it made, and that never
        became ACTIVE, is removed where that is possible, or else named in the error.

        Args:
            request: What is wanted, and by whom.

        Raises:
            GroupTakenError: The group has a tracker that is not to be adopted.
            NameTakenError: Another group's tracker has the name.
            DatasetGroupError: The group is missing, or takes no tracker.
            CreateFailedError: The service reported CREATE FAILED.
            EventTrackerNotFoundError: It was deleted outside of Pulumi during creation.
            WaitTimeoutError: It was not ACTIVE within the time limit.
            ServiceError: A call failed.
            UnfinishedError: Any of these, where the caller keeps what there is of the tracker.
        """
        if request.inputs.dataset_group_arn is None:
            raise errors.InputError(
                "the dataset group's ARN is not known",
                operation="creating",
                resource=f"event tracker {request.inputs.name}",
            )
        created = Creation(request, self._calls, self.finder, self._changes).run()
        if created.adopted:
            self._adopted.add(created.tracker.arn)
        return created

    def read(
        self, arn: str, outputs: Mapping[str, Any] = _NOTHING, report: Report = quiet
    ) -> EventTracker | None:
        """The event tracker with all its tags; ``None`` where it is gone or going.

        Args:
            arn: The event tracker's ARN.
            outputs: What the caller's state has of it: for what the service leaves out, and to
                tell a young tracker, which reads may not show yet, from one that is gone.
            report: Progress callback, one line per call.

        Raises:
            ServiceError: A call failed.
        """
        known = EventTracker.of_outputs(arn, outputs)
        tagged = bool(state_tags(outputs) or outputs.get(OWNERSHIP_TAG))
        tracker = self.finder.in_full(known, self.new_wait(report), tagged=tagged)
        return None if tracker is None or tracker.is_going else tracker

    def get(self, arn: str) -> EventTracker:
        """The event tracker with all its tags. Raises if it does not exist.

        Raises:
            InputError: That is not the ARN of an event tracker.
            EventTrackerNotFoundError: It is gone or going, or never was.
            ServiceError: A call failed.
        """
        parts = arns.parse(arn)
        if parts is None or (parts.service, parts.kind) != ("personalize", "event-tracker"):
            raise errors.InputError(
                f"'{arn}' must be an event tracker ARN",
                operation="reading",
                resource="an event tracker",
                advice=(
                    "Set one, for example "
                    "arn:aws:personalize:us-east-1:123456789012:event-tracker/ID; "
                    "get_event_tracker finds it by its dataset group"
                ),
            )
        if problem := self._settings.problem_of(parts.account):
            raise errors.InputError(problem, operation="reading", resource=f"event tracker {arn}")
        tracker = self.read(arn)
        if tracker is None:
            raise errors.EventTrackerNotFoundError(
                "does not exist",
                resource=f"event tracker {arn}",
                advice="Check its ARN; get_event_tracker finds it by its dataset group",
            )
        return tracker

    def of_group(self, group: str) -> EventTracker | None:
        """The event tracker of a dataset group with all its tags; ``None`` where it has none.

        Raises:
            ServiceError: A call failed.
        """
        for listed in self.finder.listed(group):
            if not listed.is_going and (tracker := self.read(listed.arn, listed.outputs)):
                return tracker
        return None

    def look_up(self, group: str) -> EventTracker:
        """The event tracker of a dataset group. Raises if it has none.

        Raises:
            EventTrackerNotFoundError: The group has no event tracker.
            ServiceError: A call failed.
        """
        tracker = self.of_group(group)
        if tracker is None:
            raise errors.EventTrackerNotFoundError(
                "has no event tracker",
                resource=f"dataset group {group}",
                advice="Create one first, or check the group's name, region and account",
            )
        return tracker

    def update(
        self,
        arn: str,
        inputs: Inputs,
        outputs: Mapping[str, Any] = _NOTHING,
        report: Report = quiet,
        limit: Limit | None = None,
        is_awaited: Callable[[], bool] = lambda: True,
    ) -> tuple[EventTracker, str | None]:
        """Changes the tags from what the state has to what is wanted.

        Tags that neither of them has are left alone: no preview named them. The ownership tag is
        rewritten where the resource is called otherwise than before. A tracker that the state has
        as unfinished is brought to its end.

        Args:
            arn: The event tracker's ARN.
            inputs: What is wanted.
            outputs: What the caller's state has of it.
            report: Progress callback, one line per call.
            limit: The time limit, in place of the configuration's for a create.
            is_awaited: Whether anybody will keep the result.

        Returns:
            The tracker as it is, and the attempt that the state is to tell from now on: empty for
            no mark, ``None`` where that can't be told.

        Raises:
            EventTrackerNotFoundError: The tracker is gone.
            ServiceError: A call failed.
            UnfinishedError: One that was unfinished still is.
        """
        known = EventTracker.of_outputs(arn, outputs)
        if outputs.get(UNFINISHED):
            request = Request(inputs, report, is_awaited, keeps_unfinished=True, limit=limit)
            creation = Creation(request, self._calls, self.finder, self._changes)
            resumed = creation.resume(known, outputs.get(OWNERSHIP_TAG) or "")
            return resumed.tracker, resumed.attempt
        wait = self.new_wait(report, limit.seconds if limit else None)
        try:
            return self._retag(known, inputs, outputs, wait)
        except errors.CancelledError as error:
            advice = "`pulumi refresh` shows which tags are set"
            raise errors.CancelledError(
                "cancelled", operation="updating", resource=str(known), advice=advice
            ) from error

    def _retag(
        self, known: EventTracker, inputs: Inputs, outputs: Mapping[str, Any], wait: Wait
    ) -> tuple[EventTracker, str | None]:
        arn = known.arn
        before, after = state_tags(outputs), dict(inputs.all_tags or {})
        attempt, mark = self._mark_to_keep(known, inputs, outputs, wait)
        if len(after) == MAX_TAGS and attempt:
            # The ownership tag yields its place to the user's.
            before[OWNER_KEY], attempt, mark = "", "", {}
        try:
            self._changes.set_tags(known, before, {**after, **mark}, wait)
            tracker = self.finder.tracker(arn, wait.deadline, known)
        except errors.ServiceError as error:
            if error.code == NOT_FOUND:
                raise self._gone(arn) from error
            if error.code in (TOO_MANY_TAGS, TOO_MANY_TAG_KEYS, LIMIT_EXCEEDED):
                error = error.with_note(self._no_room(known, after, wait))
            raise error.with_note("`pulumi refresh` shows which tags are set") from error
        if tracker.is_going if tracker else not self.finder.is_young(known):
            raise self._gone(arn)
        return (tracker or known).with_tags(after), attempt

    def _mark_to_keep(
        self, known: EventTracker, inputs: Inputs, outputs: Mapping[str, Any], wait: Wait
    ) -> tuple[str | None, dict[str, str]]:
        """The attempt that the state is to tell, see `ownership.holds`, and the tag to write.

        A tag is written where the resource is called otherwise than its state says.
        """
        attempt, former, context = outputs.get(OWNERSHIP_TAG), Context.of(outputs), inputs.context
        renamed = former.is_known and not context.is_called(former.owner)
        if attempt == "" or (attempt and not renamed):
            return attempt, {}
        if attempt is None:
            # Not by the tags alone, which a young tracker may not show yet.
            seen = self.finder.in_full(known, wait) or known
            return ownership.attempt_of(OwnershipTag.of(seen.tags), context), {}
        mark = OwnershipTag.of(self.finder.tags(known.arn, wait) or {})
        if former.marked:
            # Another state holds the attempt, too: by a new one, it is told that it has lost the
            # tracker. Always the same one, so that this can be made again.
            renewed = OwnershipTag.derived(context.owner, attempt)
            ours = mark is not None and mark.attempt in (attempt, renewed.attempt)
            return (renewed.attempt, {OWNER_KEY: renewed.value}) if ours else (attempt, {})
        if mark is None or mark.attempt != attempt:
            return attempt, {}
        return attempt, {OWNER_KEY: mark._replace(owner=context.owner).value}

    def _gone(self, arn: str) -> errors.EventTrackerNotFoundError:
        return errors.EventTrackerNotFoundError(
            "no longer exists",
            operation="updating",
            resource=f"event tracker {arn}",
            advice="Run `pulumi refresh`, then `pulumi up` to recreate it",
        )

    def _no_room(self, known: EventTracker, wanted: Mapping[str, str], wait: Wait) -> str:
        """What leaves no room for the tags that are wanted; empty where that can't be told."""
        try:
            tags = of_user(self.finder.tags(known.arn, wait) or {})
        except errors.ServiceError:
            return ""
        foreign = sorted(key for key in tags if key not in wanted)
        told = f"Tags set outside of this program leave no room: {', '.join(foreign)}"
        return told if foreign else ""

    def delete(
        self,
        arn: str,
        attempt: str | None,
        report: Report,
        outputs: Mapping[str, Any] = _NOTHING,
        context: Context = _NOBODY,
        limit: Limit | None = None,
    ) -> None:
        """Deletes an event tracker and waits until it is gone; already gone is success.

        Args:
            arn: The tracker's ARN.
            attempt: The attempt that the caller's state tells, empty where it left no mark, and
                ``None`` where the state doesn't tell. A tracker that another attempt has adopted
                since is left alone.
            report: Progress callback, one line per call.
            outputs: What the caller's state has of it.
            context: What is known of the resource that has it.
            limit: The time limit, in place of the configuration's.

        Raises:
            PersonalizeError: Whose it is can't be told.
            WaitTimeoutError: It was not gone within the time limit.
            ServiceError: A call failed.
        """
        known = EventTracker.of_outputs(arn, outputs)
        known = known._replace(name=known.name or arn)
        # A destroy goes by the configuration of the last up.
        limit = limit or Limit(
            self._settings.delete_timeout, "personalize:deleteTimeout (with an up after it)"
        )
        wait = self.new_wait(report, limit.seconds, f"event tracker {known.name}")
        try:
            self._delete(known, attempt, wait, limit, context)
        except errors.CancelledError as error:
            advice = "The stack's state keeps it: run again to resume"
            raise errors.CancelledError(
                "cancelled", operation="deleting", resource=str(known), advice=advice
            ) from error

    def _delete(
        self, known: EventTracker, attempt: str | None, wait: Wait, limit: Limit, context: Context
    ) -> None:
        arn, report = known.arn, wait.report
        if arn in self._adopted:
            report(f"keeping {known}, which the resource that replaces it has adopted")
            return
        mark = OwnershipTag.of(self.finder.tags(arn, wait) or {})
        if kept := ownership.keeps(known, attempt, mark, context):
            report(f"not deleting {known}: {kept}")
            return
        if context.marked:
            owner = context.marked
            report(f"deleting {known}, which was imported with the ownership tag of '{owner}'")
        self._changes.delete_and_wait(known, wait, f"Run again; {limit.advice}")

    def new_wait(self, report: Report, timeout: float | None = None, about: str = "") -> Wait:
        """A wait with a time limit in seconds; where none is given, with that of a create."""
        timeout = self._settings.create_timeout if timeout is None else timeout
        return Wait(self._clock, timeout, report, about)
