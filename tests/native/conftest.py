"""The fixtures of `tests/provider`, with the native provider in place of the dynamic one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from native.adapter import Log, NativeProvider
from play import Play
from provider import conftest as shared
from pulumi_personalize.local import ControlClient
from pulumi_personalize.native.servicer import Servicer
from pulumi_personalize.provider import _Session
from pulumi_personalize.service.clock import Clock
from pulumi_personalize.service.preview import Planner
from pulumi_personalize.service.settings import Settings
from pulumi_personalize.service.tracker import Lifecycle

_credentials = shared._credentials
_no_rate_limit = shared._no_rate_limit
bag = shared.bag
by_looks = shared.by_looks
client = shared.client
clients = shared.clients
control = shared.control
group = shared.group
make_group = shared.make_group
make_tracker = shared.make_tracker
one_client = shared.one_client
operations = shared.operations
personalize = shared.personalize
put = shared.put
tags_of = shared.tags_of
trackers = shared.trackers
url = shared.url

SPEED = shared.SPEED


@pytest.fixture
def log() -> Log:
    """What the engine is told, by all providers of a test."""
    return Log()


@pytest.fixture
def make_provider(url: str, log: Log) -> Iterator[Callable[..., NativeProvider]]:
    """Makes a native provider with settings, for which time passes only while it sleeps."""
    lifecycles: list[Lifecycle] = []
    providers: list[NativeProvider] = []

    def make(
        on_sleep: Callable[[], object] = int, speed: float = SPEED, **settings: Any
    ) -> NativeProvider:
        waited = [0.0]

        def new_session(_config: Mapping[str, Any], given: Clock) -> _Session:
            def sleep(seconds: float) -> None:
                on_sleep()
                waited[0] += seconds
                # The provider's own sleep, which a Cancel ends.
                given.sleep(seconds / speed)

            clock = Clock(now=lambda: waited[0], sleep=sleep)
            lifecycle = Lifecycle(Settings(**{"endpoint_url": url, **settings}), clock)
            lifecycles.append(lifecycle)
            return _Session(lifecycle, Planner(lifecycle.finder, lifecycle.new_wait))

        providers.append(NativeProvider(Servicer(log, new_session), log))
        return providers[-1]

    yield make
    for provider in providers:
        provider.close()
    for lifecycle in lifecycles:
        for client in lifecycle._calls._clients.values():
            client.close()


@pytest.fixture
def provider(
    control: ControlClient, make_provider: Callable[..., NativeProvider]
) -> NativeProvider:
    """A provider with default settings."""
    return make_provider()


@pytest.fixture
def play(
    make_provider: Callable[..., NativeProvider], control: ControlClient, log: Log
) -> Play:
    """An engine at whose sleeps all that is held in a state goes on."""
    return Play(lambda: make_provider(on_sleep=control.release), log.take)
