"""An event tracker, a dataset group and their states, as the service describes them.

The service model requires no member of a response, so any of them may be missing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

from .tags import NONE, OwnershipTag, of_user

ACTIVE = "ACTIVE"
CREATE_PENDING = "CREATE PENDING"
CREATE_IN_PROGRESS = "CREATE IN_PROGRESS"
CREATE_FAILED = "CREATE FAILED"
DELETE_PENDING = "DELETE PENDING"
DELETE_IN_PROGRESS = "DELETE IN_PROGRESS"

CREATING = (CREATE_PENDING, CREATE_IN_PROGRESS)
DELETING = (DELETE_PENDING, DELETE_IN_PROGRESS)

#: The service's error codes that an operation acts on.
NOT_FOUND = "ResourceNotFoundException"
IN_USE = "ResourceInUseException"
ALREADY_EXISTS = "ResourceAlreadyExistsException"
TOO_MANY_TAGS = ("TooManyTagsException", "TooManyTagKeysException")

#: The outputs, named as the members of the service's responses, and their attributes here.
OUTPUTS = {
    "eventTrackerArn": "arn",
    "trackingId": "tracking_id",
    "name": "name",
    "datasetGroupArn": "dataset_group_arn",
    "status": "status",
    "accountId": "account_id",
    "creationDateTime": "created",
    "lastUpdatedDateTime": "updated",
}


class EventTracker(NamedTuple):
    """An event tracker of Amazon Personalize.

    Texts that the service did not return are empty. ``created`` and ``updated`` are ISO 8601 in
    UTC. ``tags`` has the ownership tag, too, and is empty if the tags were not read.

    Source: https://docs.aws.amazon.com/personalize/latest/dg/API_EventTracker.html
    """

    arn: str
    name: str = ""
    status: str = ""
    tracking_id: str = ""
    dataset_group_arn: str = ""
    account_id: str = ""
    created: str = ""
    updated: str = ""
    tags: Mapping[str, str] = NONE

    @classmethod
    def from_state(cls, arn: str, state: Mapping[str, Any]) -> EventTracker:
        """The event tracker that a state's outputs describe."""
        return cls(arn).updated_by({**state, "eventTrackerArn": arn})

    def updated_by(self, response: Mapping[str, Any]) -> EventTracker:
        """The same event tracker with the members of a response; the rest stays as it was."""
        found: dict[str, Any] = {field: iso(response.get(key)) for key, field in OUTPUTS.items()}
        return self._replace(**{field: text for field, text in found.items() if text})

    def with_tags(self, tags: Mapping[str, str]) -> EventTracker:
        """The same event tracker with these tags."""
        return self._replace(tags=dict(tags))

    @property
    def owner_tag(self) -> OwnershipTag | None:
        """Its ownership tag; ``None`` if it has none."""
        return OwnershipTag.of(self.tags)

    @property
    def is_deleting(self) -> bool:
        """Whether it is being deleted."""
        return self.status in DELETING

    @property
    def is_ready(self) -> bool:
        """Whether it is ACTIVE and its tracking ID is known."""
        return self.status == ACTIVE and bool(self.tracking_id)

    @property
    def outputs(self) -> dict[str, Any]:
        """The outputs that every front end returns."""
        members = {key: getattr(self, field) for key, field in OUTPUTS.items()}
        return {**members, "tags": of_user(self.tags)}

    def __str__(self) -> str:
        return f"event tracker {self.name}" + (f" ({self.arn})" if self.arn else "")


class DatasetGroup(NamedTuple):
    """A dataset group, as far as it matters to an event tracker.

    Source: https://docs.aws.amazon.com/personalize/latest/dg/API_DatasetGroup.html

    Attributes:
        status: Its status; ``None`` if it does not exist.
        has_interactions: Whether it has an Item interactions dataset; ``None`` if the credentials
            may not list datasets.
        failure_reason: Why it is CREATE FAILED.
    """

    arn: str
    status: str | None
    has_interactions: bool | None = True
    failure_reason: str = ""


def iso(member: object) -> str:
    """Formats a time as ISO 8601 in UTC; leaves a text as it is; else empty."""
    if isinstance(member, datetime):
        with contextlib.suppress(OverflowError):
            text = member.astimezone(timezone.utc).isoformat(timespec="milliseconds")
            return text.replace("+00:00", "Z")
    return member if isinstance(member, str) else ""


def moment_of(text: str) -> datetime | None:
    """The moment that a text of `iso` says; ``None`` if it is none."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
