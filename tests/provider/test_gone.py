"""A tracker that is not found is gone only where it would be found: see `check_gone`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from provider.account import Account, Made
from pulumi_personalize import AccessDeniedError, ConfigurationError, EventTrackerNotFoundError

OTHER = "210987654321"
ROLE = {"RoleArn": f"arn:aws:iam::{OTHER}:role/deploy", "RoleSessionName": "ci"}
OLD = {"creationDateTime": "2020-01-01T00:00:00.000Z"}


@pytest.fixture(params=["read", "delete"])
def look(request: pytest.FixtureRequest, account: Account) -> Callable[[Made, Any], Any]:
    """A refresh or a destroy of a tracker with a provider."""

    def look(made: Made, provider: Any = None) -> Any:
        return getattr(account, request.param)(Made(made.id, {**made.outs, **OLD}), provider)

    return look


def elsewhere(account: Account, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A provider with credentials of another account."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", account.control.url)
    return account.provider(assume_role=(ROLE,))


def test_credentials_of_another_account(
    account: Account, look: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = account.create()
    provider = elsewhere(account, monkeypatch)
    with pytest.raises(EventTrackerNotFoundError) as caught:
        look(made, provider)
    line = str(caught.value)
    assert f"account {OTHER}, but is of account 123456789012. Use credentials of" in line
    assert "run `pulumi state delete URN` (`pulumi stack --show-urns` shows URNs)." in line
    # With the right ones, all is well.
    assert look(made) is None or look(made).id == made.id


def test_unfinished_tracker_in_another_account(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = account.create()
    provider = elsewhere(account, monkeypatch)
    outs = {**made.outs, **OLD, "unfinished": True}
    with pytest.raises(
        EventTrackerNotFoundError, match=f"^reading event tracker .*account {OTHER}"
    ):
        provider.diff(made.id, outs, made.outs)


@pytest.mark.parametrize("is_gone", [False, True])
def test_another_endpoint(account: Account, look: Any, is_gone: bool) -> None:
    made = account.create()
    account.control.forget(made.id)
    if not is_gone:
        # As an emulator's that is empty.
        for operation in ("DescribeDatasetGroup", "ListDatasets"):
            code = "ResourceNotFoundException"
            account.fault(operation, "error", code=code, times=None)
        with pytest.raises(EventTrackerNotFoundError, match=f"at {account.control.url}. Check the"):
            look(made)
        return
    found = look(made)
    assert found is None or found.id == ""


@pytest.mark.parametrize("code", ["AccessDeniedException", "InternalServerError", "Other"])
def test_group_that_cannot_be_described_is_no_witness(
    account: Account, look: Any, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = account.create()
    account.control.forget(made.id)
    account.fault("DescribeDatasetGroup", "error", code=code, times=None)
    with pytest.raises(
        EventTrackerNotFoundError, match=rf"its dataset group can't be read \({code}\), at http"
    ):
        look(made)
    # STS at the same host and port is one.
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", account.control.url)
    found = look(made, account.provider())
    assert found is None or found.id == ""


def test_sts_that_cannot_be_asked(
    account: Account, look: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def ask(session: Any) -> None:
        asked.append(session)
        raise ConnectTimeoutError(endpoint_url="https://sts")

    made = account.create()
    account.control.forget(made.id)
    account.fault("DescribeDatasetGroup", "error", code="Other", times=None)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", account.control.url)
    monkeypatch.setattr("pulumi_personalize.credentials._caller_account", ask)
    provider = account.provider()
    for _ in range(2):
        with pytest.raises(EventTrackerNotFoundError, match="STS can't be asked: ConnectTimeout"):
            look(made, provider)
    assert len(asked) == 1


def test_denied_calls_name_both_accounts(
    account: Account, look: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = account.create()
    provider = elsewhere(account, monkeypatch)
    for operation in ("DescribeEventTracker", "ListTagsForResource"):
        account.fault(operation, "error", code="AccessDeniedException", times=None)
    with pytest.raises(AccessDeniedError, match=f"account 123456789012, .* account {OTHER}: use"):
        look(made, provider)


def test_own_deletion_needs_no_witness(account: Account) -> None:
    made = account.create()
    account.operations()
    account.delete(made)
    assert "DescribeDatasetGroup" not in account.operations()


@pytest.mark.parametrize("elsewhere", [False, True])
@pytest.mark.parametrize("limit", ["allowed_account_ids", "forbidden_account_ids"])
def test_credentials_are_checked_before_the_first_call(
    account: Account, limit: str, elsewhere: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = account.control.url
    if elsewhere:
        # Whose a role is, STS says wherever it is.
        url = url.replace("127.0.0.1", "localhost")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
    accounts = ("123456789012",) if "allowed" in limit else (OTHER,)
    props = account.props()
    account.operations()
    provider = account.provider(assume_role=(ROLE,), **{limit: accounts})
    with pytest.raises(ConfigurationError, match=f"account {OTHER} is "):
        provider.check({}, props)
    assert account.operations() == []
    account.create(account.provider(**{limit: accounts}))
