"""Roles, which botocore assumes at moto's STS."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient
from kinds import GROUP
from moto import mock_aws
from pulumi_personalize import ConfigurationError, CredentialsError, ServiceError
from pulumi_personalize.credentials import Sessions
from pulumi_personalize.service.client import Calls
from pulumi_personalize.service.waiter import Clock, Wait
from pulumi_personalize.settings import Settings

# Releases of botocore differ in the endpoint of STS and in how they renew credentials.
pytestmark = pytest.mark.oldest

ACCOUNT, OTHER = "123456789012", "210987654321"
ROLE = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/first", "RoleSessionName": "ci"}
OTHER_ROLE = {"RoleArn": f"arn:aws:iam::{OTHER}:role/second"}

Requests = list[tuple[str, dict[str, str], str]]


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Requests]:
    """The calls to STS: the operation, its parameters, and the access key."""
    requests: Requests = []
    client_class: Any = BaseClient
    make_api_call = client_class._make_api_call

    def call(client: Any, operation: str, parameters: dict[str, str]) -> Any:
        key = client._request_signer._credentials.access_key
        requests.append((operation, parameters, key))
        return make_api_call(client, operation, parameters)

    monkeypatch.setattr(client_class, "_make_api_call", call)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "own")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "own")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    with mock_aws(config={"core": {"mock_credentials": False}}):
        yield requests


def key_of(sessions: Sessions, region: str = "us-east-1") -> Any:
    session = sessions.new(region)
    assert session.region_name == region
    credentials: Any = session.get_credentials()
    return credentials.get_frozen_credentials().access_key


def test_without_a_role_sts_is_not_called(sts: Requests) -> None:
    assert key_of(Sessions(Settings(allowed_account_ids=(ACCOUNT,)))) == "own"
    assert sts == []


def test_chain_of_roles_is_assumed_once_for_all_regions(sts: Requests) -> None:
    sessions = Sessions(Settings(assume_role=(OTHER_ROLE, ROLE)))
    last = key_of(sessions)
    assert key_of(sessions, "eu-west-1") == last
    operations, parameters, (first, second) = zip(*sts, strict=True)
    assert operations == ("AssumeRole", "AssumeRole")
    assert parameters[0]["RoleArn"] == OTHER_ROLE["RoleArn"]
    assert parameters[1].items() >= ROLE.items()
    assert (first, len({first, second, last})) == ("own", 3)


def test_credentials_are_renewed_before_they_expire(sts: Requests) -> None:
    credentials: Any = Sessions(Settings(assume_role=(ROLE,))).new("us-east-1").get_credentials()
    before = credentials.get_frozen_credentials().access_key
    credentials._expiry_time = credentials._time_fetcher()
    credentials._refresh_using.__self__._cache.clear()
    assert credentials.get_frozen_credentials().access_key != before
    assert [operation for operation, *_ in sts] == ["AssumeRole"] * 2


def failure(settings: Settings, kind: type[ServiceError | ConfigurationError]) -> str:
    calls = Calls(settings)
    for region in ("us-east-1", "eu-west-1", "us-east-1"):
        wait = Wait(calls.clock, 60)
        with pytest.raises(kind) as caught:
            calls.make(GROUP.replace("us-east-1", region), str, "reading", "it", wait)
    return str(caught.value)


@pytest.mark.parametrize(
    "limit", [{"allowed_account_ids": (ACCOUNT,)}, {"forbidden_account_ids": (OTHER,)}]
)
def test_role_in_an_account_that_must_not_be_used(sts: Requests, limit: dict[str, Any]) -> None:
    settings = Settings(assume_role=(OTHER_ROLE,), **limit)
    line = failure(settings, ConfigurationError)
    assert line.startswith(f"assuming {OTHER_ROLE['RoleArn']}: {settings.problem_of(OTHER)}. ")
    assert [operation for operation, *_ in sts] == ["AssumeRole", "GetCallerIdentity"]


def test_role_that_cannot_be_assumed(sts: Requests, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = {**ROLE, "DurationSeconds": "soon", "Policy": '"{"'}
    settings = Settings(assume_role=(arguments,), forbidden_account_ids=(OTHER,))
    assert ": ParamValidationError: " in failure(settings, ServiceError)
    sts.clear()
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    line = failure(Settings(assume_role=(ROLE,)), CredentialsError)
    assert "Unable to locate credentials" in line
    assert sts == []


CONFIG = """
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/deploy
source_profile = own
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile chained]
role_arn = arn:aws:iam::123456789012:role/deploy
source_profile = mfa
[profile own]
aws_access_key_id = own
aws_secret_access_key = own
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile process]
credential_process = {python} {folder}/process.py
[profile over-process]
role_arn = arn:aws:iam::123456789012:role/deploy
source_profile = process
[profile sso]
sso_account_id = 123456789012
sso_role_name = deploy
sso_region = us-east-1
sso_start_url = https://example.com
[profile token]
role_arn = arn:aws:iam::123456789012:role/deploy
web_identity_token_file = {folder}/missing
"""
PROCESS = """
import json, sys, time
given = {"Version": 1, "AccessKeyId": "process", "SecretAccessKey": "x"}
print(json.dumps(given if not sys.stdin.read() else {}))
"""


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration file with profiles of all kinds, and no terminal to ask anybody."""
    config = tmp_path / "config"
    config.write_text(CONFIG.format(python=sys.executable, folder=tmp_path))
    (tmp_path / "process.py").write_text(PROCESS)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setattr("getpass.getpass", lambda _: pytest.fail("somebody is asked"))


def describe(settings: Settings) -> None:
    Calls(settings).make(
        GROUP, lambda client: client.list_schemas(), "reading", "it", Wait(Clock(), 9)
    )


@pytest.mark.usefixtures("profiles")
@pytest.mark.parametrize(
    ("profile", "line"),
    [
        ("mfa", "the profile requires an MFA code, which nobody can enter here. Run `aws sts get-"),
        ("chained", "the profile requires an MFA code, which nobody can enter here. Run `aws sts"),
        ("sso", "Run `aws sso login --profile sso`"),
        ("token", "Check AWS_WEB_IDENTITY_TOKEN_FILE"),
    ],
)
@pytest.mark.parametrize("by_variable", [True, False])
def test_profile_that_needs_somebody(
    profile: str, line: str, by_variable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by_variable:
        monkeypatch.setenv("AWS_PROFILE", profile)
    with pytest.raises(CredentialsError) as caught:
        describe(Settings(profile=None if by_variable else profile))
    assert line in str(caught.value)


@pytest.mark.usefixtures("profiles")
@pytest.mark.parametrize(("profile", "key"), [("own", "own"), ("process", "process")])
def test_profile_that_needs_nobody(profile: str, key: str) -> None:
    assert key_of(Sessions(Settings(profile=profile))) == key


@pytest.mark.usefixtures("profiles")
@pytest.mark.parametrize("profile", ["process", "over-process"])
def test_process_that_does_not_end(
    profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "process.py").write_text("import time; time.sleep(600)")
    monkeypatch.setattr("pulumi_personalize.credentials._PROCESS_TIMEOUT", 0.1)
    with pytest.raises(CredentialsError, match=r"it did not end within 0\.1 s\. Run it by"):
        key_of(Sessions(Settings(profile=profile)))


@pytest.mark.usefixtures("profiles")
@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("print('[]')", "it did not print a JSON object"),
        ("", "it did not print a JSON object"),
        (
            "import sys; sys.stderr.buffer.write(b'x' * 300 + b'http://me:pw@host \\xff'); exit(2)",
            r"it ended with 2: x+http://\*\*\*@host \ufffd",
        ),
    ],
)
def test_process_that_fails(program: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "process.py").write_text(program)
    with pytest.raises(CredentialsError, match=f"{reason}. Run it by hand"):
        describe(Settings(profile="process"))
