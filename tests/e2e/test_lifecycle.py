"""The life of an event tracker under the real CLI: up, again, refresh, edit, replace, destroy."""

from __future__ import annotations

import json
import re

from endpoints import Endpoint, go_by_looks
from harness import WITH_GROUPS, Deployment
from kinds import OWNER_TAG

OUTPUTS = {
    "accountId",
    "creationDateTime",
    "datasetGroupArn",
    "eventTrackerArn",
    "lastUpdatedDateTime",
    "name",
    "status",
    "tags",
    "trackingId",
}

GROUP_AND_TRACKER = (
    WITH_GROUPS
    + """
group = DatasetGroup("group", pulumi.Config().require("group"))
tracker = EventTracker("clicks", dataset_group_arn=group.arn)
pulumi.export("group", group.arn)
pulumi.export("clicks", tracker.tracking_id)
"""
)


def visible(properties: dict[str, object]) -> dict[str, object]:
    """The properties that are a user's."""
    own = ("__provider", "resourceContext", "ownershipTag")  # the provider's own
    return {key: value for key, value in properties.items() if key not in own}


class TestUp:
    def test_preview_changes_nothing_and_tells_of_one_create(
        self, shop: Deployment, endpoint: Endpoint
    ) -> None:
        shop.trackers({"resource": "clicks", "dataset_group_arn": endpoint.group("movies")})
        run = shop.preview()
        assert run.ok, run.text
        assert run.steps == ["create"]
        assert endpoint.trackers() == {}

    def test_up_gives_all_outputs_of_an_active_tracker(
        self, shop: Deployment, endpoint: Endpoint
    ) -> None:
        group = endpoint.group("movies")
        endpoint.pace(1)
        shop.trackers(
            {"resource": "clicks", "dataset_group_arn": group, "tags": {"team": "search"}}
        )
        run = shop.up()
        assert run.ok, run.text
        state = shop.tracker()
        (arn,) = endpoint.trackers().values()
        found = endpoint.client.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
        assert set(visible(state["outputs"])) == OUTPUTS
        assert state["id"] == state["outputs"]["eventTrackerArn"] == arn
        assert state["outputs"]["status"] == found["status"] == "ACTIVE"
        assert state["outputs"]["trackingId"] == found["trackingId"] == run.outputs["clicks"]
        assert state["outputs"]["tags"] == {"team": "search"}
        assert state["outputs"]["accountId"] == "123456789012"
        assert re.fullmatch(r"clicks-[0-9a-f]{7}", state["outputs"]["name"])
        assert visible(state["inputs"]) == {
            "datasetGroupArn": group,
            "name": state["outputs"]["name"],
            "tags": {"team": "search"},
        }

    def test_progress_is_shown_while_it_waits(self, shop: Deployment, endpoint: Endpoint) -> None:
        group = endpoint.group("movies")
        go_by_looks(endpoint.url)
        shop.trackers({"resource": "clicks", "dataset_group_arn": group, "name": "clicks"})
        run = shop.up()
        for state in ("CREATE PENDING", "CREATE IN_PROGRESS"):
            assert any(re.fullmatch(rf"{state} \(\d+ s\)", line) for _, line, _ in run.told)

    def test_a_second_up_changes_nothing_and_calls_nobody(
        self, shop: Deployment, endpoint: Endpoint
    ) -> None:
        shop.trackers({"resource": "clicks", "dataset_group_arn": endpoint.group("movies")})
        assert shop.up().ok
        before = shop.state()
        endpoint.clear_calls()
        run = shop.up(expect_no_changes=True)
        assert run.ok, run.text
        assert endpoint.operations() == []
        assert shop.state() == before

    def test_a_refresh_after_up_changes_nothing(self, shop: Deployment, endpoint: Endpoint) -> None:
        shop.trackers(
            {
                "resource": "clicks",
                "dataset_group_arn": endpoint.group("movies"),
                "tags": {"team": "search"},
                "adopt_existing": True,
            }
        )
        assert shop.up().ok
        before = shop.state()
        endpoint.clear_calls()
        run = shop.refresh(expect_no_changes=True)
        assert run.ok, run.text
        assert endpoint.operations() == ["DescribeEventTracker", "ListTagsForResource"]
        assert shop.up(expect_no_changes=True).ok
        assert [found["outputs"] for found in shop.state()] == [
            found["outputs"] for found in before
        ]

    def test_a_name_that_is_not_asked_for_is_kept_for_life(
        self, shop: Deployment, endpoint: Endpoint
    ) -> None:
        group = endpoint.group("movies")
        shop.trackers({"resource": "clicks", "dataset_group_arn": group, "name": "first"})
        assert shop.up().ok
        shop.trackers({"resource": "clicks", "dataset_group_arn": group})
        assert shop.up(expect_no_changes=True).ok
        assert shop.tracker()["outputs"]["name"] == "first"


class TestTags:
    def test_a_tag_edit_happens_in_place(self, shop: Deployment, endpoint: Endpoint) -> None:
        group = endpoint.group("movies")
        declared = {"resource": "clicks", "dataset_group_arn": group, "name": "clicks"}
        shop.trackers(declared | {"tags": {"team": "search", "tier": "gold"}})
        first = shop.up()
        shop.trackers(declared | {"tags": {"team": "ads", "cost": "42"}})
        second = shop.up()
        assert second.ok, second.text
        assert second.steps == ["update"]
        assert second.outputs == first.outputs
        outputs = shop.tracker()["outputs"]
        assert set(visible(outputs)) == OUTPUTS
        assert outputs["tags"] == {"team": "ads", "cost": "42"}
        tags = endpoint.tags(outputs["eventTrackerArn"])
        tags.pop(OWNER_TAG)
        assert tags == {"team": "ads", "cost": "42"}

    def test_keys_stay_as_they_are_though_a_property_is_named_so(
        self, shop: Deployment, endpoint: Endpoint
    ) -> None:
        tags = {"account_id": "snake", "accountId": "camel", "tracking_id": "x", "name": "y"}
        shop.config({"group": endpoint.group("movies"), "tags": json.dumps(tags)})
        shop.program(
            """
            import pulumi
            from pulumi_personalize import EventTracker

            config = pulumi.Config()
            tags = config.require_object("tags")
            tags["output"] = pulumi.Output.from_input("z")
            tracker = EventTracker("clicks", config.require("group"), tags=tags)
            pulumi.export("tags", tracker.tags)
            pulumi.export("accountId", tracker.tags["accountId"])
            """
        )
        run = shop.up()
        assert run.ok, run.text
        tags |= {"output": "z"}
        assert endpoint.tags(shop.tracker()["id"]).items() >= tags.items()
        assert run.outputs == {"tags": tags, "accountId": "camel"}
        assert shop.up(expect_no_changes=True).ok

    def test_tags_may_all_be_taken_away(self, shop: Deployment, endpoint: Endpoint) -> None:
        group = endpoint.group("movies")
        shop.trackers({"resource": "clicks", "dataset_group_arn": group, "tags": {"a": "1"}})
        assert shop.up().ok
        shop.trackers({"resource": "clicks", "dataset_group_arn": group})
        assert shop.up().steps == ["update"]
        assert shop.tracker()["outputs"]["tags"] == {}
        assert shop.up(expect_no_changes=True).ok


class TestReplace:
    def test_a_rename_deletes_first_and_warns(self, shop: Deployment, endpoint: Endpoint) -> None:
        group = endpoint.group("movies")
        shop.trackers({"resource": "clicks", "dataset_group_arn": group, "name": "old"})
        first = shop.up()
        shop.trackers({"resource": "clicks", "dataset_group_arn": group, "name": "new"})
        preview = shop.preview()
        assert preview.ok, preview.text
        assert preview.steps == ["delete-replaced", "replace", "create-replacement"]
        (warning,) = preview.warnings
        assert "event tracker old " in warning
        assert "PutEvents" in warning
        endpoint.clear_calls()
        second = shop.up()
        assert second.ok, second.text
        assert second.steps == ["delete-replaced", "replace", "create-replacement"]
        changing = ("DeleteEventTracker", "CreateEventTracker")
        assert [call for call in endpoint.operations() if call in changing] == list(changing)
        assert list(endpoint.trackers()) == ["new"]
        assert second.outputs["clicks"] != first.outputs["clicks"]
        assert shop.up(expect_no_changes=True).ok

    def test_a_group_move_creates_first(self, shop: Deployment, endpoint: Endpoint) -> None:
        movies, books = endpoint.group("movies"), endpoint.group("books")
        shop.trackers({"resource": "clicks", "dataset_group_arn": movies})
        first = shop.up()
        shop.trackers({"resource": "clicks", "dataset_group_arn": books})
        endpoint.clear_calls()
        second = shop.up()
        assert second.ok, second.text
        assert second.steps == ["create-replacement", "replace", "delete-replaced"]
        changing = ("CreateEventTracker", "DeleteEventTracker")
        assert [call for call in endpoint.operations() if call in changing] == list(changing)
        outputs = shop.tracker()["outputs"]
        assert outputs["datasetGroupArn"] == books
        assert endpoint.trackers() == {outputs["name"]: outputs["eventTrackerArn"]}
        assert second.outputs["clicks"] != first.outputs["clicks"]

    def test_a_move_that_fails_costs_no_tracking_id(
        self, shop: Deployment, endpoint: Endpoint
    ) -> None:
        movies, books = endpoint.group("movies"), endpoint.group("books")
        shop.trackers({"resource": "clicks", "dataset_group_arn": movies, "name": "clicks"})
        assert shop.up().ok
        before = endpoint.trackers()
        shop.trackers({"resource": "clicks", "dataset_group_arn": books, "name": "clicks"})
        run = shop.up()
        assert not run.ok
        assert run.lines[0].startswith(
            "creating event tracker clicks: ResourceAlreadyExistsException: "
        )
        assert f"event tracker clicks ({before['clicks']}), this resource's own" in run.lines[0]
        assert "or set delete_before_replace=True" in run.lines[0]
        assert endpoint.trackers() == before
        assert shop.tracker()["id"] == before["clicks"]
        shop.trackers({"resource": "clicks", "dataset_group_arn": books, "name": "clicks-2"})
        assert shop.up().ok
        assert list(endpoint.trackers()) == ["clicks-2"]

    def test_a_replaced_group_takes_its_tracker_along(
        self, shop: Deployment, endpoint: Endpoint
    ) -> None:
        shop.program(GROUP_AND_TRACKER)
        shop.config({"group": "movies"})
        first = shop.up()
        assert first.ok, first.text
        shop.config({"group": "books"})
        preview = shop.preview()
        assert preview.ok, preview.text
        second = shop.up()
        assert second.ok, second.text
        assert second.outputs["group"] != first.outputs["group"]
        assert shop.tracker()["outputs"]["datasetGroupArn"] == second.outputs["group"]
        assert len(endpoint.trackers()) == 1
        assert shop.destroy().ok
        assert endpoint.trackers() == {}


class TestDrift:
    def test_a_tracker_deleted_behind_pulumis_back_is_made_again(
        self, shop: Deployment, endpoint: Endpoint
    ) -> None:
        shop.trackers({"resource": "clicks", "dataset_group_arn": endpoint.group("movies")})
        first = shop.up()
        (arn,) = endpoint.trackers().values()
        endpoint.client.delete_event_tracker(eventTrackerArn=arn)
        assert shop.refresh().ok
        assert shop.state() == []
        assert shop.preview().steps == ["create"]
        second = shop.up()
        assert second.ok, second.text
        assert second.outputs["clicks"] != first.outputs["clicks"]
        assert len(endpoint.trackers()) == 1

    def test_drifted_tags_are_seen_and_put_right(
        self, shop: Deployment, endpoint: Endpoint
    ) -> None:
        declared = {"resource": "clicks", "dataset_group_arn": endpoint.group("movies")}
        shop.trackers(declared | {"tags": {"team": "search"}})
        assert shop.up().ok
        (arn,) = endpoint.trackers().values()
        drift = [{"tagKey": "team", "tagValue": "ads"}, {"tagKey": "extra", "tagValue": "1"}]
        endpoint.client.tag_resource(resourceArn=arn, tags=drift)  # type: ignore[arg-type]
        assert shop.refresh().ok
        state = shop.tracker()
        assert state["outputs"]["tags"] == {"team": "ads", "extra": "1"}
        assert state["inputs"]["tags"] == {"team": "ads", "extra": "1"}
        assert shop.preview().steps == ["update"]
        assert shop.up().ok
        assert shop.tracker()["outputs"]["tags"] == {"team": "search"}
        tags = endpoint.tags(arn)
        assert sorted(tags) == [OWNER_TAG, "team"]
        assert shop.up(expect_no_changes=True).ok


class TestDestroy:
    def test_destroy_leaves_nothing(self, shop: Deployment, endpoint: Endpoint) -> None:
        group = endpoint.group("movies")
        endpoint.pace(1)
        shop.trackers({"resource": "clicks", "dataset_group_arn": group})
        assert shop.up().ok
        run = shop.destroy()
        assert run.ok, run.text
        assert endpoint.trackers() == {}
        assert shop.state() == []

    def test_destroy_of_a_tracker_that_is_gone_succeeds(
        self, shop: Deployment, endpoint: Endpoint
    ) -> None:
        shop.trackers({"resource": "clicks", "dataset_group_arn": endpoint.group("movies")})
        assert shop.up().ok
        (arn,) = endpoint.trackers().values()
        endpoint.forget(arn)
        run = shop.destroy()
        assert run.ok, run.text
        assert shop.state() == []
