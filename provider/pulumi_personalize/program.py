"""The program that declares event trackers: its configuration, warnings and errors."""

from __future__ import annotations

import functools
from typing import Any, NoReturn

import pulumi
from pulumi.runtime import config

from .errors import ConfigurationError, InputError, PersonalizeError


@functools.cache
def warn_once(warning: str, _monitor: object) -> None:
    """Shows a warning about the whole program, once in each run, which has a monitor of its own."""
    pulumi.log.warn(warning)


def stack_configuration() -> dict[str, Any]:
    """The stack's configuration, all keys with their namespace."""
    # `pulumi.Config` returns only the keys asked for, and would hide a misspelt one. The CLI sets
    # the environment; automation's inline programs and unit tests set `CONFIG`.
    return {**config.get_config_env(), **config.CONFIG.get()}


def configuration_of(provider: pulumi.ProviderResource) -> pulumi.Output[dict[str, Any]]:
    """The configuration of an explicit provider.

    Raises:
        ConfigurationError: This version of Pulumi's SDK keeps it elsewhere.
    """
    # Private to the SDK: without any output, not even `urn`, the layout has changed.
    outputs = {key: it for key, it in vars(provider).items() if isinstance(it, pulumi.Output)}
    if not outputs:
        raise ConfigurationError(
            "can't be read with this version of Pulumi's SDK",
            operation="reading",
            resource=f"the configuration of provider {provider.pulumi_resource_name}",
            advice="Look up with the stack's configuration",
        )
    given = {key: value for key, value in outputs.items() if key not in ("urn", "id")}
    configuration: pulumi.Output[dict[str, Any]] = pulumi.Output.from_input(given)
    return configuration


def not_known_yet(provider: str) -> ConfigurationError:
    """The error of a lookup whose provider's configuration is not known yet."""
    return ConfigurationError(
        "is not known yet",
        operation="reading",
        resource=f"the configuration of {provider}",
        advice="Use get_event_tracker_output",
    )


def wait_for_value(output: pulumi.Output[dict[str, Any]]) -> dict[str, Any] | None:
    """Waits for an output's value; ``None`` if it is not known."""
    from pulumi.runtime.sync_await import _sync_await

    async def known() -> dict[str, Any] | None:
        return await output.future() if await output.is_known() else None

    return _sync_await(known())


def raise_in_one_line(error: PersonalizeError) -> NoReturn:
    """Raises an error as its own class and as the one that Pulumi shows without a traceback."""
    kind: Any = type(error)
    raise _in_one_line(kind)(**vars(error)) from None


def refuse(resource_name: str, message: str, advice: str) -> NoReturn:
    """Refuses the declaration of an event tracker with an `InputError` in one line."""
    resource = f"event tracker {resource_name}"
    raise_in_one_line(InputError(message, operation="declaring", resource=resource, advice=advice))


@functools.cache
def _in_one_line(kind: Any) -> Any:
    return type(kind.__name__, (kind, pulumi.RunError), {})
