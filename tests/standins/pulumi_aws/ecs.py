"""Stands in for `pulumi_aws.ecs`."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from ._resource import Resource


class TaskDefinition(Resource):
    """Stands in for `pulumi_aws.ecs.TaskDefinition`."""

    token = "aws:ecs/taskDefinition:TaskDefinition"
    outputs = ("arn",)
    arn: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        family: pulumi.Input[str] | None = None,
        container_definitions: pulumi.Input[str] | None = None,
        requires_compatibilities: pulumi.Input[Sequence[str]] | None = None,
        network_mode: pulumi.Input[str] | None = None,
        cpu: pulumi.Input[str] | None = None,
        memory: pulumi.Input[str] | None = None,
        execution_role_arn: pulumi.Input[str] | None = None,
        task_role_arn: pulumi.Input[str] | None = None,
    ) -> None:
        """Declares it."""
        props = {
            "family": family,
            "container_definitions": container_definitions,
            "requires_compatibilities": requires_compatibilities,
            "network_mode": network_mode,
            "cpu": cpu,
            "memory": memory,
            "execution_role_arn": execution_role_arn,
            "task_role_arn": task_role_arn,
        }
        super().__init__(resource_name, opts, props)
