"""The dynamic provider: Pulumi's methods, each a thin layer over `service`.

Source: https://www.pulumi.com/docs/iac/concepts/providers/dynamic-providers/
"""

from __future__ import annotations

import functools
import logging
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from pulumi import dynamic
from pulumi.output import Unknown
from pulumi.runtime import rpc

from . import concurrency, engine, sdk
from .errors import PersonalizeError
from .service import inputs as bags
from .service.inputs import CONTEXT, MARK, UNKNOWN

if TYPE_CHECKING:
    from .service.creation import Created
    from .service.model import EventTracker
    from .service.preview import Checked, Difference, Planner
    from .service.tracker import Lifecycle
    from .service.waiter import Report

#: As it stands in states.
TYPE = "pulumi-python:dynamic/personalize:EventTracker"

_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")


class _Session(NamedTuple):
    """What lives for one operation of Pulumi (preview, up, refresh, destroy): never pickled."""

    lifecycle: Lifecycle
    planner: Planner
    #: Of the configuration: each is told once, with the first resource that it is about.
    warnings: dict[str, str]
    log: engine.Log

    def create(self, bag: Mapping[str, Any]) -> Created:
        """Creates what its check has planned."""
        from .service.creation import Request

        inputs, _ = bags.parse(bag)
        record = self.planner.record(inputs.context)
        expected = record.decisions.pop(inputs.dataset_group_arn or "", None)
        return self.lifecycle.create(
            Request(inputs, self.report(bag), engine.is_listening, expected, record.replaced)
        )

    def update(
        self, arn: str, olds: Mapping[str, Any], news: Mapping[str, Any]
    ) -> tuple[EventTracker, str | None]:
        """Changes the tags; the tracker, and the attempt that the state is to keep."""
        inputs, _ = bags.parse(news)
        return self.lifecycle.update(arn, inputs, olds, self.report(news))

    def delete(self, arn: str, bag: Mapping[str, Any]) -> None:
        """Deletes what a state knows by this bag."""
        context = bags.Context.of(bag)
        if not context.resource:
            # A Pulumi SDK dropped it from the state, but a replacement has been told it again.
            context = self.planner.context_of(arn)
        self.lifecycle.delete(arn, bag.get(MARK), self.report(bag), bag, context)

    def report(self, bag: Mapping[str, Any]) -> Report:
        """A progress callback for lines about the resource of this bag."""
        context = bags.Context.of(bag)
        return self.log.report(_row(context), _prefix(context))

    def tell(self, bag: Mapping[str, Any], planned: Checked | Difference) -> None:
        """Shows what a check or diff has to say of the resource of this bag."""
        context = bags.Context.of(bag)
        for note in planned.notes:
            self.report(bag)(note)
        for warning in planned.warnings:
            self.log.warn(warning, _row(context), _prefix(context))

    def warn(self, *, unnamed: bool) -> None:
        """Warns of configuration that is not used, where it matters and was not told yet."""
        for about in ("aws", *(["pulumi:autonaming"] if unnamed else [])):
            if warning := self.warnings.pop(about, ""):
                self.log.warn(warning)


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
        except Exception:
            # The SDK would send it as the error's text; with the limit set below that is one line.
            engine.say(traceback.format_exc(limit=50))
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
        address = engine.address_of(sys.argv)
        if address:
            engine.end_with_it()
        log = engine.Log(address)
        if not concurrency.raise_limit():
            log.debug("could not raise the SDK's limit of 4 concurrent operations")
        config = req.config._props  # noqa: SLF001 - no public way to all keys
        self._session = _new_session(config, log)

    @_in_one_line
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Checks the inputs, and for a new tracker that its group has room."""
        planner = self._running.planner
        # With ignore_changes, the engine takes over what a refresh has put there.
        wanted = {key: value for key, value in _bag(news).items() if key not in _LASTING}
        if CONTEXT not in wanted:
            raise sdk.refusal(f"drops the property {CONTEXT}")
        checked = planner.check(_bag(_olds), wanted, self._running.report(wanted))
        self._running.tell(wanted, checked)
        self._running.warn(unnamed=not _olds and bags.NAME not in wanted)
        failures = [_failure(wanted, *problem) for problem in checked.problems]
        inputs = {**_on_the_wire(checked.inputs), **_lasting(_olds, wanted)}
        return dynamic.CheckResult(_as_before(inputs, _olds), failures)

    @_in_one_line
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Tells what would change, and whether only a replacement can bring that about."""
        wanted = _bag(_news)
        difference = self._running.planner.diff(
            _id, _bag(_olds), wanted, self._running.report(wanted)
        )
        self._running.tell(wanted, difference)
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
        created = self._running.create(bag)
        outputs = _outputs(created.tracker, props, created.attempt)
        return dynamic.CreateResult(created.tracker.arn, outputs)

    @_in_one_line
    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Reads the event tracker as it is; one that is gone leaves the state.

        `EventTracker.get` ends here too, with nothing in the state yet; for it, gone is an error.
        """
        lifecycle = self._running.lifecycle
        bag = _bag(props)
        tracker = (
            lifecycle.read(id_, bag, self._running.report(bag))
            if bags.NAME in bag
            else lifecycle.get(id_)
        )
        if tracker is None:
            # Pulumi takes an empty id for "gone", and needs a mapping beside it.
            return dynamic.ReadResult("", {})
        # What an earlier version wrote stays as it is, or else a refresh would show it as a change.
        keys = (bags.ADOPT_EXISTING, *_CONTEXTS, *_MARKS)
        kept = {key: props[key] for key in keys if key in props}
        outputs = {**tracker.outputs, **kept, **_tags_found(tracker, props)}
        inputs = {key: outputs[key] for key in _INPUTS if outputs.get(key) not in (None, {})}
        return dynamic.ReadResult(id_, outputs, {**inputs, **_lasting(outputs, bag)})

    @_in_one_line
    def update(
        self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]
    ) -> dynamic.UpdateResult:
        """Changes the tags in place, and gives all outputs."""
        tracker, attempt = self._running.update(_id, _bag(_olds), _bag(_news))
        return dynamic.UpdateResult(_outputs(tracker, _news, attempt))

    @_in_one_line
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Deletes the event tracker, and comes back once it is gone."""
        self._running.delete(_id, _bag(_props))

    @property
    def _running(self) -> _Session:
        if self._session is None:
            self._session = _new_session({}, engine.Log())
        return self._session


#: Under these keys states have it: of this version, and of those before.
_CONTEXTS = (CONTEXT, "__context")
_MARKS = (MARK, "__mark")
_NO_MARK = "none"

_INPUTS = (
    bags.DATASET_GROUP_ARN,
    bags.NAME,
    bags.TAGS,
    bags.TAGS_ALL,
    bags.ADOPT_EXISTING,
    *_CONTEXTS,
)


#: Outputs that a tracker has for life.
_LASTING = ("eventTrackerArn", "trackingId", "accountId", "creationDateTime")


def _lasting(props: Mapping[str, Any], bag: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs to hand on as inputs, so that a preview of an update knows them.

    The engine takes the inputs of a dynamic resource for its outputs then. A refresh puts them
    there, as a create can't. As inputs they would not be the secrets that the program makes of
    outputs.
    """
    if bags.Context.of(bag).secret_outputs:
        return {}
    return {key: props[key] for key in _LASTING if props.get(key)}


def _new_session(config: Mapping[str, Any], log: engine.Log) -> _Session:
    # Imported late: a program, which needs this module's class to name it, pays for none of them.
    sdk.insist()
    from .service.preview import Planner
    from .service.settings import Settings, ignored
    from .service.tracker import Lifecycle

    settings = Settings.from_config(config)
    lifecycle = Lifecycle(settings)
    planner = Planner(lifecycle.finder, lifecycle.new_wait, settings)
    return _Session(lifecycle, planner, ignored(config, os.environ), log)


def _outputs(
    tracker: EventTracker, props: Mapping[str, Any], attempt: str | None
) -> dict[str, Any]:
    """What the state keeps of a tracker, with the tags as they were asked for.

    Of its mark nothing, where the attempt is not known.
    """
    bag = _on_the_wire(_bag(props))
    kept = {key: bag[key] for key in (bags.ADOPT_EXISTING, bags.TAGS_ALL, CONTEXT) if key in bag}
    mark = {} if attempt is None else {MARK: attempt or _NO_MARK}
    return {**tracker.outputs, **kept, bags.TAGS: bag.get(bags.TAGS) or {}, **mark}


def _tags_found(tracker: EventTracker, props: Mapping[str, Any]) -> dict[str, Any]:
    """The tags as they are: the user's are all but the default ones that are as they should be."""
    found = tracker.outputs[bags.TAGS]
    if bags.TAGS_ALL not in props:
        return {bags.TAGS: found}
    defaults = bags.parse(props)[0].default_tags
    own = {key: text for key, text in found.items() if defaults.get(key) != text}
    return {bags.TAGS: own, bags.TAGS_ALL: found}


def _bag(props: Mapping[str, Any]) -> dict[str, Any]:
    """A property bag as `service` takes it, of this version or an earlier one, unpacked."""
    bag = {key: _known(value) for key, value in props.items()}
    for key, old in (_CONTEXTS, _MARKS):
        earlier = bag.pop(old, None)
        if earlier is not None:
            bag.setdefault(key, earlier)
    if isinstance(bag.get(CONTEXT), str):
        bag[CONTEXT] = bags.unpack(bag[CONTEXT])
    if bag.get(MARK) == _NO_MARK:
        bag[MARK] = ""
    return bag


def _on_the_wire(bag: Mapping[str, Any]) -> dict[str, Any]:
    """A property bag as Pulumi takes it, the way back from `_bag`."""
    props = {key: _wire(value) for key, value in bag.items()}
    if isinstance(bag.get(CONTEXT), Mapping):
        props[CONTEXT] = bags.pack(bag[CONTEXT])
    return props


def _as_before(news: dict[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
    """Leaves the context under its earlier key where an update of something else follows.

    The engine would show the new key as a change beside the one that was meant. Without an update,
    the state takes the new key over and nothing is shown.
    """
    key, old = _CONTEXTS
    before, now = _bag(olds), _bag(news)
    if old in olds and before != now and before.get(key) == now.get(key):
        return {**{name: news[name] for name in news if name != key}, old: olds[old]}
    return news


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


def _failure(bag: Mapping[str, Any], place: str, reason: str) -> dynamic.CheckFailure:
    """A failed check; the engine shows it with the value that the inputs have under its property.

    Of a path, as ``tags["team"]``, and of what is left out it finds none, and would show ``<nil>``.
    """
    if bag.get(place) is not None:
        return dynamic.CheckFailure(place, reason)
    return dynamic.CheckFailure("", f"{place.removesuffix('[]')}: {reason}")


def _set_up_log() -> None:
    """Shows requests where PULUMI_PERSONALIZE_LOG asks for it, with a level such as debug."""
    level = logging.getLevelName(os.environ.get("PULUMI_PERSONALIZE_LOG", "").upper())
    log = logging.getLogger("pulumi_personalize")
    if isinstance(level, int) and not log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(levelname)s: %(name)s: %(message)s"))
        log.addHandler(handler)
        log.setLevel(level)


def _row(context: bags.Context) -> str:
    return engine.urn(TYPE, context)


def _prefix(context: bags.Context) -> str:
    return f"{context.resource}: " if context.resource else ""
