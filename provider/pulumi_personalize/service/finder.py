"""The one place that looks for event trackers and dataset groups.

Read, status, wait and delete all go through `Finder`, so that "not found" means one thing, and so
does a read that trails: see `waiter.LAG`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import CredentialsError, ServiceError, TransientError, UnreachableError
from . import arns
from .client import Calls
from .model import (
    ACTIVE,
    CREATE_FAILED,
    DELETE_PENDING,
    DELETING,
    IN_USE,
    NOT_FOUND,
    DatasetGroup,
    EventTracker,
    iso,
)
from .waiter import LAG, Wait

if TYPE_CHECKING:
    from mypy_boto3_personalize import PersonalizeClient

Found = TypeVar("Found")

INTERACTIONS = "INTERACTIONS"
#: As many entries of a list as AWS gives at once.
_PAGE = 100


class Finder:
    """Looks for event trackers and what belongs to them; ``None`` where there is none.

    Args:
        calls: Makes the calls.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._clock = calls.clock
        #: When the end of trackers deleted here was seen, by their ARN and by their group's.
        self._deleted: dict[str, float] = {}

    def look(self, group: str, wait: Wait) -> list[EventTracker]:
        """The event trackers of a dataset group, with their tags unless they are going.

        Args:
            group: The dataset group's ARN.
            wait: The time limit.

        Raises:
            ServiceError: A call failed.
        """
        found = [
            listed if listed.is_going else self.in_full(listed, wait)
            for listed in self.listed(group, wait.deadline)
        ]
        return [tracker for tracker in found if tracker]

    def in_full(
        self, known: EventTracker, wait: Wait, *, tagged: bool | None = None
    ) -> EventTracker | None:
        """An event tracker as it is, with its tags unless it is going.

        It is looked at again while it is young and not found, or without the tags that it should
        bear, and while it is found and its tags are not.

        Args:
            known: What is known of it: by its time of creation, whether it is young.
            wait: The time limit.
            tagged: Whether it should bear tags; if left out, whether trackers of ours do.

        Raises:
            ServiceError: A call failed.
        """
        tagged = self._calls.settings.ownership_tag if tagged is None else tagged

        def look() -> tuple[EventTracker | None, bool]:
            tracker = self.tracker(known.arn, wait.deadline, known)
            if tracker is None:
                return None, not self.is_young(known)
            if tracker.is_going:
                return tracker, True
            tags = self.tags(known.arn, wait)
            if tags is None:
                return tracker, False
            return tracker.with_tags(tags), bool(tags) or not tagged or not self.is_young(tracker)

        (tracker, whole), _ = wait.within(LAG).until(look, done=lambda seen: seen[1], state=str)
        if tracker and not whole and not tracker.tags and not self.is_young(tracker):
            raise ServiceError(
                "its tags are not to be found, though it is",
                operation="reading",
                resource=str(tracker),
                code=NOT_FOUND,
                advice="Run again in a minute",
            )
        return tracker

    def listed(
        self, group: str, deadline: float | None = None, *, everywhere: bool = False
    ) -> list[EventTracker]:
        """The event trackers of the dataset group with this ARN: ARN, name and status.

        One that was deleted here a moment ago, and is still listed as if it were not, is going.

        Args:
            group: The dataset group's ARN.
            deadline: The clock's time after which no further attempt is made.
            everywhere: Whether those of all groups of its account and region are asked for.
        """
        only: dict[str, Any] = {} if everywhere else {"datasetGroupArn": group}
        pages = self._find(
            group,
            lambda client: _all_pages(client, "list_event_trackers", only),
            "event trackers" if everywhere else f"event trackers of dataset group {group}",
            deadline,
        )
        blank = EventTracker("", "", "", dataset_group_arn="" if everywhere else group)
        trackers = [
            blank._replace(arn=one["eventTrackerArn"]).told(one)
            for page in pages or []
            for one in page.get("eventTrackers", [])
            if one.get("eventTrackerArn")
        ]
        return [
            one._replace(status=DELETE_PENDING) if self.was_deleted(one.arn) else one
            for one in trackers
        ]

    def tracker(
        self, arn: str, deadline: float | None = None, known: EventTracker | None = None
    ) -> EventTracker | None:
        """The event tracker with this ARN, without its tags.

        Args:
            arn: Its ARN.
            deadline: The clock's time after which no further attempt is made.
            known: What is known of it, for all that the answer leaves out.
        """
        found = self._find(
            arn,
            lambda client: client.describe_event_tracker(eventTrackerArn=arn),
            f"event tracker {arn}",
            deadline,
        )
        if found is None:
            return None
        return (known or EventTracker(arn, "", "")).told(found.get("eventTracker", {}))

    def tags(self, arn: str, wait: Wait) -> dict[str, str] | None:
        """All tags of the event tracker with this ARN; one that is in use is waited for."""
        found, _ = wait.until(
            lambda: self._tags(arn, wait.deadline),
            done=lambda seen: not isinstance(seen, ServiceError),
            state=lambda _: "in use",
            what=f"tags of event tracker {arn}",
        )
        if isinstance(found, ServiceError):
            raise found
        return found

    def group(self, arn: str, deadline: float | None = None) -> DatasetGroup:
        """The dataset group with this ARN.

        An ACTIVE interactions dataset says that the group is ACTIVE, too, so that only where none
        is seen the group itself is looked at.
        """
        dataset = self._interactions(arn, deadline)
        if dataset == ACTIVE:
            return DatasetGroup(arn, ACTIVE)
        found = self._find(
            arn,
            lambda client: client.describe_dataset_group(datasetGroupArn=arn),
            f"dataset group {arn}",
            deadline,
        )
        status = found.get("datasetGroup", {}).get("status", ACTIVE) if found else None
        return DatasetGroup(arn, status, None if dataset is None else bool(dataset))

    def service_time(self, group_arn: str, deadline: float) -> str:
        """The service's own time, to the second, ISO 8601 in UTC: clocks here may differ."""
        self._find(
            group_arn,
            lambda client: client.list_event_trackers(datasetGroupArn=group_arn, maxResults=1),
            f"event trackers of dataset group {group_arn}",
            deadline,
        )
        return iso(self._calls.service_time())

    def is_young(self, tracker: EventTracker) -> bool:
        """Whether a tracker is so young that reads may not show it as it is."""
        age = self._calls.age(tracker.created)
        return age is not None and age < LAG

    def note_deleted(self, tracker: EventTracker) -> None:
        """Remembers that a tracker was deleted here, and seen to be gone."""
        now = self._clock.now()
        self._deleted[tracker.arn] = self._deleted[tracker.dataset_group_arn] = now

    def was_deleted(self, arn: str) -> bool:
        """Whether this tracker, or one of this dataset group, was deleted here a moment ago."""
        return arn in self._deleted and self._clock.now() < self._deleted[arn] + LAG

    def _tags(self, arn: str, deadline: float | None) -> dict[str, str] | ServiceError | None:
        """The tags; where the tracker is in use, the error that says so."""
        try:
            found = self._find(
                arn,
                lambda client: client.list_tags_for_resource(resourceArn=arn),
                f"tags of event tracker {arn}",
                deadline,
            )
        except ServiceError as error:
            if error.code == IN_USE:
                return error
            raise
        if found is None:
            return None
        return {tag["tagKey"]: tag["tagValue"] for tag in found.get("tags", [])}

    def _interactions(self, group: str, deadline: float | None) -> str | None:
        """The status of a group's interactions dataset; empty for none, ``None`` if not known.

        Nothing depends on it, so that credentials may lack the action.
        """
        try:
            pages = self._find(
                group,
                lambda client: _all_pages(client, "list_datasets", {"datasetGroupArn": group}),
                f"datasets of dataset group {group}",
                deadline,
            )
        except (CredentialsError, TransientError, UnreachableError):
            raise
        except ServiceError:
            return None
        found = [dataset for page in pages or [] for dataset in page.get("datasets", [])]
        states = [
            one.get("status", ACTIVE)
            for one in found
            if one.get("datasetType", "").upper() == INTERACTIONS
        ]
        good = [one for one in states if one not in (*DELETING, CREATE_FAILED)]
        return ACTIVE if ACTIVE in good else "".join(good[:1])

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


def _all_pages(client: PersonalizeClient, operation: Any, members: dict[str, Any]) -> list[Any]:
    paginator: Any = client.get_paginator(operation)
    return list(paginator.paginate(**members, PaginationConfig={"PageSize": _PAGE}))
