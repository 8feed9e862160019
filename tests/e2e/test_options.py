"""Pulumi's resource options do with an event tracker what they do with any resource.

Elsewhere: ``replace_with``, ``replace_on_changes`` of a whole property, ``retain_on_delete`` of an
adopted tracker (all in test_ownership), ``additional_secret_outputs`` (in test_secrets).
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from endpoints import Endpoint
from harness import TYPE, Deployment
from kinds import OWNER_TAG

CHANGING = ("CreateEventTracker", "DeleteEventTracker")
ROOT = f"urn:pulumi:test::shop::{TYPE}::"

#: The beginning of the programs here: the ARNs of three dataset groups, and two components.
START = """
import pulumi
from pulumi import Alias, ResourceOptions
from pulumi_personalize import EventTracker

config = pulumi.Config()
movies, books, music = config.require_object("groups")


class Search(pulumi.ComponentResource):
    def __init__(self, name, group, opts=None, child=None):
        super().__init__("shop:index:" + type(self).__name__, name, None, opts)
        EventTracker(name, group, opts=ResourceOptions.merge(ResourceOptions(parent=self), child))


class Ads(Search):
    pass
"""

Program = Callable[[str], None]


@pytest.fixture
def groups(shop: Deployment, endpoint: Endpoint) -> list[str]:
    """Three ACTIVE dataset groups, in the stack's configuration too."""
    arns = [endpoint.group(name) for name in ("movies", "books", "music")]
    shop.config({"groups": json.dumps(arns)})
    return arns


@pytest.fixture
def clicks(groups: list[str]) -> dict[str, Any]:
    """An event tracker as the harness's usual program takes it."""
    return {"resource": "clicks", "dataset_group_arn": groups[0], "name": "clicks"}


@pytest.fixture
def program(shop: Deployment, groups: list[str]) -> Program:
    """Writes a program that goes on from `START`."""
    return lambda text: shop.program(START + text)


def changing(endpoint: Endpoint) -> list[str]:
    """The creates and deletes that were asked for, in order."""
    return [call for call in endpoint.operations() if call in CHANGING]


def tags(endpoint: Endpoint, shop: Deployment) -> dict[str, str]:
    """The user's tags of the one event tracker, at the service."""
    found = endpoint.tags(shop.tracker()["id"])
    del found[OWNER_TAG]
    return found


def test_protect_keeps_the_tracker_from_destroy_and_replacement(
    shop: Deployment, endpoint: Endpoint, clicks: dict[str, Any]
) -> None:
    shop.trackers(clicks | {"opts": {"protect": True}})
    assert shop.up().ok
    before = endpoint.trackers()
    refused = [shop.destroy()]
    shop.trackers(clicks | {"name": "new", "opts": {"protect": True}})
    refused += [shop.up()]
    for run in refused:
        assert not run.ok
        assert "pulumi state unprotect" in run.errors[0] or "`protect` flag" in run.errors[0]
    assert endpoint.trackers() == before
    shop.trackers(clicks | {"name": "new"})
    run = shop.up()
    assert run.ok, run.text
    assert list(endpoint.trackers()) == ["new"]


def test_retain_on_delete(
    shop: Deployment, endpoint: Endpoint, clicks: dict[str, Any], groups: list[str]
) -> None:
    retained = {"opts": {"retain_on_delete": True}}
    shop.trackers(clicks | retained)
    assert shop.up().ok
    # The old tracker would stay, and its group takes no second one.
    shop.trackers(clicks | retained | {"name": "new"})
    refused = shop.preview()
    (error,) = refused.errors
    assert error.startswith("pulumi_personalize.InputError: renaming event tracker clicks: ")
    assert "retain_on_delete=True" in error
    shop.trackers(clicks | retained | {"name": "new", "dataset_group_arn": groups[1]})
    run = shop.up()
    assert run.ok, run.text
    assert shop.destroy().ok
    assert sorted(endpoint.trackers()) == ["clicks", "new"]


def test_retain_on_delete_of_a_parent(
    shop: Deployment, endpoint: Endpoint, program: Program
) -> None:
    # The engine knows of it, but neither the program nor the provider.
    text = """
        site = pulumi.ComponentResource("shop:index:Site", "site", None, {options})
        options = ResourceOptions(parent=site)
        pulumi.export("id", EventTracker("clicks", movies, {arguments}, opts=options).tracking_id)
        """
    retained = "ResourceOptions(retain_on_delete=True)"
    program(textwrap.dedent(text).format(options=retained, arguments="'one'"))
    first = shop.up()
    assert first.ok, first.text
    program(textwrap.dedent(text).format(options=retained, arguments="'two'"))
    refused = shop.up()
    assert not refused.ok
    assert "retain_on_delete, which a parent" in refused.errors[0]
    assert "set adopt_existing=True and name='one' to keep it" in refused.errors[0]
    program(textwrap.dedent(text).format(options=retained, arguments="'one', adopt_existing=True"))
    again = shop.up()
    assert again.ok, again.text
    assert again.outputs == first.outputs
    assert list(endpoint.trackers()) == ["one"]


class TestIgnoreChanges:
    def test_of_properties(
        self, shop: Deployment, clicks: dict[str, Any], groups: list[str]
    ) -> None:
        shop.trackers(clicks | {"tags": {"team": "search"}})
        assert shop.up().ok
        changed = {"dataset_group_arn": groups[1], "name": "new", "tags": {"team": "ads"}}
        shop.trackers(clicks | changed | {"opts": {"ignore_changes": list(changed)}})
        assert shop.up(expect_no_changes=True).ok
        shop.trackers(clicks | changed | {"opts": {"ignore_changes": ["dataset_group_arn"]}})
        assert shop.preview().steps == ["delete-replaced", "replace", "create-replacement"]

    def test_of_single_tags(
        self, shop: Deployment, endpoint: Endpoint, clicks: dict[str, Any]
    ) -> None:
        shop.trackers(clicks | {"tags": {"team": "search", "tier": "gold", "cost": "1"}})
        assert shop.up().ok
        shop.trackers(
            clicks
            | {"tags": {"team": "ads", "tier": "tin", "cost": "2"}}
            | {"opts": {"ignore_changes": ['tags["team"]', "tags.tier"]}}
        )
        assert shop.up().steps == ["update"]
        assert tags(endpoint, shop) == {"team": "search", "tier": "gold", "cost": "2"}
        # Drift of what is ignored is seen, and left as it is.
        endpoint.client.tag_resource(
            resourceArn=shop.tracker()["id"],
            tags=[{"tagKey": key, "tagValue": "drift"} for key in ("team", "cost")],
        )
        assert shop.refresh().ok
        assert shop.up().steps == ["update"]
        assert tags(endpoint, shop) == {"team": "drift", "tier": "gold", "cost": "2"}


@pytest.mark.parametrize(
    "renamed",
    [
        """
options = ResourceOptions(delete_before_replace=first, aliases=[Alias(name="clicks")])
EventTracker("views", movies, opts=options)
""",
        """
aliases = [Alias(parent=pulumi.ROOT_STACK_RESOURCE)]
options = ResourceOptions(delete_before_replace=first, aliases=aliases)
Search("clicks", movies, child=options)
""",
    ],
    ids=["name", "parent"],
)
def test_an_alias_changes_only_the_ownership_tag(
    shop: Deployment, endpoint: Endpoint, program: Program, renamed: str
) -> None:
    program('EventTracker("clicks", movies)')
    assert shop.up().ok
    before, urn = endpoint.trackers(), shop.urn
    program(f"first = None{renamed}")
    run = shop.up()
    assert run.ok, run.text
    assert run.steps == ["update"]
    assert re.search(r"rewriting .* event tracker clicks-", run.text)
    assert shop.urn != urn
    assert {shop.tracker()["outputs"]["name"]: shop.tracker()["id"]} == before
    assert shop.refresh(expect_no_changes=True).ok
    # A replacement can still be forced.
    program(f"first = True{renamed}")
    run = shop.up(replace=[shop.urn])
    assert run.ok, run.text
    assert endpoint.trackers() == {shop.tracker()["outputs"]["name"]: shop.tracker()["id"]}
    assert endpoint.trackers() != before


def test_depends_on(shop: Deployment, endpoint: Endpoint, program: Program) -> None:
    endpoint.pace(1)
    program("""
first = EventTracker("first", movies, name="first")
EventTracker("second", books, name="second", opts=ResourceOptions(depends_on=[first]))
""")
    run = shop.up()
    assert run.ok, run.text
    made = {found["outputs"]["name"]: found["outputs"] for found in shop.state()}
    became_active = made["first"]["lastUpdatedDateTime"]
    assert became_active <= made["second"]["creationDateTime"]
    assert shop.destroy().ok
    deleted = [
        call["about"]["eventTrackerArn"]
        for call in endpoint.calls()
        if call["operation"] == "DeleteEventTracker"
    ]
    assert deleted == [made[name]["eventTrackerArn"] for name in ("second", "first")]


class TestDeleteBeforeReplace:
    def test_a_move_deletes_first(
        self, shop: Deployment, endpoint: Endpoint, clicks: dict[str, Any], groups: list[str]
    ) -> None:
        first = {"opts": {"delete_before_replace": True}}
        shop.trackers(clicks | first)
        assert shop.up().ok
        endpoint.clear_calls()
        shop.trackers(clicks | first | {"dataset_group_arn": groups[1]})
        run = shop.up()
        assert run.ok, run.text
        assert run.steps == ["delete-replaced", "replace", "create-replacement"]
        assert changing(endpoint) == ["DeleteEventTracker", "CreateEventTracker"]
        # Even the name can be the same then.
        assert list(endpoint.trackers()) == ["clicks"]

    def test_a_rename_is_refused_without_it(
        self, shop: Deployment, endpoint: Endpoint, clicks: dict[str, Any]
    ) -> None:
        shop.trackers(clicks)
        assert shop.up().ok
        before = endpoint.trackers()
        shop.trackers(clicks | {"name": "new", "opts": {"delete_before_replace": False}})
        run = shop.preview()
        assert not run.ok
        assert run.errors[0].startswith(
            "pulumi_personalize.InputError: renaming event tracker clicks: "
        )
        assert "delete_before_replace=False" in run.errors[0]
        assert endpoint.trackers() == before


def test_replace_on_changes_of_one_tag(
    shop: Deployment, endpoint: Endpoint, clicks: dict[str, Any]
) -> None:
    options = {"replace_on_changes": ['tags["team"]'], "delete_before_replace": True}
    shop.trackers(clicks | {"tags": {"team": "search", "cost": "1"}, "opts": options})
    assert shop.up().ok
    shop.trackers(clicks | {"tags": {"team": "search", "cost": "2"}, "opts": options})
    assert shop.up().steps == ["update"]
    shop.trackers(clicks | {"tags": {"team": "ads", "cost": "2"}, "opts": options})
    run = shop.up()
    assert run.steps == ["delete-replaced", "replace", "create-replacement"], run.text
    assert tags(endpoint, shop) == {"team": "ads", "cost": "2"}


class TestParent:
    def test_children_of_components(
        self, shop: Deployment, endpoint: Endpoint, program: Program
    ) -> None:
        program("""
Search("app", movies)
Search("web", books)
Ads("web", music, ResourceOptions(protect=True))
""")
        run = shop.up()
        assert run.ok, run.text
        state = {found["urn"].split("::", 2)[2]: found for found in shop.state()}
        owners = {urn: endpoint.tags(found["id"])[OWNER_TAG] for urn, found in state.items()}
        assert {urn: mark.partition(":")[2] for urn, mark in owners.items()} == {
            f"shop:index:{kind}${TYPE}::{name}": f"shop/test/shop:index:{kind}::{name}/{name}"
            for kind, name in [("Search", "app"), ("Search", "web"), ("Ads", "web")]
        }
        (protected,) = [found for found in shop.state() if found.get("protect")]
        assert protected["urn"].endswith(f"::shop:index:Ads${TYPE}::web")
        assert not shop.destroy().ok
        assert protected["id"] in endpoint.trackers().values()

    def test_two_of_one_name_on_one_group_are_two(self, shop: Deployment, program: Program) -> None:
        program("""
Search("web", movies)
Ads("web", movies)
""")
        run = shop.preview()
        assert not run.ok
        assert "'web/web' and 'web/web' both use" in run.errors[0]


@pytest.mark.parametrize(
    ("register", "result", "option"),
    [
        ("register_resource_transform", "ResourceTransformResult", "transforms"),
        ("register_stack_transformation", "ResourceTransformationResult", "transformations"),
    ],
)
def test_transforms_apply_to_the_tracker(
    shop: Deployment, endpoint: Endpoint, program: Program, register: str, result: str, option: str
) -> None:
    program(f"""
def tag(args):
    if args.type_ == "{TYPE}":
        tags = {{**(args.props.get("tags") or {{}}), "stack": pulumi.get_stack()}}
        return pulumi.{result}({{**args.props, "tags": tags}}, args.opts)


def delete_first(args):
    first = ResourceOptions(delete_before_replace=True)
    return pulumi.{result}(args.props, ResourceOptions.merge(args.opts, first))


pulumi.runtime.{register}(tag)
Search("movies", movies)
group = config.get("group") or books
options = ResourceOptions({option}=[delete_first])
EventTracker("clicks", group, name="clicks", tags={{"team": "search"}}, opts=options)
""")
    assert shop.up().ok
    urn = ROOT + "clicks"
    tagged = {found["urn"] == urn: found["outputs"]["tags"] for found in shop.state()}
    assert tagged == {True: {"team": "search", "stack": "test"}, False: {"stack": "test"}}
    # Pulumi tells no provider of options, and the resource tells its own only.
    forced = shop.preview(replace=[urn])
    assert forced.errors[0].endswith("set delete_before_replace=True.")
    shop.config({"group": endpoint.group("games")})
    endpoint.clear_calls()
    run = shop.up()
    assert run.ok, run.text
    assert changing(endpoint) == ["DeleteEventTracker", "CreateEventTracker"]


def test_target_updates_that_tracker_alone(
    shop: Deployment, endpoint: Endpoint, program: Program
) -> None:
    def rounds() -> dict[str, str]:
        return {name: endpoint.tags(arn)["round"] for name, arn in endpoint.trackers().items()}

    program("""
tags = {"round": config.require("round")}
first = EventTracker("first", movies, name="first", tags=tags)
EventTracker("second", books, name="second", tags=tags, opts=ResourceOptions(depends_on=[first]))
EventTracker("third", music, name="third", tags=tags)
""")
    first, second, third = (ROOT + name for name in ("first", "second", "third"))
    shop.config({"round": "1"})
    assert shop.up(target=[third]).ok
    assert rounds() == {"third": "1"}
    refused = shop.up(target=[second])
    assert "not specified in --target" in refused.errors[0]
    shop.config({"round": "2"})
    assert shop.up(target=[first, second]).ok
    assert rounds() == {"first": "2", "second": "2", "third": "1"}
    shop.config({"round": "3"})
    assert shop.up(target=[first]).ok
    assert rounds() == {"first": "3", "second": "2", "third": "1"}
    shop.config({"round": "4"})
    assert shop.up(target=[first], target_dependents=True).ok
    assert rounds() == {"first": "4", "second": "4", "third": "1"}
    refused = shop.destroy(target=[first])
    assert "not specified in --target" in refused.errors[0], refused.text
    assert len(rounds()) == 3
    assert shop.destroy(target=[first], target_dependents=True).ok
    assert rounds() == {"third": "1"}


def test_an_explicit_providers_keys_without_their_namespace(
    shop: Deployment, endpoint: Endpoint, program: Program
) -> None:
    text = """
settings = {{"endpointUrl": "http://127.0.0.1:9", "key": "x"}}
options = ResourceOptions(version="1.0.0")
other = pulumi.ProviderResource("pulumi-python", "other", {settings}, options)
EventTracker("clicks", movies, opts=ResourceOptions(provider=other))
"""
    endpoint.clear_calls()
    program(text.format(settings="settings"))
    run = shop.preview()
    assert not run.ok
    assert "reading configuration endpointUrl: " in run.errors[0]
    assert "personalize:endpointUrl?" in run.errors[0]
    assert endpoint.operations() == []
    # What is nobody's name here is left alone, Pulumi's own `version` too.
    url = f"{{'personalize:endpointUrl': '{endpoint.url}', 'key': 'x'}}"
    program(text.format(settings=url))
    run = shop.preview()
    assert run.ok, run.text
    assert endpoint.operations() != []


def test_deleted_with(shop: Deployment, endpoint: Endpoint, program: Program) -> None:
    program("""
first = EventTracker("first", movies, name="first")
EventTracker("second", books, name="second", opts=ResourceOptions(deleted_with=first))
""")
    run = shop.up()
    assert run.ok, run.text
    assert (
        "warning: event tracker second: with deleted_with=first, a destroy of both does not delete "
        "the event tracker; unless the deletion of first does, it stays"
    ) in run.text
    endpoint.clear_calls()
    assert shop.destroy().ok
    assert changing(endpoint) == ["DeleteEventTracker"]
    assert list(endpoint.trackers()) == ["second"]


def test_deleted_with_of_a_dataset_group_is_refused(
    shop: Deployment, endpoint: Endpoint, program: Program
) -> None:
    program("""
group = pulumi.ComponentResource("aws-native:personalize:DatasetGroup", "group")
EventTracker("clicks", movies, opts=ResourceOptions(deleted_with=group))
""")
    run = shop.preview()
    assert not run.ok
    assert run.errors[0].startswith("declaring event tracker clicks: deleted_with=group ")
    assert endpoint.trackers() == {}


def test_custom_timeouts_do_not_reach_a_dynamic_provider(
    shop: Deployment, endpoint: Endpoint, program: Program
) -> None:
    endpoint.pace(3)
    program("""
timeouts = pulumi.CustomTimeouts(create="1s", delete="1s")
EventTracker("clicks", movies, opts=ResourceOptions(custom_timeouts=timeouts))
""")
    run = shop.up()
    assert run.ok, run.text
    assert shop.destroy().ok


def test_provider_with_a_configuration_of_its_own(
    shop: Deployment, endpoint: Endpoint, program: Program
) -> None:
    program('EventTracker("clicks", movies)')
    assert shop.up().ok
    before = endpoint.trackers()
    program("""
settings = {"personalize:endpointUrl": config.require("url")}
other = pulumi.ProviderResource("pulumi-python", "other", settings)
EventTracker("clicks", movies, opts=ResourceOptions(provider=other))
Search("web", books, ResourceOptions(providers=[other]))
""")
    shop.config({"personalize:endpointUrl": "http://127.0.0.1:9", "url": endpoint.url})
    run = shop.up()
    assert run.ok, run.text
    assert sorted(run.steps) == ["create", "same"]
    assert before.items() < endpoint.trackers().items()
    assert all("::other::" in found["provider"] for found in shop.state())
    assert shop.up(expect_no_changes=True).ok
    assert shop.destroy().ok
    assert endpoint.trackers() == {}
