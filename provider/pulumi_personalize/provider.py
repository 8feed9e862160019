"""The dynamic provider: Pulumi's methods, each a thin layer over `service`.

Every stack's state names this module and `EventTrackerProvider`: never move or rename either.

Source: https://www.pulumi.com/docs/iac/concepts/providers/dynamic-providers/
"""

from __future__ import annotations

import functools
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from pulumi import dynamic

from . import concurrency, engine
from .errors import PersonalizeError
from .service import inputs as properties
from .service.inputs import NATIVE_TYPE, UNFINISHED, Resource
from .session import (
    Session,
    from_pulumi,
    immutable_outputs,
    inputs_of,
    new_session,
    outputs_found,
    outputs_of,
    set_up_log,
    to_pulumi,
)
from .settings import AUTONAMING, autonaming

if TYPE_CHECKING:
    from .service.waiter import Report

#: The resource's type, as states name it.
TYPE = "pulumi-python:dynamic/personalize:EventTracker"

_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")


def _in_one_line(
    method: Callable[Concatenate[EventTrackerProvider, _Args], _Result],
) -> Callable[Concatenate[EventTrackerProvider, _Args], _Result]:
    """Reports expected errors as one line, others with a traceback."""

    @functools.wraps(method)
    def guarded(
        self: EventTrackerProvider, /, *args: _Args.args, **kwargs: _Args.kwargs
    ) -> _Result:
        try:
            return method(self, *args, **kwargs)
        except PersonalizeError as error:
            raise error from None
        except Exception as error:
            if isinstance(expected := getattr(error, "error", None), PersonalizeError):
                # An `UnfinishedError`: the state keeps the tracker that it has already.
                raise expected from None
            # The SDK sends a traceback as the error's text, which `configure` limits to one line.
            engine.log(traceback.format_exc(limit=50))
            raise

    return guarded


class EventTrackerProvider(dynamic.ResourceProvider):
    """Creates, reads, updates and deletes event trackers for Pulumi.

    It is pickled into the state by reference and has no content, so that new code is picked up and
    the state does not change.
    """

    serialize_as_secret_always = False

    _session: Session | None = None

    def __getstate__(self) -> None:
        """Returns nothing to pickle.

        Pulumi's ``serialize_provider`` nests its pickler one level deeper with each mapping, and a
        program of a thousand trackers would end in a RecursionError.
        """

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        """Takes the stack's configuration, once for each operation of Pulumi."""
        # Pulumi shows an exception with its traceback; this leaves the error's line.
        sys.tracebacklimit = 0
        set_up_log(engine.log)
        address = engine.address_of(sys.argv)
        if address:
            engine.exit_with_engine()
        concurrency.raise_limit()
        config = req.config._props  # noqa: SLF001 - no public way to all keys
        self._session = new_session(config, engine.Log(address))
        if any(autonaming(config, kind) for kind in (TYPE, NATIVE_TYPE)):
            self._session.warnings["unnamed"] = (
                f"{AUTONAMING} gives event trackers of the dynamic provider no name (instead: "
                "name=..., or pulumi_personalize.native.EventTracker)"
            )

    @_in_one_line
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Checks the inputs, and that a new tracker's group can take it."""
        wanted = from_pulumi(news)
        inputs, failures = self._running.check(from_pulumi(_olds), wanted, _urn(wanted))
        inputs = {**to_pulumi(inputs), **immutable_outputs(_olds, wanted)}
        return dynamic.CheckResult(inputs, [dynamic.CheckFailure(*one) for one in failures])

    @_in_one_line
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Compares the state with the inputs, and says whether only a replacement will do."""
        wanted = self._running.with_default_tags(from_pulumi(_news))
        difference = self._running.diff(_id, from_pulumi(_olds), wanted, _urn(wanted))
        in_place = difference.changes and not difference.replaces
        return dynamic.DiffResult(
            # None leaves it to the engine to find out which properties change, for the display and
            # for replace_on_changes: the result has no place for them.
            changes=None if in_place else difference.changes,
            replaces=difference.replaces,
            delete_before_replace=difference.delete_first,
        )

    @_in_one_line
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Creates the event tracker, and returns once it is ACTIVE."""
        wanted = self._running.with_default_tags(from_pulumi(props))
        created = self._running.create(wanted, self._report(wanted), engine.is_listening)
        return dynamic.CreateResult(created.tracker.arn, outputs_of(created, wanted))

    @_in_one_line
    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Reads the event tracker as it is; one that is gone leaves the state.

        `EventTracker.get` is served here, too, without a state; a missing tracker is an error then.
        """
        from .service import tracker as service

        personalize, state = self._running.personalize, from_pulumi(props)
        tracker = (
            service.read(personalize, id_, state, self._report(state))
            if properties.NAME in state
            else service.get(personalize, id_)
        )
        if tracker is None:
            # Pulumi takes an empty id for "gone", and needs a mapping beside it.
            return dynamic.ReadResult("", {})
        outputs = outputs_found(tracker, props)
        if state.get(UNFINISHED) and service.reason_unfinished(tracker, service.attempt_of(state)):
            # The native provider has left it so.
            outputs[UNFINISHED] = True
        inputs = {**inputs_of(outputs), **immutable_outputs(outputs, state)}
        return dynamic.ReadResult(id_, outputs, inputs)

    @_in_one_line
    def update(
        self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]
    ) -> dynamic.UpdateResult:
        """Changes the tags in place, and returns all outputs."""
        from .service import tracker as service

        wanted = self._running.with_default_tags(from_pulumi(_news))
        report = self._report(wanted)
        inputs, _ = properties.parse(wanted)
        updated = service.update(self._running.personalize, _id, inputs, from_pulumi(_olds), report)
        return dynamic.UpdateResult(outputs_of(updated, wanted))

    @_in_one_line
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Deletes the event tracker, and returns once it is gone."""
        from .service import tracker as service

        state = from_pulumi(_props)
        service.delete(self._running.personalize, _id, state, self._report(state))

    def _report(self, props: Mapping[str, Any]) -> Report:
        """A progress callback for the row of a property bag's resource."""
        return self._running.log.report(_urn(props))

    @property
    def _running(self) -> Session:
        if self._session is None:
            self._session = new_session({}, engine.Log())
        return self._session


def _urn(props: Mapping[str, Any]) -> str:
    """The URN of the display's row for a property bag's resource; empty if not known."""
    resource = Resource.of(props)
    return resource.urn if resource.name else ""
