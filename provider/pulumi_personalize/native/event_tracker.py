"""The resource that users write, served by the native provider."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime import config

from .. import event_tracker, program
from ..errors import ConfigurationError
from ..get_event_tracker import GetEventTrackerResult
from ..program import raise_in_one_line
from ..provider import TYPE as DYNAMIC_TYPE
from ..service.inputs import CONTEXT, DATASET_GROUP_ARN, pack, unpack
from ..service.names import snake
from ..service.settings import KEYS, NAMESPACE, behind
from . import version
from .address import GET_EVENT_TRACKER, TYPE

_ALIAS = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_=DYNAMIC_TYPE)])


class EventTracker(event_tracker.EventTracker, module="personalize", name="EventTracker"):
    """An event tracker of Amazon Personalize, served by the native provider.

    It takes and gives what `pulumi_personalize.EventTracker` does, and is an instance of it.
    ``import_`` and ``custom_timeouts`` work here. A resource of that class becomes one of this, and
    the other way round, where the program changes the class: nothing is replaced.
    """

    pulumi_type = TYPE

    def _register(
        self, resource_name: str, props: Any, opts: pulumi.ResourceOptions | None
    ) -> None:
        opts = pulumi.ResourceOptions.merge(opts, _ALIAS)
        props[CONTEXT] = _with_the_programs(props[CONTEXT])
        pulumi.CustomResource.__init__(self, TYPE, resource_name, props, opts)


class Provider(pulumi.ProviderResource):
    """A native provider with a configuration of its own, for a second account or region.

    It takes the keys of the stack's configuration, in snake_case.
    """

    def __init__(
        self, resource_name: str, opts: pulumi.ResourceOptions | None = None, **settings: Any
    ) -> None:
        """Declares a provider.

        Args:
            resource_name: The resource's name in the program.
            opts: Pulumi's resource options.
            settings: The configuration, as in ``profile="second"``.
        """
        keys = {snake(key): key for key in KEYS}
        props = {keys.get(name, name): value for name, value in settings.items()}
        super().__init__(NAMESPACE, resource_name, props, opts)


def get_event_tracker(
    dataset_group_arn: str, opts: pulumi.InvokeOptions | None = None
) -> GetEventTrackerResult:
    """Looks up the event tracker of a dataset group, for programs that don't own it.

    Args:
        dataset_group_arn: The dataset group's ARN.
        opts: Pulumi's options of an invoke: ``provider``, ``parent``.
    """
    args = {DATASET_GROUP_ARN: dataset_group_arn, CONTEXT: _with_the_programs("")}
    try:
        found: Any = pulumi.runtime.invoke(GET_EVENT_TRACKER, args, opts).value
    except Exception as error:
        # Which is the engine's, as its kind, and would be shown with a traceback.
        raise pulumi.RunError(str(error)) from None
    if not found:
        # So the engine answers for a provider whose configuration is not known yet.
        raise_in_one_line(
            ConfigurationError(
                "is not known yet",
                operation="reading",
                resource="the configuration of the lookup's provider",
                advice="Use get_event_tracker_output",
            )
        )
    return _result(found)


def get_event_tracker_output(
    dataset_group_arn: pulumi.Input[str], opts: pulumi.InvokeOptions | None = None
) -> pulumi.Output[GetEventTrackerResult]:
    """`get_event_tracker` for an ARN that may be an output.

    Args:
        dataset_group_arn: The dataset group's ARN; the result is unknown as long as it is.
        opts: Pulumi's options of an invoke: ``provider``, ``parent``.
    """
    args = {DATASET_GROUP_ARN: dataset_group_arn, CONTEXT: _with_the_programs("")}
    found: pulumi.Output[Any] = pulumi.runtime.invoke_output(GET_EVENT_TRACKER, args, opts)
    provider = opts.provider if opts else None
    # As long as its configuration is not known, the engine answers nothing, and calls that known.
    known: Any = {}
    if provider:
        # Where the SDK keeps it somewhere else, there is only what the engine answers.
        with contextlib.suppress(ConfigurationError):
            known = program.configuration_of(provider)
    # Whether it is a secret says nothing of what is found.
    known = pulumi.Output.unsecret(pulumi.Output.from_input(known))
    return pulumi.Output.all(found, known).apply(lambda both: _result(both[0]))


def _result(found: Mapping[str, Any]) -> GetEventTrackerResult:
    return GetEventTrackerResult(**{snake(key): value for key, value in found.items()})


def _with_the_programs(context: pulumi.Input[str]) -> pulumi.Input[str]:
    """A context with what a check needs of the program, and uses up."""
    # Their names alone: Pulumi hands a native provider no key but its own.
    names = behind({**config.get_config_env(), **config.CONFIG.get()})
    told = {"version": version.of_package(), "aws": names}
    if secret := [name for name in names if config.is_config_secret(name)]:
        told["secret"] = secret

    def add(text: str) -> str:
        return pack({**unpack(text), **told})

    if isinstance(context, str):
        return add(context)
    known: pulumi.Output[str] = pulumi.Output.from_input(context)
    return known.apply(add)
