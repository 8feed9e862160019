"""Whose a tracker is: forced replacement, lost state, adoption, the mark."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from endpoints import Endpoint
from harness import Deployment
from kinds import OWNER_TAG

REPLACE_WITH = """
import pulumi
from pulumi import dynamic
from pulumi_personalize import EventTracker


class Provider(dynamic.ResourceProvider):
    def create(self, props):
        return dynamic.CreateResult("id", dict(props))

    def diff(self, _id, olds, news):
        changed = olds["text"] != news["text"]
        return dynamic.DiffResult(changed, ["text"] if changed else [])


class Trigger(dynamic.Resource, name="Trigger"):
    pass


config = pulumi.Config()
trigger = Trigger(Provider(), "trigger", {"text": config.require("text")})
options = pulumi.ResourceOptions(
    replace_with=[trigger], delete_before_replace=config.get_bool("first")
)
tracker = EventTracker("clicks", dataset_group_arn=config.require("group"), opts=options)
pulumi.export("clicks", tracker.tracking_id)
"""


class TestForcedReplacement:
    """The engine asks for no diff then: at best a second check tells the provider of it."""

    OPTION = " set delete_before_replace=True."

    def test_replace_is_refused_at_preview_with_the_option_that_makes_it_work(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        shop.trackers({"resource": "clicks", "dataset_group_arn": group})
        assert shop.up().ok
        before = endpoint.trackers()
        for run in (shop.preview(replace=[shop.urn]), shop.up(replace=[shop.urn])):
            assert not run.ok
            assert "set adopt_existing=True" in run.errors[0]
            assert run.errors[0].endswith(self.OPTION)
        assert endpoint.trackers() == before

    @pytest.mark.parametrize("name", [None, "clicks"])
    @pytest.mark.parametrize("adopt", [None, True])
    def test_replace_works_with_that_option(
        self,
        shop: Deployment,
        endpoint: Endpoint,
        group: str,
        name: str | None,
        adopt: bool | None,
    ) -> None:
        declared: dict[str, Any] = {
            "resource": "clicks",
            "dataset_group_arn": group,
            "opts": {"delete_before_replace": True},
        }
        declared |= {"name": name} if name else {}
        declared |= {"adopt_existing": adopt} if adopt else {}
        shop.trackers(declared)
        first = shop.up()
        second = shop.up(replace=[shop.urn])
        assert second.ok, second.text
        assert second.outputs["clicks"] != first.outputs["clicks"]
        assert endpoint.trackers() == {shop.tracker()["outputs"]["name"]: shop.tracker()["id"]}
        assert shop.up(expect_no_changes=True).ok

    def test_replace_of_an_adopting_resource_never_loses_the_tracker(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        shop.trackers({"resource": "clicks", "dataset_group_arn": group, "adopt_existing": True})
        first = shop.up()
        run = shop.up(replace=[shop.urn])
        assert run.ok, run.text
        assert endpoint.trackers() == {shop.tracker()["outputs"]["name"]: shop.tracker()["id"]}
        assert run.outputs == first.outputs

    def test_replace_with_another_resource(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        shop.program(REPLACE_WITH)
        shop.config({"group": group, "text": "one"})
        first = shop.up()
        assert first.ok, first.text
        shop.config({"text": "two"})
        refused = shop.preview()
        assert not refused.ok
        assert "adopt_existing" not in refused.errors[0]
        assert refused.errors[0].endswith(self.OPTION)
        shop.config({"first": "true"})
        second = shop.up()
        assert second.ok, second.text
        assert second.outputs["clicks"] != first.outputs["clicks"]
        assert endpoint.trackers() == {shop.tracker()["outputs"]["name"]: shop.tracker()["id"]}

    def test_replace_on_changes(self, shop: Deployment, endpoint: Endpoint, group: str) -> None:
        declared = {"resource": "clicks", "dataset_group_arn": group, "tags": {"a": "1"}}
        options = {"replace_on_changes": ["tags"], "delete_before_replace": True}
        shop.trackers(declared | {"opts": options})
        first = shop.up()
        shop.trackers(declared | {"tags": {"a": "2"}, "opts": {"replace_on_changes": ["tags"]}})
        refused = shop.preview()
        assert not refused.ok
        assert "adopt_existing" not in refused.errors[0]
        assert refused.errors[0].endswith(self.OPTION)
        shop.trackers(declared | {"tags": {"a": "2"}, "opts": options})
        second = shop.up()
        assert second.ok, second.text
        assert second.outputs["clicks"] != first.outputs["clicks"]
        assert endpoint.trackers() == {shop.tracker()["outputs"]["name"]: shop.tracker()["id"]}


class TestChangedProvider:
    """Which Pulumi lets the engine replace a resource for; a dynamic one stays, as it should."""

    PROGRAM = """
import pulumi
from pulumi_personalize import EventTracker

config = pulumi.Config()
url = pulumi.Config("personalize").require("endpointUrl")
name = config.get("provider")
settings = {"personalize:endpointUrl": url}
provider = pulumi.ProviderResource("pulumi-python", name, settings) if name else None
tracker = EventTracker(
    "clicks",
    dataset_group_arn=config.require("group"),
    name=config.get("name"),
    opts=pulumi.ResourceOptions(provider=provider),
)
pulumi.export("clicks", tracker.tracking_id)
"""

    def test_the_tracker_stays(self, shop: Deployment, endpoint: Endpoint, group: str) -> None:
        shop.program(self.PROGRAM)
        shop.config({"group": group})
        first = shop.up()
        before = endpoint.trackers()
        for provider in ("mine", "yours"):
            shop.config({"provider": provider})
            run = shop.up()
            assert run.ok, run.text
            assert "replace" not in run.text
            assert run.outputs == first.outputs
            assert f"::{provider}::" in shop.tracker()["provider"]
        assert endpoint.trackers() == before

    def test_with_a_rename_there_is_exactly_one_new_tracker(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        shop.program(self.PROGRAM)
        shop.config({"group": group, "provider": "mine", "name": "old"})
        first = shop.up()
        shop.config({"provider": "yours", "name": "new"})
        second = shop.up()
        assert second.ok, second.text
        assert second.outputs["clicks"] != first.outputs["clicks"]
        assert endpoint.trackers() == {"new": shop.tracker()["id"]}
        assert shop.destroy().ok
        assert endpoint.trackers() == {}


class TestLostState:
    def test_it_is_refused_with_the_line_that_adopts_and_adopted(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        declared = {"resource": "clicks", "dataset_group_arn": group, "tags": {"team": "search"}}
        shop.trackers(declared)
        first = shop.up()
        before = endpoint.trackers()
        shop.lose_state()
        run = shop.preview()
        assert not run.ok
        assert "set adopt_existing=True" in run.errors[0]
        assert endpoint.trackers() == before
        shop.trackers(declared | {"adopt_existing": True})
        second = shop.up()
        assert second.ok, second.text
        assert second.outputs == first.outputs
        assert endpoint.trackers() == before
        shop.trackers(declared)
        assert shop.up(expect_no_changes=True).ok


def test_tracker_moved_into_another_stack_is_that_stacks(
    deploy: Callable[..., Deployment], endpoint: Endpoint, group: str
) -> None:
    declared = {"resource": "clicks", "dataset_group_arn": group, "tags": {"team": "search"}}
    old, new = deploy(stack="old"), deploy(stack="new")
    old.trackers(declared)
    new.trackers()
    for stack in (old, new):
        assert stack.up().ok
    before, arn = endpoint.trackers(), old.tracker()["id"]
    move = ("state", "move", "--source", "old", "--dest", "new", old.urn, "--yes")
    old.pulumi(*move, names_stacks=True)
    old.trackers()
    assert old.up(expect_no_changes=True).ok
    new.trackers(declared)
    run = new.up()
    assert run.ok, run.text
    assert run.steps == ["update"]
    assert new.tracker()["id"] == arn
    assert endpoint.trackers() == before
    assert endpoint.tags(arn)[OWNER_TAG].endswith(":shop/new/clicks")
    assert new.destroy().ok
    assert endpoint.trackers() == {}


class TestAdoption:
    @pytest.fixture
    def theirs(self, endpoint: Endpoint, group: str) -> dict[str, str]:
        """A tracker made by hand, with a tag."""
        made = endpoint.client.create_event_tracker(
            name="theirs",
            datasetGroupArn=group,
            tags=[{"tagKey": "by", "tagValue": "hand"}],
        )
        return {"arn": made["eventTrackerArn"], "trackingId": made["trackingId"]}

    @pytest.mark.parametrize("name", [None, "theirs"])
    def test_the_preview_tells_it_and_the_tracker_is_adopted(
        self,
        shop: Deployment,
        endpoint: Endpoint,
        group: str,
        theirs: dict[str, str],
        name: str | None,
    ) -> None:
        declared = {"resource": "clicks", "dataset_group_arn": group, "tags": {"team": "search"}}
        declared |= {"name": name} if name else {}
        shop.trackers(declared | {"adopt_existing": True})
        told = f"adopting existing event tracker theirs ({theirs['arn']}) (adopt_existing=True)"
        preview = shop.preview()
        assert preview.ok, preview.text
        assert told in preview.text
        run = shop.up()
        assert run.ok, run.text
        assert run.text.partition("Diagnostics:")[2].count(told) == 1
        assert run.outputs["clicks"] == theirs["trackingId"]
        assert shop.tracker()["outputs"]["name"] == "theirs"
        tags = endpoint.tags(theirs["arn"])
        assert tags.pop(OWNER_TAG).endswith(":shop/test/clicks")
        assert tags == {"team": "search"}
        assert shop.up(expect_no_changes=True).ok
        assert shop.destroy().ok
        assert endpoint.trackers() == {}

    def test_under_another_name_it_is_refused_naming_both(
        self, shop: Deployment, endpoint: Endpoint, group: str, theirs: dict[str, str]
    ) -> None:
        shop.trackers(
            {
                "resource": "clicks",
                "dataset_group_arn": group,
                "name": "mine",
                "adopt_existing": True,
            }
        )
        run = shop.preview()
        assert "only a tracker named 'mine': set name='theirs'" in run.errors[0]
        assert endpoint.trackers() == {"theirs": theirs["arn"]}

    def test_it_waits_until_the_tracker_is_active(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        endpoint.pace(8)
        endpoint.client.create_event_tracker(name="theirs", datasetGroupArn=group)
        shop.trackers({"resource": "clicks", "dataset_group_arn": group, "adopt_existing": True})
        assert shop.up().ok
        assert shop.tracker()["outputs"]["status"] == "ACTIVE"

    def test_retain_on_delete_keeps_it(
        self, shop: Deployment, endpoint: Endpoint, group: str, theirs: dict[str, str]
    ) -> None:
        shop.trackers(
            {
                "resource": "clicks",
                "dataset_group_arn": group,
                "adopt_existing": True,
                "opts": {"retain_on_delete": True},
            }
        )
        assert shop.up().ok
        assert shop.destroy().ok
        assert endpoint.trackers() == {"theirs": theirs["arn"]}

    def test_a_tracker_that_another_stack_took_over_is_not_deleted(
        self, deploy: Callable[..., Deployment], endpoint: Endpoint, group: str
    ) -> None:
        one, two = deploy(stack="one"), deploy(stack="two")
        one.trackers({"resource": "clicks", "dataset_group_arn": group})
        assert one.up().ok
        two.trackers({"resource": "clicks", "dataset_group_arn": group, "adopt_existing": True})
        assert two.up().ok
        run = one.destroy()
        assert run.ok, run.text
        arn = two.tracker()["id"]
        assert re.search(rf"not deleting event tracker \S+ \({arn}\)", run.text)
        assert endpoint.trackers() == {two.tracker()["outputs"]["name"]: two.tracker()["id"]}


class TestMark:
    def test_it_names_project_stack_and_resource_and_is_never_seen(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        shop.trackers({"resource": "clicks", "dataset_group_arn": group, "tags": {"a": "1"}})
        run = shop.up()
        tags = endpoint.tags(shop.tracker()["id"])
        kind, _, owner = tags[OWNER_TAG].partition(":")
        assert kind.startswith("done-")
        assert owner == "shop/test/clicks"
        assert OWNER_TAG not in run.text
        assert OWNER_TAG not in str(shop.state())
        assert shop.refresh(expect_no_changes=True).ok

    def test_it_can_be_turned_off(self, shop: Deployment, endpoint: Endpoint, group: str) -> None:
        shop.config({"personalize:ownershipTag": "false"})
        shop.trackers({"resource": "clicks", "dataset_group_arn": group})
        assert shop.up().ok
        assert endpoint.tags(shop.tracker()["id"]) == {}
        assert "TagResource" not in endpoint.operations()
        assert shop.destroy().ok

    def test_it_leaves_room_for_fifty_tags(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        declared = {"resource": "clicks", "dataset_group_arn": group}
        many = {f"key-{number}": "x" for number in range(49)}
        shop.trackers(declared | {"tags": many})
        assert shop.up().ok
        arn = shop.tracker()["id"]
        assert set(endpoint.tags(arn)) == {*many, OWNER_TAG}
        shop.trackers(declared | {"tags": many | {"key-49": "x"}})
        run = shop.up()
        assert run.ok, run.text
        assert endpoint.tags(arn) == many | {"key-49": "x"}
        assert shop.up(expect_no_changes=True).ok


class TestDriftOfTheTrackerItself:
    def test_deleted_and_made_again_by_hand(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        declared = {"resource": "clicks", "dataset_group_arn": group}
        shop.trackers(declared)
        assert shop.up().ok
        endpoint.client.delete_event_tracker(eventTrackerArn=shop.tracker()["id"])
        made = endpoint.client.create_event_tracker(name="by-hand", datasetGroupArn=group)
        assert shop.refresh().ok
        assert shop.state() == []
        refused = shop.preview()
        assert "set adopt_existing=True to adopt it" in refused.errors[0]
        shop.trackers(declared | {"adopt_existing": True})
        run = shop.up()
        assert run.ok, run.text
        assert run.outputs["clicks"] == made["trackingId"]


class TestManyAtOnce:
    def test_a_hundred_take_about_as_long_as_one(
        self, shop: Deployment, endpoint: Endpoint
    ) -> None:
        groups = [endpoint.group(f"group-{number}") for number in range(100)]
        endpoint.pace(5)
        shop.trackers(
            *(
                {"resource": f"clicks-{number}", "dataset_group_arn": group}
                for number, group in enumerate(groups)
            )
        )
        run = shop.up(parallel=128)
        assert run.ok, run.text[-3000:]
        calls = [call for call in endpoint.calls() if call["operation"] == "CreateEventTracker"]
        assert len(calls) == len(endpoint.trackers()) == len(shop.state()) == 100
        # Not by the time it all took, which a loaded machine bends: many creates were begun before
        # the first could be done, where the SDK alone begins four.
        first = min(call["time"] for call in calls)
        assert sum(call["time"] < first + 5 for call in calls) > 25
        assert shop.destroy(parallel=128).ok
        assert endpoint.trackers() == {}
