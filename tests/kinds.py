"""Names that several tests share, and how some are left to `make situations`."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from pulumi_personalize.provider import TYPE
from pulumi_personalize.service.inputs import pack

Capfd = pytest.CaptureFixture[str]

OWNER_TAG = "pulumi-personalize:owner"
GROUP = "arn:aws:personalize:us-east-1:123456789012:dataset-group/shop"
OTHER_GROUP = GROUP.replace("shop", "other")


#: Codes that a refused CreateEventTracker may have, whatever its cause.
CODES = [
    "InvalidInputException",
    "LimitExceededException",
    "ResourceAlreadyExistsException",
    "ResourceInUseException",
    "ResourceNotFoundException",
    "SomethingNewException",
]


def resource_context(
    resource: str = "web",
    project: str = "shop",
    stack: str = "dev",
    parents: str = "",
    **options: object,
) -> str:
    """What the class passes on of a resource: its URN and options."""
    types = f"{parents}${TYPE}" if parents else TYPE
    texts = {key: str(value).lower() for key, value in options.items()}
    return pack(f"urn:pulumi:{stack}::{project}::{types}::{resource}", texts)


def sample(items: Iterable[pytest.Item], folder: Path, one_of: Mapping[str, int]) -> None:
    """Leaves to `make situations` all of some generated tests but a sample.

    Args:
        items: The collection.
        folder: The tests that are asked about.
        one_of: How many of them one stands for, by the name of a test.
    """
    for item in items:
        share = one_of.get(item.name.partition("[")[0], 1) if item.path.parent == folder else 1
        # Not by their order, which has a period for each of their parameters; each folder's others.
        if zlib.crc32(item.nodeid.encode()) % share:
            item.add_marker("rest")
