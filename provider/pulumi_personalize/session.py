"""What both front ends share: what lives for one operation of Pulumi, and its property bags."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pulumi.output import Unknown
from pulumi.runtime import rpc

from . import sdk
from .engine import Log
from .service import inputs as properties
from .service.inputs import CONTEXT, OWNERSHIP_TAG, UNKNOWN

if TYPE_CHECKING:
    from .service.clock import Clock
    from .service.model import EventTracker
    from .service.preview import Planner
    from .service.request import Created
    from .service.tracker import Lifecycle
    from .service.waiter import Limit, Report


class Session(NamedTuple):
    """What lives for one operation of Pulumi (preview, up, refresh, destroy): never pickled."""

    lifecycle: Lifecycle
    planner: Planner
    #: Of the configuration: each is told once, with the first resource that it is about.
    warnings: dict[str, str]
    log: Log

    def create(
        self,
        props: Mapping[str, Any],
        report: Report,
        is_awaited: Callable[[], bool],
        *,
        keeps_unfinished: bool = False,
        limit: Limit | None = None,
    ) -> Created:
        """Creates what its check has planned."""
        from .service.request import Request

        inputs, _ = properties.parse(props)
        record = self.planner.record(inputs.context)
        expected = record.decisions.pop(inputs.dataset_group_arn or "", None)
        return self.lifecycle.create(
            Request(inputs, report, is_awaited, expected, record.replaced, keeps_unfinished, limit)
        )

    def delete(
        self, arn: str, props: Mapping[str, Any], report: Report, limit: Limit | None = None
    ) -> None:
        """Deletes what a state knows by these properties."""
        context = properties.Context.of(props)
        if not context.is_known:
            # A Pulumi SDK dropped it from the state, but a replacement has been told it again.
            context = self.planner.context_of(arn)
        self.lifecycle.delete(arn, props.get(OWNERSHIP_TAG), report, props, context, limit)

    def warn(self, *, unnamed: bool) -> None:
        """Warns of configuration that is not used, where it matters and was not told yet."""
        for about in ("aws", *(["pulumi:autonaming"] if unnamed else [])):
            if warning := self.warnings.pop(about, ""):
                self.log.warn(warning)


#: Under these keys states have it: of this version, and of those before.
CONTEXTS = (CONTEXT, "__context")
OWNERSHIP_TAGS = (OWNERSHIP_TAG, "__mark")
NO_OWNERSHIP_TAG = "none"

INPUTS = (
    properties.DATASET_GROUP_ARN,
    properties.NAME,
    properties.TAGS,
    properties.TAGS_ALL,
    properties.ADOPT_EXISTING,
    *CONTEXTS,
)


#: Outputs that a tracker has for life.
LASTING = ("eventTrackerArn", "trackingId", "accountId", "creationDateTime")


def lasting(outputs: Mapping[str, Any], props: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs to hand on as inputs, so that a preview of an update knows them.

    The engine takes the inputs of a dynamic resource for its outputs then. A refresh puts them
    there, as a create can't. As inputs they would not be the secrets that the program makes of
    outputs.
    """
    if properties.Context.of(props).secret_outputs:
        return {}
    return {key: outputs[key] for key in LASTING if outputs.get(key)}


def new_session(
    config: Mapping[str, Any], log: Log | None = None, clock: Clock | None = None
) -> Session:
    """Makes a session of a configuration, with keys as ``personalize:region``.

    Raises:
        ConfigurationError: It can't be used.
    """
    # Imported late: a program, which needs this module's class to name it, pays for none of them.
    sdk.insist()
    from .service.preview import Planner
    from .service.settings import Settings, ignored
    from .service.tracker import Lifecycle

    settings = Settings.from_config(config)
    lifecycle = Lifecycle(settings, clock)
    planner = Planner(lifecycle.finder, lifecycle.new_wait, settings)
    return Session(lifecycle, planner, ignored(config, os.environ), log or Log())


def outputs_of(
    tracker: EventTracker, props: Mapping[str, Any], attempt: str | None
) -> dict[str, Any]:
    """What the state keeps of a tracker, with the tags as they were asked for.

    Of its mark nothing, where the attempt is not known.
    """
    packed = to_pulumi(from_pulumi(props))
    kept = {
        key: packed[key]
        for key in (properties.ADOPT_EXISTING, properties.TAGS_ALL, CONTEXT)
        if key in packed
    }
    mark = {} if attempt is None else {OWNERSHIP_TAG: attempt or NO_OWNERSHIP_TAG}
    return {**tracker.outputs, **kept, properties.TAGS: packed.get(properties.TAGS) or {}, **mark}


def outputs_found(tracker: EventTracker, props: Mapping[str, Any]) -> dict[str, Any]:
    """What the state keeps of a tracker as it was found.

    What an earlier version wrote stays as it is, or else a refresh would show it as a change.
    """
    keys = (properties.ADOPT_EXISTING, *CONTEXTS, *OWNERSHIP_TAGS)
    kept = {key: props[key] for key in keys if key in props}
    return {**tracker.outputs, **kept, **_tags_found(tracker, props)}


def _tags_found(tracker: EventTracker, props: Mapping[str, Any]) -> dict[str, Any]:
    """The tags as they are: the user's are all but the default ones that are as they should be."""
    found = tracker.outputs[properties.TAGS]
    if properties.TAGS_ALL not in props:
        return {properties.TAGS: found}
    defaults = properties.parse(props)[0].default_tags
    own = {key: text for key, text in found.items() if defaults.get(key) != text}
    return {properties.TAGS: own, properties.TAGS_ALL: found}


def from_pulumi(props: Mapping[str, Any]) -> dict[str, Any]:
    """A property bag as `service` takes it, of this version or an earlier one, unpacked."""
    unpacked = {key: _value_from_pulumi(value) for key, value in props.items()}
    for key, old in (CONTEXTS, OWNERSHIP_TAGS):
        earlier = unpacked.pop(old, None)
        if earlier is not None:
            unpacked.setdefault(key, earlier)
    if isinstance(unpacked.get(CONTEXT), str):
        unpacked[CONTEXT] = properties.unpack(unpacked[CONTEXT])
    if unpacked.get(OWNERSHIP_TAG) == NO_OWNERSHIP_TAG:
        unpacked[OWNERSHIP_TAG] = ""
    return unpacked


def to_pulumi(props: Mapping[str, Any]) -> dict[str, Any]:
    """A property bag as Pulumi takes it, the way back from `from_pulumi`."""
    packed = {key: _value_to_pulumi(value) for key, value in props.items()}
    if isinstance(props.get(CONTEXT), Mapping):
        packed[CONTEXT] = properties.pack(props[CONTEXT])
    return packed


def _value_from_pulumi(value: Any) -> Any:
    """A value with what is not known yet as `UNKNOWN`."""
    if isinstance(value, Unknown) or value == rpc.UNKNOWN:
        return UNKNOWN
    if isinstance(value, dict):
        return {key: _value_from_pulumi(item) for key, item in value.items()}
    return [_value_from_pulumi(item) for item in value] if isinstance(value, list) else value


def _value_to_pulumi(value: Any) -> Any:
    """A value as Pulumi takes it, the way back from `_value_from_pulumi`."""
    if value is UNKNOWN:
        return rpc.UNKNOWN
    if isinstance(value, dict):
        return {key: _value_to_pulumi(item) for key, item in value.items()}
    return [_value_to_pulumi(item) for item in value] if isinstance(value, list) else value


def failure_of(props: Mapping[str, Any], place: str, reason: str) -> tuple[str, str]:
    """A failed check; the engine shows it with the value that the inputs have under its property.

    Of a path, as ``tags["team"]``, and of what is left out it finds none, and would show ``<nil>``.
    """
    if props.get(place) is not None:
        return place, reason
    return "", f"{place.removesuffix('[]')}: {reason}"


class _Lines(logging.Handler):
    """Hands each line on."""

    def __init__(self, write: Callable[[str], object]) -> None:
        super().__init__()
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        self._write(self.format(record))


def set_up_log(write: Callable[[str], object]) -> None:
    """Shows requests where PULUMI_PERSONALIZE_LOG asks for it, with a level such as debug.

    Args:
        write: Shows a line.
    """
    level = logging.getLevelName(os.environ.get("PULUMI_PERSONALIZE_LOG", "").upper())
    log = logging.getLogger("pulumi_personalize")
    if isinstance(level, int) and not log.handlers:
        handler = _Lines(write)
        handler.setFormatter(logging.Formatter("%(levelname)s: %(name)s: %(message)s"))
        log.addHandler(handler)
        log.setLevel(level)
