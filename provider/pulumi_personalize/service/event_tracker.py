"""An event tracker as the service tells it, and the one place that looks for it.

Read, status, wait and delete all go through `Finder`, so that "not found" means one thing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ..errors import ServiceError
from . import arns
from .calls import Calls
from .tags import NONE, of_user

if TYPE_CHECKING:
    from mypy_boto3_personalize import PersonalizeClient
    from mypy_boto3_personalize.type_defs import EventTrackerSummaryTypeDef, EventTrackerTypeDef

ACTIVE = "ACTIVE"
CREATE_PENDING = "CREATE PENDING"
CREATE_IN_PROGRESS = "CREATE IN_PROGRESS"
CREATE_FAILED = "CREATE FAILED"
DELETE_PENDING = "DELETE PENDING"
DELETE_IN_PROGRESS = "DELETE IN_PROGRESS"

CREATING = (CREATE_PENDING, CREATE_IN_PROGRESS)
DELETING = (DELETE_PENDING, DELETE_IN_PROGRESS)

#: The service's error codes that mean something to an operation.
NOT_FOUND = "ResourceNotFoundException"
IN_USE = "ResourceInUseException"
ALREADY_EXISTS = "ResourceAlreadyExistsException"

Found = TypeVar("Found")


class EventTracker(NamedTuple):
    """An event tracker of Amazon Personalize.

    Source: https://docs.aws.amazon.com/personalize/latest/dg/API_EventTracker.html

    Attributes:
        arn: The event tracker's ARN.
        name: Its name, unique in account and region.
        status: CREATE PENDING, CREATE IN_PROGRESS, ACTIVE, CREATE FAILED, DELETE PENDING or
            DELETE IN_PROGRESS.
        tracking_id: What applications send with PutEvents; valid only while ACTIVE. Empty where
            only a summary was asked for.
        dataset_group_arn: The dataset group it belongs to.
        account_id: The AWS account that owns it.
        created: When it was created, ISO 8601 in UTC.
        updated: When it last changed, ISO 8601 in UTC.
        tags: All its tags, our own mark included; empty where they were not asked for.
    """

    arn: str
    name: str
    status: str
    tracking_id: str = ""
    dataset_group_arn: str = ""
    account_id: str = ""
    created: str = ""
    updated: str = ""
    tags: Mapping[str, str] = NONE

    def with_tags(self, tags: Mapping[str, str]) -> EventTracker:
        """The same event tracker with these tags."""
        return self._replace(tags=dict(tags))

    @property
    def outputs(self) -> dict[str, Any]:
        """What every front end gives of it; the one place that names them."""
        return {
            "eventTrackerArn": self.arn,
            "trackingId": self.tracking_id,
            "name": self.name,
            "datasetGroupArn": self.dataset_group_arn,
            "status": self.status,
            "accountId": self.account_id,
            "creationDateTime": self.created,
            "lastUpdatedDateTime": self.updated,
            "tags": of_user(self.tags),
        }

    def __str__(self) -> str:
        return f"event tracker {self.name} ({self.arn})"


class Finder:
    """Looks for event trackers and what belongs to them; ``None`` where there is none."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def tracker(self, arn: str, deadline: float | None = None) -> EventTracker | None:
        """The event tracker with this ARN, without its tags."""
        found = self._find(
            arn,
            lambda client: client.describe_event_tracker(eventTrackerArn=arn),
            f"event tracker {arn}",
            deadline,
        )
        return _from_description(found["eventTracker"]) if found else None

    def tracker_of_group(self, arn: str, deadline: float | None = None) -> EventTracker | None:
        """The one event tracker of the dataset group with this ARN: ARN, name and status only."""
        found = self._find(
            arn,
            lambda client: client.list_event_trackers(datasetGroupArn=arn, maxResults=100),
            f"event trackers of dataset group {arn}",
            deadline,
        )
        summaries = found["eventTrackers"] if found else []
        return _from_summary(summaries[0], arn) if summaries else None

    def group_status(self, arn: str) -> str | None:
        """The status of the dataset group with this ARN."""
        found = self._find(
            arn,
            lambda client: client.describe_dataset_group(datasetGroupArn=arn),
            f"dataset group {arn}",
        )
        return found["datasetGroup"].get("status", "") if found else None

    def service_time(self, group_arn: str) -> str:
        """The service's own time, to the second, ISO 8601 in UTC: clocks here may differ."""
        answer = self._find(
            group_arn,
            lambda client: client.list_event_trackers(datasetGroupArn=group_arn, maxResults=1),
            f"event trackers of dataset group {group_arn}",
        )
        date = answer["ResponseMetadata"]["HTTPHeaders"].get("date") if answer else None
        return _iso(parsedate_to_datetime(date) if date else None)

    def tags(self, arn: str, deadline: float | None = None) -> dict[str, str] | None:
        """All tags of the event tracker with this ARN."""
        found = self._find(
            arn,
            lambda client: client.list_tags_for_resource(resourceArn=arn),
            f"tags of event tracker {arn}",
            deadline,
        )
        return {tag["tagKey"]: tag["tagValue"] for tag in found["tags"]} if found else None

    def _find(
        self,
        arn: str,
        act: Callable[[PersonalizeClient], Found],
        resource: str,
        deadline: float | None = None,
    ) -> Found | None:
        try:
            return self._calls.make(
                arns.region_of(arn), act, operation="reading", resource=resource, deadline=deadline
            )
        except ServiceError as error:
            if error.code == NOT_FOUND:
                return None
            raise


def _from_description(found: EventTrackerTypeDef) -> EventTracker:
    return EventTracker(
        arn=found["eventTrackerArn"],
        name=found["name"],
        status=found["status"],
        tracking_id=found["trackingId"],
        dataset_group_arn=found["datasetGroupArn"],
        account_id=found.get("accountId", ""),
        created=_iso(found.get("creationDateTime")),
        updated=_iso(found.get("lastUpdatedDateTime")),
    )


def _from_summary(found: EventTrackerSummaryTypeDef, group_arn: str) -> EventTracker:
    return EventTracker(
        arn=found["eventTrackerArn"],
        name=found["name"],
        status=found["status"],
        dataset_group_arn=group_arn,
        created=_iso(found.get("creationDateTime")),
        updated=_iso(found.get("lastUpdatedDateTime")),
    )


def _iso(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
