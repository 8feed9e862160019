"""What it takes at least to show what ours does: the empty provider with our values and calls.

Its state has the outputs and the name of ours, and a property about the resource; the check of a
new one makes the two calls that tell whether the group can take a tracker.
"""

from __future__ import annotations

from typing import Any

import empty
import pulumi
from pulumi import dynamic

ARN = "arn:aws:personalize:us-east-1:123456789012:event-tracker/1f2e3d4c"
OUTPUTS = {
    "tracking_id": "6f0b1f0e-8f5a-4a3e-9d0c-1f2e3d4c5b6a",
    "event_tracker_arn": ARN,
    "status": "ACTIVE",
    "account_id": "123456789012",
    "creation_date_time": "2026-11-30T12:00:00+00:00",
    "last_updated_date_time": "2026-11-30T12:00:01+00:00",
    "ownership_tag": "1f2e3d4c",
}


class LeastProvider(empty.EmptyProvider):
    """Returns values that are always the same, and judges nothing."""

    _client: Any = None

    def __getstate__(self) -> None:
        """Returns nothing to pickle, as ours."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Reads the group of a new tracker, and adds a name."""
        if not _olds:
            if self._client is None:
                import boto3

                self._client = boto3.client("personalize")
            group = news["dataset_group_arn"]
            self._client.list_event_trackers(datasetGroupArn=group)
            self._client.list_datasets(datasetGroupArn=group)
        return dynamic.CheckResult({**news, "name": "tracker-1f2e3d4"}, [])

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Adds the outputs."""
        return dynamic.CreateResult(ARN, {**props, **OUTPUTS})


class EventTracker(dynamic.Resource, module="personalize", name="EventTracker"):
    """The empty provider's resource, with what ours is told of itself."""

    __annotations__ = empty.EventTracker.__annotations__

    def __init__(
        self, resource_name: str, dataset_group_arn: str, tags: dict[str, str] | None = None
    ) -> None:
        """Declares it."""
        outputs = dict.fromkeys(empty.EventTracker.__annotations__)
        urn = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}::x::{resource_name}"
        inputs = {"dataset_group_arn": dataset_group_arn, "tags": tags, "context": urn}
        super().__init__(LeastProvider(), resource_name, {**outputs, **inputs})
