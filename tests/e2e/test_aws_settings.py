"""What users of pulumi-aws have configured: roles, accounts, default tags; and what is not used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from endpoints import Endpoint
from harness import TYPE, WITH_GROUPS, Deployment, Run
from kinds import OWNER_TAG

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
Sts = Callable[[Deployment], Callable[[], int]]


def tags(endpoint: Endpoint, shop: Deployment) -> dict[str, str]:
    """All tags of the one event tracker at the service, but the mark."""
    found = endpoint.tags(shop.tracker()["id"])
    del found[OWNER_TAG]
    return found


def test_role_accounts_and_default_tags(
    shop: Deployment, endpoint: Endpoint, group: str, give_sts: Sts
) -> None:
    sts = give_sts(shop)
    shop.program(
        """
import pulumi
from pulumi_personalize import EventTracker

tracker = EventTracker("clicks", pulumi.Config().require("group"), tags={"team": "search"})
pulumi.export("tags", tracker.tags)
pulumi.export("tagsAll", tracker.tags_all)
"""
    )
    # As lists and maps in the stack's file, which arrive as JSON.
    shop.config({"group": group})
    settings = {
        "aws:assumeRoles": [{"roleArn": ROLE, "sessionName": "ci"}],
        "aws:allowedAccountIds": [ACCOUNT],
        "aws:defaultTags": {"tags": {"env": "dev", "team": "all"}},
        "aws:secretKey": "hush-hush",
        "pulumi:autonaming": {"mode": "verbatim"},
    }
    shop.config(settings)  # type: ignore[arg-type]
    own = {"team": "search"}
    warnings = (
        "aws:secretKey (instead: personalize:profile)",
        "warning: pulumi:autonaming ",
    )
    run = shop.up()
    assert run.ok, run.text
    assert run.outputs == {"tags": own, "tagsAll": {"env": "dev", **own}}
    assert tags(endpoint, shop) == {"env": "dev", **own}
    # Once while it runs, once in the diagnostics.
    assert all(run.text.count(warning) == 2 for warning in warnings), run.text
    assert "hush" not in run.text
    assert sts() == 1
    assert shop.up(expect_no_changes=True).ok
    assert shop.refresh(expect_no_changes=True).ok

    shop.config({"personalize:defaultTags": {"tags": {"env": "prod", "cost": 3}}})  # type: ignore[dict-item]
    run = shop.up()
    assert run.ok, run.text
    assert run.keys == [["tagsAll"]], run.text
    assert run.changes == {"same": 1, "update": 1}
    assert warnings[1] not in run.text
    assert run.outputs == {"tags": own, "tagsAll": {"env": "prod", "cost": "3", **own}}

    # Somebody else changes a default tag, which is drift as any other.
    other = {"tagKey": "env", "tagValue": "dev"}
    endpoint.client.tag_resource(resourceArn=shop.tracker()["id"], tags=[other])  # type: ignore[list-item]
    assert not shop.refresh(expect_no_changes=True).ok
    assert shop.up().ok
    assert tags(endpoint, shop) == {"env": "prod", "cost": "3", **own}
    shop.config({"personalize:defaultTags": "{}"})
    assert shop.up().ok
    assert tags(endpoint, shop) == own

    shop.config({"personalize:allowedAccountIds": json.dumps(["210987654321"])})
    endpoint.clear_calls()
    run = shop.preview()
    assert run.errors == [
        f"{TYPE} resource 'clicks': property datasetGroupArn value {{{group}}} has a problem: "
        f"account {ACCOUNT} is not in allowedAccountIds (210987654321)"
    ]
    assert endpoint.calls() == []


def test_default_tags_show_no_secret_of_the_tags_over_them(
    shop: Deployment, endpoint: Endpoint
) -> None:
    shop.program(
        """
import pulumi
from pulumi import Output
from pulumi_personalize import EventTracker

config = pulumi.Config()
hidden = "-".join(["hush", "hush"])
forms = [
    ({"key": Output.secret(hidden)}, []),
    (Output.secret({"key": hidden, "more": "x"}), []),
    ({"key": "in the inputs"}, ["tags"]),
]
for number, group in enumerate(config.require_object("groups")):
    tags, outputs = forms[(number + config.require_int("round")) % 3]
    options = pulumi.ResourceOptions(additional_secret_outputs=outputs)
    EventTracker(f"clicks-{number}", group, name=f"clicks-{number}", tags=tags, opts=options)
"""
    )
    groups = [endpoint.group(name) for name in ("movies", "books", "music")]
    shop.config({"groups": json.dumps(groups), "personalize:defaultTags": '{"tags": {"env": "x"}}'})

    def check(number: int, *runs: Callable[[], Run]) -> None:
        shop.config({"round": str(number)})
        for start in runs:
            run = start()
            assert run.ok, run.text
            assert "hush-hush" not in run.text
        for found in shop.state():
            form = (int(found["urn"][-1]) + number) % 3
            for place in ("inputs", "outputs") if form < 2 else ("outputs",):
                every = found[place]["tagsAll"]
                assert "ciphertext" in every or "ciphertext" in every["key"]

    check(0, shop.up, lambda: shop.up(expect_no_changes=True), shop.refresh)
    # Each takes the form of the next one.
    check(1, shop.up)


def test_the_program_of_the_page_about_accounts(
    shop: Deployment, endpoint: Endpoint, group: str, give_sts: Sts
) -> None:
    sts = give_sts(shop)
    shop.program((ROOT / "docs/snippets/accounts.py").read_text())
    shop.environment["AWS_ENDPOINT_URL_PERSONALIZE"] = endpoint.url
    shop.stack.workspace.env_vars = shop.environment
    shop.config({"datasetGroups": json.dumps([group])})
    before = sts()
    run = shop.up()
    assert run.ok, run.text
    assert run.outputs == {ACCOUNT: shop.tracker()["outputs"]["trackingId"]}
    assert sts() > before


class TestLookupByAProvider:
    def test_of_the_options(self, shop: Deployment, endpoint: Endpoint, group: str) -> None:
        made = endpoint.client.create_event_tracker(name="theirs", datasetGroupArn=group)
        shop.program(
            """
import pulumi
from pulumi import InvokeOptions, ResourceOptions
from pulumi_personalize import get_event_tracker, get_event_tracker_output

config = pulumi.Config()
group = config.require("group")
settings = {"personalize:endpointUrl": pulumi.Output.concat(config.require("url"))}
other = pulumi.ProviderResource("pulumi-python", "other", settings)
site = pulumi.ComponentResource("shop:index:Site", "site", None, ResourceOptions(providers=[other]))
for name, options in (("provider", {"provider": other}), ("parent", {"parent": site})):
    opts = InvokeOptions(**options)
    pulumi.export(name, get_event_tracker(group, opts).tracking_id)
    found = get_event_tracker_output(pulumi.Output.from_input(group), opts)
    pulumi.export(name + "_output", found.tracking_id)
"""
        )
        shop.config({"group": group, "url": endpoint.url})
        shop.config({"personalize:endpointUrl": "http://127.0.0.1:9"})
        run = shop.up()
        assert run.ok, run.text
        assert len(run.outputs) == 4
        assert set(run.outputs.values()) == {made["trackingId"]}

    def test_of_a_provider_whose_configuration_is_not_known_yet(
        self, shop: Deployment, group: str
    ) -> None:
        program = (
            WITH_GROUPS
            + """
from pulumi_personalize import get_event_tracker, get_event_tracker_output

url = DatasetGroup("late", "late").arn.apply(lambda _: URL)
other = pulumi.ProviderResource("pulumi-python", "other", {"personalize:endpointUrl": url})
group = pulumi.Config().require("group")
EventTracker("clicks", group, opts=pulumi.ResourceOptions(provider=other))
found = LOOKUP(group, pulumi.InvokeOptions(provider=other))
"""
        )
        shop.config({"group": group})
        shop.program(program.replace("LOOKUP", "get_event_tracker"))
        run = shop.preview()
        assert run.errors[0] == (
            "reading the configuration of provider other: is not known yet. "
            "Use get_event_tracker_output."
        )
        shop.program(program.replace("LOOKUP", "get_event_tracker_output"))
        run = shop.preview()
        assert run.ok, run.text
