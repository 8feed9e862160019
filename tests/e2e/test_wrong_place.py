"""Credentials of another account, or another endpoint: what is not found there is not gone.

Both come by the environment: a refresh or a destroy uses the configuration of the last ``up``.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import boto3
from endpoints import REGION, Endpoint
from harness import Deployment, Run

OTHER = "210987654321"
ROLE = f"arn:aws:iam::{OTHER}:role/deploy"


def set_environment(deployment: Deployment, **variables: str) -> None:
    deployment.environment |= variables
    deployment.stack.workspace.env_vars = deployment.environment


def keys_of_another_account(endpoint: Endpoint) -> dict[str, str]:
    sts = boto3.client(
        "sts",
        REGION,
        endpoint_url=endpoint.url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    given = sts.assume_role(RoleArn=ROLE, RoleSessionName="ci")["Credentials"]
    sts.close()
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


def must_keep(deployment: Deployment, run: Run, reason: str) -> None:
    """The command fails for this reason alone, and the state keeps the tracker."""
    assert not run.ok, run.text
    assert reason in run.line
    assert len(deployment.state()) == 1


def test_refresh_and_destroy_in_another_account(
    either: Deployment, endpoint: Endpoint, group: str
) -> None:
    either.declare(group)
    assert either.up().ok
    before, own = endpoint.trackers(), dict(either.environment)
    theirs = keys_of_another_account(endpoint)
    set_environment(either, AWS_ENDPOINT_URL_STS=endpoint.url, **theirs)
    for command in (either.refresh, either.destroy):
        accounts = f"credentials of account {OTHER}, but is of account 123456789012. Use cred"
        must_keep(either, command(), accounts)
    assert endpoint.trackers() == before
    either.environment.clear()
    set_environment(either, **own)
    assert either.refresh().ok
    assert either.destroy().ok
    assert endpoint.trackers() == {}


def test_refresh_and_destroy_at_another_endpoint(
    either: Deployment,
    endpoint: Endpoint,
    group: str,
    start_endpoint: Callable[..., Endpoint],
) -> None:
    either.pulumi("config", "rm", "personalize:endpointUrl")
    set_environment(either, AWS_ENDPOINT_URL_PERSONALIZE=endpoint.url)
    either.declare(group)
    assert either.up().ok
    empty = start_endpoint()
    set_environment(either, AWS_ENDPOINT_URL_PERSONALIZE=empty.url)
    must_keep(either, either.refresh(), f"neither is its dataset group, at {empty.url}. Check")
    run = either.destroy()
    must_keep(either, run, "If it was deleted with its dataset group, run `pulumi state delete ")
    shown = either.pulumi("stack", "--show-urns")
    (urn,) = set(re.findall(r"urn:\S+EventTracker::clicks", shown))
    # The native provider names it, the dynamic one only knows a URN that may be of yesterday.
    assert re.search(f"delete ('{re.escape(urn)}'|URN)` \\(`pulumi stack --show-urns`", run.line)
    either.pulumi("state", "delete", urn, "--yes")
    assert either.state() == []
    assert either.destroy().ok
    assert len(endpoint.trackers()) == 1


def test_accounts_that_are_not_allowed(either: Deployment, endpoint: Endpoint, group: str) -> None:
    set_environment(either, AWS_ENDPOINT_URL_STS=endpoint.url)
    either.config({"personalize:allowedAccountIds": ["123456789012"]})
    either.declare(group)
    assert either.up().ok
    set_environment(either, **keys_of_another_account(endpoint))
    endpoint.clear_calls()
    # An update without changes makes no call, so that nothing is checked.
    assert either.up(expect_no_changes=True).ok
    must_keep(either, either.destroy(), f"account {OTHER} is not in allowedAccountIds")
    assert endpoint.calls() == []
