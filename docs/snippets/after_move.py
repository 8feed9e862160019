"""The second step: this package adopts the tracker, with its tracking ID."""

import pulumi
from pulumi_personalize import EventTracker

tracker = EventTracker(
    "clicks",
    dataset_group_arn=pulumi.Config().require("datasetGroupArn"),
    # Name the tags that it has and shall keep. The preview names those that would be removed.
    tags={"team": "search"},
    # To be taken out after this update.
    adopt_existing=True,
)

pulumi.export("trackingId", tracker.tracking_id)
