"""What the unit tests share: time that passes only when it is slept through, and no network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
from kinds import GROUP, OTHER_GROUP
from pulumi_personalize.service.client import Calls
from pulumi_personalize.service.clock import Clock
from pulumi_personalize.service.finder import Finder
from pulumi_personalize.service.model import DatasetGroup, EventTracker
from pulumi_personalize.service.preview import Planner
from pulumi_personalize.service.settings import Settings
from pulumi_personalize.service.waiter import Wait


class Known(Finder):
    """A finder that knows what it is told, and what it was asked for."""

    def __init__(self) -> None:
        super().__init__(Calls(Settings()))
        self.groups: dict[str, str | None] = dict.fromkeys([GROUP, OTHER_GROUP], "ACTIVE")
        self.has_interactions: bool | None = True
        self.trackers: dict[str, EventTracker] = {}
        self.asked: list[str] = []

    def group(self, arn: str, _deadline: float | None = None) -> DatasetGroup:
        self.asked.append("group")
        return DatasetGroup(arn, self.groups.get(arn), self.has_interactions)

    def look(self, group: str, _wait: Wait) -> list[EventTracker]:
        self.asked.append("trackers")
        return [self.trackers[group]] if group in self.trackers else []


@pytest.fixture
def known() -> Known:
    """A finder that knows two groups which are ACTIVE and have no tracker."""
    return Known()


@pytest.fixture
def planner(known: Known) -> Planner:
    return Planner(known, lambda report: Wait(Clock(), 1.0, report))


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
