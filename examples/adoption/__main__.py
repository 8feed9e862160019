"""An event tracker made by hand comes under Pulumi, and keeps its tracking id.

To run it:

    pulumi stack init prod
    pulumi config set datasetGroupArn arn:aws:personalize:eu-west-1:123456789012:dataset-group/old
    pulumi up     # the preview says: adopting existing event tracker …
"""

import pulumi
from pulumi_personalize import EventTracker

tracker = EventTracker(
    "clicks",
    dataset_group_arn=pulumi.Config().require("datasetGroupArn"),
    # From now on the tags are those named here: name the ones that it has and shall keep.
    tags={"made": "by-hand"},
    # Take this line out after the first `pulumi up`: nothing changes.
    adopt_existing=True,
    # A destroy, or a change that would replace it, is refused. With retain_on_delete=True instead,
    # Pulumi lets go of the tracker, and it stays at AWS.
    opts=pulumi.ResourceOptions(protect=True),
)

pulumi.export("trackingId", tracker.tracking_id)
