"""A Lambda function that sends events; a new tracking ID updates its environment."""

import json

import pulumi
import pulumi_aws as aws
from pulumi_personalize import EventTracker

tracker = EventTracker("clicks", dataset_group_arn=pulumi.Config().require("datasetGroupArn"))

lambda_assumes = {
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
# PutEvents has no resource type: the ARN of a tracker would be a denial.
put_events = {"Effect": "Allow", "Action": "personalize:PutEvents", "Resource": "*"}

role = aws.iam.Role(
    "send-events",
    assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [lambda_assumes]}),
)
aws.iam.RolePolicy(
    "put-events",
    role=role.id,
    policy=json.dumps({"Version": "2012-10-17", "Statement": [put_events]}),
)
aws.lambda_.Function(
    "send-events",
    runtime="python3.13",
    handler="send_events.handler",
    code=pulumi.FileArchive("send-events"),
    role=role.arn,
    environment={"variables": {"TRACKING_ID": tracker.tracking_id}},
)
