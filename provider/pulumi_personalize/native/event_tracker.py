"""The resource that users write, served by the native provider."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.runtime import config

from .. import __version__, event_tracker, program
from ..lookup import GetEventTrackerResult, result_of
from ..program import raise_in_one_line
from ..provider import TYPE as DYNAMIC_TYPE
from ..service.inputs import CONTEXT, DATASET_GROUP_ARN, NATIVE_TYPE, pack, unpack
from ..service.names import snake
from ..settings import KEYS, NAMESPACE, behind
from . import AWS_KEYS, GET_EVENT_TRACKER, SECRET_KEYS, VERSION


class EventTracker(event_tracker.EventTracker, module="personalize", name="EventTracker"):
    """An event tracker of Amazon Personalize, served by the native provider.

    A subclass of `pulumi_personalize.EventTracker` with the same arguments and outputs, which
    supports ``import_`` and ``custom_timeouts``. Switching a program between the two classes
    replaces nothing.
    """

    _type, _other_type = NATIVE_TYPE, DYNAMIC_TYPE

    def _register(
        self, resource_name: str, props: Any, opts: pulumi.ResourceOptions | None
    ) -> None:
        props[CONTEXT] = _with_program_options(props[CONTEXT])
        pulumi.CustomResource.__init__(self, NATIVE_TYPE, resource_name, props, opts)


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
    """Looks up the event tracker of a dataset group that another program may manage."""
    args = {DATASET_GROUP_ARN: dataset_group_arn, CONTEXT: _with_program_options("")}
    try:
        found: Any = pulumi.runtime.invoke(GET_EVENT_TRACKER, args, opts).value
    except Exception as error:
        # The engine's error, without its traceback.
        raise pulumi.RunError(str(error)) from None
    if not found:
        # The engine returns nothing if the provider's configuration is not known yet.
        raise_in_one_line(program.not_known_yet("the lookup's provider"))
    return result_of(found)


def get_event_tracker_output(
    dataset_group_arn: pulumi.Input[str], opts: pulumi.InvokeOptions | None = None
) -> pulumi.Output[GetEventTrackerResult]:
    """Looks up the event tracker of a dataset group whose ARN may be an output."""
    args = {DATASET_GROUP_ARN: dataset_group_arn, CONTEXT: _with_program_options("")}
    found: pulumi.Output[Any] = pulumi.runtime.invoke_output(GET_EVENT_TRACKER, args, opts)

    def result(outputs: Any) -> Any:
        # The engine returns nothing as long as the provider's configuration is not known.
        return result_of(outputs) if outputs else pulumi.UNKNOWN

    return found.apply(result)


def _with_program_options(context: pulumi.Input[str]) -> pulumi.Input[str]:
    """Adds to a resource's context what the plugin checks of the program, and leaves out then."""
    # Only the names: Pulumi passes a native provider no key but its own.
    names = behind(program.stack_configuration())
    secret = [name for name in names if config.is_config_secret(name)]
    added = {VERSION: __version__, AWS_KEYS: " ".join(names), SECRET_KEYS: " ".join(secret)}

    def add(text: str) -> str:
        urn, options = unpack(text)
        return pack(urn, options | {key: text for key, text in added.items() if text})

    if isinstance(context, str):
        return add(context)
    output: pulumi.Output[str] = pulumi.Output.from_input(context)
    return output.apply(add)
