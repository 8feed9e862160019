"""The tracking ID in an SSM parameter, which applications read."""

import pulumi
import pulumi_aws as aws
from pulumi_personalize import EventTracker

tracker = EventTracker("clicks", dataset_group_arn=pulumi.Config().require("datasetGroupArn"))

aws.ssm.Parameter(
    "tracking-id",
    name="/shop/personalize/tracking-id",
    type="String",
    value=tracker.tracking_id,
)
