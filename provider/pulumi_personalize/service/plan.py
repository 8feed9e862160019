"""What an operation would do, told before anything is changed: check and diff."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from .. import errors
from . import names, rules
from .event_tracker import DELETING, EventTracker, Finder
from .inputs import (
    CONTEXT,
    DATASET_GROUP_ARN,
    MARK,
    NAME,
    TAGS,
    Context,
    Inputs,
    Problem,
    parse,
)
from .tags import Mark


class Checked(NamedTuple):
    """What a check found.

    Attributes:
        inputs: The property bag to go on with: the name filled in, nothing empty in it.
        problems: Everything that is wrong.
        notes: What the user should know beforehand.
    """

    inputs: dict[str, Any]
    problems: list[Problem]
    notes: list[str]


class Difference(NamedTuple):
    """What an update would change.

    Attributes:
        changes: Whether anything would.
        replaces: The properties that can't change in place.
        delete_first: Whether the old tracker has to go before the new one can be made.
        warnings: What the user should know beforehand.
    """

    changes: bool
    replaces: list[str]
    delete_first: bool
    warnings: list[str]


class Planner:
    """Plans within one operation of the front end, in which it sees every resource once.

    It remembers what the resources want and what is about to be replaced, because a
    replacement is checked once more as if it were new.
    """

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._claims = rules.Claims()
        #: Of trackers that are deleted before their replacement: owner and attempt.
        self._deleted_first: dict[str, tuple[str, str]] = {}
        #: Of resources that exist: the inputs that they have.
        self._existing: dict[str, Mapping[str, Any]] = {}
        self._looked_at: set[str] = set()

    def check(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Checked:
        """Checks the inputs of a resource, and for a new one that its group has room.

        Args:
            olds: The inputs of the resource as it is; empty for a new one.
            news: The inputs wanted; values that are not known yet are `UNKNOWN`.

        Raises:
            PersonalizeError: AWS could not be asked.
        """
        inputs, problems = parse(news)
        bag = {key: value for key, value in news.items() if value is not None}
        if not bag.get(TAGS):
            bag.pop(TAGS, None)
        notes: list[str] = []
        if not problems and (problem := self._claims.claim(inputs)):
            problems.append(problem)
        if olds:
            self._existing[inputs.context.owner] = olds
        found = None
        if not problems and not olds and inputs.dataset_group_arn:
            try:
                found = self._look(inputs, notes)
            except (errors.GroupTakenError, errors.DatasetGroupError) as refusal:
                problems.append(Problem(DATASET_GROUP_ARN, str(refusal)))
        if NAME not in bag:
            # Without a name asked for, the one it has is kept for life.
            kept = olds.get(NAME) or (found.name if found else None)
            bag[NAME] = kept or names.generate(inputs.context.resource)
            context = news.get(CONTEXT)
            bag[CONTEXT] = {**(context if isinstance(context, Mapping) else {}), "named": False}
        return Checked(bag, problems, notes)

    def diff(self, arn: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Difference:
        """Compares a tracker as it is with the inputs wanted.

        Args:
            arn: The tracker's ARN.
            olds: Its outputs, as the state or a refresh has them.
            news: The checked inputs wanted.

        Raises:
            GroupTakenError: It would move to a group that has a tracker.
            DatasetGroupError: It would move to a group that can't take one.
            InputError: It would be renamed, and an option forbids the only way to do that.
            PersonalizeError: AWS could not be asked.
        """
        inputs, _ = parse(news)
        moved = inputs.dataset_group_arn != olds.get(DATASET_GROUP_ARN)
        renamed = inputs.name_unknown or inputs.asked not in (None, olds.get(NAME))
        retagged = inputs.tags is None or dict(inputs.tags) != (olds.get(TAGS) or {})
        replaces = [DATASET_GROUP_ARN] * moved + [NAME] * renamed
        warnings: list[str] = []
        if moved and inputs.dataset_group_arn:
            self._look(inputs, warnings)
            self._looked_at.add(inputs.dataset_group_arn)
        if renamed and not moved and (option := _forbids_to_delete_first(inputs.context)):
            raise errors.InputError(
                "a new name needs the old tracker deleted first, because a dataset group takes "
                f"one tracker, and {option} forbids that",
                operation="renaming",
                resource=f"event tracker {olds.get(NAME)}",
                advice="Remove that option, with an up of its own, or keep the name",
            )
        if inputs.context.delete_before_replace or (renamed and not moved):
            self._deleted_first[arn] = inputs.context.owner, olds.get(MARK, "")
        if replaces:
            # Without the id, which additional_secret_outputs may have made a secret.
            warnings.append(
                f"replacing event tracker {olds.get(NAME)} changes its tracking id for good; "
                "applications that still send under the old one will be refused"
            )
        return Difference(
            changes=bool(replaces) or retagged,
            replaces=replaces,
            delete_first=renamed and not moved,
            warnings=warnings,
        )

    def _look(self, inputs: Inputs, notes: list[str]) -> EventTracker | None:
        """Looks at the group; gives the tracker that the create would go on with, if any."""
        group = inputs.dataset_group_arn or ""
        if group in self._looked_at:
            return None
        # The engine checks one resource at a time: asked side by side, AWS keeps it half as long.
        with ThreadPoolExecutor(1) as aside:
            looked_up = aside.submit(self._finder.tracker_of_group, group)
            problem = rules.group_problem(self._finder, group)
        if problem:
            raise problem
        tracker = looked_up.result()
        if tracker is None or tracker.status in DELETING:
            return None
        context = inputs.context
        mark = Mark.of(self._finder.tags(tracker.arn) or {})
        if rules.is_unfinished(mark, inputs):
            notes.append(f"goes on with {tracker}, which an interrupted create left unfinished")
            return tracker
        if tracker.arn in self._deleted_first:
            owner, attempt = self._deleted_first[tracker.arn]
            if owner == context.owner and (mark is None or mark.attempt == attempt):
                return None
        replaced = self._is_replaced(tracker, mark, inputs)
        goes_first = context.delete_before_replace and not context.retain_on_delete
        if goes_first and (replaced or rules.is_finished(mark, inputs)):
            return None
        if rules.may_adopt(tracker, mark, inputs):
            condition = "because of" if inputs.adopt_existing else "if it turns out that"
            notes.append(f"takes over {tracker}, {condition} adopt_existing=True")
            return tracker
        raise rules.group_taken(tracker, mark, inputs, replaced=replaced)

    def _is_replaced(self, tracker: EventTracker, mark: Mark | None, inputs: Inputs) -> bool:
        """Whether a tracker is the one that a resource, now checked as if it were new, has."""
        if mark is not None and not rules.is_finished(mark, inputs):
            return False
        olds = self._existing.get(inputs.context.owner, {})
        had = olds.get(DATASET_GROUP_ARN), olds.get(NAME)
        return had == (inputs.dataset_group_arn, tracker.name)


def _forbids_to_delete_first(context: Context) -> str | None:
    """The program's option that keeps the old tracker of a replacement, for a while or for good."""
    if context.retain_on_delete:
        return "retain_on_delete=True"
    return "delete_before_replace=False" if context.delete_before_replace is False else None
