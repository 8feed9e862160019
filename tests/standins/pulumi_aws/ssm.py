"""Stands in for `pulumi_aws.ssm`."""

from __future__ import annotations

import pulumi

from ._resource import Resource


class Parameter(Resource):
    """Stands in for `pulumi_aws.ssm.Parameter`."""

    token = "aws:ssm/parameter:Parameter"
    outputs = ("arn",)
    arn: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        type: pulumi.Input[str] | None = None,
        value: pulumi.Input[str] | None = None,
        name: pulumi.Input[str] | None = None,
    ) -> None:
        """Declares it."""
        props = {
            "type": type,
            "value": value,
            "name": name,
        }
        super().__init__(resource_name, opts, props)
