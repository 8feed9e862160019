"""Stands in for `pulumi_aws.lambda_`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from ._resource import Resource


class Function(Resource):
    """Stands in for `pulumi_aws.lambda_.Function`."""

    token = "aws:lambda/function:Function"
    outputs = ("arn",)
    arn: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        role: pulumi.Input[str] | None = None,
        code: pulumi.Input[pulumi.Archive] | None = None,
        runtime: pulumi.Input[str] | None = None,
        handler: pulumi.Input[str] | None = None,
        environment: pulumi.Input[Mapping[str, Any]] | None = None,
    ) -> None:
        """Declares it."""
        props = {
            "role": role,
            "code": code,
            "runtime": runtime,
            "handler": handler,
            "environment": environment,
        }
        super().__init__(resource_name, opts, props)
