"""The Pulumi SDK that is installed: whether it does what the provider builds on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from pulumi import dynamic
from pulumi.runtime import rpc
from pulumi_personalize import ConfigurationError, sdk
from pulumi_personalize.provider import EventTrackerProvider

CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"


def dropping(key: str) -> Callable[..., Any]:
    """What stands for `rpc.deserialize_properties` of an SDK that drops a property."""
    kept = rpc.deserialize_properties

    def deserialize(*arguments: Any, **options: Any) -> Any:
        return {name: value for name, value in kept(*arguments, **options).items() if name != key}

    return deserialize


@pytest.fixture(autouse=True)
def _traceback_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)


def test_installed_sdk_keeps_what_is_needed() -> None:
    sdk.insist()


@pytest.mark.parametrize("key", ["resourceContext", "ownershipTag"])
def test_sdk_that_drops_what_is_needed_is_named(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setattr(rpc, "deserialize_properties", dropping(key))
    monkeypatch.setattr(metadata, "version", {"pulumi": "3.999.0"}.__getitem__)
    request = dynamic.ConfigureRequest(dynamic.Config({}, "shop"))
    for refused in (
        lambda: EventTrackerProvider().configure(request),
        lambda: EventTrackerProvider().check({}, {}),
        lambda: EventTrackerProvider().delete("arn", {}),
    ):
        with pytest.raises(ConfigurationError) as caught:
            refused()
        assert str(caught.value) == (
            f"Pulumi's Python SDK 3.999.0 drops the property {key}, which this provider depends "
            f"on. Install pulumi {sdk.KNOWN_TO_WORK}, or upgrade pulumi-personalize."
        )


def test_keys_of_earlier_versions_may_be_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "deserialize_properties", dropping("__context"))
    sdk.insist()


def test_sdk_whose_refresh_can_not_correct_inputs_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def without_inputs(_id: str, _outs: dict[str, Any]) -> None:
        """As before 3.216."""

    monkeypatch.setattr(dynamic, "ReadResult", without_inputs)
    with pytest.raises(ConfigurationError, match="has no ReadResult with inputs"):
        sdk.insist()


def test_check_without_the_context_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="drops the property resourceContext"):
        EventTrackerProvider().check({}, {"name": "clicks"})


def test_sdk_known_to_work_is_the_one_that_tests_run_with() -> None:
    assert f"\npulumi=={sdk.KNOWN_TO_WORK}\n" in CONSTRAINTS.read_text()
