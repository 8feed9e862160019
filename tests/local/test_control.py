"""The control interface: call log, faults, events, pace."""

from __future__ import annotations

import os
import re
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import urllib3
from botocore.exceptions import ClientError, ConnectionClosedError
from kinds import Capfd
from processes import eventually
from pulumi_personalize.local.faults import ABOUT, OPTIONS, READS, Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_personalize import PersonalizeClient
    from pulumi_personalize.local import ControlClient, LocalEndpoint

World = Any  # the fixture of this name


def test_health(control: ControlClient) -> None:
    assert control.health() == {"pid": os.getpid(), "state": None, "pace": 0}


def test_calls(personalize: PersonalizeClient, control: ControlClient, world: World) -> None:
    control.clear_calls()
    started = time.time()
    personalize.describe_event_tracker(eventTrackerArn=world.tracker)
    with pytest.raises(ClientError):
        personalize.create_event_tracker(
            name="other",
            datasetGroupArn=world.group,
            tags=[{"tagKey": "secret-key", "tagValue": "secret-value"}],
        )
    first, second = control.calls()
    assert started - 1 < first.pop("time") < time.time() + 1
    assert 0 < first.pop("seconds") <= time.time() - started
    assert first == {
        "operation": "DescribeEventTracker",
        "region": "eu-west-1",
        "about": {"eventTrackerArn": world.tracker},
        "status": 200,
        "error": None,
    }
    assert second["about"] == {"name": "other", "datasetGroupArn": world.group}
    assert (second["status"], second["error"]) == (400, "ResourceAlreadyExistsException")
    assert "secret" not in str(second)


@pytest.mark.parametrize("when", ["before", "after"])
def test_delay(
    when: str,
    endpoint: LocalEndpoint,
    personalize: PersonalizeClient,
    control: ControlClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    over = threading.Event()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        over.wait(60)

    monkeypatch.setattr(endpoint._services.stopping, "wait", wait)
    control.fault("CreateDatasetGroup", "delay", seconds=0.4, when=when)
    thread = threading.Thread(target=lambda: personalize.create_dataset_group(name="late"))
    thread.start()
    eventually(lambda: waits)
    done = bool(personalize.list_dataset_groups()["datasetGroups"])
    over.set()
    thread.join()
    assert done == (when == "after")
    assert waits == [0.4]
    assert personalize.list_dataset_groups()["datasetGroups"]


def test_delay_counts_as_time_of_the_call(
    personalize: PersonalizeClient, control: ControlClient
) -> None:
    control.fault("ListSchemas", "delay", seconds=0.1)
    personalize.list_schemas()
    assert control.calls()[0]["seconds"] >= 0.1


def test_error(personalize: PersonalizeClient, control: ControlClient) -> None:
    control.fault("*", "error")
    control.fault("CreateDatasetGroup", "error", code="Odd", status=503, message="Not now")
    with pytest.raises(ClientError, match=r"ThrottlingException.*Rate exceeded") as error:
        personalize.create_dataset_group(name="group")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    with pytest.raises(ClientError, match=r"Odd.*Not now") as error:
        personalize.create_dataset_group(name="group")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert personalize.list_dataset_groups()["datasetGroups"] == []
    calls = [(call["status"], call["error"]) for call in control.calls()]
    assert calls == [(400, "ThrottlingException"), (503, "Odd"), (200, None)]


def test_error_of_events(personalize_events: Any, control: ControlClient, world: World) -> None:
    control.fault("PutEvents", "error", status=500, code="InternalServerError")
    request = {
        "trackingId": world.tracking_id,
        "sessionId": "s",
        "eventList": [{"eventType": "e", "sentAt": 1}],
    }
    with pytest.raises(ClientError, match="InternalServerError"):
        personalize_events.put_events(**request)
    assert control.events(world.tracking_id) == []
    personalize_events.put_events(**request)
    assert len(control.events(world.tracking_id)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_close_drops_the_connection(
    when: str, personalize: PersonalizeClient, control: ControlClient
) -> None:
    control.fault("CreateDatasetGroup", "close", when=when)
    with pytest.raises(ConnectionClosedError):
        personalize.create_dataset_group(name="group")
    assert bool(personalize.list_dataset_groups()["datasetGroups"]) == (when == "after")
    call = control.calls()[0]
    assert (call["status"], call["error"]) == (None, None)


def test_times_skip_and_about(personalize: PersonalizeClient, control: ControlClient) -> None:
    control.fault(
        "CreateDatasetGroup", "error", code="Mine", times=2, skip=1, about={"name": "odd"}
    )

    def create(name: str) -> str:
        try:
            personalize.create_dataset_group(name=name)
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "made"

    names = ["even", "odd", "odd", "even", "odd", "odd"]
    again = "ResourceAlreadyExistsException"
    assert [create(name) for name in names] == ["made", "made", "Mine", again, "Mine", again]
    (rule,) = control.faults()
    assert (rule["fired"], rule["times"], rule["skip"]) == (2, 2, 1)
    control.clear_faults()
    assert control.faults() == []


def test_fault_without_end_goes_on_firing(
    personalize: PersonalizeClient, control: ControlClient
) -> None:
    control.fault("*", "error", times=None)
    for _ in range(3):
        with pytest.raises(ClientError, match="ThrottlingException"):
            personalize.list_schemas()
    control.clear_faults()
    personalize.list_schemas()


def test_stay_and_release(
    personalize: PersonalizeClient, control: ControlClient, make_group: Callable[[str], str]
) -> None:
    control.fault("CreateEventTracker", "stay", status="CREATE PENDING", about={"name": "a"})
    arns = {
        name: personalize.create_event_tracker(name=name, datasetGroupArn=make_group(name))[
            "eventTrackerArn"
        ]
        for name in "ab"
    }

    def status(name: str) -> str:
        tracker = personalize.describe_event_tracker(eventTrackerArn=arns[name])
        return tracker["eventTracker"]["status"]

    assert (status("a"), status("b")) == ("CREATE PENDING", "ACTIVE")
    with pytest.raises(ValueError, match="not held"):
        control.release(arns["b"])
    control.release(arns["a"])
    assert status("a") == "ACTIVE"
    control.fault("DeleteEventTracker", "stay")
    personalize.delete_event_tracker(eventTrackerArn=arns["b"])
    assert status("b") == "DELETE IN_PROGRESS"
    control.release()
    with pytest.raises(personalize.exceptions.ResourceNotFoundException):
        status("b")


def test_fail_ends_in_create_failed(
    personalize: PersonalizeClient, control: ControlClient, make_group: Callable[[str], str]
) -> None:
    control.fault("CreateEventTracker", "fail")
    group = make_group("group")
    arn = personalize.create_event_tracker(name="t", datasetGroupArn=group)["eventTrackerArn"]
    tracker = personalize.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
    assert tracker["status"] == "CREATE FAILED"
    personalize.delete_event_tracker(eventTrackerArn=arn)
    assert personalize.list_event_trackers()["eventTrackers"] == []


def test_forget_drops_a_tracker(
    personalize: PersonalizeClient, control: ControlClient, world: World
) -> None:
    control.forget(world.tracker)
    with pytest.raises(personalize.exceptions.ResourceNotFoundException):
        personalize.describe_event_tracker(eventTrackerArn=world.tracker)
    with pytest.raises(ValueError, match="there is no event tracker"):
        control.forget(world.tracker)


def test_reset_drops_everything(
    personalize: PersonalizeClient, control: ControlClient, world: World
) -> None:
    control.fault("*", "error", skip=1000)
    control.pace(60)
    control.rules(interactionsDataset=False)
    control.reset()
    assert control.rules()["interactionsDataset"]
    assert control.calls() == []
    assert control.faults() == []
    assert control.health()["pace"] == 60
    assert personalize.list_schemas()["schemas"] == []
    assert personalize.list_event_trackers()["eventTrackers"] == []


@pytest.mark.parametrize(
    ("method", "path", "content", "message"),
    [
        ("GET", "nothing", None, "no such control request: GET"),
        ("POST", "health", None, "no such control request: POST"),
        ("GET", "events", None, "trackingId"),
        ("POST", "faults", [], "JSON object"),
        ("POST", "faults", {"operation": "*"}, "kind must be one of"),
        ("POST", "faults", {"kind": "fail"}, "operation must be"),
        ("POST", "faults", {"kind": "fail", "operation": "*"}, "operation must be one of"),
        ("POST", "faults", {"kind": "stay", "operation": "ListSchemas"}, "operation must be one"),
        (
            "POST",
            "faults",
            {"kind": "stay", "operation": "CreateEventTracker", "status": "ACTIVE"},
            "status must be one of",
        ),
        ("POST", "faults", {"kind": "error", "operation": "*", "status": 200}, "status must be"),
        ("POST", "faults", {"kind": "error", "operation": "*", "odd": 1}, "unknown with kind"),
        ("POST", "faults", {"kind": "close", "operation": "*", "when": "now"}, "when must be"),
        ("POST", "faults", {"kind": "delay", "operation": "*", "seconds": -1}, "seconds must be"),
        ("POST", "faults", {"kind": "error", "operation": "*", "times": 0}, "times must be"),
        ("POST", "faults", {"kind": "error", "operation": "*", "skip": None}, "skip must be"),
        ("POST", "faults", {"kind": "error", "operation": "*", "about": {"x": "y"}}, "about may"),
        ("POST", "faults", {"kind": [], "operation": "*"}, "kind must be one of"),
        ("POST", "faults", {"kind": "close", "operation": "*", "when": {}}, "when must be"),
        ("POST", "faults", {"kind": "delay", "operation": "*", "seconds": 1e300}, "seconds must"),
        ("POST", "faults", {"kind": "error", "operation": "*", "code": 5}, "code must be"),
        ("POST", "faults", {"kind": "error", "operation": "*", "code": ""}, "code must be"),
        ("POST", "faults", {"kind": "error", "operation": "*", "code": "a\r\nb"}, "code must be"),
        ("POST", "faults", {"kind": "error", "operation": "*", "code": "☃"}, "code must be"),
        ("POST", "faults", {"kind": "error", "operation": "*", "message": []}, "message must be"),
        ("PUT", "pace", {}, "seconds must be a number"),
        ("PUT", "pace", {"seconds": -1}, "seconds must be a number, 0 to"),
        ("PUT", "pace", {"seconds": float("inf")}, "not JSON"),
        ("PUT", "pace", {"seconds": 1, "models": ["x"]}, "models must be a list"),
        ("POST", "forget", {}, "there is no event tracker"),
        ("PUT", "rules", {"odd": True, "uniqueNames": False}, "unknown rules: odd"),
        ("PUT", "rules", {"uniqueNames": 0}, "uniqueNames must be true or false"),
        ("PUT", "rules", {"uniqueNames": None}, "uniqueNames must be true or false"),
        ("POST", "faults", {"kind": "recode", "operation": "*"}, "code must be"),
        (
            "POST",
            "faults",
            {"kind": "recode", "operation": "*", "code": "A", "status": 399},
            "status must be",
        ),
        (
            "POST",
            "faults",
            {"kind": "recode", "operation": "*", "code": "A", "message": 1},
            "message must be",
        ),
        ("POST", "faults", {"kind": "recode", "operation": "*", "code": "A", "of": ""}, "of must"),
    ],
)
def test_bad_requests(
    method: str, path: str, content: Any, message: str, control: ControlClient
) -> None:
    with pytest.raises(ValueError, match=message):
        control._send(method, path, content)


def test_what_cannot_be_released(control: ControlClient, world: World) -> None:
    with pytest.raises(ValueError, match="is not held"):
        control._send("POST", "release", {"eventTrackerArn": [world.tracker]})


def test_a_bug_is_a_value_error_too(
    control: ControlClient, monkeypatch: pytest.MonkeyPatch, capfd: Capfd
) -> None:
    def fails(_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Fault, "from_json", fails)
    with pytest.raises(ValueError, match="InternalServerError"):
        control.fault("*", "error")
    assert "RuntimeError: a bug" in capfd.readouterr().err


def test_moto_reset(personalize: PersonalizeClient, control: ControlClient, world: World) -> None:
    assert urllib3.PoolManager().request("POST", f"{control.url}/moto-api/reset").status == 200
    assert personalize.list_dataset_groups()["datasetGroups"] == []
    assert personalize.create_dataset_group(name="group")["datasetGroupArn"] == world.group


def test_the_docs_name_each_rule_and_each_fault_with_its_options(control: ControlClient) -> None:
    page = (Path(__file__).parents[2] / "docs/reference/local-endpoint.md").read_text()
    rows = dict(re.findall(r"^\| `([A-Za-z]+)` \|(.*)\|$", page, re.MULTILINE))
    assert set(rows) >= set(control.rules())
    for kind, options in OPTIONS.items():
        assert all(f"`{option}`" in rows[kind] for option in options)
    assert all(f"`{name}`" in page for name in (*ABOUT, *READS))
