"""The session of one operation of Pulumi, and its property bags, shared by both front ends.

It does not import Pulumi's SDK, which the native provider does without.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from .engine import Log
from .service import inputs as properties
from .service.inputs import CONTEXT, NO_ATTEMPT, OWNERSHIP_TAG, UNKNOWN
from .service.names import Naming

if TYPE_CHECKING:
    from .service.aws import Personalize
    from .service.create import Created
    from .service.model import EventTracker
    from .service.preview import Difference, Planner
    from .service.waiter import Clock, Limit, Report

#: A value that is not known yet, as Pulumi sends it: ``pulumi.runtime.rpc.UNKNOWN``.
PULUMI_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

INPUTS = (
    properties.DATASET_GROUP_ARN,
    properties.NAME,
    properties.TAGS,
    properties.TAGS_ALL,
    properties.ADOPT_EXISTING,
    CONTEXT,
)
#: Outputs that never change during an event tracker's life.
IMMUTABLE_OUTPUTS = ("eventTrackerArn", "trackingId", "accountId", "creationDateTime")


class Session(NamedTuple):
    """What one operation of Pulumi (preview, up, refresh, destroy) uses; never pickled.

    Attributes:
        personalize: Amazon Personalize.
        planner: Checks and diffs.
        warnings: Warnings about the configuration, each shown once: of all trackers, and of those
            without a name.
        log: The engine's log.
    """

    personalize: Personalize
    planner: Planner
    warnings: dict[str, str]
    log: Log

    def with_default_tags(self, props: Mapping[str, Any]) -> dict[str, Any]:
        """Adds the default tags again: a policy may have changed the tags after their check."""
        return properties.with_default_tags(props, self.personalize.settings.default_tags or {})

    def check(
        self,
        olds: Mapping[str, Any],
        news: Mapping[str, Any],
        urn: str,
        naming: Naming = Naming(),  # noqa: B008 - immutable
    ) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Checks inputs, and shows what the preview announces.

        Returns the checked inputs, and the property and reason of each failure.
        """
        # With ignore_changes, the engine adds the outputs that a read has returned as inputs.
        wanted = {key: value for key, value in news.items() if key not in IMMUTABLE_OUTPUTS}
        checked = self.planner.check(olds, wanted, self.log.report(urn), naming)
        self.log.warn(urn, *checked.warnings)
        is_unnamed = not olds and properties.NAME not in wanted
        for about in ("all", *(["unnamed"] if is_unnamed else [])):
            self.log.warn("", *filter(None, [self.warnings.pop(about, "")]))
        return checked.inputs, [_failure(wanted, *problem) for problem in checked.problems]

    def diff(
        self, arn: str, state: Mapping[str, Any], news: Mapping[str, Any], urn: str
    ) -> Difference:
        """Compares a state with the inputs wanted, and shows what the preview announces."""
        difference = self.planner.diff(arn, state, news, self.log.report(urn))
        self.log.warn(urn, *difference.warnings)
        return difference

    def create(
        self,
        props: Mapping[str, Any],
        report: Report,
        is_awaited: Callable[[], bool],
        *,
        keeps_unfinished: bool = False,
        limit: Limit | None = None,
    ) -> Created:
        """Creates the event tracker that its check has planned."""
        from .service.create import Create

        inputs, _ = properties.parse(props)
        plan = self.planner.plan(inputs.resource)
        return Create(
            self.personalize,
            inputs,
            report,
            is_awaited,
            expected=plan.decisions.pop(inputs.dataset_group_arn or "", None),
            replaced=plan.replaced,
            keeps_unfinished=keeps_unfinished,
            limit=limit,
        ).run()


def new_session(
    config: Mapping[str, Any], log: Log | None = None, clock: Clock | None = None
) -> Session:
    """Makes a session from a configuration, with keys as ``personalize:region``.

    Raises:
        ConfigurationError: The configuration is invalid.
    """
    # Imported late: a program, which only names the provider's class, avoids the cost.
    from .service.aws import Personalize
    from .service.preview import Planner
    from .settings import Settings, ignored

    personalize = Personalize(Settings.from_config(config), clock)
    warnings = {"all": ignored(config, os.environ)}
    return Session(personalize, Planner(personalize), warnings, log or Log())


def immutable_outputs(outputs: Mapping[str, Any], props: Mapping[str, Any]) -> dict[str, Any]:
    """The immutable outputs, to return as inputs, too.

    At the preview of an update, the engine uses a dynamic resource's inputs as its outputs. Empty
    if the program makes outputs secret: as inputs they would be plain.
    """
    if properties.Resource.of(props).secret_outputs:
        return {}
    return {key: outputs[key] for key in IMMUTABLE_OUTPUTS if outputs.get(key)}


def outputs_of(created: Created, props: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of a created or updated event tracker, with the tags that were asked for."""
    kept = {
        key: props[key]
        for key in (properties.ADOPT_EXISTING, properties.TAGS_ALL, CONTEXT)
        if key in props
    }
    return {
        **created.tracker.outputs,
        **kept,
        properties.TAGS: props.get(properties.TAGS) or {},
        OWNERSHIP_TAG: created.attempt or NO_ATTEMPT,
    }


def inputs_of(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs among outputs, without empty ones."""
    return {key: outputs[key] for key in INPUTS if outputs.get(key) not in (None, {})}


def outputs_found(tracker: EventTracker, props: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of an event tracker as it was read."""
    keys = (properties.ADOPT_EXISTING, CONTEXT, OWNERSHIP_TAG)
    kept = {key: props[key] for key in keys if key in props}
    return {**tracker.outputs, **kept, **_tags_found(tracker, props)}


def _tags_found(tracker: EventTracker, props: Mapping[str, Any]) -> dict[str, Any]:
    """The tags as they were read: the user's are all but the unchanged default tags."""
    found = tracker.outputs[properties.TAGS]
    if properties.TAGS_ALL not in props:
        return {properties.TAGS: found}
    defaults = properties.parse(props)[0].default_tags
    own = {key: text for key, text in found.items() if defaults.get(key) != text}
    return {properties.TAGS: own, properties.TAGS_ALL: found}


def from_pulumi(value: Any) -> Any:
    """Converts a property bag, or a value in it, from Pulumi's form to that of `service`."""
    if value == PULUMI_UNKNOWN or type(value).__name__ == "Unknown":
        # The dynamic provider gets an instance of `pulumi.output.Unknown`.
        return UNKNOWN
    if isinstance(value, dict):
        return {key: from_pulumi(item) for key, item in value.items()}
    return [from_pulumi(item) for item in value] if isinstance(value, list) else value


def to_pulumi(value: Any) -> Any:
    """Converts a property bag, or a value in it, from `service`'s form to Pulumi's."""
    if value is UNKNOWN:
        return PULUMI_UNKNOWN
    if isinstance(value, dict):
        return {key: to_pulumi(item) for key, item in value.items()}
    return [to_pulumi(item) for item in value] if isinstance(value, list) else value


def _failure(props: Mapping[str, Any], path: str, reason: str) -> tuple[str, str]:
    """A failed check's property and reason.

    The engine prints the property's value; for a path, as ``tags["team"]``, or a property that is
    left out it would print ``<nil>``, so that these go into the reason.
    """
    if props.get(path) is not None:
        return path, reason
    return "", f"{path.removesuffix('[]')}: {reason}"


class _Lines(logging.Handler):
    """Passes each line to a function."""

    def __init__(self, write: Callable[[str], object]) -> None:
        super().__init__()
        self._write = write

    def emit(self, record: logging.LogRecord) -> None:
        self._write(self.format(record))


def set_up_log(write: Callable[[str], object]) -> None:
    """Logs requests if PULUMI_PERSONALIZE_LOG names a level, such as debug.

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
