"""Schema, dataset group, interactions dataset and event tracker in one program.

To run it:

    pulumi stack init dev
    pulumi config set aws:region eu-west-1
    pulumi up
"""

import pulumi
from pulumi_personalize import EventTracker

from personalize_data import Dataset, DatasetGroup, Schema

name = f"{pulumi.get_project()}-{pulumi.get_stack()}"

schema = Schema(
    "interactions",
    name=name,
    fields={
        "USER_ID": "string",
        "ITEM_ID": "string",
        "EVENT_TYPE": "string",
        "TIMESTAMP": "long",
    },
)
group = DatasetGroup("shop", name=name)
dataset = Dataset("interactions", name=name, dataset_group_arn=group.id, schema_arn=schema.id)
tracker = EventTracker(
    "clicks",
    dataset_group_arn=group.id,
    # Events go into the dataset: the tracker is made after it, and deleted before it.
    opts=pulumi.ResourceOptions(depends_on=[dataset]),
)

pulumi.export("datasetGroupArn", group.id)
pulumi.export("trackingId", tracker.tracking_id)
pulumi.export("eventTrackerArn", tracker.event_tracker_arn)
