"""The dynamic provider: Pulumi's methods, each a thin layer over `service`.

Source: https://www.pulumi.com/docs/iac/concepts/providers/dynamic-providers/
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import select
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from pulumi import dynamic
from pulumi.output import Unknown
from pulumi.runtime import rpc

from . import concurrency
from .errors import PersonalizeError
from .service import inputs as bags
from .service.inputs import CONTEXT, MARK, UNFINISHED, UNKNOWN

if TYPE_CHECKING:
    from .service.clock import Clock
    from .service.creation import Created
    from .service.model import EventTracker
    from .service.preview import Planner
    from .service.tracker import Lifecycle
    from .service.waiter import Limit, Report

_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")


class _Session(NamedTuple):
    """What lives for one operation of Pulumi (preview, up, refresh, destroy): never pickled."""

    lifecycle: Lifecycle
    planner: Planner

    def create(
        self,
        bag: Mapping[str, Any],
        report: Report,
        is_awaited: Callable[[], bool],
        *,
        keeps_unfinished: bool = False,
        limit: Limit | None = None,
    ) -> Created:
        """Creates what its check has planned."""
        from .service.creation import Request

        inputs, _ = bags.parse(bag)
        record = self.planner.record(inputs.context)
        expected = record.decisions.pop(inputs.dataset_group_arn or "", None)
        return self.lifecycle.create(
            Request(inputs, report, is_awaited, expected, record.replaced, keeps_unfinished, limit)
        )


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
            say(traceback.format_exc(limit=50))
            raise

    return guarded


class EventTrackerProvider(dynamic.ResourceProvider):
    """Creates, reads, updates and deletes event trackers for Pulumi.

    It is pickled into the state by reference and carries nothing, so that new code is picked up
    and the state does not churn.
    """

    serialize_as_secret_always = False

    _session: _Session | None = None

    def __getstate__(self) -> None:
        """Nothing is kept. An empty mapping would do too, were it not for Pulumi.

        Each mapping that it pickles nests its pickler one deeper (``serialize_provider``), and a
        program of a thousand trackers would end in a RecursionError.
        """

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        """Takes the stack's configuration, once for each operation of Pulumi."""
        # Pulumi shows an exception with its whole traceback; this leaves the line of the error.
        sys.tracebacklimit = 0
        _set_up_log()
        if not concurrency.raise_limit():
            say("debug: this Pulumi SDK serves four operations at a time; no way to more was found")
        self._session = _new_session(req.config._props)  # noqa: SLF001 - no public way to all keys

    @_in_one_line
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Checks the inputs, and for a new tracker that its group has room."""
        wanted = _bag(news)
        checked = self._running.planner.check(_bag(_olds), wanted, _reporter(wanted))
        _tell(wanted, checked.notes, checked.warnings)
        failures = [dynamic.CheckFailure(*problem) for problem in checked.problems]
        return dynamic.CheckResult(_on_the_wire(checked.inputs), failures)

    @_in_one_line
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Tells what would change, and whether only a replacement can bring that about."""
        wanted = _bag(_news)
        difference = self._running.planner.diff(_id, _bag(_olds), wanted, _reporter(wanted))
        _tell(wanted, difference.notes, difference.warnings)
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
        bag = _bag(props)
        created = self._running.create(bag, _reporter(bag), engine_listens)
        outputs = _outputs(created.tracker, props, created.attempt)
        return dynamic.CreateResult(created.tracker.arn, outputs)

    @_in_one_line
    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Reads the event tracker as it is; one that is gone leaves the state.

        `EventTracker.get` ends here too, with nothing in the state yet; for it, gone is an error.
        """
        from .service.ownership import unfinished as is_unfinished

        lifecycle = self._running.lifecycle
        tracker = (
            lifecycle.read(id_, props, _reporter(_bag(props)))
            if bags.NAME in props
            else lifecycle.get(id_)
        )
        if tracker is None:
            # Pulumi takes an empty id for "gone", and needs a mapping beside it.
            return dynamic.ReadResult("", {})
        outputs = _outputs(tracker, props, props.get(MARK, ""))
        if props.get(UNFINISHED) and is_unfinished(tracker, props.get(MARK, "")):
            outputs[UNFINISHED] = True
        inputs = {key: outputs[key] for key in _INPUTS if outputs.get(key) not in (None, {})}
        return dynamic.ReadResult(id_, outputs, inputs)

    @_in_one_line
    def update(
        self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]
    ) -> dynamic.UpdateResult:
        """Changes the tags in place, and gives all outputs."""
        wanted, _ = bags.parse(_bag(_news))
        updated = self._running.lifecycle.update(_id, wanted, _bag(_olds), _reporter(_bag(_news)))
        return dynamic.UpdateResult(_outputs(updated.tracker, _news, updated.attempt))

    @_in_one_line
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Deletes the event tracker, and comes back once it is gone."""
        self._running.lifecycle.delete(_id, _props.get(MARK, ""), _reporter(_bag(_props)), _props)

    @property
    def _running(self) -> _Session:
        if self._session is None:
            self._session = _new_session({})
        return self._session


_INPUTS = (bags.DATASET_GROUP_ARN, bags.NAME, bags.TAGS, bags.ADOPT_EXISTING, CONTEXT)


def _new_session(config: Mapping[str, Any], clock: Clock | None = None) -> _Session:
    # Imported late: a program, which needs this module's class to name it, pays for none of them.
    from .service.preview import Planner
    from .service.settings import Settings
    from .service.tracker import Lifecycle

    lifecycle = Lifecycle(Settings.from_config(config), clock)
    return _Session(lifecycle, Planner(lifecycle.finder, lifecycle.new_wait))


def _outputs(tracker: EventTracker, props: Mapping[str, Any], attempt: str) -> dict[str, Any]:
    """What the state keeps of a tracker."""
    kept = {key: props[key] for key in (bags.ADOPT_EXISTING, CONTEXT) if key in props}
    return {**tracker.outputs, **kept, **({MARK: attempt} if attempt else {})}


def _bag(props: Mapping[str, Any]) -> dict[str, Any]:
    """A property bag as `service` takes it, with the context unpacked."""
    bag = {key: _known(value) for key, value in props.items()}
    if isinstance(bag.get(CONTEXT), str):
        bag[CONTEXT] = json.loads(bag[CONTEXT])
    return bag


def _on_the_wire(bag: Mapping[str, Any]) -> dict[str, Any]:
    """A property bag as Pulumi takes it, the way back from `_bag`."""
    props = {key: _wire(value) for key, value in bag.items()}
    if isinstance(bag.get(CONTEXT), Mapping):
        props[CONTEXT] = json.dumps(bag[CONTEXT])
    return props


def _known(value: Any) -> Any:
    """A value with what is not known yet as `UNKNOWN`."""
    if isinstance(value, Unknown) or value == rpc.UNKNOWN:
        return UNKNOWN
    if isinstance(value, dict):
        return {key: _known(item) for key, item in value.items()}
    return [_known(item) for item in value] if isinstance(value, list) else value


def _wire(value: Any) -> Any:
    """A value as Pulumi takes it, the way back from `_known`."""
    if value is UNKNOWN:
        return rpc.UNKNOWN
    if isinstance(value, dict):
        return {key: _wire(item) for key, item in value.items()}
    return [_wire(item) for item in value] if isinstance(value, list) else value


def say(line: str) -> None:
    """Shows a line to the user: what the process writes to stderr is in Pulumi's display."""
    with contextlib.suppress(BrokenPipeError):
        # In one write, so that lines of two threads don't run into each other.
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def engine_listens() -> bool:
    """Whether the engine is still there: it reads what this process writes to stderr.

    A killed engine leaves this process behind, which would bring a create to an end that no state
    ever tells of.
    """
    try:
        poll = select.poll()
        poll.register(sys.stderr.fileno(), 0)
        return not any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
    except (AttributeError, OSError, ValueError):
        # No poll on Windows, no file behind stderr in a test: it can't be told.
        return True


def _set_up_log() -> None:
    """Shows requests where PULUMI_PERSONALIZE_LOG asks for it, with a level such as debug."""
    level = logging.getLevelName(os.environ.get("PULUMI_PERSONALIZE_LOG", "").upper())
    log = logging.getLogger("pulumi_personalize")
    if isinstance(level, int) and not log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)s: %(name)s: %(message)s"))
        log.addHandler(handler)
        log.setLevel(level)


def _reporter(bag: Mapping[str, Any], prefix: str = "") -> Callable[[str], None]:
    """Tells the user lines about one resource."""
    resource = bags.Context.of(bag).resource
    return lambda line: say(f"{prefix}{resource}: {line}" if resource else prefix + line)


def _tell(bag: Mapping[str, Any], notes: Iterable[str], warnings: Iterable[str]) -> None:
    for note in notes:
        _reporter(bag)(note)
    for warning in warnings:
        _reporter(bag, "warning: ")(warning)
