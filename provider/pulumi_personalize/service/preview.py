"""Check and diff: finds out what an operation would do before anything is changed."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from .. import errors
from . import names
from .aws import Personalize
from .decide import (
    DELETE_FIRST,
    REPLACES,
    RETAIN,
    Action,
    Decision,
    Replaced,
    adoption_of,
    decide,
    delete_first,
    missing_dataset,
    problem_of,
)
from .gone import check_gone, explained
from .inputs import (
    CONTEXT,
    DATASET_GROUP_ARN,
    NAME,
    TAGS,
    UNFINISHED,
    UNKNOWN,
    Inputs,
    Problem,
    Resource,
    Unknown,
    parse,
    state_tags,
    with_default_tags,
)
from .model import CREATE_FAILED, EventTracker
from .tracker import attempt_of
from .waiter import Report, no_report

#: The output that a replacement of an unusable tracker is attributed to.
STATUS = "status"


class Checked(NamedTuple):
    """The result of a check: the inputs with their name, all that is wrong, and warnings."""

    inputs: dict[str, Any]
    problems: list[Problem]
    warnings: list[str]


class Difference(NamedTuple):
    """The result of a diff.

    Attributes:
        changes: Whether an update would change anything.
        replaces: The properties that cannot change in place.
        delete_first: Whether the old tracker has to be deleted before the new one is created.
        reowned: Whether the ownership tag gets another owner.
        retained_anew: Whether ``retain_on_delete`` changes, which the state has to follow: the
            engine deletes by the option in the state.
    """

    changes: bool
    replaces: list[str]
    delete_first: bool
    reowned: bool
    retained_anew: bool
    warnings: list[str]


class Plan:
    """The plan for one resource within an operation."""

    def __init__(self) -> None:
        self.resource = Resource()
        #: Its dataset group's ARN, or its URN as long as that is not known.
        self.group = ""
        #: The state's event tracker as `decide` wants it, once diff has run.
        self.replaced: Replaced | None = None
        #: Pending decisions, by dataset group ARN.
        self.decisions: dict[str, Decision] = {}
        #: Whether this operation has checked it.
        self.is_checked = False
        #: The tracker and the resource in the state, once the engine has passed them on.
        self.old: EventTracker | None = None
        self.former = Resource()
        #: Whether diff has found that it has to be replaced.
        self.announced = False


class Planner:
    """Checks and diffs the resources of one operation; thread-safe.

    It remembers their plans: a replacement is checked once more as if it were new, and a create
    builds on its check.
    """

    def __init__(self, personalize: Personalize) -> None:
        self._personalize = personalize
        self._plans: dict[str, Plan] = {}
        self._lock = threading.Lock()

    def plan(self, resource: Resource) -> Plan:
        """The plan of a resource."""
        with self._lock:
            return self._plans.setdefault(resource.owner, Plan())

    def check(
        self,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        report: Report = no_report,
        naming: names.Naming = names.Naming(),  # noqa: B008 - immutable
    ) -> Checked:
        """Checks the inputs of a resource, and that a new one's group can take a tracker.

        ``olds`` are the inputs in the state, empty for a new resource.
        """
        settings = self._personalize.settings
        news = with_default_tags(news, settings.default_tags or {})
        inputs, problems = parse(news)
        if reason := settings.problem_of_group(inputs.dataset_group_arn):
            problems.append(Problem(DATASET_GROUP_ARN, reason))
        props = {key: value for key, value in news.items() if value not in (None, {})}
        warnings: list[str] = []
        plan = self.plan(inputs.resource)
        is_named = NAME in props
        if naming.problem and not (is_named or olds.get(NAME)):
            problems.append(Problem(NAME, naming.problem))
        # The engine checks a replacement once more, as new.
        old = None if olds else plan.old
        if olds:
            plan.old = EventTracker.from_state(olds.get("eventTrackerArn") or "", olds)
            plan.former = Resource.of(olds)
        plan.is_checked = True
        if not problems and (problem := self._reserve_group(plan, inputs)):
            problems.append(problem)
        decision = Decision(Action.CREATE)
        if not problems and not olds and inputs.dataset_group_arn:
            try:
                decision = self._decide(plan, inputs, report, warnings)
            except (errors.GroupTakenError, errors.DatasetGroupError) as refusal:
                problems.append(Problem(DATASET_GROUP_ARN, refusal.reason))
        adopts = decision.action is Action.ADOPT and decision.tracker
        if old and not (adopts and adopts.arn == old.arn):
            self._check_retained(plan, old, inputs.resource)
        if not is_named and not problems:
            # A derived name never changes.
            props[NAME] = olds.get(NAME) or _default_name(inputs, decision, naming)
            props[CONTEXT] = inputs.resource._replace(named=False).context
        if old and not problems and decision.action not in (Action.ADOPT, Action.RESUME):
            or_omit = ", or omit it" if is_named else ""
            name = props[NAME]
            warnings += self._warnings_of_replacement(plan, old, inputs, name, or_omit)
        return Checked(props, problems, warnings)

    def diff(
        self,
        arn: str,
        state: Mapping[str, Any],
        news: Mapping[str, Any],
        report: Report = no_report,
    ) -> Difference:
        """Compares a state's outputs with the checked inputs wanted.

        Raises:
            GroupTakenError: It would move to a group that has a tracker.
            DatasetGroupError: It would move to a group that cannot take one.
            InputError: It would be replaced, and an option forbids the only way to do that, or
                changes at the same time.
        """
        inputs, _ = parse(news)
        resource, name = inputs.resource, state.get(NAME) or ""
        group = state.get(DATASET_GROUP_ARN) or ""
        moved = inputs.dataset_group_arn != group
        renamed = inputs.name_unknown or not inputs.accepts_name(name)
        retagged = inputs.tags != (state.get(TAGS) or {}) or inputs.all_tags != state_tags(state)
        owner, is_unfinished = Resource.of(state).owner, bool(state.get(UNFINISHED))
        reowned = bool(attempt_of(state)) and owner != resource.owner
        retained_anew = _retained_anew(Resource.of(state), resource)
        old = EventTracker.from_state(arn, state)
        unusable = "" if moved or renamed or not is_unfinished else self._unusable(old)
        replaces = [DATASET_GROUP_ARN] * moved + [NAME] * renamed + [STATUS] * bool(unusable)
        must_delete_first = bool(unusable) or (renamed and not moved)
        warnings: list[str] = []
        plan = self.plan(resource)
        # Before its check, the engine asks about a group that it replaces, and deletes first.
        is_groups = not (plan.is_checked or resource.retain_on_delete)
        is_old_first = resource.deletes_first or must_delete_first or is_groups
        plan.replaced = Replaced(arn, name, attempt_of(state), is_old_first)
        # Of an unusable tracker, there is nothing to keep.
        plan.old, plan.former = old, resource if unusable else Resource.of(state)
        plan.announced = bool(replaces)
        if moved and inputs.dataset_group_arn:
            self._decide(plan, inputs, report, warnings)
        if renamed and not moved and not inputs.name_unknown:
            self._check_rename_options(old, resource)
        if replaces:
            self._check_retained(plan, old, resource)
        if moved and not plan.is_checked:
            self._check_deleted_group(old, resource)
        if reowned and not replaces:
            report(
                f"rewriting the ownership tag of event tracker {name}: {owner} is now "
                f"{resource.owner}"
            )
        if unusable:
            report(f"replacing {unusable}, which an interrupted create left unusable")
        elif replaces and not is_unfinished:
            warnings += _announcement(old, inputs)
        return Difference(
            changes=bool(replaces) or retagged or reowned or retained_anew or is_unfinished,
            replaces=replaces,
            delete_first=must_delete_first,
            reowned=reowned,
            retained_anew=retained_anew,
            warnings=warnings,
        )

    def adopted(self, inputs: Inputs) -> EventTracker | None:
        """The event tracker that a create is certain to adopt."""
        decision = self.plan(inputs.resource).decisions.get(inputs.dataset_group_arn or "")
        if decision is None or decision.action is not Action.ADOPT:
            return None
        is_certain = inputs.adopt_existing is not None and not inputs.name_unknown
        return decision.tracker if is_certain else None

    def _unusable(self, old: EventTracker) -> str:
        """Describes an unfinished tracker that cannot be completed; empty for any other."""
        tracker = self._read(old)
        if tracker and not tracker.is_deleting and tracker.status != CREATE_FAILED:
            return ""
        return str(tracker or old)

    def _exists(self, old: EventTracker) -> bool:
        """Whether a state's tracker is still there, as far as its ARN is known."""
        tracker = self._read(old) if old.arn else old
        return tracker is not None and not tracker.is_deleting

    def _read(self, old: EventTracker) -> EventTracker | None:
        """Reads a state's tracker; ``None`` if it is gone."""
        wait = self._personalize.wait(no_report)
        with explained(self._personalize, old, "reading"):
            tracker = self._personalize.tracker_with_tags(old, wait)
            if tracker is None:
                check_gone(self._personalize, old, wait)
        return tracker

    def _reserve_group(self, plan: Plan, inputs: Inputs) -> Problem | None:
        """Reserves a group for a resource; returns a problem if another resource uses it."""
        group = inputs.dataset_group_arn or inputs.resource.group
        if not group:
            return None
        with self._lock:
            for other in self._plans.values():
                if other.group == group and other is not plan:
                    reason = (
                        f"'{other.resource.path}' and '{inputs.resource.path}' both use this "
                        "dataset group, which can have only one event tracker. Give each its own "
                        "dataset group."
                    )
                    return Problem(DATASET_GROUP_ARN, reason)
            plan.resource, plan.group = inputs.resource, group
        return None

    def _decide(self, plan: Plan, inputs: Inputs, report: Report, warnings: list[str]) -> Decision:
        """Decides what a create will do about the group's trackers, once for each group."""
        arn = inputs.dataset_group_arn or ""
        if plan.replaced and arn in plan.decisions:
            # The diff has decided it, and this is the second check of the replacement.
            return plan.decisions[arn]
        # The engine checks one resource at a time: parallel reads halve the latency.
        with ThreadPoolExecutor(1) as executor:
            wait = self._personalize.wait(report)
            found = executor.submit(self._personalize.trackers, arn, wait)
            group = self._personalize.group(arn, wait)
        if problem := problem_of(group):
            raise problem
        decision = decide(found.result(), inputs, plan.replaced)
        if decision.refusal:
            raise decision.refusal
        plan.decisions[arn] = decision
        if decision.words and decision.action is Action.CREATE:
            # What a replacement does is announced elsewhere.
            warnings += [] if plan.old else [decision.words]
        elif decision.words:
            report(decision.words)
        creates = decision.action in (Action.CREATE, Action.WAIT, Action.DISCARD)
        if creates and (missing := missing_dataset(group, inputs)):
            warnings.append(str(missing))
        return decision

    def _check_rename_options(self, old: EventTracker, resource: Resource) -> None:
        """Raises if an option forbids the order that a rename needs."""
        option = resource.setting(RETAIN, True) if resource.retain_on_delete else ""
        if not option and resource.delete_before_replace is False:
            option = resource.setting(DELETE_FIRST, False)
        if option and self._exists(old):
            raise errors.InputError(
                f"renaming must delete the old tracker first, which {option} prevents",
                operation="renaming",
                resource=f"event tracker {old.name}",
                advice="Remove that option in a separate `pulumi up`, or keep the name",
            )

    def _check_retained(self, plan: Plan, old: EventTracker, resource: Resource) -> None:
        """Raises if `RETAIN` changes in the step of a replacement, and there is something to lose.

        Pulumi deletes the old tracker by the option in its state.
        """
        if not _retained_anew(plan.former, resource) or not self._exists(old):
            return
        raise errors.InputError(
            f"{resource.spelled(RETAIN)} changes in the same step, and Pulumi goes by the option "
            "of the last update",
            operation="replacing",
            resource=f"event tracker {old.name}",
            advice="Run `pulumi up` with that option alone first"
            + ("" if plan.announced else ", without what replaces it, as replace_on_changes")
            + "; if a replacement is pending, keep the option until it is done",
        )

    def _check_deleted_group(self, old: EventTracker, resource: Resource) -> None:
        """Raises if a group that is deleted first would still have its tracker."""
        if not resource.retain_on_delete or not self._exists(old):
            return
        option = resource.setting(RETAIN, True)
        raise errors.InputError(
            f"its dataset group is replaced and deleted first, which {option} prevents",
            operation="replacing",
            resource=f"event tracker {old.name}",
            advice="Remove that option in a separate `pulumi up`, or keep the dataset group",
        )

    def _warnings_of_replacement(
        self, plan: Plan, old: EventTracker, inputs: Inputs, name: str | Unknown, or_omit: str
    ) -> list[str]:
        """The warnings that only the second check of a replacement can know of."""
        resource = inputs.resource
        is_first = plan.replaced.deleted_first if plan.replaced else resource.deletes_first
        found = [] if plan.announced else _announcement(old, inputs)
        if inputs.dataset_group_arn != old.dataset_group_arn and name == old.name and not is_first:
            # Whether names must be unique is not documented.
            found.append(
                f"the move keeps the name '{name}', which Personalize may refuse while the old "
                f"event tracker exists: {delete_first(resource)}, or set another name{or_omit}"
            )
        return found


def _retained_anew(former: Resource, resource: Resource) -> bool:
    return resource.options_known and former.retain_on_delete != resource.retain_on_delete


def _announcement(old: EventTracker, inputs: Inputs) -> list[str]:
    """What a preview says of a replacement: the new tracking ID, and an order that surprises."""
    found = [REPLACES.format(tracker=old)]
    if inputs.resource.has_fixed_name and inputs.dataset_group_arn != old.dataset_group_arn:
        order = "is deleted before the new one is created, and lost if that fails"
        if inputs.resource.retain_on_delete:
            adopt = adoption_of(inputs.resource)
            order = f"leaves the state before the new one is created; {adopt} gets it back"
        found.append(
            f"the old event tracker {order}: pulumi:autonaming has no random part, such as "
            "${hex(7)}, for its type"
        )
    return found


def _default_name(inputs: Inputs, decision: Decision, naming: names.Naming) -> str | Unknown:
    """The existing tracker's name, or that of a new one; may be unknown.

    Preview and update agree on it, unless ``pulumi:autonaming`` makes it random.
    """
    if decision.tracker and decision.action in (Action.RESUME, Action.ADOPT):
        return decision.tracker.name
    if inputs.dataset_group_arn is None:
        return UNKNOWN
    if names.problem_of(naming.name) is None:
        return naming.name
    return names.derive(inputs.resource.name, inputs.resource.owner, inputs.dataset_group_arn)
