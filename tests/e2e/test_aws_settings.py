"""The configuration of pulumi-aws: roles, accounts, default tags; and what is not used."""

from __future__ import annotations

import json
from collections.abc import Callable

from endpoints import Endpoint
from harness import Deployment
from kinds import OWNER_TAG
from pulumi_personalize.local import make_dataset_group

ACCOUNT = "123456789012"
ROLE = {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/deploy", "sessionName": "ci"}
Sts = Callable[[Deployment], Callable[[], int]]


def test_role_accounts_and_default_tags(
    shop: Deployment, endpoint: Endpoint, group: str, give_sts: Sts
) -> None:
    assumed = give_sts(shop)
    shop.program(
        """
import pulumi
from pulumi_personalize import EventTracker

tracker = EventTracker("clicks", pulumi.Config().require("group"), tags={"team": "search"})
pulumi.export("tags", tracker.tags)
pulumi.export("tagsAll", tracker.tags_all)
"""
    )
    shop.config(
        {
            "group": group,
            "aws:assumeRoles": [ROLE],
            "aws:allowedAccountIds": [ACCOUNT],
            "aws:defaultTags": {"tags": {"env": "dev", "team": "all"}},
            "aws:secretKey": "hush-hush",
            "pulumi:autonaming": {"mode": "verbatim"},
        }
    )
    own = {"team": "search"}
    run = shop.up()
    assert run.ok, run.text
    assert run.outputs == {"tags": own, "tagsAll": {"env": "dev", **own}}
    assert len(run.warnings) == 2, run.warnings
    for key in ("aws:secretKey (instead: personalize:profile)", "pulumi:autonaming "):
        assert any(key in warning for warning in run.warnings)
    assert "hush" not in run.text
    assert assumed() == 1

    shop.config({"personalize:defaultTags": {"tags": {"env": "prod", "cost": 3}}})
    run = shop.up()
    assert run.ok, run.text
    assert run.keys == [["tagsAll"]], run.text
    every = {"env": "prod", "cost": "3", **own}
    assert run.outputs == {"tags": own, "tagsAll": every}
    found = endpoint.tags(shop.tracker()["id"])
    del found[OWNER_TAG]
    assert found == every

    shop.config({"personalize:allowedAccountIds": json.dumps(["210987654321"])})
    endpoint.clear_calls()
    reason = f"account {ACCOUNT} is not in allowedAccountIds (210987654321)"
    assert shop.preview().reason("clicks", group) == reason
    assert endpoint.calls() == []


def test_keys_that_pulumi_does_not_pass_to_the_native_provider_are_named(
    native: Deployment, group: str
) -> None:
    native.pulumi("config", "set", "--secret", "aws:profile", "second")
    native.config({"aws:region": "us-east-1", "aws:allowedAccountIds": [ACCOUNT]})
    native.declare(group)
    run = native.preview()
    assert not run.ok
    command = "pulumi config set personalize:allowedAccountIds "
    assert f'{command}"$(pulumi config get aws:allowedAccountIds)"' in run.text
    assert "aws:region" not in run.text
    assert "pulumi config set --secret personalize:profile" in run.text


def test_native_provider_of_another_account_and_region(
    native: Deployment,
    start_endpoint: Callable[..., Endpoint],
    endpoint: Endpoint,
    group: str,
    give_sts: Sts,
) -> None:
    second = start_endpoint()
    there = make_dataset_group(second.client_in("eu-west-1"), "music")
    assumed = give_sts(native)
    native.program(
        f"""
import pulumi
from pulumi_personalize.native import EventTracker, Provider

config = pulumi.Config()
role = {ROLE}
other = Provider("other", endpoint_url="{second.url}", region="eu-west-1", assume_role=role)
EventTracker("clicks", "{group}")
EventTracker("views", "{there}", opts=pulumi.ResourceOptions(provider=other))
"""
    )
    run = native.up()
    assert run.ok, run.text
    assert (assumed(), len(endpoint.trackers())) == (1, 1)
    (found,) = second.client_in("eu-west-1").list_event_trackers()["eventTrackers"]
    assert found["eventTrackerArn"].startswith("arn:aws:personalize:eu-west-1:")
