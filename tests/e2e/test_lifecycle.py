"""The life of an event tracker under the real CLI, and drift."""

from __future__ import annotations

import re

import pytest
from endpoints import Endpoint
from harness import CREATE_FIRST, DELETE_FIRST, Deployment
from kinds import OWNER_TAG
from programs import WITH_DATASET, WITH_GROUPS

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


def visible(properties: dict[str, object]) -> dict[str, object]:
    """The properties that are not the provider's own."""
    own = ("__provider", "resourceContext", "ownershipTag")
    return {key: value for key, value in properties.items() if key not in own}


def changing(endpoint: Endpoint) -> list[str]:
    """The creates and deletes that were requested, in order."""
    kinds = ("CreateEventTracker", "DeleteEventTracker")
    return [call for call in endpoint.operations() if call in kinds]


@pytest.mark.oldest
def test_life_of_a_tracker(either: Deployment, endpoint: Endpoint, group: str) -> None:
    other = endpoint.group("books")
    # Tags keep their keys, even those that name a property.
    tags = {"team": "search", "account_id": "snake", "accountId": "camel"}
    either.declare(group, name="one", tags=tags)
    first = either.up()
    assert first.ok, first.text
    assert "warning" not in first.text
    state = either.tracker()
    arn, outputs = state["id"], state["outputs"]
    found = endpoint.client.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
    assert set(visible(outputs)) == OUTPUTS
    assert visible(state["inputs"]) == {"datasetGroupArn": group, "name": "one", "tags": tags}
    assert (outputs["eventTrackerArn"], outputs["status"]) == (arn, "ACTIVE")
    assert outputs["trackingId"] == found["trackingId"] == first.outputs["clicks"]
    mark = f"done-{outputs['ownershipTag']}:shop/test/clicks"
    assert endpoint.tags(arn) == {**tags, OWNER_TAG: mark}
    assert OWNER_TAG not in first.text + str(state)

    # A second up, and a refresh.
    endpoint.clear_calls()
    again = either.up(expect_no_changes=True)
    assert again.ok, again.text
    assert endpoint.operations() == []
    assert either.tracker() == state
    refreshed = either.refresh(expect_no_changes=True)
    assert refreshed.ok, refreshed.text
    assert endpoint.operations() == ["DescribeEventTracker", "ListTagsForResource"]

    # Tags change in place, and tags of others are left alone.
    endpoint.client.tag_resource(resourceArn=arn, tags=[{"tagKey": "bot", "tagValue": "1"}])
    either.declare(group, name="one", tags={"team": "ads", "cost": "42"})
    retagged = either.up()
    assert retagged.ok, retagged.text
    assert (retagged.steps, retagged.keys) == (["update"], [["tags"]])
    assert "bot" not in retagged.text
    assert retagged.outputs == first.outputs
    assert endpoint.tags(arn) == {"team": "ads", "cost": "42", "bot": "1", OWNER_TAG: mark}

    # A rename deletes first, a move creates first.
    either.declare(group, name="two")
    preview = either.preview()
    assert preview.steps == DELETE_FIRST
    (warning,) = preview.warnings
    assert "event tracker one " in warning
    endpoint.clear_calls()
    renamed = either.up()
    assert renamed.ok, renamed.text
    assert renamed.warnings == [warning]
    assert changing(endpoint) == ["DeleteEventTracker", "CreateEventTracker"]
    assert list(endpoint.trackers()) == ["two"]
    either.declare(other)
    endpoint.clear_calls()
    moved = either.up()
    assert moved.ok, moved.text
    assert moved.steps == CREATE_FIRST
    assert changing(endpoint) == ["CreateEventTracker", "DeleteEventTracker"]
    assert len({run.outputs["clicks"] for run in (first, renamed, moved)}) == 3
    assert endpoint.trackers() == either.existing
    assert re.fullmatch(r"clicks-[0-9a-f]{7}", next(iter(either.existing)))

    destroyed = either.destroy()
    assert destroyed.ok, destroyed.text
    assert "not deleting" not in destroyed.text
    assert (endpoint.trackers(), either.state()) == ({}, [])


def test_tracker_is_made_after_its_dataset_and_deleted_before(
    shop: Deployment, endpoint: Endpoint
) -> None:
    endpoint.pace(0.5)
    shop.program(WITH_DATASET)
    run = shop.up()
    assert run.ok, run.text
    endpoint.clear_calls()
    run = shop.destroy()
    assert run.ok, run.text
    accepted = [call["operation"] for call in endpoint.calls() if call["status"] == 200]
    deleted = [operation for operation in accepted if operation.startswith("Delete")]
    assert deleted == ["DeleteEventTracker", "DeleteDataset", "DeleteDatasetGroup"]


def test_a_move_that_fails_costs_no_tracking_id(
    shop: Deployment, endpoint: Endpoint, group: str
) -> None:
    books = endpoint.group("books")
    shop.declare(group, name="keep")
    assert shop.up().ok
    before = endpoint.trackers()
    shop.declare(books, name="keep")
    preview = shop.preview()
    assert preview.ok, preview.text
    _, of_name = preview.warnings
    assert "'keep'" in of_name
    assert "set delete_before_replace=True" in of_name
    run = shop.up()
    assert run.line.startswith("creating event tracker keep: ResourceAlreadyExistsException: ")
    assert "set delete_before_replace=True" in run.line
    assert endpoint.trackers() == before == shop.existing
    shop.declare(books, name="keep", opts={"delete_before_replace": True})
    run = shop.up()
    assert run.ok, run.text
    assert run.steps == DELETE_FIRST
    assert endpoint.trackers() == shop.existing != before


class TestDrift:
    def test_is_shown_by_a_refresh_and_repaired_by_the_next_up(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        shop.declare(group, tags={"team": "search"})
        assert shop.up().ok
        arn = shop.tracker()["id"]
        drift = {"team": "ads", "extra": "1"}
        tags = [{"tagKey": key, "tagValue": text} for key, text in drift.items()]
        endpoint.client.tag_resource(resourceArn=arn, tags=tags)  # type: ignore[arg-type]
        # Changes are an error with `--expect-no-changes`, for a scheduled job.
        assert not shop.refresh(expect_no_changes=True, preview_only=True).ok
        assert shop.refresh().ok
        assert shop.tracker()["outputs"]["tags"] == shop.tracker()["inputs"]["tags"] == drift
        run = shop.up()
        assert run.steps == ["update"], run.text
        assert shop.tracker()["outputs"]["tags"] == {"team": "search"}
        assert sorted(endpoint.tags(arn)) == [OWNER_TAG, "team"]

        # Deleted, and created again by hand.
        endpoint.client.delete_event_tracker(eventTrackerArn=arn)
        assert shop.refresh().ok
        assert shop.state() == []
        made = endpoint.client.create_event_tracker(name="by-hand", datasetGroupArn=group)
        assert "set adopt_existing=True to adopt it" in shop.preview().line
        shop.declare(group, adopt_existing=True)
        run = shop.up()
        assert run.ok, run.text
        assert run.outputs["clicks"] == made["trackingId"]


def test_groups_that_are_not_known_at_preview(shop: Deployment, endpoint: Endpoint) -> None:
    shop.program(
        WITH_GROUPS
        + """
from pulumi_personalize import get_event_tracker_output

for name in ("movies", "books"):
    tracker = EventTracker(name, dataset_group_arn=DatasetGroup(name, name).arn)
found = get_event_tracker_output(tracker.dataset_group_arn)
pulumi.export("same", pulumi.Output.all(tracker.tracking_id, found.tracking_id))
"""
    )
    assert shop.preview().ok
    run = shop.up()
    assert run.ok, run.text
    assert len(endpoint.trackers()) == 2
    assert len(set(run.outputs["same"])) == 1
