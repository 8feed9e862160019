"""The configuration that a lookup goes by: all of the stack's, from wherever it was set."""

from __future__ import annotations

import contextvars
import json

import pulumi
import pytest
from kinds import GROUP
from pulumi_personalize import (
    ConfigurationError,
    InputError,
    get_event_tracker,
    get_event_tracker_output,
)


def refused_key() -> str:
    with pytest.raises(ConfigurationError) as caught:
        get_event_tracker(GROUP)
    return caught.value.resource


def test_a_key_that_the_cli_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"personalize:endpointURL": "http://x"}))
    assert refused_key() == "configuration personalize:endpointURL"


def test_a_key_that_the_process_set_counts_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"personalize:maxAttempts": "3"}))

    def program(config: dict[str, str]) -> str:
        pulumi.runtime.set_all_config(config)
        return refused_key()

    def refused(**config: str) -> str:
        return contextvars.copy_context().run(
            program, {f"personalize:{key}": text for key, text in config.items()}
        )

    assert refused(endpointURL="http://x") == "configuration personalize:endpointURL"
    assert refused(maxAttempts="0") == "configuration personalize:maxAttempts"


def test_a_provider_of_another_package_is_refused() -> None:
    class Other(pulumi.ProviderResource):
        package = "aws"
        pulumi_resource_name = "main"

    opts = pulumi.InvokeOptions(provider=object.__new__(Other))
    for look_up in (get_event_tracker, get_event_tracker_output):
        with pytest.raises(InputError) as caught:
            look_up(GROUP, opts)
        assert str(caught.value) == (
            "looking up the event tracker of a group: provider main is one of 'aws'. "
            "Give a pulumi.ProviderResource of 'pulumi-python'."
        )


def test_an_account_that_is_not_to_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = json.dumps(["123456789012"])
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"aws:forbiddenAccountIds": accounts}))
    with pytest.raises(InputError) as caught:
        get_event_tracker(GROUP)
    assert str(caught.value) == (
        "looking up the event tracker of a group: account 123456789012 is in forbiddenAccountIds."
    )
