"""What keeps a dataset group from taking an event tracker, and what to do about it.

Source: https://docs.aws.amazon.com/personalize/latest/dg/API_CreateEventTracker.html
"""

from __future__ import annotations

from .. import errors
from . import arns
from .model import ACTIVE, CREATE_FAILED, CREATING, DatasetGroup


def problem_of(group: DatasetGroup) -> errors.DatasetGroupError | None:
    """What keeps a dataset group from taking an event tracker; ``None`` where nothing does."""
    if group.status == ACTIVE:
        return None
    if group.status is None:
        message = f"does not exist in {arns.region_of(group.arn)}"
        advice = "Check its name, region and account"
    else:
        message = f"is {group.status}, and must be ACTIVE before an event tracker can be created"
        if group.status in CREATING:
            advice = "Wait until it is ACTIVE, then run `pulumi up` again"
        elif group.status == CREATE_FAILED:
            advice = "Run `aws personalize describe-dataset-group` to see why, or use another one"
        else:
            advice = "Use another one"
    return errors.DatasetGroupError(message, resource=f"dataset group {group.arn}", advice=advice)


def without_interactions(
    group: str, resource: str, refused: errors.ServiceError
) -> errors.DatasetGroupError:
    """The error of a group that takes no tracker because it has no interactions dataset."""
    return errors.DatasetGroupError(
        f"dataset group {group} has no Item interactions dataset, without which Personalize "
        f"creates no event tracker: {refused.message}",
        operation="creating",
        resource=resource,
        code=refused.code,
        advice=(
            "Create the dataset first; if this program does, name it in depends_on=[…] of the "
            "event tracker"
        ),
    )


def perhaps_without_interactions(group: str) -> str:
    """What may have refused a create, where the datasets of the group can't be listed."""
    return (
        f"It may be that dataset group {group} has no Item interactions dataset yet, which "
        "personalize:ListDatasets would tell: if this program creates it, name it in "
        "depends_on=[…] of the event tracker"
    )


def warning_of(group: DatasetGroup) -> str | None:
    """What the user should know of a group beforehand; ``None`` where there is nothing."""
    if group.has_interactions is not False:
        return None
    return (
        f"dataset group {group.arn} has no Item interactions dataset yet, and Personalize creates "
        "no event tracker without one: if this program creates it, name it in depends_on=[…] of "
        "the event tracker"
    )
