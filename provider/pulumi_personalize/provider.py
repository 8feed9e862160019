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

from . import concurrency, engine, sdk
from .errors import PersonalizeError
from .service import inputs as properties
from .service.inputs import CONTEXT, OWNERSHIP_TAG, UNFINISHED
from .session import (
    CONTEXTS,
    INPUTS,
    LASTING,
    Session,
    failure_of,
    from_pulumi,
    lasting,
    new_session,
    outputs_found,
    outputs_of,
    set_up_log,
    to_pulumi,
)

if TYPE_CHECKING:
    from .service.preview import Checked, Difference
    from .service.waiter import Report

#: As it stands in states.
TYPE = "pulumi-python:dynamic/personalize:EventTracker"

_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")


def _in_one_line(
    method: Callable[Concatenate[EventTrackerProvider, _Args], _Result],
) -> Callable[Concatenate[EventTrackerProvider, _Args], _Result]:
    """Lets an error that is foreseen be one line, and shows the traceback of any other."""

    @functools.wraps(method)
    def guarded(
        self: EventTrackerProvider, /, *args: _Args.args, **kwargs: _Args.kwargs
    ) -> _Result:
        try:
            return method(self, *args, **kwargs)
        except PersonalizeError as error:
            raise error from None
        except Exception as error:
            if isinstance(foreseen := getattr(error, "error", None), PersonalizeError):
                # Of a tracker that the native provider has kept unfinished: the state keeps it.
                raise foreseen from None
            # The SDK would send it as the error's text; with the limit set below that is one line.
            engine.log(traceback.format_exc(limit=50))
            raise

    return guarded


class EventTrackerProvider(dynamic.ResourceProvider):
    """Creates, reads, updates and deletes event trackers for Pulumi.

    It is pickled into the state by reference and carries nothing, so that new code is picked up
    and the state does not churn.
    """

    serialize_as_secret_always = False

    _session: Session | None = None

    def __getstate__(self) -> None:
        """Nothing is kept. An empty mapping would do too, were it not for Pulumi.

        Each mapping that it pickles nests its pickler one deeper (``serialize_provider``), and a
        program of a thousand trackers would end in a RecursionError.
        """

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        """Takes the stack's configuration, once for each operation of Pulumi."""
        # Pulumi shows an exception with its whole traceback; this leaves the line of the error.
        sys.tracebacklimit = 0
        set_up_log(engine.log)
        address = engine.address_of(sys.argv)
        if address:
            engine.end_with_it()
        log = engine.Log(address)
        if not concurrency.raise_limit():
            log.debug("could not raise the SDK's limit of 4 concurrent operations")
        config = req.config._props  # noqa: SLF001 - no public way to all keys
        self._session = new_session(config, log)

    @_in_one_line
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Checks the inputs, and for a new tracker that its group has room."""
        planner = self._running.planner
        # With ignore_changes, the engine takes over what a refresh has put there.
        wanted = {key: value for key, value in from_pulumi(news).items() if key not in LASTING}
        if CONTEXT not in wanted:
            raise sdk.refusal(f"drops the property {CONTEXT}")
        checked = planner.check(from_pulumi(_olds), wanted, self._report(wanted))
        self._tell(wanted, checked)
        self._running.warn(unnamed=not _olds and properties.NAME not in wanted)
        failures = [
            dynamic.CheckFailure(*failure_of(wanted, *problem)) for problem in checked.problems
        ]
        inputs = {**to_pulumi(checked.inputs), **lasting(_olds, wanted)}
        return dynamic.CheckResult(_as_before(inputs, _olds), failures)

    @_in_one_line
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Tells what would change, and whether only a replacement can bring that about."""
        wanted = from_pulumi(_news)
        difference = self._running.planner.diff(
            _id, from_pulumi(_olds), wanted, self._report(wanted)
        )
        self._tell(wanted, difference)
        in_place = difference.changes and not difference.replaces
        return dynamic.DiffResult(
            # Left to the engine, it tells which properties change: for the display, and for
            # replace_on_changes. The answer has no place for them.
            changes=None if in_place else difference.changes,
            replaces=difference.replaces,
            delete_before_replace=difference.delete_first,
        )

    @_in_one_line
    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Makes the event tracker, and comes back once it is ACTIVE."""
        unpacked = from_pulumi(props)
        created = self._running.create(unpacked, self._report(unpacked), engine.is_listening)
        outputs = outputs_of(created.tracker, props, created.attempt)
        return dynamic.CreateResult(created.tracker.arn, outputs)

    @_in_one_line
    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Reads the event tracker as it is; one that is gone leaves the state.

        `EventTracker.get` ends here too, with nothing in the state yet; for it, gone is an error.
        """
        from .service.held import unfinished as is_unfinished

        lifecycle = self._running.lifecycle
        unpacked = from_pulumi(props)
        tracker = (
            lifecycle.read(id_, unpacked, self._report(unpacked))
            if properties.NAME in unpacked
            else lifecycle.get(id_)
        )
        if tracker is None:
            # Pulumi takes an empty id for "gone", and needs a mapping beside it.
            return dynamic.ReadResult("", {})
        outputs = outputs_found(tracker, props)
        if unpacked.get(UNFINISHED) and is_unfinished(tracker, unpacked.get(OWNERSHIP_TAG)):
            # As the native provider has left it.
            outputs[UNFINISHED] = True
        inputs = {key: outputs[key] for key in INPUTS if outputs.get(key) not in (None, {})}
        return dynamic.ReadResult(id_, outputs, {**inputs, **lasting(outputs, unpacked)})

    @_in_one_line
    def update(
        self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]
    ) -> dynamic.UpdateResult:
        """Changes the tags in place, and gives all outputs."""
        olds, news = from_pulumi(_olds), from_pulumi(_news)
        wanted, _ = properties.parse(news)
        report = self._report(news)
        tracker, attempt = self._running.lifecycle.update(_id, wanted, olds, report)
        return dynamic.UpdateResult(outputs_of(tracker, _news, attempt))

    @_in_one_line
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Deletes the event tracker, and comes back once it is gone."""
        unpacked = from_pulumi(_props)
        self._running.delete(_id, unpacked, self._report(unpacked))

    def _report(self, props: Mapping[str, Any]) -> Report:
        """A progress callback for lines about the resource of these properties."""
        context = properties.Context.of(props)
        return self._running.log.report(_row(context), _prefix(context))

    def _tell(self, props: Mapping[str, Any], planned: Checked | Difference) -> None:
        """Shows what a check or diff has to say of the resource of these properties."""
        context = properties.Context.of(props)
        row, prefix = _row(context), _prefix(context)
        self._running.log.tell(planned.notes, planned.warnings, row, prefix)

    @property
    def _running(self) -> Session:
        if self._session is None:
            self._session = new_session({}, engine.Log())
        return self._session


def _as_before(news: dict[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
    """Leaves the context under its earlier key where an update of something else follows.

    The engine would show the new key as a change beside the one that was meant. Without an update,
    the state takes the new key over and nothing is shown.
    """
    key, old = CONTEXTS
    before, now = from_pulumi(olds), from_pulumi(news)
    if old in olds and before != now and before.get(key) == now.get(key):
        return {**{name: news[name] for name in news if name != key}, old: olds[old]}
    return news


def _row(context: properties.Context) -> str:
    return engine.urn(TYPE, context)


def _prefix(context: properties.Context) -> str:
    return f"{context.resource}: " if context.resource else ""
