"""Stands in for `pulumi_aws.secretsmanager`."""

from __future__ import annotations

import pulumi

from ._resource import Resource


class Secret(Resource):
    """Stands in for `pulumi_aws.secretsmanager.Secret`."""

    token = "aws:secretsmanager/secret:Secret"
    outputs = ("arn",)
    arn: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        name: pulumi.Input[str] | None = None,
    ) -> None:
        """Declares it."""
        props = {
            "name": name,
        }
        super().__init__(resource_name, opts, props)


class SecretVersion(Resource):
    """Stands in for `pulumi_aws.secretsmanager.SecretVersion`."""

    token = "aws:secretsmanager/secretVersion:SecretVersion"
    outputs = ("arn",)
    arn: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        secret_id: pulumi.Input[str] | None = None,
        secret_string: pulumi.Input[str] | None = None,
    ) -> None:
        """Declares it."""
        props = {
            "secret_id": secret_id,
            "secret_string": secret_string,
        }
        super().__init__(resource_name, opts, props)
