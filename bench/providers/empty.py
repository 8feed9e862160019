"""A dynamic provider that does nothing: its methods return their inputs.

What is measured with it is Pulumi's own. The class is importable, so Pulumi pickles it by
reference, and its state is no secret: both as ours, and both the fastest that Pulumi offers.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi import dynamic


class EmptyProvider(dynamic.ResourceProvider):
    """Does nothing."""

    serialize_as_secret_always = False

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        """Takes nothing from the configuration."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> dynamic.CheckResult:
        """Accepts everything."""
        return dynamic.CheckResult(news, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> dynamic.DiffResult:
        """Sees no changes."""
        return dynamic.DiffResult(changes=False)

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Makes nothing."""
        return dynamic.CreateResult("empty", props)

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Reads nothing."""
        return dynamic.ReadResult(id_, props)

    def update(
        self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]
    ) -> dynamic.UpdateResult:
        """Changes nothing."""
        return dynamic.UpdateResult(_news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Deletes nothing."""


class EventTracker(dynamic.Resource, module="personalize", name="EventTracker"):
    """The inputs and outputs of our resource, so that the engine has the same to carry."""

    dataset_group_arn: pulumi.Output[str]
    name: pulumi.Output[str]
    tags: pulumi.Output[dict[str, str]]
    tags_all: pulumi.Output[dict[str, str]]
    adopt_existing: pulumi.Output[bool | None]
    tracking_id: pulumi.Output[str]
    event_tracker_arn: pulumi.Output[str]
    status: pulumi.Output[str]
    account_id: pulumi.Output[str]
    creation_date_time: pulumi.Output[str]
    last_updated_date_time: pulumi.Output[str]

    def __init__(
        self, resource_name: str, dataset_group_arn: str, tags: dict[str, str] | None = None
    ) -> None:
        """Declares it."""
        outputs = dict.fromkeys(EventTracker.__annotations__)
        inputs = {"dataset_group_arn": dataset_group_arn, "tags": tags}
        super().__init__(EmptyProvider(), resource_name, {**outputs, **inputs})
