"""Schema, dataset group and dataset by pulumi-aws-native, and the event tracker by this package."""

import json

import pulumi
import pulumi_aws_native as aws_native
from pulumi_personalize import EventTracker

fields = {"USER_ID": "string", "ITEM_ID": "string", "EVENT_TYPE": "string", "TIMESTAMP": "long"}
interactions = {
    "type": "record",
    "name": "Interactions",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": [{"name": name, "type": kind} for name, kind in fields.items()],
    "version": "1.0",
}

name = pulumi.Config().require("name")
# A deletion would take the training data with it.
protected = pulumi.ResourceOptions(protect=True)

schema = aws_native.personalize.Schema("shop", name=name, schema=json.dumps(interactions))
group = aws_native.personalize.DatasetGroup("shop", name=name, opts=protected)
dataset = aws_native.personalize.Dataset(
    "interactions",
    name=name,
    dataset_group_arn=group.dataset_group_arn,
    dataset_type=aws_native.personalize.DatasetType.INTERACTIONS,
    schema_arn=schema.schema_arn,
    opts=protected,
)

tracker = EventTracker(
    "clicks",
    dataset_group_arn=group.dataset_group_arn,
    # Personalize wants the dataset before the tracker, and deletes it only after the tracker.
    opts=pulumi.ResourceOptions(depends_on=[dataset]),
)

pulumi.export("trackingId", tracker.tracking_id)
