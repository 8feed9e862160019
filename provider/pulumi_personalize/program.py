"""What one run of a program knows of its event trackers, whichever provider serves them."""

from __future__ import annotations

import functools
import itertools
from typing import Any, NamedTuple, NoReturn

import pulumi
from pulumi.runtime import config, settings

from .errors import ConfigurationError, InputError, PersonalizeError

_KEY = "_pulumi_personalize"
_ENDPOINT = "personalize:endpointUrl"


class _Claim(NamedTuple):
    """Which tracker uses a dataset group, and which provider serves it."""

    number: int
    resource: str
    provider: object


class Program:
    """One run of a program; a process may run many, as with automation and in unit tests."""

    def __init__(self) -> None:
        self._claims: dict[tuple[str, str], _Claim] = {}
        self._numbers = itertools.count()
        self._warnings: set[str] = set()
        # Kept, because only of a living object does its identity say anything.
        self._outputs: list[pulumi.Output[Any]] = []

    @classmethod
    def current(cls) -> Program:
        """The run that the caller is part of; where that can't be told, one of its own."""
        try:
            manager: Any = settings.SETTINGS.rpc_manager
            # A list of its own for each run, and in unit tests for each `pulumi.runtime.test`.
            calls = manager.rpcs
            known = vars(manager).get(_KEY)
            if known is None or known[0] is not calls:
                known = (calls, cls())
                # On the run's own object, so that it goes when the run goes.
                setattr(manager, _KEY, known)
        except (AttributeError, TypeError):
            return cls()
        program: Program = known[1]
        return program

    def warn_once(self, warning: str) -> None:
        """Warns of something that concerns the whole program."""
        if warning not in self._warnings:
            self._warnings.add(warning)
            pulumi.log.warn(warning)

    def number(self, output: pulumi.Output[Any]) -> int:
        """Numbers outputs: the same for the very same output."""
        if not any(output is other for other in self._outputs):
            self._outputs.append(output)
        return [output is other for other in self._outputs].index(True)

    def claim(
        self, tracker: pulumi.Resource, name: str, group: pulumi.Input[Any]
    ) -> pulumi.Output[Any]:
        """The group, once no tracker that another provider serves has claimed it.

        Of one provider's own trackers, its check tells them apart.
        """
        number = next(self._numbers)

        async def claimed(group: Any) -> Any:
            provider = getattr(tracker, "_provider", _UNKNOWN)
            endpoint = await _endpoint_of(provider)
            if isinstance(group, str) and endpoint is not None:
                # Without an explicit one, the kind of the tracker says which provider that is.
                kind = getattr(tracker, "pulumi_type", None)
                new = _Claim(number, name, kind if provider is None else provider)
                old = self._claims.setdefault((group, endpoint), new)
                if old.provider != new.provider:
                    # In the program's order, whichever group came to be known first.
                    first, second = sorted((old, new), key=lambda claim: claim.number)
                    raise_in_one_line(_two_of(first, second, group))
            return group

        return pulumi.Output.from_input(group).apply(claimed)


_UNKNOWN: Any = object()


def _two_of(first: _Claim, second: _Claim, group: str) -> InputError:
    return InputError(
        f"'{first.resource}' and '{second.resource}' both use dataset group {group}, "
        "through two providers, and a dataset group can have only one event tracker",
        operation="declaring",
        resource=f"event tracker {second.resource}",
        advice="Give each its own dataset group",
    )


async def _endpoint_of(provider: Any) -> str | None:
    """The endpoint that a provider is given, empty for AWS's own; ``None`` if it can't be told."""
    if provider is None:
        endpoint = config.get_config(_ENDPOINT)
    else:
        held = _properties(provider)
        # A native provider's keys have no namespace.
        output = held.get(_ENDPOINT, held.get(_ENDPOINT.partition(":")[2], _UNKNOWN))
        if output is _UNKNOWN:
            return "" if held else None
        if not await output.is_known():
            return None
        endpoint = await output.future()
    if endpoint is None:
        return ""
    return endpoint.strip().rstrip("/") if isinstance(endpoint, str) else None


def configuration_of(provider: pulumi.ProviderResource) -> pulumi.Output[dict[str, Any]]:
    """What a provider is configured with, under its keys.

    Raises:
        ConfigurationError: This SDK keeps it somewhere else.
    """
    held = _properties(provider)
    if not held:
        raise ConfigurationError(
            "can't be read with this version of Pulumi's SDK",
            operation="reading",
            resource=f"the configuration of provider {provider.pulumi_resource_name}",
            advice="Look up with the stack's configuration",
        )
    given = {key: value for key, value in held.items() if key not in ("urn", "id")}
    configuration: pulumi.Output[dict[str, Any]] = pulumi.Output.from_input(given)
    return configuration


def at_once(output: pulumi.Output[dict[str, Any]]) -> dict[str, Any] | None:
    """Waits for what an output gives; ``None`` where that is not known, or there is no waiting."""
    try:
        from pulumi.runtime.sync_await import _sync_await
    except ImportError:
        return None

    async def known() -> dict[str, Any] | None:
        return await output.future() if await output.is_known() else None

    return _sync_await(known())


def _properties(resource: Any) -> dict[str, pulumi.Output[Any]]:
    """The outputs of a resource that has no class of its own, where Pulumi keeps them.

    That is private to the SDK: with none at all, not even the URN, they are somewhere else.
    """
    held = getattr(resource, "__dict__", {})
    return {key: value for key, value in held.items() if isinstance(value, pulumi.Output)}


def raise_in_one_line(error: PersonalizeError) -> NoReturn:
    """Raises an error as its own kind, and as the kind that Pulumi shows without a traceback."""
    kind: Any = type(error)
    raise _in_one_line(kind)(**vars(error)) from None


@functools.cache
def _in_one_line(kind: Any) -> Any:
    return type(kind.__name__, (kind, pulumi.RunError), {})
