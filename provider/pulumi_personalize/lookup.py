"""Lookup functions for event trackers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from . import program
from .errors import InputError, PersonalizeError
from .program import raise_in_one_line, stack_configuration
from .provider import TYPE
from .service.names import snake

_PACKAGE = "pulumi-python"


@dataclass(frozen=True)
class GetEventTrackerResult:
    """The one event tracker of a dataset group.

    Attributes:
        event_tracker_arn: Its ARN.
        tracking_id: What applications pass to PutEvents; valid only while the status is ACTIVE.
        name: Its name.
        dataset_group_arn: The dataset group that it belongs to.
        status: CREATE PENDING, CREATE IN_PROGRESS, ACTIVE or CREATE FAILED.
        account_id: The AWS account that owns it, 12 digits.
        creation_date_time: When it was created, as ISO 8601 in UTC.
        last_updated_date_time: When it last changed, as ISO 8601 in UTC.
        tags: Its tags.
    """

    event_tracker_arn: str
    tracking_id: str
    name: str
    dataset_group_arn: str
    status: str
    account_id: str
    creation_date_time: str
    last_updated_date_time: str
    tags: dict[str, str]


def get_event_tracker(
    dataset_group_arn: str, opts: pulumi.InvokeOptions | None = None
) -> GetEventTrackerResult:
    """Looks up the event tracker of a dataset group that another program may manage.

    It calls AWS while the program runs, at preview too, with the stack's ``personalize:``
    configuration or that of an explicit provider.

    Args:
        dataset_group_arn: The dataset group's ARN.
        opts: ``provider``, or ``parent`` to inherit it from. If its configuration is not known
            yet, use `get_event_tracker_output`.

    Raises:
        InputError: The ARN is invalid, or its account is not allowed.
        EventTrackerNotFoundError: The group has no event tracker.
        PersonalizeError: The call to AWS failed.
    """
    try:
        provider = _provider(opts)
        if provider is None:
            return _look_up(dataset_group_arn, stack_configuration())
        given = program.wait_for_value(program.configuration_of(provider))
        if given is None:
            raise program.not_known_yet(f"provider {provider.pulumi_resource_name}")
        return _look_up(dataset_group_arn, given)
    except PersonalizeError as error:
        raise_in_one_line(error)


def get_event_tracker_output(
    dataset_group_arn: pulumi.Input[str], opts: pulumi.InvokeOptions | None = None
) -> pulumi.Output[GetEventTrackerResult]:
    """Looks up the event tracker of a dataset group whose ARN may be an output.

    The result is unknown as long as the ARN or the provider's configuration is.
    """
    try:
        provider = _provider(opts)
        given: Any = program.configuration_of(provider) if provider else stack_configuration()
    except PersonalizeError as error:
        raise_in_one_line(error)

    async def look_up(known: list[Any]) -> GetEventTrackerResult:
        try:
            return await asyncio.to_thread(_look_up, *known)
        except PersonalizeError as error:
            raise_in_one_line(error)

    return pulumi.Output.all(dataset_group_arn, given).apply(look_up)


def _provider(opts: pulumi.InvokeOptions | None) -> pulumi.ProviderResource | None:
    """The provider that the options name; ``None`` for the stack's own configuration."""
    if opts is None:
        return None
    if opts.provider is not None and opts.provider.package != _PACKAGE:
        raise InputError(
            f"provider {opts.provider.pulumi_resource_name} is for '{opts.provider.package}'",
            operation="looking up",
            resource="the event tracker of a group",
            advice=f"Use a pulumi.ProviderResource of '{_PACKAGE}'",
        )
    return opts.provider or (opts.parent.get_provider(TYPE) if opts.parent else None)


def result_of(outputs: Mapping[str, Any]) -> GetEventTrackerResult:
    """The result of a lookup, from an event tracker's outputs."""
    return GetEventTrackerResult(**{snake(key): value for key, value in outputs.items()})


def _look_up(group: str, given: Mapping[str, Any]) -> GetEventTrackerResult:
    # Imported late: most programs look nothing up.
    from .service.aws import Personalize
    from .service.tracker import look_up
    from .settings import Settings, ignored

    settings = Settings.from_config(given)
    if warning := ignored(given, os.environ):
        program.warn_once(warning, pulumi.runtime.settings.SETTINGS.monitor)
    return result_of(look_up(Personalize(settings), group).outputs)
