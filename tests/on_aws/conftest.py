"""Runs of `acceptance` against the local endpoint, whose creations end when the run sleeps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from endpoints import REGION
from kinds import sample
from pulumi_personalize.local import ControlClient

from acceptance.cleanup import clean, new_run
from acceptance.recorder import AcceptanceError, Clients, Clock, Record, Recorder, names_of
from acceptance.redact import Redaction
from acceptance.script import run_script
from provider import conftest as endpoint

#: The endpoint, and what the use of boto3 needs, as in the provider's tests.
url, control = endpoint.url, endpoint.control
_one_reading = endpoint._one_reading
ACCOUNT = "123456789012"
HELD = [
    f"{verb}{kind}"
    for verb in ("Create", "Delete")
    for kind in ("DatasetGroup", "Dataset", "EventTracker")
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves all but a sample to `make situations`."""
    sample(items, Path(__file__).parent, {"test_killed_at_each_step": 8})


class Time:
    """A clock that passes when somebody sleeps, and lets go on what is held then."""

    def __init__(self, control: ControlClient) -> None:
        self.control = control
        self.seconds = 0.0
        self.sleeps = 0
        #: Called before each sleep.
        self.on_sleep: Callable[[], None] = lambda: None
        self.clock = Clock(lambda: self.seconds, self.sleep)

    def hold(self) -> None:
        """Holds in progress what is created and deleted, until somebody sleeps."""
        for operation in HELD:
            self.control.fault(operation, "stay", times=None)

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.sleeps += 1
        self.on_sleep()
        self.control.release()


@pytest.fixture
def time(control: ControlClient) -> Time:
    """A clock, and an endpoint that holds in progress what is created and deleted."""
    time = Time(control)
    time.hold()
    return time


@pytest.fixture(scope="session")
def aws(url: str) -> Clients:
    """Clients of the endpoint, which repeat nothing."""
    options: dict[str, Any] = {
        "endpoint_url": url,
        "region_name": REGION,
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
        "config": Config(retries={"total_max_attempts": 1}),
    }
    return Clients(
        boto3.client("personalize", **options), boto3.client("personalize-events", **options)
    )


class Run:
    """One run, and how it ended.

    Args:
        aws: The clients.
        time: The clock.
        after: Called after a step, by its name, before the next one.
    """

    def __init__(
        self, aws: Clients, time: Time, after: dict[str, Callable[[], None]] | None = None
    ) -> None:
        self.aws, self.time = aws, time
        self.name = new_run()
        self._after = after or {}
        self.ask = Recorder(aws, self.name, time.clock, self._kept)
        self.ask.names |= {"region": REGION, "account": ACCOUNT}
        self.error = ""

    def _kept(self, ask: Recorder) -> None:
        if ask.records and (hook := self._after.pop(next(reversed(ask.records)), None)):
            hook()

    def run(self) -> Run:
        """Runs the script, to its end or an error, and deletes what it made."""
        try:
            run_script(self.ask)
        except AcceptanceError as error:
            self.error = str(error)
        self.clean()
        return self

    def clean(self) -> None:
        said: list[str] = []
        clean(self.aws, self.name, self.time.clock, said.append)

    @property
    def records(self) -> dict[str, Record]:
        """The records as a recording holds them."""
        model = names_of(self.aws.personalize.meta.service_model)
        model |= names_of(self.aws.events.meta.service_model)
        return Redaction(self.ask.names, set(), model).records(self.ask.records)


@pytest.fixture
def make_run(aws: Clients, time: Time) -> Callable[..., Run]:
    """Makes a run of the endpoint: see `Run`."""
    return lambda after=None: Run(aws, time, after)
