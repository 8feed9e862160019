"""The first step: pulumi-aws-native is to keep the tracker when it leaves the program."""

import pulumi
import pulumi_aws_native as aws_native

tracker = aws_native.personalize.EventTracker(
    "clicks",
    dataset_group_arn=pulumi.Config().require("datasetGroupArn"),
    opts=pulumi.ResourceOptions(retain_on_delete=True),
)

pulumi.export("trackingId", tracker.tracking_id)
