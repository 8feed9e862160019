"""An event tracker for the dataset group that the stack's configuration names."""

import pulumi
from pulumi_personalize import EventTracker

config = pulumi.Config()

tracker = EventTracker(
    "clicks",
    dataset_group_arn=config.require("datasetGroupArn"),
    tags={"environment": pulumi.get_stack()},
)

pulumi.export("trackingId", tracker.tracking_id)
pulumi.export("eventTrackerArn", tracker.event_tracker_arn)
