"""What several tests share: types of fixtures, names, how some are left out of a collection."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from pulumi_personalize.provider import TYPE, EventTrackerProvider
from pulumi_personalize.service.inputs import pack

Props = Callable[..., dict[str, Any]]
MakeProvider = Callable[..., EventTrackerProvider]
MakeTracker = Callable[..., str]
TagsOf = Callable[[str], dict[str, str]]
Trackers = Callable[[], dict[str, str]]
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


def named(items: Iterable[pytest.Item], patterns: Iterable[str]) -> list[pytest.Item]:
    """The tests of these names, which may have ``*`` and ``?``."""
    # Brackets mean something to fnmatch.
    wanted = [one.replace("[", "(") for one in patterns]
    return [
        item
        for item in items
        if any(fnmatchcase(item.name.replace("[", "("), one) for one in wanted)
    ]


def leave_out(
    config: pytest.Config,
    items: list[pytest.Item],
    among: Iterable[pytest.Item],
    patterns: Iterable[str],
) -> None:
    """Takes tests out of a collection.

    Args:
        config: Pytest's.
        items: The collection.
        among: Those that are asked about.
        patterns: The names, with ``*`` and ``?``.
    """
    if left_out := named(among, patterns):
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
