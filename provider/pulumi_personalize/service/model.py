"""An event tracker and a dataset group, and their states, as the service tells them.

The service model requires no member of an answer, so each may be missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from .tags import NONE, of_user

if TYPE_CHECKING:
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
LIMIT_EXCEEDED = "LimitExceededException"
TOO_MANY_TAGS = "TooManyTagsException"
TOO_MANY_TAG_KEYS = "TooManyTagKeysException"


class EventTracker(NamedTuple):
    """An event tracker of Amazon Personalize.

    Source: https://docs.aws.amazon.com/personalize/latest/dg/API_EventTracker.html

    Attributes:
        arn: The event tracker's ARN.
        name: Its name.
        status: CREATE PENDING, CREATE IN_PROGRESS, ACTIVE, CREATE FAILED, DELETE PENDING or
            DELETE IN_PROGRESS.
        tracking_id: What applications send with PutEvents; valid only while ACTIVE. Empty where
            the service did not tell it.
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

    @classmethod
    def of_outputs(cls, arn: str, outputs: Mapping[str, Any]) -> EventTracker:
        """The event tracker that a front end's state tells of."""
        return cls(arn, "", "").told(
            {key: text for key, text in outputs.items() if isinstance(text, str)}
        )

    def told(
        self, found: EventTrackerTypeDef | EventTrackerSummaryTypeDef | Mapping[str, Any]
    ) -> EventTracker:
        """The same event tracker with all that an answer tells; the rest stays as it was known."""
        said: Mapping[str, Any] = found
        return self._replace(
            name=said.get("name") or self.name,
            status=said.get("status") or self.status,
            tracking_id=said.get("trackingId") or self.tracking_id,
            dataset_group_arn=said.get("datasetGroupArn") or self.dataset_group_arn,
            account_id=said.get("accountId") or self.account_id,
            created=iso(said.get("creationDateTime")) or self.created,
            updated=iso(said.get("lastUpdatedDateTime")) or self.updated,
        )

    def with_tags(self, tags: Mapping[str, str]) -> EventTracker:
        """The same event tracker with these tags."""
        return self._replace(tags=dict(tags))

    @property
    def is_going(self) -> bool:
        """Whether it is being deleted."""
        return self.status in DELETING

    @property
    def outputs(self) -> dict[str, Any]:
        """What every front end gives of it."""
        fields = {key: getattr(self, field) for key, field in _OUTPUTS.items()}
        return {**fields, "tags": of_user(self.tags)}

    def __str__(self) -> str:
        return f"event tracker {self.name} ({self.arn})"


#: The one place that names the outputs, and what they are made of.
_OUTPUTS = {
    "eventTrackerArn": "arn",
    "trackingId": "tracking_id",
    "name": "name",
    "datasetGroupArn": "dataset_group_arn",
    "status": "status",
    "accountId": "account_id",
    "creationDateTime": "created",
    "lastUpdatedDateTime": "updated",
}


class DatasetGroup(NamedTuple):
    """A dataset group, as far as it matters to an event tracker.

    Source: https://docs.aws.amazon.com/personalize/latest/dg/API_DatasetGroup.html

    Attributes:
        arn: Its ARN.
        status: Its status; ``None`` where it does not exist.
        has_interactions: Whether it has an Item interactions dataset; ``None`` where the
            credentials may not list datasets.
    """

    arn: str
    status: str | None
    has_interactions: bool | None = True


def iso(moment: datetime | str | None) -> str:
    """A moment as ISO 8601 in UTC, which it may be already; empty for none."""
    if moment is None or isinstance(moment, str):
        return moment or ""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
