"""What the preview shows is all that happens: nothing beside it, and nothing less."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from endpoints import Endpoint
from harness import PROJECT, STACK, Deployment
from kinds import OWNER_TAG
from processes import Started, eventually

FIRST = {"delete_before_replace": True}

CONSUMER = """
import pulumi
from pulumi_personalize import EventTracker

config = pulumi.Config()
options = config.get_object("options") or {}
secret = ["tracking_id"] if config.get_bool("secret") else None
clicks = EventTracker(
    "clicks",
    config.require("group"),
    tags={"a": config.require("a")},
    opts=pulumi.ResourceOptions(additional_secret_outputs=secret, **options),
)
clicks.tracking_id.apply(lambda known: pulumi.log.info("consumer knows it"))
pulumi.export("clicks", clicks.tracking_id)
"""


def test_tags_of_others_stay_until_a_refresh_makes_them_drift(
    shop: Deployment, endpoint: Endpoint
) -> None:
    tracker = {"resource": "clicks", "dataset_group_arn": endpoint.group("movies"), "name": "one"}
    shop.trackers(tracker | {"tags": {"a": "1"}})
    assert shop.up().ok
    arn = endpoint.trackers()["one"]
    endpoint.client.tag_resource(resourceArn=arn, tags=[{"tagKey": "bot", "tagValue": "1"}])
    shop.trackers(tracker | {"tags": {"a": "2"}})
    run = shop.up()
    assert run.keys == [["tags"]], run.text
    assert "bot" not in run.text
    assert endpoint.tags(arn) == {"a": "2", "bot": "1", OWNER_TAG: endpoint.tags(arn)[OWNER_TAG]}
    assert shop.tracker()["outputs"]["tags"] == {"a": "2"}
    assert shop.up(expect_no_changes=True).ok
    ignoring = {"tags": {"a": "3"}, "opts": {"ignore_changes": ["tags.bot"]}}
    shop.trackers(tracker | ignoring)
    assert shop.up().ok
    assert endpoint.tags(arn)["bot"] == "1"
    shop.trackers(tracker | {"tags": {"a": "3"}})
    assert shop.refresh().ok
    run = shop.preview(diff=True)
    assert re.search(r'- bot\s*: "1"', run.text), run.text
    assert shop.up().ok
    assert endpoint.tags(arn) == {"a": "3", OWNER_TAG: endpoint.tags(arn)[OWNER_TAG]}


def test_move_that_keeps_its_name(shop: Deployment, endpoint: Endpoint) -> None:
    old, new = endpoint.group("old"), endpoint.group("new")
    tracker = {"resource": "clicks", "name": "keep"}
    shop.trackers(tracker | {"dataset_group_arn": old})
    assert shop.up().ok
    arn = endpoint.trackers()["keep"]
    shop.trackers(tracker | {"dataset_group_arn": new})
    run = shop.preview()
    assert run.ok, run.text
    assert "'keep'" in run.warnings[0]
    assert "set delete_before_replace=True" in run.warnings[0]
    run = shop.up()
    assert not run.ok
    assert f"event tracker keep ({arn}), this resource's own" in run.errors[0]
    assert endpoint.trackers() == {"keep": arn}
    # The first way out.
    shop.trackers(tracker | {"dataset_group_arn": new, "opts": FIRST})
    run = shop.up()
    assert run.ok, run.text
    assert endpoint.trackers()["keep"] != arn
    # The second one.
    shop.trackers({"resource": "clicks", "dataset_group_arn": old})
    assert shop.up().ok
    assert list(endpoint.trackers()) == [shop.tracker()["outputs"]["name"]]


def test_plan_of_new_trackers_without_a_name(
    shop: Deployment, endpoint: Endpoint, tmp_path: Path
) -> None:
    plan = str(tmp_path / "plan.json")
    shop.trackers({"resource": "clicks", "dataset_group_arn": endpoint.group("movies")})
    assert shop.preview(plan=plan).ok
    run = shop.up(plan=plan)
    assert run.ok, run.text
    assert list(endpoint.trackers()) == [shop.tracker()["outputs"]["name"]]


class TestRenamedStack:
    """The ownership tag names who the resource was."""

    @pytest.fixture
    def renamed(self, shop: Deployment, endpoint: Endpoint) -> Deployment:
        shop.trackers(
            {
                "resource": "clicks",
                "dataset_group_arn": endpoint.group("movies"),
                "name": "one",
                "opts": FIRST,
            }
        )
        assert shop.up().ok
        shop.rename("production")
        return shop

    def test_a_forced_replacement_is_refused_until_one_update_says_so(
        self, renamed: Deployment, endpoint: Endpoint
    ) -> None:
        arn = endpoint.trackers()["one"]
        run = renamed.preview(replace=[renamed.urn])
        assert not run.ok
        assert "run `pulumi up` once without --replace" in run.errors[0]
        # The way out.
        run = renamed.up()
        assert run.changes == {"same": 1, "update": 1}, run.text
        assert "shop/test/clicks is now shop/production/clicks" in run.text
        assert endpoint.tags(arn)[OWNER_TAG].endswith(":shop/production/clicks")
        assert renamed.up(expect_no_changes=True).ok
        run = renamed.up(replace=[renamed.urn])
        assert run.ok, run.text
        assert endpoint.trackers()["one"] != arn

    def test_a_taint_before_that_is_refused_with_a_way_out(
        self, renamed: Deployment, endpoint: Endpoint
    ) -> None:
        arn = endpoint.trackers()["one"]
        urn = renamed.urn
        renamed.pulumi("state", "taint", urn)
        run = renamed.up()
        assert not run.ok
        assert "after a taint, `pulumi state untaint` first" in run.errors[0]
        assert endpoint.trackers() == {"one": arn}
        renamed.pulumi("state", "untaint", urn)
        run = renamed.up()
        assert run.changes == {"same": 1, "update": 1}, run.text
        renamed.pulumi("state", "taint", urn)
        run = renamed.up()
        assert run.ok, run.text
        assert endpoint.trackers()["one"] != arn


def test_renamed_project(shop: Deployment, endpoint: Endpoint) -> None:
    tracker = {"resource": "clicks", "dataset_group_arn": endpoint.group("movies"), "opts": FIRST}
    shop.trackers(tracker)
    assert shop.up().ok
    (arn,) = endpoint.trackers().values()
    shop.rename_project("store")
    run = shop.up()
    assert run.changes == {"same": 1, "update": 1}, run.text
    assert "shop/test/clicks is now store/test/clicks" in run.text
    assert endpoint.tags(arn)[OWNER_TAG].endswith(":store/test/clicks")
    run = shop.up(replace=[shop.urn])
    assert run.ok, run.text
    assert arn not in endpoint.trackers().values()


class TestTwoBackends:
    """The same project, stack and resource in two backends."""

    @pytest.fixture
    def stacks(self, tmp_path: Path, endpoint: Endpoint) -> list[Deployment]:
        group, made = endpoint.group("movies"), []
        for place in ("first", "second"):
            (tmp_path / place).mkdir()
            made.append(Deployment(tmp_path / place, endpoint, PROJECT, STACK))
            made[-1].trackers({"resource": "clicks", "dataset_group_arn": group})
        return made

    def test_a_stack_that_is_taken_to_another_one_changes_nothing(
        self, stacks: list[Deployment], endpoint: Endpoint
    ) -> None:
        first, second = stacks
        assert first.up().ok
        second.stack.import_stack(first.stack.export_stack())
        assert second.up(expect_no_changes=True).ok
        assert second.destroy().ok
        assert endpoint.trackers() == {}

    def test_of_two_runs_that_resume_one_tracker_one_wins(
        self,
        stacks: list[Deployment],
        endpoint: Endpoint,
        start_up: Callable[[Deployment], Started],
    ) -> None:
        endpoint.fault("CreateEventTracker", "stay", status="CREATE IN_PROGRESS")
        killed = start_up(stacks[0])
        eventually(lambda: "DescribeEventTracker" in endpoint.operations())
        killed.kill("everything")
        stacks[0].unlock()
        endpoint.clear_faults()
        endpoint.release()
        (arn,) = endpoint.trackers().values()
        runs = [(stack, start_up(stack)) for stack in stacks]
        shown = [run.wait() for _, run in runs]
        assert sorted(run.process.returncode == 0 for _, run in runs) == [False, True], shown
        for (stack, run), text in zip(runs, shown, strict=True):
            if run.process.returncode:
                assert stack.state() == []
                assert arn in text
            else:
                assert stack.tracker()["id"] == arn
        assert list(endpoint.trackers().values()) == [arn]


def test_renamed_in_the_state(shop: Deployment, endpoint: Endpoint) -> None:
    tracker = {"dataset_group_arn": endpoint.group("movies"), "name": "one", "opts": FIRST}
    shop.trackers(tracker | {"resource": "old"})
    assert shop.up().ok
    arn = endpoint.trackers()["one"]
    shop.pulumi("state", "rename", shop.urn, "new", "--yes")
    shop.trackers(tracker | {"resource": "new"})
    refused = shop.preview(replace=[shop.urn])
    assert "until a `pulumi state rename`" in refused.errors[0], refused.text
    # The way out, followed.
    run = shop.up()
    assert run.changes == {"same": 1, "update": 1}, run.text
    assert endpoint.tags(arn)[OWNER_TAG].endswith(":shop/test/new")
    run = shop.up(replace=[shop.urn])
    assert run.ok, run.text
    assert endpoint.trackers()["one"] != arn


class TestKnownAtPreview:
    @pytest.fixture
    def consumer(self, shop: Deployment, endpoint: Endpoint) -> Deployment:
        shop.program(CONSUMER)
        shop.config({"group": endpoint.group("movies"), "a": "1"})
        return shop

    def test_tracking_id_is_known_once_refreshed(
        self, consumer: Deployment, endpoint: Endpoint, tmp_path: Path
    ) -> None:
        first = consumer.up()
        assert first.ok, first.text
        consumer.config({"a": "2"})
        # A create can't do it.
        assert "consumer knows it" not in consumer.preview().text
        consumer.config({"a": "1"})
        assert consumer.refresh(expect_no_changes=True).ok
        consumer.config({"a": "2"})
        asked = endpoint.operations()
        run = consumer.preview()
        assert "consumer knows it" in run.text
        assert run.keys == [["tags"]], run.text
        assert endpoint.operations() == asked
        run = consumer.up()
        assert run.outputs == first.outputs
        # Options that name it change nothing, nor does a plan.
        options = {"ignore_changes": ["trackingId"], "replace_on_changes": ["trackingId"]}
        consumer.config({"a": "3", "options": json.dumps(options)})
        run = consumer.preview(plan=str(tmp_path / "plan"))
        assert "consumer knows it" in run.text
        assert run.keys == [["tags"]], run.text
        run = consumer.up(plan=str(tmp_path / "plan"))
        assert run.outputs == first.outputs, run.text
        # Nor does it outlive a replacement.
        consumer.config({"group": endpoint.group("books")})
        assert "consumer knows it" not in consumer.preview().text
        assert consumer.up().outputs != first.outputs

    def test_secret_outputs_stay_out_of_the_inputs(self, consumer: Deployment) -> None:
        consumer.config({"secret": "true"})
        assert consumer.up().ok
        assert consumer.refresh(expect_no_changes=True).ok
        assert "trackingId" not in consumer.tracker()["inputs"]
        assert consumer.up(expect_no_changes=True).ok
