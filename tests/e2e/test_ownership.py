"""Who owns a tracker: forced replacement, lost state, renames, adoption."""

from __future__ import annotations

import re
from collections.abc import Callable

from endpoints import Endpoint
from harness import Deployment
from kinds import OWNER_TAG

REPLACED_BY_OPTIONS = """
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
    replace_with=[trigger],
    replace_on_changes=["tags"],
    replacement_trigger=config.get("trigger"),
    delete_before_replace=config.get_bool("first"),
)
tags = {"team": config.require("team")}
tracker = EventTracker("clicks", config.require("group"), tags=tags, opts=options)
pulumi.export("clicks", tracker.tracking_id)
"""

WITH_PROVIDER = """
import pulumi
from pulumi_personalize import EventTracker

config = pulumi.Config()
name = config.get("provider")
settings = {"personalize:endpointUrl": pulumi.Config("personalize").require("endpointUrl")}
provider = pulumi.ProviderResource("pulumi-python", name, settings) if name else None
options = pulumi.ResourceOptions(provider=provider)
tracker = EventTracker("clicks", config.require("group"), name=config.require("name"), opts=options)
pulumi.export("clicks", tracker.tracking_id)
"""


class TestForcedReplacement:
    """The engine requests no diff then; at best a second check shows it to the provider."""

    OPTION = " set delete_before_replace=True."
    CHANGED = "permanently changes its tracking ID; PutEvents with the old ID will fail"

    def test_replace_is_refused_in_the_same_words_until_the_option_is_set(
        self, either: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        either.declare(group)
        first = either.up()
        before = endpoint.trackers()
        urn = either.urn
        refusals = [run(replace=[urn]).line for run in (either.preview, either.up)]
        reasons = {line.partition("already has ")[2] for line in refusals}
        assert len(reasons) == 1
        assert all(line.endswith(self.OPTION) for line in refusals)
        assert endpoint.trackers() == before
        either.declare(group, opts={"delete_before_replace": True})
        preview = either.preview(replace=[urn])
        ((name, arn),) = before.items()
        assert preview.warnings == [
            f"replacing event tracker {name} ({arn}) permanently changes its tracking ID; "
            "PutEvents with the old ID will fail; if state was lost: the update will be refused; "
            "set adopt_existing=True to recover it"
        ]
        second = either.up(replace=[urn])
        assert second.ok, second.text
        assert second.outputs["clicks"] != first.outputs["clicks"]
        assert endpoint.trackers() == either.existing

    def test_replacement_by_an_option_and_of_a_tainted_tracker(
        self, either: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        either.program(REPLACED_BY_OPTIONS)
        same = {"text": "one", "team": "search", "trigger": "1"}
        either.config({"group": group, **same})
        first = either.up()
        assert first.ok, first.text
        before = endpoint.trackers()
        changes = {"text": "two"}, {"trigger": "2"}, {"team": "ads"}
        for change in changes:
            either.config({**same, **change})
            assert self.OPTION.strip(".") in either.preview().line
        either.config({**same, "trigger": "2", "group": endpoint.group("books")})
        (warning,) = either.preview().warnings
        assert warning.endswith(self.CHANGED)
        either.config({"first": "true", "group": group})
        for change in changes:
            either.config({**same, **change})
            (warning,) = either.preview().warnings
            assert warning.endswith(self.CHANGED)
        second = either.up()
        assert second.ok, second.text
        assert second.outputs["clicks"] != first.outputs["clicks"]
        assert endpoint.trackers() == either.existing != before
        either.pulumi("state", "taint", either.urn, "--yes")
        for options in ([], ["--diff"], ["--json"]):
            text = either.pulumi("preview", *options)
            row = "Diagnostics:" in text and text.partition("Diagnostics:")[2]
            assert (row or text).count(f"{self.CHANGED}; if state was lost: ") == 1


class TestChangedProvider:
    def test_the_tracker_stays_and_a_rename_makes_exactly_one_new_one(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        shop.program(WITH_PROVIDER)
        shop.config({"group": group, "name": "old"})
        first = shop.up()
        assert first.ok, first.text
        before = endpoint.trackers()
        shop.config({"provider": "mine"})
        second = shop.up()
        assert second.ok, second.text
        assert "replace" not in second.text
        assert second.outputs == first.outputs
        assert "::mine::" in shop.tracker()["provider"]
        assert endpoint.trackers() == before
        shop.config({"provider": "yours", "name": "new"})
        third = shop.up()
        assert third.ok, third.text
        assert third.outputs != first.outputs
        assert endpoint.trackers() == shop.existing


class TestLostState:
    def test_it_is_refused_with_the_line_that_adopts_and_adopted(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        shop.declare(group, tags={"team": "search"})
        first = shop.up()
        before = endpoint.trackers()
        shop.lose_state()
        assert "To recover lost state, set adopt_existing=True" in shop.preview().line
        assert endpoint.trackers() == before
        shop.declare(group, tags={"team": "search"}, adopt_existing=True)
        second = shop.up()
        assert second.ok, second.text
        assert second.outputs == first.outputs
        assert endpoint.trackers() == before
        # The option keeps the tracker in a forced replacement, too.
        third = shop.up(replace=[shop.urn])
        assert third.ok, third.text
        assert third.outputs == first.outputs
        assert endpoint.trackers() == shop.existing == before
        shop.declare(group, tags={"team": "search"})
        assert shop.up(expect_no_changes=True).ok


def test_renamed_project_stack_and_resource(
    shop: Deployment, endpoint: Endpoint, group: str
) -> None:
    options = {"delete_before_replace": True}
    shop.declare(group, opts=options)
    assert shop.up().ok
    before = endpoint.trackers()
    shop.rename("store", "production")
    shop.pulumi("state", "rename", shop.urn, "views", "--yes")
    shop.trackers({"resource": "views", "dataset_group_arn": group, "opts": options})
    run = shop.up()
    assert run.changes == {"same": 1, "update": 1}, run.text
    assert "shop/test/clicks is now store/production/views" in run.text
    assert endpoint.trackers() == shop.existing == before
    arn = shop.tracker()["id"]
    assert endpoint.tags(arn)[OWNER_TAG].endswith(":store/production/views")
    run = shop.up(replace=[shop.urn])
    assert run.ok, run.text
    assert endpoint.trackers() == shop.existing != before


def test_tracker_moved_into_another_stack_is_that_stacks(
    deploy: Callable[..., Deployment], endpoint: Endpoint, group: str
) -> None:
    old, new = deploy(stack="old"), deploy(stack="new")
    new.trackers()
    for stack in (old, new):
        stack.declare(group, tags={"team": "search"})
    assert old.up().ok
    before, arn = endpoint.trackers(), old.tracker()["id"]
    old.pulumi("state", "move", "--source", "old", "--dest", "new", old.urn, "--yes", stack=False)
    run = new.up()
    assert run.ok, run.text
    assert run.steps == ["update"]
    assert endpoint.trackers() == new.existing == before
    assert endpoint.tags(arn)[OWNER_TAG].endswith(":shop/new/clicks")
    assert new.destroy().ok
    assert endpoint.trackers() == {}


class TestAdoption:
    def test_the_preview_says_it_and_the_tracker_is_adopted(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        made = endpoint.client.create_event_tracker(
            name="theirs", datasetGroupArn=group, tags=[{"tagKey": "by", "tagValue": "hand"}]
        )
        arn = made["eventTrackerArn"]
        shop.declare(group, name="mine", adopt_existing=True)
        assert "only a tracker named 'mine': set name='theirs'" in shop.preview().line
        shop.declare(group, tags={"team": "search"}, adopt_existing=True)
        words = (
            f"adopting existing event tracker theirs ({arn}) (adopt_existing=True); "
            "removing its tags by"
        )
        rows = []
        for start in (shop.preview, shop.up):
            run = start()
            assert run.ok, run.text
            rows.append([line for line in run.log_lines if line[2]])
        # On the resource's row, where it stays.
        assert rows == [[(shop.urn, words, True)]] * 2
        assert run.outputs["clicks"] == made["trackingId"]
        assert shop.existing == {"theirs": arn}
        tags = endpoint.tags(arn)
        assert tags.pop(OWNER_TAG).endswith(":shop/test/clicks")
        assert tags == {"team": "search"}

    def test_a_tracker_that_another_stack_took_over_is_not_deleted(
        self, deploy: Callable[..., Deployment], endpoint: Endpoint, group: str
    ) -> None:
        one, two = deploy(stack="one"), deploy(stack="two")
        one.declare(group)
        assert one.up().ok
        two.declare(group, adopt_existing=True)
        assert two.up().ok
        run = one.destroy()
        assert run.ok, run.text
        arn = two.tracker()["id"]
        assert re.search(rf"not deleting event tracker \S+ \({arn}\)", run.text)
        assert one.state() == []
        assert endpoint.trackers() == two.existing


class TestManyAtOnce:
    def test_a_hundred_are_created_at_the_same_time(
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
        # More creates began before the first could end than the four that the SDK permits.
        first = min(call["time"] for call in calls)
        assert sum(call["time"] < first + 5 for call in calls) > 25
