"""Stands in for `pulumi_aws.cognito`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from ._resource import Resource


class IdentityPool(Resource):
    """Stands in for `pulumi_aws.cognito.IdentityPool`."""

    token = "aws:cognito/identityPool:IdentityPool"
    outputs = ("arn",)
    arn: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        identity_pool_name: pulumi.Input[str] | None = None,
        allow_unauthenticated_identities: pulumi.Input[bool] | None = None,
    ) -> None:
        """Declares it."""
        props = {
            "identity_pool_name": identity_pool_name,
            "allow_unauthenticated_identities": allow_unauthenticated_identities,
        }
        super().__init__(resource_name, opts, props)


class IdentityPoolRoleAttachment(Resource):
    """Stands in for `pulumi_aws.cognito.IdentityPoolRoleAttachment`."""

    token = "aws:cognito/identityPoolRoleAttachment:IdentityPoolRoleAttachment"

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        identity_pool_id: pulumi.Input[str] | None = None,
        roles: pulumi.Input[Mapping[str, Any]] | None = None,
    ) -> None:
        """Declares it."""
        props = {
            "identity_pool_id": identity_pool_id,
            "roles": roles,
        }
        super().__init__(resource_name, opts, props)
