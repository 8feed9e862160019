"""Configuration: every key, every default, and what a value that can't be used is told."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_personalize import ConfigurationError
from pulumi_personalize.service.settings import Settings

KEYS = (
    "region, profile, endpointUrl, eventsEndpointUrl, createTimeout, deleteTimeout, maxAttempts, "
    "ownershipTag"
)
OWN = (
    "In a project called personalize, keep your own values under another name, as in shop:KEY, "
    "and read them with pulumi.Config('shop')."
)


def refusal(key: str, value: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        Settings.from_config({key: value})
    return str(caught.value)


def test_without_configuration_all_is_default() -> None:
    assert Settings.from_config({}) == Settings(
        region=None,
        profile=None,
        endpoint_url=None,
        events_endpoint_url=None,
        create_timeout=1800,
        delete_timeout=1800,
        max_attempts=20,
        ownership_tag=True,
    )


@pytest.mark.parametrize(
    ("key", "value", "attribute", "meaning"),
    [
        ("region", "eu-west-1", "region", "eu-west-1"),
        ("region", " eu-west-1\n", "region", "eu-west-1"),
        ("profile", "work", "profile", "work"),
        ("endpointUrl", "http://127.0.0.1:4566", "endpoint_url", "http://127.0.0.1:4566"),
        ("endpointUrl", "https://[::1]:1/x", "endpoint_url", "https://[::1]:1/x"),
        ("eventsEndpointUrl", "https://e.test", "events_endpoint_url", "https://e.test"),
        ("createTimeout", "90", "create_timeout", 90),
        ("createTimeout", 0.5, "create_timeout", 0.5),
        ("deleteTimeout", "86400", "delete_timeout", 86400),
        ("maxAttempts", "1", "max_attempts", 1),
        ("maxAttempts", 100, "max_attempts", 100),
        ("maxAttempts", 3.0, "max_attempts", 3),
        ("ownershipTag", "false", "ownership_tag", False),
        ("ownershipTag", False, "ownership_tag", False),
        ("ownershipTag", "True", "ownership_tag", True),
    ],
)
def test_each_key_is_read(key: str, value: Any, attribute: str, meaning: Any) -> None:
    settings = Settings.from_config({f"personalize:{key}": value})
    assert getattr(settings, attribute) == meaning
    assert settings == Settings(**{attribute: meaning})


@pytest.mark.parametrize("key", ["region", "profile"])
def test_aws_stands_behind_our_own(key: str) -> None:
    assert getattr(Settings.from_config({f"aws:{key}": "theirs"}), key) == "theirs"
    both = {f"aws:{key}": "theirs", f"personalize:{key}": "ours"}
    assert getattr(Settings.from_config(both), key) == "ours"


def test_keys_of_others_are_none_of_ours() -> None:
    others = {"aws:endpoints": [], "aws:maxRetries": "x", "shop:region": 3, "personalizer:x": 1}
    # What a provider with a configuration of its own may hold besides, Pulumi's own key first.
    others |= {"version": "1.0.0", "token": "x", "shop": {"region": "x"}}
    assert Settings.from_config(others) == Settings()


@pytest.mark.parametrize(
    ("key", "values", "reason"),
    [
        (
            "region",
            ["", "  ", 3, None, ["eu-west-1"]],
            "is empty, or not a text. Run pulumi config set personalize:region VALUE.",
        ),
        (
            "profile",
            ["", True],
            "is empty, or not a text. Run pulumi config set personalize:profile VALUE.",
        ),
        (
            "endpointUrl",
            ["127.0.0.1:4566", "ftp://x", "http://", "http://x:99999", "http://x:0", "http://[::1"],
            "is not a URL. Give one as in https://host:port.",
        ),
        ("eventsEndpointUrl", ["x"], "is not a URL. Give one as in https://host:port."),
        (
            "createTimeout",
            ["0", "-1", "86400.1", "soon", "nan", "inf", True, None, []],
            "is not a number of seconds. Give more than 0 and at most 86400.",
        ),
        (
            "deleteTimeout",
            ["0", 86401],
            "is not a number of seconds. Give more than 0 and at most 86400.",
        ),
        (
            "maxAttempts",
            ["0", "101", "2.5", 2.5, "many", True, None],
            "is not a number of attempts. Give 1 to 100.",
        ),
        (
            "ownershipTag",
            ["yes", "1", 1, "", None],
            "is neither true nor false. Give true or false.",
        ),
    ],
)
def test_bad_value_is_refused(key: str, values: list[Any], reason: str) -> None:
    for value in values:
        line = refusal(f"personalize:{key}", value)
        assert line == f"reading configuration personalize:{key}: {reason}", value


def test_bad_value_is_blamed_on_the_key_that_holds_it() -> None:
    assert refusal("aws:region", "") == (
        "reading configuration aws:region: is empty, or not a text. "
        "Run pulumi config set aws:region VALUE."
    )


@pytest.mark.parametrize("key", ["endpointUrl", "eventsEndpointUrl"])
@pytest.mark.parametrize("login", ["me:hunter2", ":hunter2", "hunter2"])
def test_url_with_credentials_is_refused_without_showing_them(key: str, login: str) -> None:
    line = refusal(f"personalize:{key}", f"https://{login}@host")
    assert line == (
        f"reading configuration personalize:{key}: holds credentials. "
        "Leave them to AWS's own credential chain."
    )


@pytest.mark.parametrize(
    ("key", "advice"),
    [
        ("endpointURL", "Did you mean personalize:endpointUrl."),
        ("createTimeOut", "Did you mean personalize:createTimeout."),
        ("trackers", f"Known are {KEYS}. {OWN}"),
        ("", f"Known are {KEYS}. {OWN}"),
    ],
)
def test_unknown_key_is_refused(key: str, advice: str) -> None:
    assert refusal(f"personalize:{key}", "x") == (
        f"reading configuration personalize:{key}: is not a configuration key of this provider. "
        f"{advice}"
    )


@pytest.mark.parametrize("key", ["endpointUrl", "endpoint_url", "endpointURL"])
def test_key_without_namespace_is_refused(key: str) -> None:
    assert refusal(key, "http://x") == (
        f"reading configuration {key}: has no namespace. Did you mean personalize:endpointUrl."
    )
