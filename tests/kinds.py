"""What several tests name: the types of shared fixtures, the ownership tag, a dataset group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pulumi_personalize.provider import EventTrackerProvider

Props = Callable[..., dict[str, Any]]
MakeProvider = Callable[..., EventTrackerProvider]
MakeTracker = Callable[..., str]
TagsOf = Callable[[str], dict[str, str]]
Capfd = pytest.CaptureFixture[str]

OWNER_TAG = "pulumi-personalize:owner"
GROUP = "arn:aws:personalize:us-east-1:123456789012:dataset-group/shop"
