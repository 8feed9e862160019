"""The life of an event tracker whose tracking ID another stack consumes, from up to destroy."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from endpoints import Endpoint
from harness import Deployment
from kinds import OWNER_TAG

CONSUMER = """
import pulumi

producer = pulumi.StackReference("organization/shop/test")
pulumi.export("used", producer.require_output("clicks"))
"""


@pytest.mark.oldest
def test_consumer_follows_each_step_of_the_tracker(
    deploy: Callable[..., Deployment], shop: Deployment, endpoint: Endpoint, group: str
) -> None:
    consumer = deploy("site")
    consumer.program(CONSUMER)
    declared = {"resource": "clicks", "dataset_group_arn": group, "name": "one"}

    shop.trackers(declared | {"tags": {"team": "search"}})
    made = shop.up()
    assert made.ok, made.text
    arn = shop.tracker()["id"]
    found = endpoint.client.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
    assert made.outputs == {"clicks": found["trackingId"]}
    assert consumer.up().outputs == {"used": found["trackingId"]}
    again = shop.up(expect_no_changes=True)
    assert again.ok, again.text

    shop.trackers(declared | {"tags": {"team": "ads"}})
    retagged = shop.up()
    assert retagged.steps == ["update"], retagged.text
    assert retagged.keys == [["tags"]]
    assert retagged.outputs == made.outputs
    tags = endpoint.tags(arn)
    attempt = shop.tracker()["outputs"]["ownershipTag"]
    assert tags == {"team": "ads", OWNER_TAG: f"done-{attempt}:shop/test/clicks"}
    refreshed = shop.refresh(expect_no_changes=True)
    assert refreshed.ok, refreshed.text

    shop.trackers(declared | {"name": "two", "tags": {"team": "ads"}})
    renamed = shop.up()
    assert renamed.steps == ["delete-replaced", "replace", "create-replacement"], renamed.text
    assert list(endpoint.trackers()) == ["two"]
    assert renamed.outputs["clicks"] not in made.outputs.values()
    assert consumer.up().outputs == {"used": renamed.outputs["clicks"]}

    gone = shop.destroy()
    assert gone.ok, gone.text
    assert "not deleting" not in gone.text
    assert endpoint.trackers() == {}
