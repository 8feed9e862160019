"""Event trackers that a program does not own: `get_event_tracker` and `EventTracker.get`."""

from __future__ import annotations

from endpoints import Endpoint
from harness import WITH_GROUPS, Deployment
from kinds import OWNER_TAG


class TestLookup:
    PROGRAM = """
import pulumi
from pulumi_personalize import (
    EventTracker,
    EventTrackerNotFoundError,
    get_event_tracker,
    get_event_tracker_output,
)

config = pulumi.Config()
found = get_event_tracker(config.require("group"))
again = get_event_tracker_output(pulumi.Output.from_input(config.require("group")))
read = EventTracker.get("theirs", found.event_tracker_arn)
pulumi.export("found", found.tracking_id)
pulumi.export("again", again.tracking_id)
pulumi.export("read", read.tracking_id)
pulumi.export("group", read.dataset_group_arn)
pulumi.export("tags", read.tags)
"""

    def test_of_a_tracker_that_the_program_does_not_own(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        tags = [
            {"tagKey": "by", "tagValue": "hand"},
            {"tagKey": OWNER_TAG, "tagValue": "done-1:x/y/z"},
        ]
        made = endpoint.client.create_event_tracker(
            name="theirs",
            datasetGroupArn=group,
            tags=tags,  # type: ignore[arg-type]
        )
        shop.program(self.PROGRAM)
        shop.config({"group": group})
        run = shop.up()
        assert run.ok, run.text
        assert {run.outputs[key] for key in ("found", "again", "read")} == {made["trackingId"]}
        assert run.outputs["group"] == group
        assert run.outputs["tags"] == {"by": "hand"}
        assert shop.refresh(expect_no_changes=True).ok
        assert shop.destroy().ok
        assert endpoint.trackers() == {"theirs": made["eventTrackerArn"]}

    def test_of_a_group_without_a_tracker(self, shop: Deployment, group: str) -> None:
        shop.program(self.PROGRAM)
        shop.config({"group": group})
        run = shop.preview()
        assert run.errors[0].startswith(f"dataset group {group} has no event tracker. ")
        assert "Traceback" not in run.text

    def test_of_a_group_that_is_not_known_yet(self, shop: Deployment) -> None:
        shop.program(
            WITH_GROUPS
            + """
from pulumi_personalize import get_event_tracker_output

tracker = EventTracker("clicks", dataset_group_arn=DatasetGroup("group", "movies").arn)
found = get_event_tracker_output(tracker.dataset_group_arn)
pulumi.export("own", tracker.tracking_id)
pulumi.export("found", found.tracking_id)
"""
        )
        assert shop.preview().ok
        run = shop.up()
        assert run.ok, run.text
        assert run.outputs["own"] == run.outputs["found"]

    def test_a_misspelt_key_is_refused_before_anybody_is_asked(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        shop.program(
            """
import pulumi
from pulumi_personalize import get_event_tracker

get_event_tracker(pulumi.Config().require("group"))
"""
        )
        shop.config({"group": group, "personalize:endpointURL": endpoint.url})
        endpoint.clear_calls()
        run = shop.preview()
        assert not run.ok
        assert run.errors[0].startswith("reading configuration personalize:endpointURL: ")
        assert endpoint.calls() == []


class TestGet:
    PROGRAM = """
import pulumi
from pulumi_personalize import EventTracker

theirs = EventTracker.get("theirs", pulumi.Config().require("arn"))
pulumi.export("trackingId", theirs.tracking_id)
"""

    def test_of_a_tracker_that_does_not_exist(
        self, shop: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        made = endpoint.client.create_event_tracker(name="theirs", datasetGroupArn=group)
        arn = made["eventTrackerArn"]
        shop.program(self.PROGRAM)
        shop.config({"arn": arn})
        run = shop.up()
        assert run.ok, run.text
        assert run.outputs == {"trackingId": made["trackingId"]}
        endpoint.client.delete_event_tracker(eventTrackerArn=arn)
        refusal = (
            f"pulumi_personalize.EventTrackerNotFoundError: event tracker {arn} does not exist. "
            "Check its ARN; get_event_tracker "
        )
        run = shop.up()
        assert not run.ok
        assert run.errors[0].startswith(refusal)
        assert "Traceback" not in run.text
        # A refresh drops it, and for the preview it is one that was never read.
        assert shop.refresh().ok
        assert shop.state() == []
        run = shop.preview()
        assert not run.ok
        assert run.errors[0].startswith(f"Preview failed: {refusal}")
        assert "Traceback" not in run.text
