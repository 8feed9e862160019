"""Pulumi's resource options do with an event tracker what they do with any resource.

`test_ownership` covers those that force a replacement, `test_secrets` additional_secret_outputs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from endpoints import Endpoint
from harness import DELETE_FIRST, TYPE, Deployment
from kinds import OWNER_TAG
from programs import WITH_GROUPS

#: The beginning of the programs here: the ARNs of three dataset groups, and two components.
START = """
import pulumi
from pulumi import Alias, ResourceOptions
from pulumi_personalize import EventTracker

config = pulumi.Config()
movies, books, music = config.require_object("groups")


class Search(pulumi.ComponentResource):
    def __init__(self, name, group, opts=None):
        super().__init__("shop:index:" + type(self).__name__, name, None, opts)
        EventTracker(name, group, opts=ResourceOptions(parent=self))


class Ads(Search):
    pass
"""

READS = {"DescribeEventTracker", "ListTagsForResource"}

Program = Callable[[str], None]


@pytest.fixture
def groups(shop: Deployment, endpoint: Endpoint) -> list[str]:
    """Three ACTIVE dataset groups, in the stack's configuration, too."""
    arns = [endpoint.group(name) for name in ("movies", "books", "music")]
    shop.config({"groups": json.dumps(arns)})
    return arns


@pytest.fixture
def program(shop: Deployment, groups: list[str]) -> Program:
    """Writes a program that goes on from `START`."""
    return lambda text: shop.program(START + text)


def test_children_of_components(shop: Deployment, endpoint: Endpoint, program: Program) -> None:
    # Two of one name are two resources.
    program('Search("web", movies)\nAds("web", movies)')
    web = r"'shop:index:(Search|Ads)::web'"
    assert re.search(f"{web} and {web} both use", shop.preview().line)
    program('Search("app", movies)\nSearch("web", books)\nAds("web", music)')
    run = shop.up()
    assert run.ok, run.text
    state = {found["urn"].split("::", 2)[2]: found for found in shop.state()}
    owners = {urn: endpoint.tags(found["id"])[OWNER_TAG] for urn, found in state.items()}
    assert {urn: mark.partition(":")[2] for urn, mark in owners.items()} == {
        f"shop:index:{kind}${TYPE}::{name}": f"shop/test/shop:index:{kind}::{name}"
        for kind, name in [("Search", "app"), ("Search", "web"), ("Ads", "web")]
    }


def test_an_alias_changes_only_the_ownership_tag(
    shop: Deployment, endpoint: Endpoint, program: Program
) -> None:
    program('EventTracker("clicks", movies)')
    assert shop.up().ok
    before = endpoint.trackers()
    program('EventTracker("views", movies)')
    assert "renamed 'clicks' to 'views', add aliases" in shop.preview().line
    # Another name and another parent at once.
    program(
        """
alias = Alias(name="clicks", parent=pulumi.ROOT_STACK_RESOURCE)
site = pulumi.ComponentResource("shop:index:Site", "site")
EventTracker("views", movies, opts=ResourceOptions(parent=site, aliases=[alias]))
"""
    )
    run = shop.up()
    assert run.ok, run.text
    assert run.steps == ["update"]
    assert re.search(r"rewriting .* event tracker clicks-", run.text)
    assert endpoint.trackers() == shop.existing == before
    (arn,) = before.values()
    assert endpoint.tags(arn)[OWNER_TAG].endswith(":shop/test/shop:index:Site::views")


def test_retain_on_delete_and_delete_before_replace_that_prevent_a_rename(
    shop: Deployment, endpoint: Endpoint, groups: list[str]
) -> None:
    options = {"retain_on_delete": True}
    shop.declare(groups[0], name="old", opts=options)
    assert shop.up().ok
    # The old tracker would stay, and its group takes no second one.
    for option, value in (("retain_on_delete", True), ("delete_before_replace", False)):
        shop.declare(groups[0], name="new", opts={option: value})
        line = shop.preview().line
        assert line.startswith("renaming event tracker old: ")
        assert f"{option}={value}" in line
    shop.declare(groups[1], name="new", opts=options)
    run = shop.up()
    assert run.ok, run.text
    assert shop.destroy().ok
    assert sorted(endpoint.trackers()) == ["new", "old"]


def test_retain_on_delete_that_changes_in_the_step_of_a_replacement(
    either: Deployment, endpoint: Endpoint
) -> None:
    one, two = endpoint.group("movies"), endpoint.group("books")
    retained = {"retain_on_delete": True}
    either.declare(one, name="first", opts=retained)
    assert either.up().ok
    either.declare(one, name="second")
    for run in (either.preview(), either.up()):
        assert run.line.startswith("replacing event tracker first: retain_on_delete changes in")
    # The advice, followed: the option alone, which writes nothing at AWS, then the rest.
    either.declare(one, name="first")
    endpoint.clear_calls()
    assert either.up(refresh=True).steps[-1] == "update"
    assert {call["operation"] for call in endpoint.calls()} == READS
    either.declare(one, name="second")
    run = either.up(refresh=True)
    assert run.ok, run.text
    assert list(endpoint.trackers()) == ["second"]
    # The other way round: the old tracker was to be kept.
    either.declare(two, name="third", opts=retained)
    assert "Run `pulumi up` with that option alone first" in either.preview().line
    either.declare(one, name="second", opts=retained)
    assert either.up().steps == ["update"]
    assert either.up(expect_no_changes=True).ok
    either.declare(two, name="third", opts=retained)
    assert either.up().ok
    assert sorted(endpoint.trackers()) == ["second", "third"]


def test_autonaming_without_randomness_deletes_first(
    either: Deployment, endpoint: Endpoint
) -> None:
    one, two = endpoint.group("movies"), endpoint.group("books")
    either.config({"pulumi:autonaming": {"pattern": "${project}-${name}"}})
    either.declare(one, opts={"delete_before_replace": False})
    run = either.up()
    assert run.ok, run.text
    ((name, arn),) = endpoint.trackers().items()
    assert either.native is (name == "shop-clicks")
    assert either.native is not any("gives event trackers " in line for line in run.warnings)
    either.declare(two, opts={"delete_before_replace": False})
    announced, order, *_ = either.preview().warnings
    assert announced.startswith(f"replacing event tracker {name} ({arn}) permanently")
    assert "is deleted before the new one is created, and lost if that fails" in order
    run = either.up()
    assert run.ok, run.text
    assert run.steps == DELETE_FIRST
    assert [name == "shop-clicks" for name in endpoint.trackers()] == [either.native]
    # It deletes first at any replacement.
    either.declare(two, name="views")
    run = either.up(replace=[either.urn])
    assert run.ok, run.text
    assert list(endpoint.trackers()) == ["views"]


def test_group_that_is_replaced_and_deleted_first(either: Deployment, endpoint: Endpoint) -> None:
    either.program(
        WITH_GROUPS
        + """
class Provider(DatasetGroupProvider):
    def diff(self, _id, olds, news):
        changed = ["round"] if olds["round"] != news["round"] else []
        return dynamic.DiffResult(bool(changed), changed, delete_before_replace=True)

    def delete(self, arn, _props):
        client = boto3.client("personalize", endpoint_url=self.url, region_name="us-east-1")
        while found := client.list_datasets(datasetGroupArn=arn)["datasets"]:
            if found[0]["status"] == "ACTIVE":
                client.delete_dataset(datasetArn=found[0]["datasetArn"])
        client.delete_dataset_group(datasetGroupArn=arn)
        while client.list_dataset_groups()["datasetGroups"]:
            pass


class Group(dynamic.Resource, name="DatasetGroup"):
    arn: pulumi.Output[str]


config = pulumi.Config()
props = {"name": "movies", "arn": None, "round": config.require("round")}
group = Group(Provider(URL), "group", props)
EventTracker("clicks", group.arn, name="clicks")
"""
    )
    either.config({"round": "1"})
    assert either.up().ok
    either.config({"round": "2"})
    (warning,) = either.preview().warnings
    assert warning.endswith("PutEvents with the old ID will fail")
    run = either.up()
    assert run.ok, run.text
    assert run.steps == DELETE_FIRST
    assert list(endpoint.trackers()) == ["clicks"]


def test_ignore_changes_of_name_group_and_a_tag(
    shop: Deployment, endpoint: Endpoint, groups: list[str]
) -> None:
    shop.declare(groups[0], name="one", tags={"team": "search", "cost": "1"})
    assert shop.up().ok
    changed = {"name": "two", "tags": {"team": "ads", "cost": "2"}}
    options = {"ignore_changes": ["name", "dataset_group_arn", 'tags["team"]']}
    shop.declare(groups[1], **changed, opts=options)
    run = shop.up()
    assert run.steps == ["update"], run.text
    (arn,) = endpoint.trackers().values()
    found = endpoint.tags(arn)
    del found[OWNER_TAG]
    assert found == {"team": "search", "cost": "2"}
    assert list(shop.existing) == ["one"]


def test_transforms_of_inputs_and_options_count(
    shop: Deployment, endpoint: Endpoint, program: Program
) -> None:
    program(
        f"""
def tag(args):
    if args.type_ == "{TYPE}":
        tags = {{**(args.props.get("tags") or {{}}), "stack": pulumi.get_stack()}}
        return pulumi.ResourceTransformResult({{**args.props, "tags": tags}}, args.opts)


def delete_first(args):
    options = ResourceOptions.merge(args.opts, ResourceOptions(delete_before_replace=True))
    return pulumi.ResourceTransformResult(args.props, options)


pulumi.runtime.register_resource_transform(tag)
options = ResourceOptions(transforms=[delete_first])
EventTracker("clicks", config.get_object("group") or movies, tags={{"a": "1"}}, opts=options)
"""
    )
    assert shop.up().ok
    assert shop.tracker()["outputs"]["tags"] == {"a": "1", "stack": "test"}
    shop.config({"group": json.dumps(endpoint.group("games"))})
    run = shop.up()
    assert run.ok, run.text
    assert run.steps == DELETE_FIRST


def test_deleted_with(shop: Deployment, endpoint: Endpoint, program: Program) -> None:
    program(
        """
first = EventTracker("first", movies, name="first")
EventTracker("second", books, name="second", opts=ResourceOptions(deleted_with=first))
"""
    )
    run = shop.up()
    assert run.ok, run.text
    assert any(
        "second: with deleted_with=first, a destroy of both does not" in warning
        for warning in run.warnings
    )
    assert shop.destroy().ok
    assert list(endpoint.trackers()) == ["second"]
    # Personalize deletes no dataset group that has a tracker.
    program(
        """
group = pulumi.ComponentResource("aws-native:personalize:DatasetGroup", "group")
EventTracker("clicks", movies, opts=ResourceOptions(deleted_with=group))
"""
    )
    assert shop.preview().line.startswith("declaring event tracker clicks: deleted_with=group ")


def test_provider_with_a_configuration_of_its_own(
    shop: Deployment, endpoint: Endpoint, program: Program
) -> None:
    program(
        """
settings = {"personalize:endpointUrl": config.require("url")}
other = pulumi.ProviderResource("pulumi-python", "other", settings)
EventTracker("clicks", movies, opts=ResourceOptions(provider=other))
Search("web", books, ResourceOptions(providers=[other]))
"""
    )
    shop.config({"personalize:endpointUrl": "http://127.0.0.1:9", "url": endpoint.url})
    run = shop.up()
    assert run.ok, run.text
    assert run.steps == ["create", "create"]
    assert len(endpoint.trackers()) == 2
    assert all("::other::" in found["provider"] for found in shop.state())
    assert shop.destroy().ok
    assert endpoint.trackers() == {}


def test_plan_of_a_new_tracker_without_a_name(
    shop: Deployment, endpoint: Endpoint, groups: list[str]
) -> None:
    plan = str(shop.folder / "plan.json")
    shop.declare(groups[0])
    assert shop.preview(plan=plan).ok
    run = shop.up(plan=plan)
    assert run.ok, run.text
    assert endpoint.trackers() == shop.existing
