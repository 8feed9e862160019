"""A dynamic provider as one is written first: boto3 at the top, and ten seconds between looks."""

from __future__ import annotations

import time
from typing import Any

import boto3
import pulumi
from pulumi import dynamic


class NaiveProvider(dynamic.ResourceProvider):
    """Makes, reads and deletes event trackers."""

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Makes the tracker and waits until it is ACTIVE."""
        client = boto3.client("personalize")
        tags: Any = [{"tagKey": key, "tagValue": value} for key, value in props["tags"].items()]
        made = client.create_event_tracker(
            name=props["name"], datasetGroupArn=props["group"], tags=tags
        )
        arn = made["eventTrackerArn"]
        while (
            client.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]["status"] != "ACTIVE"
        ):
            time.sleep(10)
        return dynamic.CreateResult(arn, {**props, "tracking_id": made["trackingId"]})

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Compares group and tags."""
        replaces = [key for key in ("group", "tags") if _olds[key] != _news[key]]
        return dynamic.DiffResult(changes=bool(replaces), replaces=replaces)

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Reads the tracker and its tags."""
        client = boto3.client("personalize")
        found = client.describe_event_tracker(eventTrackerArn=id_)["eventTracker"]
        tags = client.list_tags_for_resource(resourceArn=id_)["tags"]
        read = {
            "group": found["datasetGroupArn"],
            "tags": {tag["tagKey"]: tag["tagValue"] for tag in tags},
        }
        return dynamic.ReadResult(id_, {**props, **read})

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Deletes the tracker and waits until it is gone."""
        client = boto3.client("personalize")
        client.delete_event_tracker(eventTrackerArn=_id)
        while True:
            try:
                client.describe_event_tracker(eventTrackerArn=_id)
            except client.exceptions.ResourceNotFoundException:
                return
            time.sleep(10)


class EventTracker(dynamic.Resource, module="personalize", name="EventTracker"):
    """An event tracker."""

    tracking_id: pulumi.Output[str]

    def __init__(self, resource_name: str, group: str, tags: dict[str, str] | None = None) -> None:
        """Declares it."""
        props = {
            "name": group.rpartition("/")[2],
            "group": group,
            "tags": tags or {},
            "tracking_id": None,
        }
        super().__init__(NaiveProvider(), resource_name, props)
