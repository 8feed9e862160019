"""Fixtures: a provider on real boto3, and a local endpoint in a process of its own.

`tests/native` imports them, and has a provider of its own.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import create_loader
from endpoints import Endpoint, go_by_looks, local_endpoint
from fake_engine import FakeEngine
from kinds import Capfd, sample
from mypy_boto3_personalize import PersonalizeClient
from provider.account import Account, Sessions
from pulumi_personalize import engine
from pulumi_personalize.local import ControlClient
from pulumi_personalize.provider import EventTrackerProvider
from pulumi_personalize.service.client import Calls

#: Of how many generated tests one is always run.
ONE_OF = {
    "test_ends_well_or_in_one_line_that_says_what_to_do": 4,
    "test_nothing_is_left_or_it_is_named": 3,
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves all but a sample to `make situations`."""
    sample(items, Path(__file__).parent, ONE_OF)


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    """The endpoint's URL; one endpoint serves all tests of a process."""
    with local_endpoint() as url:
        yield url


#: boto3 reads its service models with it, most of the time that making a client takes.
_one_loader = functools.cache(create_loader)


@pytest.fixture(autouse=True)
def _one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has all of boto3's sessions share the models."""
    monkeypatch.setattr("botocore.session.create_loader", _one_loader)


@pytest.fixture(autouse=True)
def _no_rate_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns off botocore's limit of the rate of calls, which sleeps for real after a throttling."""
    monkeypatch.setattr("botocore.retries.adaptive.register_retry_handler", lambda _client: None)


@pytest.fixture
def control(url: str) -> ControlClient:
    """The control interface of the endpoint, which is empty, and without delays."""
    client = ControlClient(url)
    client.reset()
    client.pace(0)
    return client


@pytest.fixture
def by_looks(url: str, control: ControlClient) -> None:
    """Moves trackers to their next state when they are described."""
    go_by_looks(url)


@pytest.fixture(scope="session")
def client(url: str) -> Iterator[PersonalizeClient]:
    """A client: making one takes longer than most tests."""
    client = Endpoint(url).client
    yield client
    client.close()


@pytest.fixture
def personalize(client: PersonalizeClient, control: ControlClient) -> PersonalizeClient:
    """A client for what others do to trackers."""
    return client


@pytest.fixture
def speed() -> float:
    """How many times faster than their clock says sessions sleep."""
    return 2000


@pytest.fixture
def sessions(url: str, speed: float) -> Iterator[Sessions]:
    """Makes the sessions of providers."""
    sessions = Sessions(url, speed)
    yield sessions
    sessions.close()


@pytest.fixture
def make_provider(sessions: Sessions) -> Callable[..., Any]:
    """Makes a provider with settings, see `Sessions.new`."""

    def make(**options: Any) -> EventTrackerProvider:
        provider = EventTrackerProvider()
        provider._session = sessions.new(engine.Log(), **options)
        return provider

    return make


@pytest.fixture
def provider(control: ControlClient, make_provider: Callable[..., Any]) -> Any:
    """A provider with default settings."""
    return make_provider()


@pytest.fixture(scope="module")
def clients() -> Iterator[dict[str | None, PersonalizeClient]]:
    """The clients that `one_client` has made, by region."""
    clients: dict[str | None, PersonalizeClient] = {}
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture
def one_client(
    monkeypatch: pytest.MonkeyPatch, clients: dict[str | None, PersonalizeClient]
) -> Iterator[None]:
    """Has all sessions of a module share a client: making one takes longer than most tests."""
    noting = []
    new_client = Calls._new_client

    def shared(calls: Calls, region: str | None) -> PersonalizeClient:
        if region not in clients:
            clients[region] = new_client(calls, region)
        client = clients[region]
        noting.append((client, calls._after_call))
        client.meta.events.register("after-call.personalize", calls._after_call)
        return client

    monkeypatch.setattr(Calls, "_new_client", shared)
    yield
    for client, note in noting:
        client.meta.events.unregister("after-call.personalize", note)


@pytest.fixture
def account(
    control: ControlClient,
    personalize: PersonalizeClient,
    sessions: Sessions,
    make_provider: Callable[..., Any],
    capfd: Capfd,
) -> Account:
    """The account, with one dataset group."""
    return Account(
        control, personalize, sessions, make_provider, lambda: capfd.readouterr().err.splitlines()
    )


@pytest.fixture
def fake_engine(account: Account) -> FakeEngine:
    """An engine at whose sleeps everything that a fault holds in a state goes on."""
    return FakeEngine(lambda: account.provider(on_sleep=account.control.release), account.log_lines)


def _part(name: str) -> Any:
    """A fixture for tests that need no more than this of the account."""
    return pytest.fixture(name=name)(lambda account: getattr(account, name))


group, make_group, make_tracker, props, put, trackers, operations = map(
    _part,
    ["group", "make_group", "make_tracker", "props", "put", "trackers", "operations"],
)
tags_of = pytest.fixture(name="tags_of")(lambda account: account.tags)
