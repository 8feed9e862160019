"""Roles, which botocore assumes at moto's STS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.client import BaseClient
from kinds import GROUP
from moto import mock_aws
from pulumi_personalize import ConfigurationError, CredentialsError, ServiceError
from pulumi_personalize.credentials import Sessions
from pulumi_personalize.service.client import Calls
from pulumi_personalize.service.waiter import Wait
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
    settings = Settings(assume_role=(OTHER_ROLE, ROLE), allowed_account_ids=(ACCOUNT,))
    sessions = Sessions(settings)
    last = key_of(sessions)
    assert key_of(sessions, "eu-west-1") == last
    operations, parameters, (first, second, third) = zip(*sts, strict=True)
    assert operations == ("AssumeRole", "AssumeRole", "GetCallerIdentity")
    assert parameters[0]["RoleArn"] == OTHER_ROLE["RoleArn"]
    assert parameters[1].items() >= ROLE.items()
    assert (first, third, len({first, second, third})) == ("own", last, 3)


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
