"""Calls that fail: repeated, or one line that says what to do."""

from __future__ import annotations

from typing import Any

import pytest
from endpoints import nobody_at
from kinds import GROUP
from provider.account import Account
from pulumi_personalize import (
    CredentialsError,
    PersonalizeError,
    TransientError,
    UnreachableError,
)
from pulumi_personalize.service.aws_errors import RESOURCES
from pulumi_personalize.service.waiter import LAG

one_client = pytest.mark.usefixtures("one_client")
FAULTS: dict[str, dict[str, Any]] = {
    "throttled": {"kind": "error", "code": "ThrottlingException"},
    "500": {"kind": "error", "code": "InternalServerError", "status": 500},
    "503": {"kind": "error", "code": "ServiceUnavailable", "status": 503},
    "closed": {"kind": "close", "when": "before"},
}
WRITES = ["CreateEventTracker", "TagResource", "UntagResource", "DeleteEventTracker"]


def whole_life(account: Account, operation: str = "") -> None:
    """Calls every method, and with them every operation."""
    if operation == "DescribeDatasetGroup":
        account.fault("ListDatasets", "error", code="AccessDeniedException", times=None)
    provider = account.provider()
    checked = provider.check({}, account.props(tags={"old": "1"}))
    assert checked.failures == []
    created = account.create(provider, **checked.inputs)
    updated = account.update(created, provider, tags={"new": "2"})
    assert account.read(updated, provider).outs == updated.outs
    account.delete(updated, provider)
    assert account.read(updated, provider).id == ""


@one_client
@pytest.mark.parametrize("operation", sorted(RESOURCES))
@pytest.mark.parametrize("fault", FAULTS)
def test_five_faults_in_a_row_are_survived(account: Account, operation: str, fault: str) -> None:
    account.fault(operation, **FAULTS[fault], times=5)
    whole_life(account, operation)
    assert account.fired()[0] == 5


@one_client
@pytest.mark.parametrize("operation", WRITES)
def test_lost_answer_is_got_over(account: Account, operation: str) -> None:
    account.fault(operation, "close", when="after")
    whole_life(account)
    assert account.fired() == [1]
    # A deletion that worked is not requested again.
    is_deletion = operation == "DeleteEventTracker"
    assert (account.operations().count(operation) == 1) is is_deletion


@one_client
def test_throttling_that_lasts(account: Account) -> None:
    account.fault("CreateEventTracker", times=None, **FAULTS["throttled"])
    line = r"^creating event tracker clicks: ThrottlingException: .*personalize:maxAttempts"
    with pytest.raises(TransientError, match=line):
        account.create(account.provider(max_attempts=4))
    assert account.fired() == [4]
    account.control.clear_faults()
    account.fault("DescribeEventTracker", times=None, **FAULTS["throttled"])
    with pytest.raises(TransientError):
        account.create(account.provider(create_timeout=3, max_attempts=100))
    # A create that fails has a little time left to clean up.
    assert account.waited() <= 3 + 2 * LAG


@pytest.mark.parametrize("method", ["check", "create", "read", "update", "delete"])
def test_endpoint_that_does_not_respond(account: Account, method: str) -> None:
    sleeps: list[None] = []
    props, arn = account.props(tags={"new": "1"}), GROUP.replace("dataset-group", "event-tracker")
    arguments: dict[str, tuple[Any, ...]] = {
        "check": ({}, props),
        "create": (props,),
        "read": (arn, props),
        "update": (arn, {**props, "tags": {}}, props),
        "delete": (arn, props),
    }
    with nobody_at() as url:
        provider = account.provider(on_sleep=lambda: sleeps.append(None), endpoint_url=url)
        with pytest.raises(UnreachableError, match=r"EndpointConnectionError.*endpointUrl"):
            getattr(provider, method)(*arguments[method])
    # Three attempts; a check makes two calls at the same time.
    assert len(sleeps) == 2 * (2 if method == "check" else 1)


def test_no_credentials(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CredentialsError, match=r"ProfileNotFound.*configuration or AWS_PROFILE"):
        account.create(account.provider(profile="work"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CredentialsError, match=": NoCredentialsError: Unable to locate"):
        account.create()


@one_client
def test_masked_messages(account: Account) -> None:
    secret = "a-secret-value"
    message = f"Value '{secret}' at 'tags.1.member.tagValue' and {secret} of dev in {GROUP}"
    for operation in ("CreateEventTracker", "TagResource"):
        account.fault(operation, "error", code="Refused", message=message, times=None)
        with pytest.raises(PersonalizeError) as caught:
            account.create(tags={"team": secret, "stage": "dev"})
        account.control.clear_faults()
        line = str(caught.value)
        assert secret not in line
        assert f"Value '***' at 'tags.1.member.tagValue' and *** of dev in {GROUP}" in line
