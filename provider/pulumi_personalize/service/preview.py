"""What an operation would do, told before anything is changed: check and diff."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from .. import errors
from . import dataset_group, held, names, ownership, taken_name
from .finder import Finder
from .inputs import (
    CONTEXT,
    DATASET_GROUP_ARN,
    NAME,
    OWNERSHIP_TAG,
    TAGS,
    UNFINISHED,
    UNKNOWN,
    Context,
    Inputs,
    Problem,
    Unknown,
    parse,
    state_tags,
    with_default_tags,
)
from .model import EventTracker
from .ownership import Decision, Replaced, Verdict
from .settings import Settings
from .waiter import Report, Wait, quiet

#: The output by which a tracker is replaced that can't be brought to its end.
STATUS = "status"


class Checked(NamedTuple):
    """What a check found.

    Attributes:
        inputs: The property bag to go on with: the name filled in, nothing empty in it.
        problems: Everything that is wrong.
        notes: What the update is going to do beyond what the engine shows.
        warnings: What the user should know beforehand.
    """

    inputs: dict[str, Any]
    problems: list[Problem]
    notes: list[str]
    warnings: list[str]


class Difference(NamedTuple):
    """What an update would change.

    Attributes:
        changes: Whether anything would.
        replaces: The properties that can't change in place.
        delete_first: Whether the old tracker has to go before the new one can be made.
        notes: What the update is going to do beyond what the engine shows.
        warnings: What the user should know beforehand.
        reowned: The owner that the ownership tag names, where it is to name another one.
    """

    changes: bool
    replaces: list[str]
    delete_first: bool
    notes: list[str]
    warnings: list[str]
    reowned: str = ""


class Record:
    """What one operation knows of one resource.

    Attributes:
        context: What the front end knows of it.
        group: What its dataset group is known by, for other resources of the program.
        olds: The inputs that it has; empty for a new one.
        replaced: The tracker that the operation replaces.
        decisions: By dataset group: what is to be done about its trackers, and has not been yet.
    """

    def __init__(self) -> None:
        self.context = Context()
        self.group = ""
        self.olds: Mapping[str, Any] = {}
        self.replaced: Replaced | None = None
        self.decisions: dict[str, Decision] = {}


class Planner:
    """Plans within one operation of the front end; thread-safe.

    It remembers what the resources want and what is about to be replaced, because a
    replacement is checked once more as if it were new, and a create builds on its check.

    Args:
        finder: Looks for event trackers and dataset groups.
        new_wait: Makes the time limit of a look, told to a progress callback.
        settings: What the configuration asks for.
    """

    def __init__(
        self,
        finder: Finder,
        new_wait: Callable[[Report], Wait],
        settings: Settings | None = None,
    ) -> None:
        self._settings = settings or Settings()
        self._finder = finder
        self._new_wait = new_wait
        self._records: dict[str, Record] = {}
        self._lock = threading.Lock()

    def check(
        self, olds: Mapping[str, Any], news: Mapping[str, Any], report: Report = quiet
    ) -> Checked:
        """Checks the inputs of a resource, and for a new one that its group has room.

        Args:
            olds: The inputs of the resource as it is; empty for a new one.
            news: The inputs wanted; values that are not known yet are `UNKNOWN`.
            report: Progress callback, one line per call.

        Raises:
            PersonalizeError: AWS could not be asked.
        """
        news = with_default_tags(news, self._settings.default_tags or {})
        inputs, problems = parse(news)
        if reason := self._settings.problem_of_group(inputs.dataset_group_arn):
            problems.append(Problem(DATASET_GROUP_ARN, reason))
        props = {key: value for key, value in news.items() if value is not None}
        if not props.get(TAGS):
            props.pop(TAGS, None)
        notes: list[str] = []
        warnings: list[str] = []
        record = self.record(inputs.context)
        if not problems and (problem := self._claim(record, inputs)):
            problems.append(problem)
        if olds:
            record.olds = olds
        decision = Decision(Verdict.CREATE)
        if not problems and not olds and inputs.dataset_group_arn:
            try:
                decision = self._decide(record, inputs, report, notes, warnings)
            except (errors.GroupTakenError, errors.DatasetGroupError) as refusal:
                problems.append(Problem(DATASET_GROUP_ARN, str(refusal)))
        if NAME not in props:
            # Without a name asked for, the one it has is kept for life.
            props[NAME] = olds.get(NAME) or _kept_name(decision) or _derived_name(inputs)
            context = news.get(CONTEXT)
            props[CONTEXT] = {**(context if isinstance(context, Mapping) else {}), "named": False}
        return Checked(props, problems, notes, warnings)

    def diff(
        self,
        arn: str,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        report: Report = quiet,
    ) -> Difference:
        """Compares a tracker as it is with the inputs wanted.

        Args:
            arn: The tracker's ARN.
            olds: Its outputs, as the state or a refresh has them.
            news: The checked inputs wanted.
            report: Progress callback, one line per call.

        Raises:
            GroupTakenError: It would move to a group that has a tracker.
            DatasetGroupError: It would move to a group that can't take one.
            InputError: It would be renamed, and an option forbids the only way to do that.
            PersonalizeError: AWS could not be asked.
        """
        inputs, _ = parse(news)
        name, group = olds.get(NAME) or "", olds.get(DATASET_GROUP_ARN) or ""
        moved = inputs.dataset_group_arn != group
        renamed = inputs.name_unknown or inputs.requested_name not in (None, name)
        retagged = inputs.tags != (olds.get(TAGS) or {}) or inputs.all_tags != state_tags(olds)
        replaces = [DATASET_GROUP_ARN] * moved + [NAME] * renamed
        attempt = olds.get(OWNERSHIP_TAG) or ""
        former = Context.of(olds)
        reowned = bool(attempt and former.is_known) and not inputs.context.is_called(former.owner)
        unfinished = bool(olds.get(UNFINISHED))
        useless = self._useless(arn) if unfinished and not (moved or renamed) else ""
        replaces += [STATUS] if useless else []
        notes: list[str] = []
        warnings: list[str] = []
        record = self.record(inputs.context)
        delete_first = (renamed and not moved) or bool(useless)
        first = inputs.context.deletes_first or delete_first
        record.replaced = Replaced(group, name, arn, olds.get(OWNERSHIP_TAG), first)
        if moved and inputs.dataset_group_arn:
            self._decide(record, inputs, report, notes, warnings)
        if renamed and not moved and (option := ownership.forbids_rename(inputs.context)):
            raise errors.InputError(
                f"renaming must delete the old tracker first, which {option} prevents",
                operation="renaming",
                resource=f"event tracker {name}",
                advice="Remove that option in a separate `pulumi up`, or keep the name",
            )
        if reowned and not replaces:
            notes.append(
                f"rewriting the ownership tag of event tracker {name}: {former.owner} is now "
                f"{inputs.context.owner}"
            )
        if bare := CONTEXT not in olds and OWNERSHIP_TAG not in olds:
            notes.append("restoring what a version of Pulumi's Python SDK dropped from the state")
        if moved and not renamed and (warning := taken_name.warning_of_kept_name(inputs, group)):
            warnings.append(warning)
        if useless:
            notes.append(f"replacing {useless}, which an interrupted create left of no use")
        elif replaces and not unfinished:
            # Without the id, which additional_secret_outputs may have made a secret.
            warnings.append(
                f"replacing event tracker {name} permanently changes its tracking ID; PutEvents "
                "with the old ID will fail"
            )
        return Difference(
            changes=bool(replaces) or retagged or reowned or bare or unfinished,
            replaces=replaces,
            delete_first=delete_first,
            reowned=former.owner if reowned else "",
            notes=notes,
            warnings=warnings,
        )

    def adopted(self, inputs: Inputs) -> EventTracker | None:
        """The tracker that a create is sure to adopt, as its check has decided."""
        decision = self.record(inputs.context).decisions.get(inputs.dataset_group_arn or "")
        if decision is None or decision.verdict is not Verdict.ADOPT:
            return None
        sure = inputs.adopt_existing is not None and not inputs.name_unknown
        return decision.tracker if sure else None

    def _useless(self, arn: str) -> str:
        """A kept tracker that can't be brought to its end, for the user; empty for any other."""
        tracker = self._finder.tracker(arn)
        return "" if held.can_be_finished(tracker) else str(tracker or f"event tracker {arn}")

    def record(self, context: Context) -> Record:
        """What is known of a resource; of one that can't be told from others, nothing."""
        if not context.resource:
            return Record()
        with self._lock:
            return self._records.setdefault(context.owner, Record())

    def context_of(self, arn: str) -> Context:
        """What is known of the resource that has a tracker, once a diff has seen it."""
        with self._lock:
            for record in self._records.values():
                if record.replaced and record.replaced.arn == arn:
                    return record.context
        return Context()

    def _claim(self, record: Record, inputs: Inputs) -> Problem | None:
        """Notes the group for a resource; a problem where another resource has it."""
        group = inputs.dataset_group_arn or inputs.context.group
        if not group or not inputs.context.resource:
            return None
        with self._lock:
            for other in self._records.values():
                if other.group == group and other is not record:
                    return ownership.two_of_one_program(inputs, other.context)
            record.context, record.group = inputs.context, group
        return None

    def _decide(
        self,
        record: Record,
        inputs: Inputs,
        report: Report,
        notes: list[str],
        warnings: list[str],
    ) -> Decision:
        """Decides what a create will do about the group's trackers, once for each group.

        Raises:
            GroupTakenError: It can't do anything.
            DatasetGroupError: The group can't take one.
        """
        arn = inputs.dataset_group_arn or ""
        if record.replaced and arn in record.decisions:
            # The diff has decided it, and this is the second check of the replacement.
            return record.decisions[arn]
        # The engine checks one resource at a time: asked side by side, AWS keeps it half as long.
        with ThreadPoolExecutor(1) as aside:
            looked_up = aside.submit(self._finder.look, arn, self._new_wait(report))
            group = self._finder.group(arn)
        if problem := dataset_group.problem_of(group):
            raise problem
        replaced = record.replaced
        if replaced is None and record.olds:
            # Its second check, and no diff before: the replacement is forced.
            replaced = Replaced(
                record.olds.get(DATASET_GROUP_ARN) or "",
                record.olds.get(NAME) or "",
                first=inputs.context.deletes_first,
            )
        decision = ownership.decide(looked_up.result(), inputs, replaced)
        if decision.refusal:
            raise decision.refusal
        record.decisions[arn] = decision
        # A program that tells no options may have meant neither.
        open_words = inputs.context.bare and decision.verdict is Verdict.CREATE
        (warnings if open_words else notes).extend([decision.words] if decision.words else [])
        if decision.verdict in (Verdict.CREATE, Verdict.WAIT, Verdict.DISCARD):
            warning = dataset_group.warning_of(group)
            warnings += [warning] if warning else []
        return decision


def _derived_name(inputs: Inputs) -> str | Unknown:
    """A name that preview and update agree on; not known before the dataset group is."""
    if inputs.dataset_group_arn is None:
        return UNKNOWN
    return names.derive(inputs.context.resource, inputs.context.owner, inputs.dataset_group_arn)


def _kept_name(decision: Decision) -> str | None:
    """The name of a tracker that the resource is going to have."""
    kept = decision.verdict in (Verdict.RESUME, Verdict.ADOPT)
    return decision.tracker.name if kept and decision.tracker else None
