"""Fixtures of the unit tests: a clock that only sleeping moves, and a service in memory."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from kinds import GROUP, OTHER_GROUP
from pulumi_personalize.engine import Log
from pulumi_personalize.service.aws import Personalize
from pulumi_personalize.service.client import Calls
from pulumi_personalize.service.preview import Planner
from pulumi_personalize.service.waiter import Clock
from pulumi_personalize.session import Session
from pulumi_personalize.settings import Settings

ARN = "arn:aws:personalize:us-east-1:123456789012:event-tracker/"


class FakeService:
    """Amazon Personalize in memory, as its boto3 client; first, it uses up errors and tag_reads."""

    meta = SimpleNamespace(endpoint_url="http://127.0.0.1:1")

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.groups = {GROUP: "ACTIVE", OTHER_GROUP: "ACTIVE"}
        self.datasets = {"INTERACTIONS": "ACTIVE"}
        self.trackers: dict[str, dict[str, Any]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.tag_reads: list[dict[str, str]] = []
        self.errors: dict[str, list[str]] = {}
        self.calls: list[str] = []

    @property
    def time(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=self.clock.now())

    def put(self, name: str, status: str = "ACTIVE", tags: Any = None, **members: Any) -> str:
        """Adds an event tracker, by default an old one; returns its ARN."""
        arn, created = (
            f"{ARN}{len(self.tags)}",
            self.time - timedelta(seconds=members.pop("age", 60)),
        )
        given = {"eventTrackerArn": arn, "name": name, "status": status, "datasetGroupArn": GROUP}
        self.trackers[arn] = {**given, "trackingId": "id", "creationDateTime": created, **members}
        self.tags[arn] = dict(tags or {})
        return arn

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        return functools.partial(self.call, operation)

    def call(self, operation: str, **given: Any) -> dict[str, Any]:
        self.calls.append(operation)
        arn = given.get("eventTrackerArn", given.get("resourceArn", ""))
        code = self.errors[operation].pop(0) if self.errors.get(operation) else ""
        if code or (arn and arn not in self.trackers):
            response: Any = {"Error": {"Code": code or "ResourceNotFoundException"}}
            raise ClientError(response, operation)
        found = self.trackers.get(arn)
        if operation == "tag_resource":
            self.tags[arn] |= {tag["tagKey"]: tag["tagValue"] for tag in given["tags"]}
        is_read = self.tag_reads and operation == "list_tags_for_resource"
        tags = (self.tag_reads.pop(0) if is_read else self.tags.get(arn, {})).items()
        if operation == "delete_event_tracker":
            del self.trackers[arn]
        group = {"status": self.groups.get(given.get("datasetGroupArn", ""))}
        listed = [{"tagKey": key, "tagValue": text} for key, text in tags]
        return {"eventTracker": found, "tags": listed, "datasetGroup": group}

    def get_paginator(self, operation: str) -> FakeService:
        self.call(operation)
        return self

    def paginate(self, **given: Any) -> list[dict[str, Any]]:
        group = given["datasetGroupArn"]
        trackers = [one for one in self.trackers.values() if one["datasetGroupArn"] == group]
        datasets = [{"datasetType": kind, "status": it} for kind, it in self.datasets.items()]
        return [{"eventTrackers": trackers, "datasets": datasets}]


@pytest.fixture
def clock() -> Clock:
    time = [0.0]

    def sleep(seconds: float) -> None:
        assert seconds >= 0
        time[0] += seconds

    return Clock(now=lambda: time[0], sleep=sleep)


@pytest.fixture
def service(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> FakeService:
    service = FakeService(clock)
    monkeypatch.setattr(Calls, "_new_client", lambda _self, _region: service)
    monkeypatch.setattr(Calls, "service_time", lambda _self: service.time)
    return service


@pytest.fixture
def make_session(service: FakeService, clock: Clock) -> Callable[..., Session]:
    def make(**settings: Any) -> Session:
        personalize = Personalize(Settings(**settings), clock)
        return Session(personalize, Planner(personalize), {}, Log())

    return make


@pytest.fixture
def session(make_session: Callable[..., Session]) -> Session:
    return make_session()
