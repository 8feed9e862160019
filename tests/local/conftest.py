"""What the tests of the local endpoint share: one endpoint for all, reset before each test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import endpoints
import pytest
from botocore.config import Config
from moto.core.utils import utcnow
from pulumi_personalize.local import ControlClient, LocalEndpoint, make_dataset_group

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mypy_boto3_personalize import PersonalizeClient
    from mypy_boto3_personalize_events import PersonalizeEventsClient

REGION = "eu-west-1"


class World(NamedTuple):
    """The ARNs (and the tracking ID) of one ACTIVE resource of each kind."""

    schema: str
    group: str
    dataset: str
    tracker: str
    tracking_id: str


class Process(NamedTuple):
    """A running `python -m pulumi_personalize.local`."""

    popen: subprocess.Popen[str]
    url: str


@pytest.fixture(scope="session")
def endpoint() -> Iterator[LocalEndpoint]:
    with LocalEndpoint() as running:
        yield running


@pytest.fixture(scope="session")
def call(endpoint: LocalEndpoint) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Calls an operation with any parameters: status and JSON of the answer, as they are."""
    return partial(endpoints.send, endpoint.url, region=REGION)


@pytest.fixture
def control(endpoint: LocalEndpoint) -> ControlClient:
    """The control interface of the endpoint, which is empty and without pace."""
    client = ControlClient(endpoint.url)
    client.reset()
    client.pace(0)
    return client


@pytest.fixture(scope="session")
def make_client() -> Iterator[Callable[..., Any]]:
    """Makes boto3 clients that do not try again, each once (it takes a tenth of a second)."""

    @cache
    def make(url: str, service: str = "personalize", region: str = REGION) -> Any:
        client: Any = boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=url,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
        )
        made.append(client)
        return client

    made: list[Any] = []
    yield make
    for client in made:
        client.close()


@pytest.fixture
def personalize(
    endpoint: LocalEndpoint, control: ControlClient, make_client: Callable[..., Any]
) -> PersonalizeClient:
    client: PersonalizeClient = make_client(endpoint.url)
    return client


@pytest.fixture
def personalize_events(
    endpoint: LocalEndpoint, control: ControlClient, make_client: Callable[..., Any]
) -> PersonalizeEventsClient:
    client: PersonalizeEventsClient = make_client(endpoint.url, "personalize-events")
    return client


@pytest.fixture
def avro() -> str:
    return json.dumps(
        {
            "type": "record",
            "name": "Interactions",
            "namespace": "com.amazonaws.personalize.schema",
            "fields": [
                {"name": "USER_ID", "type": "string"},
                {"name": "ITEM_ID", "type": "string"},
                {"name": "TIMESTAMP", "type": "long"},
            ],
            "version": "1.0",
        }
    )


@pytest.fixture
def world(personalize: PersonalizeClient, avro: str) -> World:
    schema = personalize.create_schema(name="schema", schema=avro)["schemaArn"]
    group = personalize.create_dataset_group(name="group")["datasetGroupArn"]
    dataset = personalize.create_dataset(
        name="dataset", schemaArn=schema, datasetGroupArn=group, datasetType="Interactions"
    )["datasetArn"]
    tracker = personalize.create_event_tracker(name="tracker", datasetGroupArn=group)
    return World(schema, group, dataset, tracker["eventTrackerArn"], tracker["trackingId"])


@pytest.fixture
def make_group(personalize: PersonalizeClient) -> Callable[[str], str]:
    """Makes a dataset group with a name, and an Interactions dataset in it: its ARN."""
    return lambda name: make_dataset_group(personalize, name)


@pytest.fixture
def make_empty_group(personalize: PersonalizeClient) -> Callable[[str], str]:
    """Makes a dataset group with a name, and nothing in it: its ARN."""
    return lambda name: personalize.create_dataset_group(name=name)["datasetGroupArn"]


@pytest.fixture
def set_transition(
    endpoint: LocalEndpoint, control: ControlClient
) -> Callable[[str, dict[str, Any]], None]:
    """Sets a state transition through moto's own interface."""
    return partial(endpoints.set_transition, endpoint.url)


class Clock:
    """The endpoint's clock, which goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = utcnow()

    def __call__(self) -> datetime:
        return self.now

    def go(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(control: ControlClient, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for module in ("history", "middleware", "personalize.lifecycle", "personalize.models"):
        monkeypatch.setattr(f"pulumi_personalize.local.{module}.utcnow", clock)
    return clock


@pytest.fixture
def spawn() -> Iterator[Callable[..., Process]]:
    """Starts `python -m pulumi_personalize.local` with arguments, and waits for its URL."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: object) -> Process:
        process = subprocess.Popen(
            [sys.executable, "-m", "pulumi_personalize.local", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        assert process.stdout is not None
        return Process(process, process.stdout.readline().strip())

    yield start
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def aws(endpoint: LocalEndpoint, control: ControlClient) -> Callable[..., Any]:
    """Runs the AWS CLI: the JSON that it prints, or the text of its error."""

    def run(*arguments: str) -> Any:
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("aws")),
                *("--endpoint-url", endpoint.url, "--output", "json"),
                *arguments,
            ],
            env=os.environ | {"AWS_DEFAULT_REGION": REGION},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return done.stderr
        return json.loads(done.stdout) if done.stdout else None

    return run
