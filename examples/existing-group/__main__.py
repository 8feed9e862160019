"""An event tracker for a dataset group that exists.

To run it:

    pulumi stack init dev
    pulumi config set datasetGroupArn arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop
    pulumi up
"""

import pulumi
from pulumi_personalize import EventTracker

tracker = EventTracker(
    "clicks",
    dataset_group_arn=pulumi.Config().require("datasetGroupArn"),
    tags={"environment": pulumi.get_stack()},
)

# Of which ../lookup finds the tracker.
pulumi.export("datasetGroupArn", tracker.dataset_group_arn)
# What an application sends its events under, and where: see ../consumer.
pulumi.export("trackingId", tracker.tracking_id)
pulumi.export("eventTrackerArn", tracker.event_tracker_arn)
