"""The provider in the state: a small reference that is the same in every process."""

from __future__ import annotations

import base64
import os
import subprocess
import sys

import dill  # type: ignore[import-untyped]
import pytest
from pulumi import dynamic
from pulumi.dynamic.dynamic import serialize_provider
from pulumi_personalize.provider import EventTrackerProvider

PROGRAM = """
from pulumi.dynamic.dynamic import serialize_provider
from pulumi_personalize.provider import EventTrackerProvider
for _ in range({trackers}):
    pickled = serialize_provider(EventTrackerProvider())
print(pickled)
"""


def serialized_by_a_program(trackers: int, seed: str = "0") -> str:
    """The provider as a program of its own pickles it, once for each of its trackers."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(trackers=trackers)],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
        text=True,
    ).stdout.strip()


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> EventTrackerProvider:
    monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)
    provider = EventTrackerProvider()
    config = {"personalize:region": "eu-west-1", "personalize:profile": "work"}
    provider.configure(dynamic.ConfigureRequest(dynamic.Config(config, "shop")))
    return provider


def test_small_and_by_reference() -> None:
    pickled = base64.b64decode(serialize_provider(EventTrackerProvider()))
    assert len(pickled) < 100
    assert b"pulumi_personalize.provider" in pickled
    assert b"EventTrackerProvider" in pickled


def test_the_same_in_every_process() -> None:
    here = serialize_provider(EventTrackerProvider())
    assert [serialized_by_a_program(1, seed) for seed in ("0", "1")] == [here, here]


def test_program_may_have_more_trackers_than_python_has_frames() -> None:
    here = serialize_provider(EventTrackerProvider())
    assert serialized_by_a_program(2 * sys.getrecursionlimit()) == here


def test_carries_nothing_once_configured(configured: EventTrackerProvider) -> None:
    assert vars(configured)
    assert serialize_provider(configured) == serialize_provider(EventTrackerProvider())


def test_comes_back_as_new(configured: EventTrackerProvider) -> None:
    again = dill.loads(base64.b64decode(serialize_provider(configured)))
    assert type(again) is EventTrackerProvider
    assert vars(again) == {}


def test_is_no_secret() -> None:
    assert EventTrackerProvider.serialize_as_secret_always is False
