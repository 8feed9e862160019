"""A real endpoint and folders of its own for every test."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import harness
import pytest
from endpoints import Endpoint, key_service, local_endpoint
from environment import FOREIGN
from harness import PROJECT, STACK, Deployment
from moto.server import ThreadedMotoServer
from moto.sts.models import sts_backends
from processes import Started

Deploy = Callable[..., Deployment]


@pytest.fixture(autouse=True)
def _foreign_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removes this process's variables, which the automation API passes on, too."""
    for key in os.environ:
        if key.startswith(FOREIGN):
            monkeypatch.delenv(key)


@pytest.fixture(scope="session", autouse=True)
def _key_service() -> Iterator[None]:
    """A key for all stacks that have no passphrase."""
    assert shutil.which("pulumi"), "no Pulumi CLI on PATH: run `make test`, which installs one"
    with key_service() as line:
        harness.key_service = harness.KeyService(*line.split())
        yield
    harness.key_service = None


@pytest.fixture
def start_endpoint() -> Iterator[Callable[..., Endpoint]]:
    """Starts endpoints on ports of their own."""
    with contextlib.ExitStack() as started:

        def start(*arguments: str) -> Endpoint:
            return Endpoint(started.enter_context(local_endpoint(*arguments)))

        yield start


@pytest.fixture
def endpoint(start_endpoint: Callable[..., Endpoint]) -> Endpoint:
    """An endpoint where everything is done at once; `pace` changes that."""
    return start_endpoint()


@pytest.fixture
def group(endpoint: Endpoint) -> str:
    """An ACTIVE dataset group."""
    return endpoint.group("movies")


@pytest.fixture
def deploy(tmp_path: Path, endpoint: Endpoint) -> Deploy:
    """Makes stacks that share a backend."""

    def make(project: str = PROJECT, stack: str = STACK, *, native: bool = False) -> Deployment:
        return Deployment(tmp_path, endpoint, project, stack, native=native)

    return make


@pytest.fixture
def shop(deploy: Deploy) -> Deployment:
    """A stack of the dynamic class."""
    return deploy()


@pytest.fixture
def native(deploy: Deploy) -> Deployment:
    """A stack of the native class."""
    return deploy(native=True)


@pytest.fixture(params=["dynamic", "native"])
def either(request: pytest.FixtureRequest, deploy: Deploy) -> Deployment:
    """A stack of each class in turn."""
    return deploy(native=request.param == "native")


@pytest.fixture
def give_sts() -> Iterator[Callable[[Deployment], Callable[[], int]]]:
    """Gives a stack's provider an STS; returns how many roles that was asked for."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    # All tests of this process share it.
    sts_backends.reset()

    def assumed() -> int:
        return sum(len(found["global"].assumed_roles) for found in sts_backends.values())

    def give(deployment: Deployment) -> Callable[[], int]:
        deployment.environment["AWS_ENDPOINT_URL_STS"] = f"http://{host}:{port}"
        deployment.stack.workspace.env_vars = deployment.environment
        return assumed

    yield give
    server.stop()


@pytest.fixture
def start_up() -> Iterator[Callable[[Deployment], Started]]:
    """Begins ``pulumi up`` in the background; ends what is left of it after the test."""
    begun: list[Started] = []

    def begin(deployment: Deployment) -> Started:
        begun.append(deployment.start_up())
        return begun[-1]

    yield begin
    for started in begun:
        started.clean_up()
