"""Two dataset groups that take turns, each with its tracker; `live` says whose ID is handed out."""

import pulumi
from pulumi_personalize import EventTracker

config = pulumi.Config()

trackers = {
    color: EventTracker(f"clicks-{color}", dataset_group_arn=group)
    for color, group in config.require_object("datasetGroups").items()
}

pulumi.export("trackingId", trackers[config.require("live")].tracking_id)
