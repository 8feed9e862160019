"""The state file, over restarts and kills."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from endpoints import set_transition
from pulumi_personalize.local import ControlClient, make_dataset_group
from pulumi_personalize.local.persistence import StateFile, StateFileError

if TYPE_CHECKING:
    from collections.abc import Callable

Spawn = Any  # the type of the fixture of this name
Make = Any  # the type of the fixture make_client


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


def everything(client: Any) -> dict[str, Any]:
    """What a client can see of everything."""
    seen: dict[str, Any] = {
        "schemas": [
            client.describe_schema(schemaArn=one["schemaArn"])["schema"]
            for one in client.list_schemas()["schemas"]
        ],
        "groups": [
            client.describe_dataset_group(datasetGroupArn=one["datasetGroupArn"])["datasetGroup"]
            for one in client.list_dataset_groups()["datasetGroups"]
        ],
        "datasets": [
            client.describe_dataset(datasetArn=one["datasetArn"])["dataset"]
            for one in client.list_datasets()["datasets"]
        ],
        "trackers": [
            client.describe_event_tracker(eventTrackerArn=one["eventTrackerArn"])["eventTracker"]
            for one in client.list_event_trackers()["eventTrackers"]
        ],
    }
    arns = [one["datasetGroupArn"] for one in seen["groups"]]
    arns += [one["eventTrackerArn"] for one in seen["trackers"]]
    seen["tags"] = {arn: client.list_tags_for_resource(resourceArn=arn)["tags"] for arn in arns}
    return seen


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_everything_is_there_again(
    end: signal.Signals, spawn: Spawn, state: Path, make_client: Make, avro: str
) -> None:
    first = spawn("--state", state)
    client = make_client(first.url)
    schema = client.create_schema(name="schema", schema=avro)["schemaArn"]
    group = client.create_dataset_group(
        name="group", domain="ECOMMERCE", tags=[{"tagKey": "é", "tagValue": "1"}]
    )["datasetGroupArn"]
    client.create_dataset(
        name="d", schemaArn=schema, datasetGroupArn=group, datasetType="INTERACTIONS"
    )
    tracker = client.create_event_tracker(name="t", datasetGroupArn=group)
    client.tag_resource(
        resourceArn=tracker["eventTrackerArn"], tags=[{"tagKey": "a", "tagValue": "b"}]
    )
    other = make_client(first.url, region="us-east-1")
    other.create_dataset_group(name="elsewhere")
    make_client(first.url, "personalize-events").put_events(
        trackingId=tracker["trackingId"],
        sessionId="s",
        eventList=[{"eventType": "view", "sentAt": 1}],
    )
    before = everything(client), everything(other)
    events = ControlClient(first.url).events(tracker["trackingId"])
    first.popen.send_signal(end)
    assert first.popen.wait(60) == (-end if end == signal.SIGKILL else 0)
    assert stat.S_IMODE(state.stat().st_mode) == 0o600

    second = spawn("--state", state)
    client, other = make_client(second.url), make_client(second.url, region="us-east-1")
    assert (everything(client), everything(other)) == before
    assert ControlClient(second.url).events(tracker["trackingId"]) == events
    assert ControlClient(second.url).health()["state"] == str(state)
    client.delete_event_tracker(eventTrackerArn=tracker["eventTrackerArn"])
    assert tracker["eventTrackerArn"] not in state.read_text()


def test_is_kept_where_modes_of_open_files_can_not_be_set(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows, before Python 3.13."""
    monkeypatch.delattr(os, "fchmod")
    StateFile(state).save()
    assert json.loads(state.read_text())["version"] == 1


def test_the_clock_goes_on_while_the_endpoint_does_not(
    spawn: Spawn, state: Path, make_client: Make
) -> None:
    first = spawn("--state", state, "--pace", 1)
    client = make_client(first.url)
    ControlClient(first.url).pace(0)
    groups = [make_dataset_group(client, name) for name in ("one", "two")]
    ControlClient(first.url).pace(1)
    kept = client.create_event_tracker(name="t", datasetGroupArn=groups[0])["eventTrackerArn"]
    held = ControlClient(first.url)
    held.fault("CreateEventTracker", "stay")
    stays = client.create_event_tracker(name="s", datasetGroupArn=groups[1])["eventTrackerArn"]
    first.popen.kill()
    first.popen.wait()
    time.sleep(1.1)

    client = make_client(spawn("--state", state, "--pace", 1).url)
    tracker = client.describe_event_tracker(eventTrackerArn=kept)["eventTracker"]
    assert tracker["status"] == "ACTIVE"
    took: datetime = tracker["lastUpdatedDateTime"] - tracker["creationDateTime"]
    assert took.total_seconds() == pytest.approx(1, abs=0.002)  # type: ignore[attr-defined]
    tracker = client.describe_event_tracker(eventTrackerArn=stays)["eventTracker"]
    assert tracker["status"] == "CREATE IN_PROGRESS"


def test_manual_steps_are_kept(spawn: Spawn, state: Path, make_client: Make) -> None:
    first = spawn("--state", state, "--pace", 60)
    client = make_client(first.url)
    arn = client.create_dataset_group(name="group")["datasetGroupArn"]
    manual = {"progression": "manual", "times": 1}
    set_transition(first.url, "personalize::dataset_group", manual)
    described = client.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]
    assert described["status"] == "CREATE IN_PROGRESS"
    assert '"CREATE IN_PROGRESS"' in state.read_text()


def test_killed_at_any_moment_what_was_answered_is_there(
    spawn: Spawn, state: Path, make_client: Make
) -> None:
    answered: list[str] = []
    for kill in range(3):
        process = spawn("--state", state)
        client = make_client(process.url)
        timer = threading.Timer(0.01 * kill, process.popen.kill)
        try:
            for number in range(1000):
                arn = client.create_dataset_group(name=f"group-{kill}-{number}")["datasetGroupArn"]
                answered.append(arn)
                if number == 9:
                    timer.start()
        except Exception:  # the kill, whichever way boto3 sees it
            pass
        timer.join()
        process.popen.wait()
        accounts = json.loads(state.read_text())["accounts"]
        held = accounts["123456789012"]["eu-west-1"] if accounts else {"dataset_groups": []}
        # The last call may have been done without an answer.
        assert {one["arn"] for one in held["dataset_groups"]} >= set(answered)
        assert len(held["dataset_groups"]) <= len(answered) + kill + 1
    assert len(answered) >= 30


def test_reset_and_forget_are_kept(spawn: Spawn, state: Path, make_client: Make) -> None:
    process = spawn("--state", state)
    client, control = make_client(process.url), ControlClient(process.url)
    group = make_dataset_group(client, "group")
    arn = client.create_event_tracker(name="t", datasetGroupArn=group)["eventTrackerArn"]
    control.forget(arn)
    assert arn not in state.read_text()
    control.reset()
    assert json.loads(state.read_text()) == {"version": 1, "accounts": {}}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"version": 2, "accounts": {}}',
        b'{"version": 1, "accounts": {"1": {"eu-west-1": {}}}}',
        b'{"version": 1, "accounts": {"1": {"eu-west-1": {"schemas": [{"arn": 5}]}}}}',
    ],
)
def test_a_broken_file_is_refused(content: bytes, control: ControlClient, state: Path) -> None:
    state.write_bytes(content)
    with pytest.raises(StateFileError, match=re.escape(str(state))):
        StateFile(state).load()
    assert state.read_bytes() == content


def test_a_broken_file_is_left_alone(spawn: Spawn, state: Path) -> None:
    content = b'{"version": 2, "accounts": {}}'
    state.write_bytes(content)
    process = spawn("--state", state)
    output, errors = process.popen.communicate(timeout=60)
    assert process.popen.returncode == 1
    assert (process.url, output) == ("", "")
    assert len(errors.splitlines()) == 1
    assert str(state) in errors
    assert state.read_bytes() == content
    assert [one.name for one in state.parent.iterdir()] == [state.name]


def test_a_folder_that_is_not_there(control: ControlClient, tmp_path: Path) -> None:
    state = StateFile(tmp_path / "none" / "state.json")
    state.load()
    with pytest.raises(StateFileError, match="No such file"):
        state.save()


def test_an_unknown_status_is_refused(
    personalize: Any, control: ControlClient, make_group: Callable[[str], str], state: Path
) -> None:
    make_group("group")
    StateFile(state).save()
    state.write_text(state.read_text().replace('"ACTIVE"', '"SOON"'))
    with pytest.raises(StateFileError, match="SOON"):
        StateFile(state).load()
