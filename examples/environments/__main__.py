"""An event tracker in each region of an environment; the stack's configuration says which.

Pulumi.dev.yaml and Pulumi.prod.yaml are two environments of this one program:

    pulumi stack select --create prod
    pulumi up
"""

import pulumi
from pulumi_personalize import EventTracker

config = pulumi.Config()

tracking_ids = {}
for region, group in config.require_object("datasetGroups").items():
    tracker = EventTracker(
        f"clicks-{region}",
        # The region that is called is the ARN's own, so one program can serve several.
        dataset_group_arn=group,
        tags={"environment": pulumi.get_stack(), **config.get_object("tags", {})},
    )
    tracking_ids[region] = tracker.tracking_id

pulumi.export("trackingIds", tracking_ids)
