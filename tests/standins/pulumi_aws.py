"""Stands in for pulumi-aws."""

from typing import Any

from standin import module


def __getattr__(name: str) -> Any:
    """A module, as `pulumi_aws.iam`."""
    return module(name)
