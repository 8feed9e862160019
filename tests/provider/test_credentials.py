"""Roles that are assumed: by botocore's own means, at an STS of moto's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto.server import ThreadedMotoServer
from moto.sts.responses import TokenResponse
from pulumi_personalize import ConfigurationError, CredentialsError
from pulumi_personalize.service.client import Calls
from pulumi_personalize.service.credentials import Sessions
from pulumi_personalize.service.readers import Role
from pulumi_personalize.service.settings import Settings

# The endpoint of STS, and how credentials are refreshed, came to botocore one by one.
pytestmark = pytest.mark.oldest

ACCOUNT = "123456789012"
OTHER = "210987654321"


class Sts:
    """What STS was asked: the operation, its parameters, and the access key that signed it."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], str]] = []

    def note(self, operation: str, response: TokenResponse) -> None:
        parameters = {key: text[0] for key, text in response.querystring.items()}
        key = response.headers["Authorization"].partition("Credential=")[2].partition("/")[0]
        self.asked.append((operation, parameters, key))

    @property
    def operations(self) -> list[str]:
        return [operation for operation, *_ in self.asked]


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sts]:
    noted = Sts()

    def wrap(operation: str) -> None:
        real = getattr(TokenResponse, operation)

        def answer(response: TokenResponse) -> Any:
            noted.note(operation, response)
            return real(response)

        monkeypatch.setattr(TokenResponse, operation, answer)

    wrap("assume_role")
    wrap("get_caller_identity")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "own")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "own")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    yield noted
    server.stop()


def role(account: str = ACCOUNT, name: str = "deploy", **arguments: Any) -> Role:
    return Role(f"arn:aws:iam::{account}:role/{name}", arguments)


def test_without_a_role_sts_is_not_asked(sts: Sts) -> None:
    sessions = Sessions(Settings(allowed_account_ids=(ACCOUNT,)))
    credentials = sessions.new("us-east-1").get_credentials()
    assert credentials is not None
    assert credentials.access_key == "own"
    assert sts.asked == []


def test_one_role_for_all_regions(sts: Sts) -> None:
    wanted = role(RoleSessionName="ci", ExternalId="shop", DurationSeconds=3600)
    sessions = Sessions(Settings(assume_role=(wanted,)))
    keys = set()
    for region in ("us-east-1", "eu-west-1"):
        session = sessions.new(region)
        assert session.region_name == region
        credentials = session.get_credentials()
        assert credentials is not None
        keys.add(credentials.get_frozen_credentials().access_key)
    (key,) = keys
    assert key != "own"
    assert sts.operations == ["assume_role"]
    _, parameters, signed_by = sts.asked[0]
    assert signed_by == "own"
    assert (
        parameters.items()
        >= {
            "RoleArn": wanted.arn,
            "RoleSessionName": "ci",
            "ExternalId": "shop",
            "DurationSeconds": "3600",
        }.items()
    )


def test_each_role_of_a_chain_is_assumed_by_the_one_before(sts: Sts) -> None:
    chain = (role(name="first"), role(OTHER, "second"))
    credentials = Sessions(Settings(assume_role=chain)).new("us-east-1").get_credentials()
    assert credentials is not None
    credentials.get_frozen_credentials()
    assert [parameters["RoleArn"] for _, parameters, _ in sts.asked] == [one.arn for one in chain]
    first, second = (signed_by for *_, signed_by in sts.asked)
    assert first == "own"
    assert second not in ("own", credentials.access_key)


def test_credentials_that_are_about_to_expire_are_renewed(sts: Sts) -> None:
    credentials: Any = Sessions(Settings(assume_role=(role(),))).new("us-east-1").get_credentials()
    before = credentials.get_frozen_credentials().access_key
    credentials._expiry_time = credentials._time_fetcher()
    fetcher = credentials._refresh_using.__self__
    fetcher._cache.clear()
    assert credentials.get_frozen_credentials().access_key != before
    assert sts.operations == ["assume_role"] * 2


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"allowed_account_ids": (ACCOUNT,)}, f"is not in allowedAccountIds ({ACCOUNT})"),
        ({"forbidden_account_ids": (OTHER,)}, "is in forbiddenAccountIds"),
    ],
)
def test_role_of_an_account_that_is_not_to_be_used(
    sts: Sts, settings: dict[str, Any], problem: str
) -> None:
    calls = Calls(Settings(assume_role=(role(OTHER),), **settings))

    def never(_: Any) -> None:
        pytest.fail("Personalize is asked")

    for region in ("us-east-1", "us-east-1", "eu-west-1"):
        with pytest.raises(ConfigurationError) as caught:
            calls.make(region, never, operation="reading", resource="it")
        assert str(caught.value) == (
            f"assuming {role(OTHER).arn}: account {OTHER} {problem}. "
            "Assume a role of an account that is allowed."
        )
    assert sts.operations == ["assume_role", "get_caller_identity"]


def test_role_of_an_allowed_account(sts: Sts) -> None:
    sessions = Sessions(Settings(assume_role=(role(),), allowed_account_ids=(ACCOUNT,)))
    for region in ("us-east-1", "eu-west-1"):
        sessions.new(region)
    assert sts.operations == ["assume_role", "get_caller_identity"]


def test_role_without_credentials_to_assume_it(sts: Sts, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(key)
    calls = Calls(Settings(assume_role=(role(),)))
    with pytest.raises(CredentialsError, match="Unable to locate credentials"):
        calls.make("us-east-1", lambda _: None, operation="reading", resource="it")
    assert sts.asked == []
