"""Stands in for `pulumi_aws_native.personalize`."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import pulumi
from pulumi_aws._resource import Resource


class DatasetType(str, Enum):
    """Stands in for `pulumi_aws_native.personalize.DatasetType`."""

    INTERACTIONS = "Interactions"


class Schema(Resource):
    """Stands in for `pulumi_aws_native.personalize.Schema`."""

    token = "aws-native:personalize:Schema"
    outputs = ("schema_arn",)
    schema_arn: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        name: pulumi.Input[str] | None = None,
        schema: pulumi.Input[str] | None = None,
    ) -> None:
        """Declares it."""
        super().__init__(resource_name, opts, {"name": name, "schema": schema})


class DatasetGroup(Resource):
    """Stands in for `pulumi_aws_native.personalize.DatasetGroup`."""

    token = "aws-native:personalize:DatasetGroup"
    outputs = ("dataset_group_arn",)
    dataset_group_arn: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        name: pulumi.Input[str] | None = None,
    ) -> None:
        """Declares it."""
        super().__init__(resource_name, opts, {"name": name})


class Dataset(Resource):
    """Stands in for `pulumi_aws_native.personalize.Dataset`."""

    token = "aws-native:personalize:Dataset"
    outputs = ("dataset_arn",)
    dataset_arn: pulumi.Output[str]
    dataset_group_arn: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        name: pulumi.Input[str] | None = None,
        dataset_group_arn: pulumi.Input[str] | None = None,
        dataset_type: pulumi.Input[DatasetType] | None = None,
        schema_arn: pulumi.Input[str] | None = None,
    ) -> None:
        """Declares it."""
        props = {
            "name": name,
            "dataset_group_arn": dataset_group_arn,
            "dataset_type": dataset_type,
            "schema_arn": schema_arn,
        }
        super().__init__(resource_name, opts, props)


class EventTracker(Resource):
    """Stands in for `pulumi_aws_native.personalize.EventTracker`."""

    token = "aws-native:personalize:EventTracker"
    outputs = ("tracking_id", "event_tracker_arn")
    tracking_id: pulumi.Output[str]
    event_tracker_arn: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        dataset_group_arn: pulumi.Input[str] | None = None,
        name: pulumi.Input[str] | None = None,
        tags: pulumi.Input[Sequence[dict[str, str]]] | None = None,
    ) -> None:
        """Declares it."""
        props = {"dataset_group_arn": dataset_group_arn, "name": name, "tags": tags}
        super().__init__(resource_name, opts, props)
