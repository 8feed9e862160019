"""Stands in for `pulumi_aws.iam`."""

from __future__ import annotations

import pulumi

from ._resource import Resource


class Role(Resource):
    """Stands in for `pulumi_aws.iam.Role`."""

    token = "aws:iam/role:Role"
    outputs = ("arn",)
    arn: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        assume_role_policy: pulumi.Input[str] | None = None,
    ) -> None:
        """Declares it."""
        props = {
            "assume_role_policy": assume_role_policy,
        }
        super().__init__(resource_name, opts, props)


class RolePolicy(Resource):
    """Stands in for `pulumi_aws.iam.RolePolicy`."""

    token = "aws:iam/rolePolicy:RolePolicy"

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        role: pulumi.Input[str] | None = None,
        policy: pulumi.Input[str] | None = None,
    ) -> None:
        """Declares it."""
        props = {
            "role": role,
            "policy": policy,
        }
        super().__init__(resource_name, opts, props)
