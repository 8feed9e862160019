"""The engine, played as it is known to act: what it asks the provider for, and what it keeps.

Source: pkg/resource/deploy/step_generator.go. The real one is in `tests/e2e`.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from pulumi_personalize import PersonalizeError
from pulumi_personalize.provider import EventTrackerProvider
from pulumi_personalize.service.inputs import pack


@dataclass(frozen=True)
class Program:
    """What a program says of the resource ``web``."""

    group: str
    name: str | None = None
    adopt: bool | None = None
    tags: int = 1
    options: dict[str, bool] = field(default_factory=dict)

    @property
    def news(self) -> dict[str, Any]:
        context = {"project": "shop", "stack": "dev", "resource": "web", **self.options}
        asked = {"name": self.name, "adoptExisting": self.adopt}
        return {
            "datasetGroupArn": self.group,
            "tags": {f"key-{number}": "1" for number in range(self.tags)},
            **{key: value for key, value in asked.items() if value is not None},
            "resourceContext": pack(context),
        }


@dataclass(frozen=True)
class State:
    """What a stack's state has of the resource: nothing for a new one.

    Attributes:
        id: The tracker's ARN.
        inputs: Its checked inputs.
        outputs: Its outputs.
        old: The tracker that it replaces, as long as that is still to be deleted.
    """

    id: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    old: State | None = None


def asked(inputs: Mapping[str, Any] | None) -> dict[str, Any]:
    """What of a resource's inputs its program asked for: without what a refresh has put there."""
    found = dict(inputs or {})
    for key in ("eventTrackerArn", "trackingId", "accountId", "creationDateTime"):
        found.pop(key, None)
    return found


@dataclass(frozen=True)
class Outcome:
    """How an operation ended: refused, or what was made, with the words about it.

    Attributes:
        refusal: The error's line; empty for success.
        words: What was said of the decision.
        id: The ARN of the tracker that the resource has now.
        state: What the state has after an update.
        error: The error itself, where it was one and no failed check.
    """

    refusal: str = ""
    words: tuple[str, ...] = ()
    id: str = ""
    state: State = field(default=State(), compare=False)
    error: PersonalizeError | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Plan:
    """What an update is going to do."""

    told: Outcome
    inputs: dict[str, Any] = field(default_factory=dict)
    changes: bool = False
    replaces: bool = False
    first: bool = False


class _Step(Exception):  # noqa: N818 - not an error, but where it happened
    """A step failed; the state is as it was then."""

    def __init__(self, state: State, error: PersonalizeError) -> None:
        self.state = state
        self.error = error


class Play:
    """The engine's order of calls, in one process for each operation.

    A replacement is checked twice, the second time without old inputs; ``--replace`` checks once,
    without them, and skips the diff.

    Args:
        new_provider: Makes the provider of one operation.
        heard: The lines shown since it was last asked.
    """

    def __init__(
        self, new_provider: Callable[[], EventTrackerProvider], heard: Callable[[], list[str]]
    ) -> None:
        self.new_provider = new_provider
        self.heard = heard

    def preview(self, program: Program, state: State = State(), *, forced: bool = False) -> Outcome:
        return self.plan(self.new_provider(), program, state, forced=forced).told

    def up(
        self,
        program: Program,
        state: State = State(),
        *,
        forced: bool = False,
        meanwhile: Callable[[], object] = int,
    ) -> Outcome:
        provider = self.new_provider()
        plan = self.plan(provider, program, state, forced=forced)
        if plan.told.refusal:
            return replace(plan.told, state=state)
        retained = program.options.get("retainOnDelete", False)
        try:
            if plan.replaces:
                state = self._replace(provider, plan, state, retained, meanwhile)
            elif plan.changes:
                updated = provider.update(state.id, state.outputs, plan.inputs)
                state = replace(state, inputs=plan.inputs, outputs=updated.outs or {})
        except _Step as step:
            return Outcome(str(step.error), self._words(), state=step.state, error=step.error)
        except PersonalizeError as error:
            if kept := getattr(error, "kept", None):
                state = replace(state, inputs=plan.inputs, outputs=kept.outs)
            return Outcome(str(error), self._words(), state=state, error=error)
        words = (*plan.told.words, *self._words())
        return Outcome(words=words, id=state.id, state=state)

    def refresh(self, state: State) -> Outcome:
        self.heard()
        try:
            read = self.new_provider().read(state.id, state.outputs)
        except PersonalizeError as error:
            return Outcome(str(error), self._words(), state=state, error=error)
        seen = State(read.id or "", read.inputs or {}, read.outs or {}) if read.id else State()
        return Outcome(words=self._words(), id=seen.id, state=seen)

    def finish(self, state: State) -> State:
        """Deletes what earlier operations left to be deleted, as each one does that succeeds."""
        while state.old:
            self.new_provider().delete(state.old.id, state.old.outputs)
            state = replace(state, old=state.old.old)
        return state

    def destroy(self, state: State) -> Outcome:
        self.heard()
        provider = self.new_provider()
        try:
            while state.old:
                provider.delete(state.old.id, state.old.outputs)
                state = replace(state, old=state.old.old)
            if state.id:
                provider.delete(state.id, state.outputs)
        except PersonalizeError as error:
            return Outcome(str(error), self._words(), state=state, error=error)
        return Outcome(words=self._words())

    def _replace(
        self,
        provider: EventTrackerProvider,
        plan: Plan,
        state: State,
        retained: bool,
        meanwhile: Callable[[], object],
    ) -> State:
        """Creates, and deletes what is replaced, if anything is.

        Args:
            meanwhile: What others do right before the create.

        Raises:
            _Step: One of both failed.
        """
        try:
            if state.id and plan.first and not retained:
                provider.delete(state.id, state.outputs)
                state = State()
            meanwhile()
            made = provider.create(plan.inputs)
            assert made.id
            assert made.outs is not None
            old = state if state.id and not plan.first and not retained else None
            state = State(made.id, plan.inputs, made.outs, old)
            if old:
                provider.delete(old.id, old.outputs)
                state = replace(state, old=None)
        except PersonalizeError as error:
            if kept := getattr(error, "kept", None):
                old = state if state.id and not plan.first and not retained else None
                state = State(kept.id, plan.inputs, kept.outs, old)
            raise _Step(state, error) from error
        return state

    def plan(
        self,
        provider: EventTrackerProvider,
        program: Program,
        state: State = State(),
        *,
        forced: bool = False,
    ) -> Plan:
        """Checks and compares, as the engine does before it changes anything."""
        self.heard()
        first = program.options.get("deleteBeforeReplace", False)
        changes, replaces = True, True
        try:
            checked = provider.check({} if forced else state.inputs, program.news)
            if not checked.failures and state.id and not forced:
                difference = provider.diff(state.id, state.outputs, checked.inputs)
                # None: the engine is to compare by itself.
                changes = difference.changes is not False
                replaces = bool(difference.replaces)
                first = first or bool(difference.delete_before_replace)
                if replaces:
                    checked = provider.check({}, program.news)
        except PersonalizeError as error:
            return Plan(Outcome(str(error), self._words(), error=error))
        refusal = "".join(failure.reason for failure in checked.failures)
        return Plan(
            Outcome(refusal, self._words()), checked.inputs, changes, replaces and changes, first
        )

    def _words(self) -> tuple[str, ...]:
        """What was said of the decision: neither progress nor warnings."""
        said = [line.removeprefix("web: ") for line in self.heard()]
        return tuple(
            line
            for line in said
            if not re.search(r"\(\d+ s\)$", line) and not line.startswith("warning: ")
        )


#: Whether this run leaves out what `make situations` runs: to collect it, too, takes seconds.
leaves_out = False


def product(*axes: Any, sampled: bool = False) -> list[Any]:
    """All combinations, as pytest parameters with an id of their own.

    Args:
        sampled: Whether `make situations` runs those in which no two values meet for the first
            time, which `make test` leaves out.
    """
    found, met = [], set[Any]()
    combinations = list(itertools.product(*axes))
    # In their own order, those before would have nearly all in common.
    combinations.sort(key=lambda one: zlib.crc32(repr(one).encode()))
    for values in combinations:
        pairs = set(itertools.combinations(enumerate(values), 2))
        marks = [pytest.mark.rest] if sampled and pairs <= met else []
        if marks and leaves_out:
            continue
        met |= pairs
        found.append(pytest.param(*values, id="-".join(map(str, values)), marks=marks))
    return found
