"""Looking up event trackers that a program does not own."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pulumi
from pulumi.runtime import config

from .errors import InputError, PersonalizeError
from .resource import raise_in_one_line
from .service import inputs as bags
from .service.names import snake

if TYPE_CHECKING:
    from .service.settings import Settings


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


def get_event_tracker(dataset_group_arn: str) -> GetEventTrackerResult:
    """Looks up the event tracker of a dataset group, for programs that don't own it.

    It calls AWS while the program runs, at preview too, with the stack's ``personalize:``
    configuration.

    Args:
        dataset_group_arn: The dataset group's ARN.

    Raises:
        InputError: That is not the ARN of a dataset group.
        EventTrackerNotFoundError: The group has no event tracker.
        PersonalizeError: AWS could not be asked.
    """
    try:
        return _look_up(dataset_group_arn, _settings())
    except PersonalizeError as error:
        raise_in_one_line(error)


def get_event_tracker_output(
    dataset_group_arn: pulumi.Input[str],
) -> pulumi.Output[GetEventTrackerResult]:
    """`get_event_tracker` for an ARN that may be an output, with the same errors.

    Args:
        dataset_group_arn: The dataset group's ARN; the result is unknown as long as it is.
    """

    async def look_up(arn: str) -> GetEventTrackerResult:
        return await asyncio.to_thread(get_event_tracker, arn)

    return pulumi.Output.from_input(dataset_group_arn).apply(look_up)


def _settings() -> Settings:
    from .service.settings import Settings

    # `pulumi.Config` gives only keys asked for, so that a misspelt one would count for nothing.
    # The CLI sets the environment; automation's inline programs and unit tests set `CONFIG`.
    return Settings.from_config({**config.get_config_env(), **config.CONFIG.get()})


def _look_up(group: str, settings: Settings) -> GetEventTrackerResult:
    # Imported late, as in `provider`: most programs look nothing up.
    from .service.tracker import Lifecycle

    _, problems = bags.parse({bags.DATASET_GROUP_ARN: group})
    if problems:
        raise InputError(
            problems[0].reason, operation="looking up", resource="the event tracker of a group"
        )
    tracker = Lifecycle(settings).look_up(group)
    return GetEventTrackerResult(**{snake(key): it for key, it in tracker.outputs.items()})
