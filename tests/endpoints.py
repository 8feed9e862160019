"""The local endpoints that tests talk to, in processes of their own."""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import multiprocessing
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import urllib3
from environment import clean_environment
from mypy_boto3_personalize import PersonalizeClient
from pulumi_personalize.local import ControlClient
from pulumi_personalize.local.__main__ import main
from pulumi_personalize.local.dataset_group import SCHEMA

REGION = "us-east-1"
JSON = {"Content-Type": "application/json"}
#: The operations that have a path of their own.
PATHS = {"PutEvents": "/events", "PutItems": "/items", "PutUsers": "/users"}
PATHS["PutActionInteractions"] = "/action-interactions"

# Each is a copy of a process that has done what takes the most time, and has nothing else.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["first_endpoint"])


@contextlib.contextmanager
def nobody_at(url: str = "http://127.0.0.1:0") -> Iterator[str]:
    """Keeps the URL's port from others, and refuses connections: the URL.

    On Linux, who asks for this very port can listen there.
    """
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", urlsplit(url).port))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@functools.cache
def _start_copying() -> None:
    """Starts that process, with this folder on its path: not every Python hands that on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
        forkserver.ensure_running()


@contextlib.contextmanager
def _process(serve: Callable[..., object], *arguments: Any) -> Iterator[str]:
    """Runs a server in a process of its own, and ends it: the line that it says first."""
    _start_copying()
    told, output = _processes.Pipe(duplex=False)
    process = _processes.Process(
        target=_serve, args=(output, clean_environment(), serve, *arguments), daemon=True
    )
    process.start()
    output.close()
    try:
        with open(told.fileno(), closefd=False) as lines:
            yield lines.readline().strip()
    finally:
        process.terminate()
        process.join(30)
        process.close()
        told.close()


def _serve(
    output: Connection, environment: dict[str, str], serve: Callable[..., object], *arguments: Any
) -> None:
    """What the process does: what is said goes into a pipe."""
    assert "first_endpoint" in sys.modules, "it is no copy, and slow"
    os.dup2(output.fileno(), sys.stdout.fileno())
    os.environ.clear()
    os.environ.update(environment)
    from moto.moto_api._internal import mock_random

    # Else all copies would give the same ARNs and tracking IDs.
    mock_random.seed()
    serve(*arguments)


def local_endpoint(*arguments: str) -> AbstractContextManager[str]:
    """Starts a local endpoint in a process of its own, and ends it: its URL.

    Args:
        arguments: Of ``python -m pulumi_personalize.local``.
    """
    return _process(main, list(arguments))


def key_service() -> AbstractContextManager[str]:
    """Starts an AWS KMS in a process of its own, and ends it: its URL and the ID of a key."""
    return _process(_serve_key)


def _serve_key() -> None:
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client("kms", endpoint_url=url, region_name=REGION)
    print(url, client.create_key()["KeyMetadata"]["KeyId"], flush=True)
    threading.Event().wait()


_ARN = f"arn:aws:personalize:{REGION}:123456789012:"
_pool = urllib3.PoolManager(timeout=30, retries=False)


def send(
    url: str, operation: str, parameters: dict[str, Any], region: str = REGION
) -> tuple[int, dict[str, Any]]:
    """Calls an operation with any parameters: status and JSON of the answer, as they are."""
    scope = f"test/20300101/{region}/personalize/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0", **JSON}
    path = PATHS.get(operation, "/")
    if path == "/":
        headers["X-Amz-Target"] = f"AmazonPersonalize.{operation}"
    answer = _pool.request("POST", f"{url}{path}", body=json.dumps(parameters), headers=headers)
    return answer.status, json.loads(answer.data or b"{}")


def quick_group(url: str, name: str) -> str:
    """Makes a dataset group that takes a tracker, if there is none of that name: its ARN.

    It has to become ACTIVE at once, with its dataset. Nearly every test needs one, and what
    `make_dataset_group` does with boto3 takes as long as all else in many of them.
    """

    def make(operation: str, **parameters: str) -> bool:
        status, content = send(url, operation, parameters)
        assert status == 200 or content["__type"] == "ResourceAlreadyExistsException", content
        return status == 200

    group, schema = (f"{_ARN}{kind}/{name}" for kind in ("dataset-group", "schema"))
    if make("CreateDatasetGroup", name=name):
        make("CreateSchema", name=name, schema=json.dumps(SCHEMA))
        dataset = {"name": name, "schemaArn": schema, "datasetType": "Interactions"}
        make("CreateDataset", **dataset, datasetGroupArn=group)
    return group


def set_transition(url: str, model: str, transition: dict[str, Any]) -> None:
    """Sets how moto takes resources from state to state.

    Args:
        model: Which ones, as ``personalize::event_tracker``.
        transition: As moto's state manager takes it.
    """
    content = json.dumps({"model_name": model, "transition": transition})
    place = f"{url}/moto-api/state-manager/set-transition"
    assert _pool.request("POST", place, body=content, headers=JSON).status in {200, 201}


def go_by_looks(url: str) -> None:
    """Has trackers come to their next state when they are described, not as time passes."""
    set_transition(url, "personalize::event_tracker", {"progression": "manual", "times": 2})


class Endpoint(ControlClient):
    """A local endpoint, and a client for it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.client = self.client_in(REGION)

    def client_in(self, region: str) -> PersonalizeClient:
        """A client for a region; the endpoint serves all of them."""
        return boto3.client(
            "personalize",
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def group(self, name: str) -> str:
        """Makes a dataset group that takes a tracker; its ARN."""
        self.pace(0, ["personalize::dataset_group", "personalize::dataset"])
        return quick_group(self.url, name)

    def trackers(self) -> dict[str, str]:
        """The names and ARNs of all event trackers."""
        found = self.client.list_event_trackers()["eventTrackers"]
        return {tracker["name"]: tracker["eventTrackerArn"] for tracker in found}

    def tags(self, arn: str) -> dict[str, str]:
        """All tags of an event tracker."""
        found = self.client.list_tags_for_resource(resourceArn=arn)["tags"]
        return {tag["tagKey"]: tag["tagValue"] for tag in found}

    def operations(self) -> list[str]:
        """The names of the service calls made, in order."""
        return [call["operation"] for call in self.calls()]
