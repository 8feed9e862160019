"""Configuration: the values of each key, the keys of pulumi-aws, and what has no effect."""

import json
from typing import Any

import pytest
from pulumi_personalize import ConfigurationError
from pulumi_personalize.service.names import snake
from pulumi_personalize.service.tags import problem_of_key, problem_of_value
from pulumi_personalize.settings import (
    AUTONAMING,
    KEYS,
    Settings,
    autonaming,
    behind,
    has_fixed_names,
    ignored,
    lacking,
)

ONE, TWO = "1" * 12, "2" * 12
ARN = "arn:aws:iam::123456789012:role/deploy"
ROLE = {"roleArn": ARN}
TAGS = {"team": "ads", "cost": 3.0, "on": True}


def test_value_is_read_from_python_and_json() -> None:
    for key, value, read in (
        ("region", " eu-west-1\n", "eu-west-1"),
        ("endpointUrl", "http://127.0.0.1:4566", "http://127.0.0.1:4566"),
        ("createTimeout", "0.5", 0.5), ("deleteTimeout", 86400, 86400.0),
        ("maxAttempts", "1", 1), ("maxAttempts", 100.0, 100), ("ownershipTag", "false", False),
        ("allowedAccountIds", [ONE, 222222222222, 3e11], (ONE, TWO, "300000000000")),
        ("forbiddenAccountIds", [], None), ("assumeRole", {}, None),
        ("defaultTags", {"tags": TAGS}, {"team": "ads", "cost": "3", "on": "true"}),
        ("assumeRole", [ROLE, {"roleArn": " 2\n"}], ({"RoleArn": ARN}, {"RoleArn": "2"})),
    ):  # fmt: skip
        for given in (value, value if isinstance(value, str) else json.dumps(value)):
            settings = Settings.from_config({f"personalize:{key}": given})
            expected: Any = {snake(key): read}
            assert settings == Settings()._replace(**expected)


def test_member_of_a_role() -> None:
    policy, tags = {"Version": "1"}, [{"Key": "cost", "Value": "3"}]
    for member, value, argument, read in (
        ("sessionName", "ci", "RoleSessionName", "ci"), ("externalId", 7, "ExternalId", "7"),
        ("duration", "1h30m", "DurationSeconds", 5400), ("duration", "x", "DurationSeconds", "x"),
        ("durationSeconds", 900.0, "DurationSeconds", 900),
        ("policy", policy, "Policy", json.dumps(policy)),
        ("policy", json.dumps(policy), "Policy", json.dumps(policy)),
        ("policyArns", ["arn:1"], "PolicyArns", [{"arn": "arn:1"}]),
        ("sourceIdentity", "me", "SourceIdentity", "me"), ("tags", {"cost": 3.0}, "Tags", tags),
        ("transitiveTagKeys", ["cost"], "TransitiveTagKeys", ["cost"]),
    ):  # fmt: skip
        role = {"policyArns": [], **ROLE, "sourceIdentity": "", member: value}
        settings = Settings.from_config({"personalize:assumeRole": json.dumps(role)})
        assert settings.assume_role == ({"RoleArn": ARN, argument: read},)


URLS = ["h:1", "ftp://h", "http://", "http://a b", "https://me:hunter2@h", "https://me@h"]
ROLES = ["a", {"sessionName": "ci"}, {"roleArn": ""}, [ARN]]
DEFAULTS = [{"team": "ads"}, {"tags": ["team"]}, {"tags": {"team": None}}, [], "tags"]


def test_invalid_values_are_refused() -> None:
    for key, values, problem in (
        ("region", ["", "  ", 3, None, ["eu-west-1"]], "must be a non-empty string"),
        ("endpointUrl", URLS, "must be an http or https URL without credentials"),
        (
            "createTimeout",
            ["0", "86400.1", "x", "nan", "inf", True],
            "must be a number of seconds, more than 0 and at most 86400",
        ),
        ("maxAttempts", ["0", 101, 2.5, True], "must be a number of attempts, 1 to 100"),
        ("ownershipTag", ["yes", 1, "", None], "must be a boolean"),
        (
            "allowedAccountIds",
            [ONE, ["123"], [None], {}],
            "must be a list of account IDs, 12 digits in quotes",
        ),
        ("defaultTags", DEFAULTS, "must be a map with tags only"),
        ("defaultTags", [{"tags": {"n": 1e17 + 1}}], f'tag "n": {problem_of_value(1e17)}'),
        ("defaultTags", [{"tags": {"aws:x": ""}}], f'tag "aws:x": {problem_of_key("aws:x")}'),
        ("assumeRole", ROLES, "must be a map with a roleArn"),
        ("assumeRole", [{**ROLE, "x": 1}], "unknown key x"),
        ("assumeRole", [{**ROLE, "tags": ["team"]}], "tags can't be used"),
        ("assumeRole", [{**ROLE, "policyArns": "x"}], "policyArns can't be used"),
    ):
        for value in values:
            with pytest.raises(ConfigurationError) as caught:
                Settings.from_config({f"personalize:{key}": value})
            assert caught.value.message == problem, value
            assert caught.value.resource == f"configuration personalize:{key}"


def test_keys() -> None:
    others = {"aws:maxRetries": "x", "shop:region": 3, "personalizer:x": 1, "version": "1.0.0"}
    assert Settings.from_config(others) == Settings()
    for key, fact in (
        ("endpoint_url", "has no namespace (did you mean personalize:endpointUrl?)."),
        ("personalize:regoin", "unknown configuration key (did you mean personalize:region?)."),
        ("personalize:x", f"unknown configuration key. Expected one of {', '.join(KEYS)}. In a "),
    ):
        with pytest.raises(ConfigurationError) as caught:
            Settings.from_config({key: "x"})
        assert str(caught.value).startswith(f"reading configuration {key}: {fact}")


def test_keys_of_pulumi_aws_stand_in_for_ours() -> None:
    for name, theirs, value, other in (
        ("profile", "profile", "work", "x"),
        ("assumeRole", "assumeRoles", [ROLE], {}),
        ("assumeRole", "assumeRole", ROLE, {}),
        ("allowedAccountIds", "allowedAccountIds", [ONE], [TWO]),
        ("forbiddenAccountIds", "forbiddenAccountIds", [ONE], [TWO]),
        ("defaultTags", "defaultTags", {"tags": {"a": "1"}}, {}),
    ):
        key, config = f"aws:{theirs}", {f"personalize:{name}": value}
        read = Settings.from_config({key: value})
        assert read == Settings.from_config({key: other, **config}) != Settings()
        assert behind([*config, "aws:endpoints", key]) == [key]
        assert lacking([key], config) == ""
        assert f"set --secret personalize:{name} " in lacking([key], {}, secret=[key])
    chain = {"aws:assumeRole": {"roleArn": "1"}, "aws:assumeRoles": [ROLE]}
    assert Settings.from_config(chain).assume_role == ({"RoleArn": ARN},)
    with pytest.raises(ConfigurationError, match=r"aws:profile: .* set aws:profile VALUE\.$"):
        Settings.from_config({"aws:profile": ""})


def test_keys_without_effect() -> None:
    config = dict.fromkeys(("aws:secretKey", "aws:endpoints", "aws:httpsProxy"), "x")
    config |= {"aws:insecure": "false", "aws:ignoreTags": "{}", "aws:region": "x", "aws:x": "x"}
    config |= {"personalize:endpointUrl": "x"}
    warning = "event trackers ignore aws:secretKey (instead: personalize:profile)"
    assert ignored(config, {"HTTPS_PROXY": ""}) == warning
    assert ignored({}, {}) == ""


def test_autonaming_of_a_resource_type() -> None:
    kind, default, verbatim = "a:b:C", {"mode": "default"}, {"mode": "verbatim"}
    of_type = {"providers": {"a": {**verbatim, "resources": {kind: default}}}}
    for given, found, is_fixed in (
        ({}, {}, False),
        (default, {}, False),
        (verbatim, verbatim, True),
        ({"mode": "disabled"}, {"mode": "disabled"}, True),
        ({"pattern": "${name}", "enforce": True}, {"pattern": "${name}", "enforce": True}, True),
        *(
            ({"pattern": text}, {"pattern": text}, False)
            for text in ("${name}-${hex(4)}", "${num(3)}", "${string(9)}x", "${uuid}")
        ),
        ({"pattern": "${hex}${hex(x)}"}, {"pattern": "${hex}${hex(x)}"}, True),
        (
            {**verbatim, "providers": {"aws": default}},
            {**verbatim, "providers": {"aws": default}},
            True,
        ),
        ({"providers": {"a": verbatim}}, verbatim, True),
        ({"providers": {"a": {"resources": {"a:b:D": verbatim}}}}, {}, False),
        (of_type, {}, False),
    ):
        for value in (given, json.dumps(given)):
            config = {AUTONAMING: value}
            assert (autonaming(config, kind), has_fixed_names(config, kind)) == (found, is_fixed)
    assert autonaming({}, kind) == {}
