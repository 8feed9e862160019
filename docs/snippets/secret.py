"""The tracking ID in a secret of Secrets Manager, beside what else the application gets there."""

import pulumi
import pulumi_aws as aws
from pulumi_personalize import EventTracker

tracker = EventTracker("clicks", dataset_group_arn=pulumi.Config().require("datasetGroupArn"))

secret = aws.secretsmanager.Secret("personalize", name="shop/personalize")
aws.secretsmanager.SecretVersion(
    "personalize",
    secret_id=secret.id,
    secret_string=pulumi.Output.json_dumps({"trackingId": tracker.tracking_id}),
)
