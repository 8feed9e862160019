"""The control interface: pace, faults, lag, the call log, and requests that make no sense."""

from __future__ import annotations

import os
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock, call

import pytest
from pulumi_personalize.local.control import RULES
from pulumi_personalize.local.faults import ABOUT, OPTIONS, READS
from urllib3.exceptions import ProtocolError

if TYPE_CHECKING:
    from local.conftest import Advance, Local, Patch, World

PENDING, PROGRESS, ACTIVE = "CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"
DELETING = ["DELETE PENDING", "DELETE IN_PROGRESS"]
ALREADY = "ResourceAlreadyExistsException"


def test_calls_and_reset(local: Local, world: World) -> None:
    local.clear_calls()
    started = time.time()
    local.status(world.tracker)
    second: dict[str, Any] = {"name": "t", "datasetGroupArn": world.group}
    tags = [{"tagKey": "secret-key", "tagValue": "secret-value"}]
    local.refused("ResourceAlreadyExists", "CreateEventTracker", tags=tags, **second)
    about = {"eventTrackerArn": world.tracker}
    read = {"operation": "DescribeEventTracker", "about": about, "status": 200, "error": None}
    create = {"operation": "CreateEventTracker", "about": second, "status": 400, "error": ALREADY}
    for found, expected in zip(local.calls(), (read, create), strict=True):
        assert started - 1 < found.pop("time") < time.time() + 1
        assert 0 < found.pop("seconds") <= time.time() - started
        assert found == expected | {"region": "us-east-1"}
    local.fault("*", "error", skip=1000)
    local.pace(60)
    local.reset()
    assert (local.calls(), local.faults()) == ([], [])
    assert local.health() == {"pid": os.getpid(), "state": None, "pace": 60}
    assert (local("ListSchemas"), local.trackers()) == ({"schemas": []}, {})
    assert local.tags(world.group) is None


@pytest.mark.parametrize("when", ["before", "after"])
def test_delay_and_close(when: str, local: Local, monkeypatch: Patch) -> None:
    begun, over = threading.Barrier(2), threading.Barrier(2)
    wait = Mock(side_effect=lambda _: (begun.wait(60), over.wait(60)))
    monkeypatch.setattr(local.endpoint._services.stopping, "wait", wait)
    local.fault("CreateDatasetGroup", "delay", seconds=0.4, when=when)
    with ThreadPoolExecutor() as pool:
        pool.submit(type(local)(local.url).create, "DatasetGroup")
        begun.wait(60)
        groups = [len(local("ListDatasetGroups")["datasetGroups"])]
        first = local.calls()[0]
        over.wait(60)
    assert (wait.mock_calls, first["status"], first["seconds"]) == ([call(0.4)], None, None)
    local.fault("CreateDatasetGroup", "close", when=when)
    with pytest.raises(ProtocolError):
        local.create("DatasetGroup", name="other")
    assert (local.calls()[-1]["status"], local.calls()[-1]["error"]) == (None, None)
    groups.append(len(local("ListDatasetGroups")["datasetGroups"]))
    assert groups == ([0, 1] if when == "before" else [1, 2])


def test_errors_are_raised_and_recoded(local: Local, world: World) -> None:
    def create(name: str) -> tuple[int, str, str]:
        status, content = local.send("CreateEventTracker", name=name, datasetGroupArn=world.group)
        return status, content["__type"], content["message"]

    usual = create("t")
    options: dict[str, Any] = {"code": "Mine", "skip": 1, "times": 2, "about": {"name": "odd"}}
    local.fault("CreateEventTracker", "error", status=503, message="No", **options)
    local.fault("*", "error", times=None, about={"name": "any"})
    mine, throttled = (503, "Mine", "No"), (400, "ThrottlingException", "Rate exceeded")
    names = ["even", "odd", "any", "odd", "even", "odd", "odd", "any"]
    expected = [usual, usual, throttled, mine, usual, mine, usual, throttled]
    assert [create(name) for name in names] == expected
    assert [one["error"] for one in local.calls()[-8:]] == [code for _, code, _ in expected]
    assert local.faults()[0].items() >= (options | {"fired": 2}).items()
    local.clear_faults()
    local.fault("*", "recode", code="Even", of="InvalidInputException", message="")
    local.fault("CreateEventTracker", "recode", code="InUse", skip=1)
    local.fault("*", "recode", code="Odd", of=ALREADY, status=409, message="No.")
    local.tracker(local.group("other"))
    local.fault("CreateEventTracker", "error", code="Mine", status=503, message="No")
    expected = [mine, (409, "Odd", "No."), (400, "InUse", usual[2]), usual]
    assert [create("t") for _ in range(4)] == expected
    assert [fault["fired"] for fault in local.faults()] == [0, 1, 1, 1]
    assert [one["error"] for one in local.calls()[-4:]] == [code for _, code, _ in expected]


def test_omitted_members_are_missing_in_answers(local: Local, world: World) -> None:
    usual, other = set(local.describe(world.tracker)), local.group("other")
    omitted = {"trackingId", "creationDateTime", "message"}
    local.fault("*", "omit", members=list(omitted))
    # Neither an error nor an answer without the members counts.
    local.no_tracker("ResourceAlreadyExists", world.group)
    local.tag(world.tracker, a="")
    found = [set(local.describe(world.tracker)) for _ in range(2)]
    assert (found, local.faults()[0]["fired"]) == ([usual - omitted, usual], 1)
    local.fault("CreateEventTracker", "stay", status=PENDING)
    arns, states = (world.tracker, local.tracker(other)), [PENDING, PROGRESS]
    local.fault("*", "omit", members=["name", "status"], status=states, times=None)
    local.fault("ListEventTrackers", "lag", seconds=0)
    for expected in (["tracker", None], ["tracker", "other"]):
        listed = local("ListEventTrackers")["eventTrackers"]
        names = [one.get("name") for one in (*listed, *map(local.describe, arns))]
        assert (names, local.faults()[2]["fired"]) == (expected * 2, 2)
        local.release()


@pytest.mark.parametrize("kind", ["DatasetGroup", "Dataset", "EventTracker"])
def test_pace_and_reads_that_lag(kind: str, local: Local, advance: Advance) -> None:
    group = local.group("around")
    schema = group.replace("dataset-group", "schema")
    options = {"datasetType": "Items", "datasetGroupArn": group, "schemaArn": schema}
    local.pace(10, ["personalize::" + re.sub("(?!^)([A-Z])", r"_\1", kind).lower()])
    arn = local.create(kind, **{} if kind == "DatasetGroup" else options)
    local.fault(f"Describe{kind}", "lag", seconds=3, times=None)

    def watch() -> list[tuple[str, str]]:
        states = []
        for _ in range(14):
            listed = [one for one in local(f"List{kind}s").popitem()[1] if arn in one.values()]
            states.append((local.status(arn), listed[0]["status"] if listed else "gone"))
            advance(1)
        return states

    now = [PENDING] * 5 + [PROGRESS] * 5 + [ACTIVE] * 4
    assert watch() == list(zip(["gone"] * 3 + now[:11], now, strict=True))
    local.delete(arn)
    now = [DELETING[0]] * 5 + [DELETING[kind != "DatasetGroup"]] * 5 + ["gone"] * 4
    assert watch() == list(zip([ACTIVE] * 3 + now[:11], now, strict=True))


def test_lag_of_what_is_new_changed_or_gone(local: Local, advance: Advance, world: World) -> None:
    elsewhere = type(local)(local.url, "a-region-that-boto3-does-not-know")
    before = elsewhere.create("DatasetGroup")
    advance(1)
    local.fault("*", "lag", times=None)
    arns = (world.group, world.dataset, world.tracker)

    def read() -> list[Any]:
        datasets = local("ListDatasets", datasetGroupArn=world.group)["datasets"]
        return [*map(local.status, arns), local.tags(arns[2]), local.trackers(), len(datasets)]

    for seconds in (0, 3.9):
        advance(seconds)
        assert read() == ["gone", "gone", "gone", None, {}, 0]
    local.no_tracker("ResourceAlreadyExists", world.group)
    assert len(local("ListDatasetGroups")["datasetGroups"]) == 1
    advance(0.1)
    assert read() == [ACTIVE, ACTIVE, ACTIVE, {}, {"tracker": ACTIVE}, 1]
    assert (elsewhere.status(before), elsewhere.trackers()) == (ACTIVE, {})
    for value in "12":
        local.tag(world.tracker, a=value)
        advance(4)
    assert local.tags(world.tracker) == {"a": "1"}
    advance(6)
    described = local.describe(world.tracker)
    local("UntagResource", resourceArn=world.tracker, tagKeys=["a"])
    local.delete(world.tracker)
    again = local.tracker(world.group, name="again")
    assert (local.status(again), local.trackers()) == ("gone", {"tracker": ACTIVE})
    assert local.tags(world.tracker) == {"a": "2"}
    assert local.describe(world.tracker) == described
    advance(5)
    assert (local.trackers(), local.tags(world.tracker)) == ({"again": ACTIVE}, None)
    local.forget(again)
    assert (local.status(again), local.trackers(), local.tags(world.group)) == ("gone", {}, {})
    local.reset()
    local.fault("*", "lag")
    assert local.tags(world.group) is None


@pytest.mark.parametrize(
    ("method", "path", "content", "message"),
    [
        ("GET", "nothing", None, "no such control request: GET"),
        ("PUT", "pace", {}, "seconds must be a number"),
        ("PUT", "pace", {"seconds": float("inf")}, "not JSON"),
        ("PUT", "pace", {"seconds": 1, "models": ["x"]}, "models must be a list"),
        ("PUT", "rules", {"uniqueNames": False, "odd": True}, "unknown rules: odd"),
        ("POST", "release", {"eventTrackerArn": "none"}, "none is not held in a state"),
        ("POST", "forget", {}, "there is no event tracker None"),
        ("PUT", "rules", {"uniqueNames": 0}, "uniqueNames must be true or false"),
    ],
)
def test_bad_requests(method: str, path: str, content: Any, message: str, local: Local) -> None:
    with pytest.raises(ValueError, match=message):
        local._send(method, path, content)
    assert (local.rules()["uniqueNames"], local.health()["pace"]) == (True, 0)


def test_the_docs_name_each_rule_and_each_fault_with_its_options() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/local-endpoint.md").read_text()
    rows = dict(re.findall(r"^\| `([A-Za-z]+)` \|(.*)\|$", page, re.MULTILINE))
    assert set(rows) >= {*RULES, *OPTIONS}
    assert all(f"`{name}`" in rows[kind] for kind, names in OPTIONS.items() for name in names)
    assert all(f"`{name}`" in page for name in (*ABOUT, *READS))
