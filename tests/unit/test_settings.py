"""Configuration: every key, every default, and what a value that can't be used is told."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi_personalize import ConfigurationError
from pulumi_personalize.service import tags
from pulumi_personalize.service.readers import Role
from pulumi_personalize.service.settings import Settings, ignored

KEYS = (
    "region, profile, endpointUrl, eventsEndpointUrl, createTimeout, deleteTimeout, maxAttempts, "
    "ownershipTag, assumeRole, allowedAccountIds, forbiddenAccountIds, defaultTags"
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
        assume_role=None,
        allowed_account_ids=None,
        forbidden_account_ids=None,
        default_tags=None,
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
            "must be a non-empty string. Run pulumi config set personalize:region VALUE.",
        ),
        (
            "profile",
            ["", True],
            "must be a non-empty string. Run pulumi config set personalize:profile VALUE.",
        ),
        (
            "endpointUrl",
            ["127.0.0.1:4566", "ftp://x", "http://", "http://x:99999", "http://x:0", "http://[::1"],
            "must be a URL. Set one, for example https://host:port.",
        ),
        ("eventsEndpointUrl", ["x"], "must be a URL. Set one, for example https://host:port."),
        (
            "createTimeout",
            ["0", "-1", "86400.1", "soon", "nan", "inf", True, None, []],
            "must be a number of seconds. Set more than 0 and at most 86400.",
        ),
        (
            "deleteTimeout",
            ["0", 86401],
            "must be a number of seconds. Set more than 0 and at most 86400.",
        ),
        (
            "maxAttempts",
            ["0", "101", "2.5", 2.5, "many", True, None],
            "must be a number of attempts. Set 1 to 100.",
        ),
        (
            "ownershipTag",
            ["yes", "1", 1, "", None],
            "must be a boolean. Set true or false.",
        ),
    ],
)
def test_bad_value_is_refused(key: str, values: list[Any], reason: str) -> None:
    for value in values:
        line = refusal(f"personalize:{key}", value)
        assert line == f"reading configuration personalize:{key}: {reason}", value


def test_bad_value_is_blamed_on_the_key_that_holds_it() -> None:
    assert refusal("aws:region", "") == (
        "reading configuration aws:region: must be a non-empty string. "
        "Run pulumi config set aws:region VALUE."
    )


@pytest.mark.parametrize("key", ["endpointUrl", "eventsEndpointUrl"])
@pytest.mark.parametrize("login", ["me:hunter2", ":hunter2", "hunter2"])
def test_url_with_credentials_is_refused_without_showing_them(key: str, login: str) -> None:
    line = refusal(f"personalize:{key}", f"https://{login}@host")
    assert line == (
        f"reading configuration personalize:{key}: must not contain credentials. "
        "Use the AWS credential chain."
    )


@pytest.mark.parametrize(
    ("key", "advice"),
    [
        ("endpointURL", " (did you mean personalize:endpointUrl?)."),
        ("createTimeOut", " (did you mean personalize:createTimeout?)."),
        ("trackers", f". Expected one of {KEYS}. {OWN}"),
        ("", f". Expected one of {KEYS}. {OWN}"),
    ],
)
def test_unknown_key_is_refused(key: str, advice: str) -> None:
    assert refusal(f"personalize:{key}", "x") == (
        f"reading configuration personalize:{key}: unknown configuration key{advice}"
    )


@pytest.mark.parametrize("key", ["endpointUrl", "endpoint_url", "endpointURL"])
def test_key_without_namespace_is_refused(key: str) -> None:
    assert refusal(key, "http://x") == (
        f"reading configuration {key}: has no namespace (did you mean personalize:endpointUrl?)."
    )


ROLE = "arn:aws:iam::123456789012:role/deploy"
FULL_ROLE = {
    "roleArn": ROLE,
    "sessionName": "ci",
    "externalId": "shop",
    "duration": "1h30m",
    "policy": {"Version": "2012-10-17"},
    "policyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
    "sourceIdentity": "",
    "tags": {"team": "search", "cost": 3.0},
    "transitiveTagKeys": ["team"],
}
IN_WORDS_OF_STS = {
    "RoleSessionName": "ci",
    "ExternalId": "shop",
    "DurationSeconds": 5400,
    "Policy": '{"Version": "2012-10-17"}',
    "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
    "Tags": [{"Key": "team", "Value": "search"}, {"Key": "cost", "Value": "3"}],
    "TransitiveTagKeys": ["team"],
}


class TestStructured:
    @pytest.mark.parametrize(
        ("key", "value", "attribute", "meaning"),
        [
            ("assumeRole", FULL_ROLE, "assume_role", (Role(ROLE, IN_WORDS_OF_STS),)),
            ("assumeRole", {}, "assume_role", None),
            ("assumeRole", {"roleArn": ROLE, "tags": {}}, "assume_role", (Role(ROLE, {}),)),
            (
                "assumeRole",
                [{"roleArn": ROLE}, {"roleArn": f"{ROLE}/2", "duration": 900}],
                "assume_role",
                (Role(ROLE, {}), Role(f"{ROLE}/2", {"DurationSeconds": 900})),
            ),
            (
                "allowedAccountIds",
                ["012345678901", 123456789012, 2e11],
                "allowed_account_ids",
                ("012345678901", "123456789012", "200000000000"),
            ),
            ("forbiddenAccountIds", [], "forbidden_account_ids", None),
            (
                "defaultTags",
                {"tags": {"team": "search", "cost": 3, "on": True}},
                "default_tags",
                {"team": "search", "cost": "3", "on": "true"},
            ),
            ("defaultTags", {"tags": {}}, "default_tags", None),
            ("defaultTags", {}, "default_tags", None),
        ],
    )
    def test_as_json_and_as_it_is(self, key: str, value: Any, attribute: str, meaning: Any) -> None:
        for given in (value, json.dumps(value)):
            settings = Settings.from_config({f"personalize:{key}": given})
            assert settings == Settings(**{attribute: meaning})

    @pytest.mark.parametrize(
        ("text", "seconds"), [("15m", 900), ("12h", 43_200), ("1h1s", 3601), ("3600", 3600)]
    )
    def test_duration(self, text: str, seconds: int) -> None:
        role = {"roleArn": ROLE, "durationSeconds": text}
        (read,) = Settings.from_config({"aws:assumeRoles": [role]}).assume_role or ()
        assert read.arguments == {"DurationSeconds": seconds}

    def test_chain_of_pulumi_aws_goes_before_its_single_role(self) -> None:
        first, second = {"roleArn": f"{ROLE}/1"}, {"roleArn": f"{ROLE}/2"}
        config: dict[str, Any] = {"aws:assumeRole": json.dumps(first)}
        assert Settings.from_config(config).assume_role == (Role(f"{ROLE}/1", {}),)
        config["aws:assumeRoles"] = json.dumps([second, first])
        chain = (Role(f"{ROLE}/2", {}), Role(f"{ROLE}/1", {}))
        assert Settings.from_config(config).assume_role == chain
        config["personalize:assumeRole"] = {"roleArn": ROLE}
        assert Settings.from_config(config).assume_role == (Role(ROLE, {}),)

    @pytest.mark.parametrize(
        ("key", "theirs", "ours"),
        [
            ("allowedAccountIds", ["1" * 12], ["2" * 12]),
            ("forbiddenAccountIds", ["1" * 12], ["2" * 12]),
            ("defaultTags", {"tags": {"a": "1"}}, {"tags": {"a": "2"}}),
        ],
    )
    def test_aws_stands_behind(self, key: str, theirs: Any, ours: Any) -> None:
        assert Settings.from_config({f"aws:{key}": theirs}) == Settings.from_config(
            {f"personalize:{key}": theirs}
        )
        both = {f"aws:{key}": theirs, f"personalize:{key}": ours}
        assert Settings.from_config(both) == Settings.from_config({f"personalize:{key}": ours})

    @pytest.mark.parametrize(
        ("key", "value", "reason"),
        [
            (
                "assumeRole",
                "deploy",
                "must be a map with a roleArn. Run pulumi config set --path "
                "personalize:assumeRole.roleArn ARN.",
            ),
            (
                "assumeRole",
                {"sessionName": "ci"},
                "roleArn must be the ARN of a role. Set one, for example "
                "arn:aws:iam::123456789012:role/NAME.",
            ),
            (
                "assumeRole",
                {"roleArn": ROLE, "sesionName": "ci"},
                "unknown key sesionName (did you mean sessionName?).",
            ),
            (
                "assumeRole",
                {"roleArn": ROLE, "duration": "5m"},
                "duration is invalid. Set 15m to 12h, as in 1h30m, or the seconds.",
            ),
            (
                "assumeRole",
                {"roleArn": ROLE, "sessionName": "x y"},
                "sessionName is invalid. Set 2 to 64 letters, digits and _ + = , . @ -.",
            ),
            (
                "assumeRole",
                {"roleArn": ROLE, "policy": "{"},
                "policy is invalid. Set a policy as JSON.",
            ),
            (
                "assumeRole",
                {"roleArn": ROLE, "policyArns": ROLE},
                "policyArns is invalid. Set a list of ARNs.",
            ),
            (
                "assumeRole",
                {"roleArn": ROLE, "tags": {"a": []}},
                "tags is invalid. Set a map of strings.",
            ),
            (
                "allowedAccountIds",
                "123456789012",
                "must be a list of account IDs. Run pulumi config set --path "
                "'personalize:allowedAccountIds[0]' 123456789012.",
            ),
            (
                "forbiddenAccountIds",
                ["123"],
                "must be a list of account IDs. Run pulumi config set --path "
                "'personalize:forbiddenAccountIds[0]' 123456789012.",
            ),
            (
                "defaultTags",
                {"team": "search"},
                "must be a map with tags only. Run pulumi config set --path "
                "personalize:defaultTags.tags.KEY VALUE.",
            ),
            (
                "defaultTags",
                {"tags": ["team"]},
                "tags must be a map of strings. Run pulumi config set --path "
                "personalize:defaultTags.tags.KEY VALUE.",
            ),
            (
                "defaultTags",
                {"tags": {"aws:x": "y"}},
                f'tag "aws:x": {tags.problem_of_key("aws:x")}. '
                "Run pulumi config set --path personalize:defaultTags.tags.KEY VALUE.",
            ),
            (
                "defaultTags",
                {"tags": {"team": None}},
                'tag "team": is not a string. Run pulumi config set --path '
                "personalize:defaultTags.tags.KEY VALUE.",
            ),
        ],
    )
    def test_bad_value_is_refused(self, key: str, value: Any, reason: str) -> None:
        for given in (value, json.dumps(value)):
            line = refusal(f"personalize:{key}", given)
            assert line == f"reading configuration personalize:{key}: {reason}"


def test_accounts_that_are_not_to_be_used() -> None:
    one, two = "1" * 12, "2" * 12
    settings = Settings(allowed_account_ids=(one, two), forbidden_account_ids=(two,))
    group = "arn:aws:personalize:us-east-1:{}:dataset-group/shop"
    assert settings.problem_of_group(group.format(one)) is None
    assert settings.problem_of_group(None) is None
    assert settings.problem_of(two) == f"account {two} is in forbiddenAccountIds"
    assert settings.problem_of_group(group.format("3" * 12)) == (
        f"account {'3' * 12} is not in allowedAccountIds ({one}, {two})"
    )


class TestIgnored:
    def test_what_would_change_something_is_told_in_one_line(self) -> None:
        config = {
            "aws:secretKey": "hush",
            "aws:endpoints": '[{"sts": "http://x"}]',
            "aws:useFipsEndpoint": "true",
            "aws:insecure": "false",
            "aws:ignoreTags": "{}",
            "aws:skipCredentialsValidation": "true",
            "aws:region": "us-east-1",
            "pulumi:autonaming": '{"mode": "verbatim"}',
        }
        assert ignored(config, {}) == {
            "aws": "event trackers do not use aws:secretKey (instead: personalize:profile), "
            "aws:endpoints (instead: personalize:endpointUrl), aws:useFipsEndpoint (instead: "
            "AWS_USE_FIPS_ENDPOINT)",
            "pulumi:autonaming": "pulumi:autonaming does not reach event trackers (instead: "
            "name=...)",
        }

    def test_what_is_said_in_another_way_is_not(self) -> None:
        config = {"aws:endpoints": "[1]", "personalize:endpointUrl": "http://x"}
        config |= {"aws:httpsProxy": "http://x"}
        assert ignored(config, {"HTTPS_PROXY": "http://x"}) == {}
