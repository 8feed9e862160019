"""The fixtures of `tests/provider`, with the native provider in place of the dynamic one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from kinds import leave_out, sample
from native.adapter import NativeProvider, StderrLog, note_errors
from pulumi_personalize.engine import Log
from pulumi_personalize.local import ControlClient
from pulumi_personalize.native.servicer import Servicer
from pulumi_personalize.service.clock import Clock
from pulumi_personalize.session import Session

from provider import conftest as shared

_no_rate_limit = shared._no_rate_limit
_one_reading = shared._one_reading
props = shared.props
by_looks = shared.by_looks
client = shared.client
clients = shared.clients
control = shared.control
group = shared.group
make_group = shared.make_group
unfinished_group = shared.unfinished_group
make_tracker = shared.make_tracker
one_client = shared.one_client
operations = shared.operations
personalize = shared.personalize
play = shared.play
put = shared.put
sessions = shared.sessions
speed = shared.speed
tags_of = shared.tags_of
trackers = shared.trackers
url = shared.url


@pytest.fixture
def make_provider(sessions: shared.Sessions) -> Iterator[Callable[..., NativeProvider]]:
    """Makes a native provider with settings, see `Sessions.new`."""
    providers: list[NativeProvider] = []

    def make(**options: Any) -> NativeProvider:
        def new_session(_config: Mapping[str, Any], log: Log, clock: Clock) -> Session:
            # By the provider's own sleep, which a Cancel ends.
            return sessions.new(log, clock.sleep, **options)

        providers.append(NativeProvider(Servicer(StderrLog(), new_session)))
        return providers[-1]

    yield make
    for provider in providers:
        provider.close()


@pytest.fixture
def provider(
    control: ControlClient, make_provider: Callable[..., NativeProvider]
) -> NativeProvider:
    """A provider with default settings."""
    return make_provider()


@pytest.fixture(autouse=True)
def _errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Errors are those that were raised, though gRPC has only their lines."""
    note_errors(monkeypatch)


#: Tests of the other front end that this one answers otherwise, and what shows how.
ANSWERED_OTHERWISE = {
    "test_tracker_that_is_never_seen_is_removed": "test_tracker_that_is_never_seen_is_kept",
    "test_tracker_deleted_meanwhile": "test_tracker_deleted_meanwhile_is_not_kept",
    "test_time_limit_leaves_a_tracker_that_can_not_be_deleted_yet*": (
        "test_create_that_ends_too_early_is_kept_and_finished"
    ),
    "test_create_leaves_nothing_or_names_it*": "test_create_that_loses_its_network_is_kept",
    "test_is_told_in_one_line_at_the_first_refusal*-DescribeEventTracker?": (
        "test_create_that_loses_its_network_is_kept"
    ),
    "test_is_left_where_the_engine_is_gone_before_its_end": (
        "test_nothing_is_finished_for_an_engine_that_is_gone"
    ),
    "test_read_tells_any_other_state*": "test_refresh_tells_what_is_not_finished",
    "test_where_nobody_listens*": "test_nothing_is_finished_for_an_engine_that_is_gone",
    # What an update changes is named one by one, whatever keys the inputs have.
    "test_a_change_is_not_accompanied_by_one_of_keys*": (
        "test_change_of_an_earlier_state_is_shown_alone"
    ),
    # The resource's name is in the engine's row, whatever the state says.
    "test_delete_while_it_is_created*": "test_delete_waits_for_what_is_being_created",
}
#: Of how many generated tests of the other front end one is run over this one, too.
ONE_OF = {
    "test_update_does_what_the_preview_says": 2,
    "test_does_what_it_says": 2,
    "test_what_is_there_decides_whatever_the_code": 2,
    "test_ends_well_or_in_one_line_that_says_what_to_do": 8,
    "test_nothing_is_left_or_it_is_named": 8,
    "test_nothing_is_left_or_it_is_named_without_marks": 6,
    "test_while_reads_lag": 4,
    "test_two_operations_at_once": 4,
    "test_what_was_there_before": 6,
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item], config: pytest.Config) -> None:
    """Leaves out what is answered otherwise here, and samples."""
    here = Path(__file__).parent
    sample(items, here, ONE_OF)
    ours = [item for item in items if item.path.parent == here]
    leave_out(config, items, ours, ANSWERED_OTHERWISE)
