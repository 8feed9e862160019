"""The server: where it listens, what it prints, how it ends, what it answers to nonsense."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from endpoints import nobody_at
from kinds import Capfd
from processes import eventually
from pulumi_personalize.local import ControlClient, LocalEndpoint
from pulumi_personalize.local.__main__ import _wait_for, main
from pulumi_personalize.local.personalize.models import PersonalizeBackend

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mypy_boto3_personalize import PersonalizeClient

Spawn = Any  # the type of the fixture of this name


def test_control_client_keeps_its_connection(
    endpoint: LocalEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = endpoint._server
    accepted = Mock(wraps=server.process_request)
    monkeypatch.setattr(server, "process_request", accepted)
    control = ControlClient(endpoint.url)
    for _ in range(3):
        control.health()
    assert accepted.call_count == 1


def test_control_client_outlives_a_restart(spawn: Spawn) -> None:
    first = spawn()
    control = ControlClient(first.url)
    assert control.health()["pid"] == first.popen.pid
    first.popen.kill()
    first.popen.wait()
    with nobody_at(first.url):
        with pytest.raises(ConnectionError, match=f"{first.url}/_local/health: "):
            control.health()
        again = spawn("--port", urlsplit(first.url).port)
        assert control.health()["pid"] == again.popen.pid


def test_only_this_machine_can_reach_it(spawn: Spawn) -> None:
    port = urlsplit(spawn().url).port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # No packet is sent: this asks which address this machine has towards others, if any.
        with suppress(OSError):
            probe.connect(("192.0.2.1", 9))
        own = probe.getsockname()[0]
    for address in {own, "127.0.0.2"} - {"0.0.0.0", "127.0.0.1"}:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address, port), timeout=5)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_prints_one_line_and_ends_at_a_signal(
    end: signal.Signals, spawn: Spawn, make_client: Callable[..., Any]
) -> None:
    process = spawn()
    assert process.url.startswith("http://127.0.0.1:")
    make_client(process.url).list_schemas()
    process.popen.send_signal(end)
    assert process.popen.communicate(timeout=60) == ("", "")
    assert process.popen.returncode == 0


def test_waits_for_a_signal_in_steps_as_windows_needs_it() -> None:
    waits: list[float | None] = []

    class Event(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            return len(waits) == 2

    _wait_for(Event())
    assert waits == [1, 1]


def test_ends_though_a_call_is_delayed(spawn: Spawn) -> None:
    process = spawn()
    control = ControlClient(process.url)
    control.fault("ListSchemas", "delay", seconds=600)
    connection = HTTPConnection(str(urlsplit(process.url).netloc), timeout=30)
    connection.request("POST", "/", "{}", {"X-Amz-Target": "AmazonPersonalize.ListSchemas"})
    eventually(control.calls)
    process.popen.terminate()
    # Its answer comes at once: nobody waits until the delay is over, or drops it.
    assert connection.getresponse().status == 200
    assert process.popen.wait(60) == 0
    connection.close()


def test_taken_port(endpoint: LocalEndpoint, spawn: Spawn) -> None:
    port = urlsplit(endpoint.url).port
    process = spawn("--port", port)
    output, errors = process.popen.communicate(timeout=60)
    assert process.popen.returncode == 1
    assert output == ""
    assert errors.splitlines() == [f"cannot listen on port {port}: Address already in use"]


@pytest.mark.parametrize(
    "arguments",
    [["--port", "65536"], ["--port", "x"], ["--pace", "-1"], ["--pace", "nan"], ["--host", "::"]],
)
def test_bad_arguments(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_a_package_that_is_too_old(tmp_path: Path) -> None:
    (tmp_path / "flask.py").touch()
    done = subprocess.run(
        [sys.executable, "-m", "pulumi_personalize.local"],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "cannot import name" in done.stderr
    assert done.stderr.endswith("; install pulumi-personalize[local]\n")
    assert done.stderr.count("\n") == 1


def test_verbose_tells_no_values(spawn: Spawn, make_client: Callable[..., Any]) -> None:
    process = spawn("--verbose", "--pace", 3)
    client = make_client(process.url)
    client.create_dataset_group(name="secret", tags=[{"tagKey": "secret", "tagValue": "secret"}])
    with pytest.raises(ClientError):
        client.describe_dataset_group(datasetGroupArn="secret")
    process.popen.terminate()
    output, errors = process.popen.communicate(timeout=60)
    assert output == ""
    assert [line.split()[:2] for line in errors.splitlines()] == [
        ["CreateDatasetGroup", "200"],
        ["DescribeDatasetGroup", "400"],
    ]
    assert "secret" not in errors


def test_one_endpoint_a_process(endpoint: LocalEndpoint) -> None:
    with pytest.raises(RuntimeError, match="already"):
        LocalEndpoint()


def test_one_after_the_other_in_a_process(tmp_path: Any) -> None:
    program = """
import sys
from pulumi_personalize.local import ControlClient, LocalEndpoint
for pace in 5, 0:
    with LocalEndpoint(state=sys.argv[1], pace=pace) as endpoint:
        print(ControlClient(endpoint.url).health()["pace"])
    endpoint.stop()
for bad in {"pace": -1}, {"state": "/"}:
    try:
        LocalEndpoint(**bad)
    except Exception as error:
        print(type(error).__name__)
LocalEndpoint().stop()
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, tmp_path / "state.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    expected = ["5", "0", "ControlError", "StateFileError"]
    assert done.stdout.split() == expected


def test_connections_stay_open(endpoint: LocalEndpoint, control: ControlClient) -> None:
    connection = HTTPConnection(str(urlsplit(endpoint.url).netloc), timeout=30)
    headers = {"X-Amz-Target": "AmazonPersonalize.ListSchemas"}
    connection.connect()
    before = connection.sock
    for body in ("{}", iter([b"{", b"}"])):
        connection.request("POST", "/", body, headers, encode_chunked=True)
        response = connection.getresponse()
        assert response.status == 200
        assert response.read() == b'{"schemas": []}'
    assert connection.sock is before
    connection.close()


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "status", "code"),
    [
        ("GET", "/", {}, "", 404, "UnknownOperationException"),
        ("POST", "/", {}, "Action=ListUsers", 404, "UnknownOperationException"),
        ("POST", "/nothing", {}, "{}", 404, "UnknownOperationException"),
        ("POST", "/", {"X-Amz-Target": "Other.ListSchemas"}, "{}", 404, None),
        ("POST", "/", {"X-Amz-Target": "AmazonPersonalize.Dispatch"}, "{}", 404, None),
        ("POST", "/", {"X-Amz-Target": "AmazonPersonalize."}, "{}", 404, None),
        ("POST", "/", {"X-Amz-Target": "AmazonPersonalize.ListSchemas"}, "x", 400, None),
        ("POST", "/", {"X-Amz-Target": "AmazonPersonalize.ListSchemas"}, "[]", 400, None),
        ("POST", "/", {"X-Amz-Target": "AmazonPersonalize.ListSchemas"}, b"\xff", 400, None),
        (
            "POST",
            "/events",
            {"Content-Type": "application/x-www-form-urlencoded"},
            '{"trackingId": NaN}',
            400,
            "SerializationException",
        ),
        ("POST", "/events", {}, '{"eventList": [{"sentAt": 1e400}]}', 400, None),
        (
            "POST",
            "/",
            {
                "X-Amz-Target": "AmazonPersonalize.CreateSchema",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            '{"name": "s", "schema": "x&Action=DeleteSchema&y"}',
            400,
            "InvalidInputException",
        ),
    ],
)
def test_nonsense_is_refused_as_the_service_does(
    method: str,
    path: str,
    headers: dict[str, str],
    body: Any,
    status: int,
    code: str | None,
    endpoint: LocalEndpoint,
    control: ControlClient,
) -> None:
    connection = HTTPConnection(str(urlsplit(endpoint.url).netloc), timeout=30)
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    content = response.read().decode()
    assert response.status == status
    assert content.startswith("{")
    code = code or {404: "UnknownOperationException", 400: "SerializationException"}[status]
    assert f'"__type": "{code}"' in content
    connection.close()


def test_other_services_are_unknown(endpoint: LocalEndpoint, control: ControlClient) -> None:
    for service in ("s3", "dynamodb"):
        client = boto3.client(
            service,
            endpoint_url=endpoint.url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}),
        )
        look = {"s3": "list_buckets", "dynamodb": "list_tables"}[service]
        with pytest.raises(ClientError) as error:
            getattr(client, look)()
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
        client.close()


def test_what_should_not_happen(
    personalize: PersonalizeClient,
    control: ControlClient,
    monkeypatch: pytest.MonkeyPatch,
    capfd: Capfd,
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(PersonalizeBackend, "list_schemas", fails)
    with pytest.raises(ClientError, match="InternalServerError") as error:
        personalize.list_schemas()
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert "a bug" not in str(error.value)
    assert "RuntimeError: a bug" in capfd.readouterr().err
    call = control.calls()[-1]
    assert (call["status"], call["error"]) == (500, "InternalServerError")


def test_many_at_once_make_one_tracker(
    endpoint: LocalEndpoint, make_group: Callable[[str], str], call: Any
) -> None:
    group = make_group("group")
    statuses: list[int] = []

    def create(number: int) -> None:
        request = {"name": f"tracker-{number}", "datasetGroupArn": group}
        statuses.append(call("CreateEventTracker", request)[0])

    threads = [threading.Thread(target=create, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [400] * 19


def test_a_dataset_group_from_the_command_line(
    endpoint: LocalEndpoint, personalize: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    command = [sys.executable, "-m", "pulumi_personalize.local.dataset_group", "shop"]

    def run(url: str) -> subprocess.CompletedProcess[str]:
        where = ["--endpoint-url", url, "--region", "eu-west-1"]
        return subprocess.run([*command, *where], capture_output=True, text=True, check=False)

    first, again = run(endpoint.url), run(endpoint.url)
    group = first.stdout.strip()
    assert group == "arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop"
    assert (first.stderr, again.stdout) == ("", first.stdout)
    (dataset,) = personalize.list_datasets(datasetGroupArn=group)["datasets"]
    assert (dataset["datasetType"], dataset["status"]) == ("INTERACTIONS", "ACTIVE")
    personalize.create_event_tracker(name="tracker", datasetGroupArn=group)
    failed = run("nonsense")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.count("\n") == 1


def test_a_dataset_group_that_cannot_be_made(
    control: ControlClient, make_group: Callable[[str], str]
) -> None:
    control.fault("CreateDataset", "fail")
    with pytest.raises(RuntimeError, match="Interactions dataset of shop is not ACTIVE but CREATE"):
        make_group("shop")
