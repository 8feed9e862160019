"""What the unit tests share: time that passes only when it is slept through, and no network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
from pulumi_personalize.service.calls import Calls
from pulumi_personalize.service.clock import Clock
from pulumi_personalize.service.event_tracker import EventTracker, Finder
from pulumi_personalize.service.plan import Planner
from pulumi_personalize.service.settings import Settings

GROUP = "arn:aws:personalize:us-east-1:123456789012:dataset-group/"


class Known(Finder):
    """A finder that knows what it is told, and what it was asked for."""

    def __init__(self) -> None:
        super().__init__(Calls(Settings()))
        self.groups = {GROUP + name: "ACTIVE" for name in ("shop", "other")}
        self.trackers: dict[str, EventTracker] = {}
        self.asked: list[str] = []

    def group_status(self, arn: str) -> str | None:
        self.asked.append("group")
        return self.groups.get(arn)

    def tracker_of_group(self, arn: str, _deadline: float | None = None) -> EventTracker | None:
        self.asked.append("tracker")
        return self.trackers.get(arn)

    def tags(self, arn: str, _deadline: float | None = None) -> dict[str, str] | None:
        self.asked.append("tags")
        return next(dict(one.tags) for one in self.trackers.values() if one.arn == arn)


@pytest.fixture
def known() -> Known:
    """A finder that knows two groups which are ACTIVE and have no tracker."""
    return Known()


@pytest.fixture
def planner(known: Known) -> Planner:
    return Planner(known)


@pytest.fixture
def clock() -> Clock:
    """A clock at 0 that a sleep moves on at once."""
    time = [0.0]

    def sleep(seconds: float) -> None:
        assert seconds >= 0
        time[0] += seconds

    return Clock(now=lambda: time[0], sleep=sleep)


@pytest.fixture(scope="module", autouse=True)
def _no_network() -> Iterator[None]:
    def refuse(*_: Any) -> NoReturn:
        raise AssertionError("a unit test opens a connection")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket.socket, "connect_ex", refuse)
        yield
