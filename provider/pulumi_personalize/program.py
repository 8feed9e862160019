"""What one run of a program knows of its event trackers, whichever provider serves them."""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple, NoReturn

import pulumi
from pulumi.runtime import config, settings

from .errors import InputError, PersonalizeError

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
                new = _Claim(number, name, provider)
                old = self._claims.setdefault((group, endpoint), new)
                if old.provider is not provider:
                    # In the program's order, whichever group came to be known first.
                    first, second = sorted((old, new), key=lambda claim: claim.number)
                    raise_in_one_line(_two_of(first, second, group))
            return group

        return pulumi.Output.from_input(group).apply(claimed)


_UNKNOWN = object()


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
    elif isinstance(provider, pulumi.ProviderResource):
        # Where Pulumi keeps the properties of a resource of no class of its own.
        endpoint = vars(provider).get(_ENDPOINT)
        if isinstance(endpoint, pulumi.Output):
            if not await endpoint.is_known():
                return None
            endpoint = await endpoint.future()
    else:
        return None
    if endpoint is None:
        return ""
    return endpoint.strip().rstrip("/") if isinstance(endpoint, str) else None


def raise_in_one_line(error: PersonalizeError) -> NoReturn:
    """Raises an error as its own kind, and as the kind that Pulumi shows without a traceback."""
    kind: Any = type(type(error).__name__, (type(error), pulumi.RunError), {})
    raise kind(**vars(error)) from None
