"""The fixtures of `tests/provider`, and the native provider behind gRPC."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from native.adapter import Plugin, RecordedLog
from provider.conftest import *  # noqa: F403 - whatever fixtures they use
from pulumi_personalize.native.servicer import Servicer

AWS = "control", "personalize", "group", "put", "trackers", "tags_of", "operations", "props"


@pytest.fixture
def aws(request: pytest.FixtureRequest) -> SimpleNamespace:
    """The fixtures by which tests set up and read Amazon Personalize."""
    return SimpleNamespace(**{name: request.getfixturevalue(name) for name in AWS})


@pytest.fixture
def make_plugin(sessions: Any, one_client: None) -> Iterator[Callable[..., Plugin]]:
    """Makes a native provider with settings, see `Sessions.new`."""
    plugins: list[Plugin] = []

    def make(*, slower: float = 1, **options: Any) -> Plugin:
        def new_session(_: Any, log: Any, clock: Any) -> Any:
            return sessions.new(log, lambda seconds: clock.sleep(seconds * slower), **options)

        log = RecordedLog()
        log.lines = []
        plugins.append(Plugin(Servicer(log, new_session)))
        return plugins[-1]

    yield make
    for plugin in plugins:
        plugin.close()


@pytest.fixture
def plugin(aws: Any, make_plugin: Callable[..., Plugin]) -> Plugin:
    """A native provider, at whose sleeps held trackers go on."""
    return make_plugin(on_sleep=aws.control.release)
