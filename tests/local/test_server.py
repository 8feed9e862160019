"""The server and its command line: where it listens, what it keeps, how it ends."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import threading
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock, call
from urllib.parse import urlsplit

import pytest
from endpoints import nobody_at, send, set_transition
from kinds import Capfd
from pulumi_personalize.local import ControlClient, LocalEndpoint
from pulumi_personalize.local.__main__ import _run, _wait_for, main
from pulumi_personalize.local.persistence import StateFile, StateFileError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.conftest import Advance, Local, Patch

PROGRAM = """
import boto3
clients = [boto3.client(name, "us-east-1") for name in ("personalize", "personalize-events")]
clients[0].create_dataset_group(name="made")
print(*(client.meta.endpoint_url for client in clients), flush=True)
input()
"""
PYTHON = [sys.executable, "-ISc"]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


@pytest.fixture(autouse=True)
def alone(local: Local, monkeypatch: Patch) -> Iterator[None]:
    """Lets a test start endpoints, which take over this process's backends and its signals."""
    monkeypatch.setattr(LocalEndpoint, "_running", threading.Lock())
    monkeypatch.setattr("pulumi_personalize.local.__main__._wait_for", lambda _: None)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_state_is_there_again(local: Local, state: Path, advance: Advance) -> None:
    def everything(url: str) -> list[Any]:
        here, there = type(local)(url), type(local)(url, "eu-west-1")
        dataset, schema = (group.replace("dataset-group", kind) for kind in ("dataset", "schema"))
        arns = (group, f"{dataset}/INTERACTIONS", schema, tracker)
        rest = [here.events(tracking_id), here.tags(tracker), there.describe(elsewhere)]
        return [*map(here.describe, arns), *rest]

    with LocalEndpoint(state=state) as first:
        here = type(local)(first.url)
        group, *groups = map(here.group, ("group", "held", "fails", "other"))
        tracker = here.tracker(group)
        tracking_id = here.describe(tracker)["trackingId"]
        here.tag(tracker, é="b")
        elsewhere = type(local)(first.url, "eu-west-1").create("DatasetGroup")
        event = {"eventType": "view", "sentAt": 1}
        here("PutEvents", trackingId=tracking_id, sessionId="s", eventList=[event])
        before = everything(first.url)
        here.pace(20)
        here.fault("CreateEventTracker", "stay")
        here.fault("CreateEventTracker", "fail")
        *_, other = map(here.tracker, groups)
        # As after a kill: what was answered is in the file.
        text = state.read_text()
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    state.write_text(text)
    advance(100)
    with LocalEndpoint(state=state, pace=20) as second:
        again = type(local)(second.url)
        assert again.health() == {"pid": os.getpid(), "state": str(state), "pace": 20}
        assert everything(second.url) == before
        states = {"held": "CREATE IN_PROGRESS", "fails": "CREATE FAILED", "other": "ACTIVE"}
        assert again.trackers() == {"group": "ACTIVE"} | states
        last = again.describe(other)
        assert last["lastUpdatedDateTime"] - last["creationDateTime"] == pytest.approx(20)
        again.fault("*", "lag", seconds=60)
        assert again.status(group) == "ACTIVE"


def test_state_has_each_change(local: Local, state: Path, monkeypatch: Patch) -> None:
    def has(text: str) -> bool:
        return text in state.read_text()

    monkeypatch.setattr(local.endpoint._services, "state_file", StateFile(state))
    set_transition(local.url, "personalize::dataset_group", {"progression": "manual", "times": 1})
    arn = local.create("DatasetGroup")
    assert (local.status(arn), has('"CREATE IN_PROGRESS"')) == ("CREATE IN_PROGRESS", True)
    local.pace(0)
    local.fault("CreateEventTracker", "stay")
    tracker = local.tracker(local.group(), tags=[{"tagKey": "a", "tagValue": "b"}])
    for change, text in (
        (local.release, '"hold": "CREATE'),
        (lambda: local("UntagResource", resourceArn=tracker, tagKeys=["a"]), '"a": "b"'),
        (lambda: local.forget(tracker), tracker),
        (lambda: local.delete(arn), arn),
        (local.reset, "dataset-group/group"),
        (local.group, '"accounts": {}'),
    ):
        assert has(text)
        change()
        assert not has(text)
    before = state.read_text()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", Mock(side_effect=OSError("No space")))
        assert local.send("CreateDatasetGroup", name="new")[0] == 500
        with pytest.raises(StateFileError, match=f"{state}.*No space"):
            StateFile(state).save()
    assert state.read_text() == before
    local.group()
    assert has("dataset-group/group")


CHANGES = [
    'version": 1>version": 2',
    '"t">5',
    '"ACTIVE">"SOON"',
    '"schemas">"none"',
    "group>\xff",
    "{>[",
]


@pytest.mark.parametrize("change", CHANGES)
def test_broken_state_is_kept(change: str, local: Local, state: Path, capfd: Capfd) -> None:
    local.tracker(local.group(), name="t")
    StateFile(state).save()
    old, new = change.split(">")
    content = state.read_text().replace(old, new).encode("latin-1")
    state.write_bytes(content)
    assert main(["--state", str(state)]) == 1
    said = capfd.readouterr()
    assert (said.out, said.err.count("\n"), str(state) in said.err) == ("", 1, True)
    assert state.read_bytes() == content
    assert sorted(path.name for path in state.parent.iterdir()) == ["state.json", "state.json.lock"]


def test_state_file_of_another_process_or_of_another_kind(state: Path, capfd: Capfd) -> None:
    holder = StateFile(state)
    holder.lock()
    assert main(["--state", str(state)]) == 1
    assert f"another endpoint uses the state file {state}" in capfd.readouterr().err
    holder.unlock()
    for odd in (state.parent, state.with_name("fifo")):
        if odd != state.parent:
            os.mkfifo(odd)
        assert main(["--state", str(odd)]) == 1
        assert f"the state file {odd} is no regular file" in capfd.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serves_until_a_signal(number: int, monkeypatch: Patch, capfd: Capfd) -> None:
    def use(ended: threading.Event) -> None:
        url = capfd.readouterr().out
        assert re.fullmatch("http://127.0.0.1:[0-9]+\n", url)
        tags = [{"tagKey": "secret", "tagValue": "secret"}]
        send(url.strip(), "CreateDatasetGroup", {"name": "secret", "tags": tags})
        send(url.strip(), "DescribeDatasetGroup", {"datasetGroupArn": "secret"})
        assert ControlClient(url.strip()).health()["pace"] == 3
        os.kill(os.getpid(), number)
        _wait_for(ended)

    monkeypatch.setattr("pulumi_personalize.local.__main__._wait_for", use)
    assert main(["--verbose", "--pace", "3"]) == 0
    said = capfd.readouterr()
    calls = [line.split()[:2] for line in said.err.splitlines()]
    assert calls == [["CreateDatasetGroup", "200"], ["DescribeDatasetGroup", "400"]]
    assert (said.out, "secret" in said.err) == ("", False)
    # In steps, as Windows needs it.
    ended = Mock(wait=Mock(side_effect=[False, True]))
    _wait_for(ended)
    assert ended.wait.mock_calls == [call(1), call(1)]


def test_a_command_finds_it_and_sigterm_ends_both(state: Path) -> None:
    arguments = ["-m", "pulumi_personalize.local", "--state", str(state), "--"]
    command = [sys.executable, *arguments, sys.executable, "-c", PROGRAM]
    process = subprocess.Popen(command, stdin=-1, stdout=-1, text=True)  # pipes
    assert process.stdout
    assert re.fullmatch(r"(http://127.0.0.1:\d+) \1\n", process.stdout.readline())
    process.terminate()
    # The command has this pipe, too.
    assert process.communicate(timeout=60)[0] == ""
    assert process.returncode == 128 + signal.SIGTERM
    assert "dataset-group/made" in state.read_text()


def test_the_exit_code_is_the_commands(monkeypatch: Patch, capfd: Capfd) -> None:
    assert main(["--", *PYTHON, "raise SystemExit(7)"]) == 7
    assert _run([*PYTHON, "import os; os.kill(os.getpid(), 9)"], "", []) == 128 + 9
    assert main(["no-such-command"]) == 1
    assert capfd.readouterr() == ("", "cannot run no-such-command: No such file or directory\n")
    assert _run([*PYTHON, "raise SystemExit(7)"], "", [signal.SIGINT]) == 128 + signal.SIGINT
    # It came when there was a process, and nothing that passes it on.
    signals: list[int] = []
    monkeypatch.setattr(signal, "signal", lambda *_: signals.append(signal.SIGTERM))
    assert _run([*PYTHON, "import time; time.sleep(60)"], "", signals) == 128 + signals[0]


def test_what_keeps_it_from_starting(local: Local, monkeypatch: Patch, capfd: Capfd) -> None:
    for option in ("--port 65536", "--port x", "--pace -1", "--pace nan", "--host ::"):
        with pytest.raises(SystemExit, match="2"):
            main(option.split())
        assert option.split()[0] in capfd.readouterr().err
    port = urlsplit(local.url).port
    assert main(["--port", str(port)]) == 1
    assert capfd.readouterr() == ("", f"cannot listen on port {port}: Address already in use\n")
    monkeypatch.setitem(sys.modules, "pulumi_personalize.local.server", None)
    assert main([]) == 1
    assert re.fullmatch(".*; install pulumi-personalize\\[local\\]\n", capfd.readouterr().err)


def test_one_at_a_time_in_a_process_for_this_machine_only() -> None:
    with pytest.raises(ValueError, match="must be"):
        LocalEndpoint(pace=-1)
    with LocalEndpoint() as endpoint:
        assert endpoint._server.socket.getsockname()[0] == "127.0.0.1"
        control = ControlClient(endpoint.url)
        for _ in range(2):
            assert control.health()["pid"] == os.getpid()
            endpoint._server.end_connections(60)
            assert not endpoint._server._connections
        with pytest.raises(RuntimeError, match="already"):
            LocalEndpoint()
    with nobody_at(endpoint.url), pytest.raises(ConnectionError, match=f"{endpoint.url}/_local/"):
        control.health()
    assert endpoint._services.stopping.is_set(), "a delayed call goes on"
    LocalEndpoint().stop()


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/_local/reset", {"Origin": "https://evil.example"}, 403),
        ("/_local/reset", {"Origin": "null"}, 403),
        ("/_local/reset", {"Origin": "http://localhost:8080"}, 200),
        ("/_local/reset", {"Host": "evil.example:80"}, 403),
        ("/_local/reset", {"Host": "[::1]:80"}, 200),
        ("/_local/reset", {"Content-Type": "text/plain"}, 403),
        ("/", {"Host": "evil.example"}, 403),
        ("/moto-api/reset", {}, 404),
        ("/moto-api/recorder/upload-recording", {}, 404),
        ("/_local/reset", {"Content-Length": str(5 * 1024 * 1024)}, 413),
    ],
)
def test_a_web_page_elsewhere_is_not_answered(
    local: Local, path: str, headers: dict[str, str], status: int
) -> None:
    connection = HTTPConnection(str(urlsplit(local.url).netloc), timeout=30)
    body = b"{}".ljust(int(headers.get("Content-Length", 2)))
    connection.request("POST", path, body, {"Content-Type": "application/json", **headers})
    response = connection.getresponse()
    assert response.status == status
    assert "Access-Control-Allow-Origin" not in response.headers
    connection.close()


def test_another_name_of_this_machine(capfd: Capfd, monkeypatch: Patch) -> None:
    def use(_: threading.Event) -> None:
        port = urlsplit(capfd.readouterr().out.strip()).port
        for host, status in (("host.docker.internal", 200), ("evil.example", 403)):
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/_local/health", headers={"Host": f"{host}:{port}"})
            assert connection.getresponse().status == status
            connection.close()

    monkeypatch.setattr("pulumi_personalize.local.__main__._wait_for", use)
    assert main(["--allow-host", "host.docker.internal"]) == 0
