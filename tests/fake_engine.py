"""A fake of the Pulumi engine: the order in which it calls a provider, and the state it keeps.

Source: pkg/resource/deploy/step_generator.go. The real engine is used in `tests/e2e`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from kinds import resource_context
from pulumi_personalize import PersonalizeError
from pulumi_personalize.service.inputs import Resource
from pulumi_personalize.session import IMMUTABLE_OUTPUTS


@dataclass(frozen=True)
class Program:
    """The declaration of the resource ``web``."""

    group: str
    name: str | None = None
    adopt: bool | None = None
    tags: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def news(self) -> dict[str, Any]:
        inputs = {"name": self.name, "adoptExisting": self.adopt}
        return {
            "datasetGroupArn": self.group,
            "tags": {f"key-{number}": "1" for number in range(self.tags)},
            **{key: value for key, value in inputs.items() if value is not None},
            "resourceContext": resource_context(**self.options),
        }


@dataclass(frozen=True)
class State:
    """The resource in a stack's state; empty for a new resource.

    Attributes:
        id: The tracker's ARN.
        inputs: Its checked inputs.
        outputs: Its outputs.
        old: The tracker that it replaces, until that is deleted.
    """

    id: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    old: State | None = None


@dataclass(frozen=True)
class Outcome:
    """The result of an operation.

    Attributes:
        refusal: The error's line; empty for success.
        words: The notes about the decision, without progress and warnings.
        id: The ARN of the resource's tracker.
        state: The state after an update.
    """

    refusal: str = ""
    words: tuple[str, ...] = ()
    id: str = ""
    state: State = field(default=State(), compare=False)


@dataclass(frozen=True)
class Plan:
    """What an update is going to do."""

    outcome: Outcome
    inputs: dict[str, Any] = field(default_factory=dict)
    changes: bool = False
    replaces: bool = False
    deletes_first: bool = False


class FakeEngine:
    """Calls a provider in the engine's order, a new provider for each operation.

    A replacement is checked twice, the second time without old inputs; ``--replace`` checks once,
    without them, and skips the diff.

    Args:
        new_provider: Makes the provider of one operation.
        log_lines: Returns the lines logged since the last call.
    """

    def __init__(self, new_provider: Callable[[], Any], log_lines: Callable[[], list[str]]) -> None:
        self.new_provider = new_provider
        self.log_lines = log_lines

    def preview(self, program: Program, state: State = State(), *, forced: bool = False) -> Outcome:
        return self.plan(self.new_provider(), program, state, forced=forced).outcome

    def up(
        self,
        program: Program,
        state: State = State(),
        *,
        forced: bool = False,
        meanwhile: Callable[[], object] = int,
    ) -> Outcome:
        """Updates the resource; ``meanwhile`` is called right before a create."""
        provider = self.new_provider()
        plan = self.plan(provider, program, state, forced=forced)
        if plan.outcome.refusal:
            return replace(plan.outcome, state=state)
        # As the engine, by the option of the last update.
        is_kept = Resource.of(state.inputs).retain_on_delete
        try:
            if plan.replaces:
                if state.id and plan.deletes_first and not is_kept:
                    provider.delete(state.id, state.outputs)
                    state = State()
                meanwhile()
                old = state if state.id and not plan.deletes_first and not is_kept else None
                made = provider.create(plan.inputs)
                state = State(made.id, plan.inputs, made.outs, old)
                if old:
                    provider.delete(old.id, old.outputs)
                    state = replace(state, old=None)
            elif plan.changes:
                updated = provider.update(state.id, state.outputs, plan.inputs)
                state = replace(state, inputs=plan.inputs, outputs=updated.outs)
        except PersonalizeError as error:
            # The native provider's partially created resource: see `tests/native`.
            if kept := getattr(error, "kept", None):
                old = old if plan.replaces else state.old
                state = State(kept.id, plan.inputs, kept.outs, old)
            return Outcome(str(error), self._words(), state=state)
        return Outcome("", (*plan.outcome.words, *self._words()), state.id, state)

    def refresh(self, state: State) -> Outcome:
        self.log_lines()
        read = self.new_provider().read(state.id, state.outputs)
        found = State(read.id, read.inputs or {}, read.outs) if read.id else State()
        return Outcome("", self._words(), found.id, found)

    def destroy(self, state: State) -> Outcome:
        self.log_lines()
        provider = self.new_provider()
        try:
            while state.id:
                # Trackers that earlier operations have left to delete come first.
                last = state.old or state
                provider.delete(last.id, last.outputs)
                state = replace(state, old=None) if state.old else State()
        except PersonalizeError as error:
            return Outcome(str(error), self._words(), state=state)
        return Outcome("", self._words())

    def plan(
        self, provider: Any, program: Program, state: State = State(), *, forced: bool = False
    ) -> Plan:
        """Checks and compares, as the engine does before it changes anything."""
        self.log_lines()
        deletes_first = program.options.get("delete_before_replace", False)
        changes, replaces = True, True
        try:
            checked = provider.check({} if forced else state.inputs, program.news)
            if not checked.failures and state.id and not forced:
                difference = provider.diff(state.id, state.outputs, checked.inputs)
                # None: the engine compares by itself.
                changes = difference.changes is not False
                replaces = bool(difference.replaces)
                deletes_first = deletes_first or bool(difference.delete_before_replace)
                if replaces:
                    checked = provider.check({}, program.news)
        except PersonalizeError as error:
            return Plan(Outcome(str(error), self._words()))
        outcome = Outcome("".join(one.reason for one in checked.failures), self._words())
        return Plan(outcome, checked.inputs, changes, replaces and changes, deletes_first)

    def _words(self) -> tuple[str, ...]:
        lines = [line.removeprefix("web: ") for line in self.log_lines()]
        # Of warnings, only those of a decision.
        others = r"^warning: (?!.*if state was lost)|\(\d+ s\)$"
        return tuple(
            line.removeprefix("warning: web: ") for line in lines if not re.search(others, line)
        )


def requested(inputs: Mapping[str, Any] | None) -> dict[str, Any]:
    """A resource's inputs without the outputs that a refresh returns as inputs."""
    return {key: value for key, value in (inputs or {}).items() if key not in IMMUTABLE_OUTPUTS}


#: Whether this run excludes what `make situations` runs: collecting it takes seconds.
excludes_rest = False


def situations(
    *factors: Iterable[Any], together: Sequence[tuple[int, ...]] = (), rest: bool = True
) -> list[Any]:
    """Parameters, each a tuple, in which each two factors take each two of their values.

    Args:
        factors: The values of each factor.
        together: Indices of factors that take all combinations of their values.
        rest: Whether all other combinations are run by `make situations`.
    """
    axes = [list(factor) for factor in factors]
    pairs = list(itertools.combinations(range(len(axes)), 2))
    missing = {
        (indices, values): None
        for indices in [*together, *pairs]
        for values in itertools.product(*(axes[index] for index in indices))
    }
    chosen: dict[tuple[Any, ...], None] = {}
    while missing:
        indices, values = next(iter(missing))
        case: dict[int, Any] = dict(zip(indices, values, strict=True))
        for index, axis in enumerate(axes):
            if index not in case:
                # The value that completes most pairs; the position breaks ties evenly.
                turn = len(chosen) % len(axis)
                case[index] = max(
                    axis[turn:] + axis[:turn],
                    key=lambda value: sum(
                        (pair, tuple({**case, index: value}[one] for one in pair)) in missing
                        for pair in pairs
                        if index in pair and all(one in case or one == index for one in pair)
                    ),
                )
        done = tuple(case[index] for index in range(len(axes)))
        chosen[done] = None
        for group in [*together, *pairs]:
            missing.pop((group, tuple(done[index] for index in group)), None)
    others = [one for one in itertools.product(*axes) if rest and not excludes_rest]
    return [
        pytest.param(
            values,
            id="-".join(map(str, values)),
            marks=[] if values in chosen else [pytest.mark.rest],
        )
        for values in {**chosen, **dict.fromkeys(others)}
    ]
