"""What browsers and mobile applications need to send events: guests of a Cognito identity pool."""

import json

import pulumi
import pulumi_aws as aws
from pulumi_personalize import EventTracker

tracker = EventTracker("clicks", dataset_group_arn=pulumi.Config().require("datasetGroupArn"))

pool = aws.cognito.IdentityPool(
    "shop", identity_pool_name="shop", allow_unauthenticated_identities=True
)
guest_assumes = {
    "Effect": "Allow",
    "Principal": {"Federated": "cognito-identity.amazonaws.com"},
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Condition": {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": pool.id},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "unauthenticated"},
    },
}
put_events = {"Effect": "Allow", "Action": "personalize:PutEvents", "Resource": "*"}

role = aws.iam.Role(
    "guest",
    assume_role_policy=pulumi.Output.json_dumps(
        {"Version": "2012-10-17", "Statement": [guest_assumes]}
    ),
)
aws.iam.RolePolicy(
    "put-events",
    role=role.id,
    policy=json.dumps({"Version": "2012-10-17", "Statement": [put_events]}),
)
aws.cognito.IdentityPoolRoleAttachment(
    "guest", identity_pool_id=pool.id, roles={"unauthenticated": role.arn}
)

pulumi.export("identityPoolId", pool.id)
pulumi.export("trackingId", tracker.tracking_id)
# Events go to the tracker's region, the fourth part of its ARN.
pulumi.export("region", tracker.event_tracker_arn.apply(lambda arn: arn.split(":")[3]))
