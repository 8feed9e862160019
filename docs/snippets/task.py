"""An ECS task; a new tracking ID makes a new revision of its definition."""

import pulumi
import pulumi_aws as aws
from pulumi_personalize import EventTracker

config = pulumi.Config()
tracker = EventTracker("clicks", dataset_group_arn=config.require("datasetGroupArn"))

container = {
    "name": "shop",
    "image": config.require("image"),
    "environment": [{"name": "TRACKING_ID", "value": tracker.tracking_id}],
}
aws.ecs.TaskDefinition(
    "shop",
    family="shop",
    requires_compatibilities=["FARGATE"],
    network_mode="awsvpc",
    cpu="256",
    memory="512",
    # This role needs personalize:PutEvents on "*".
    task_role_arn=config.require("taskRoleArn"),
    execution_role_arn=config.require("executionRoleArn"),
    container_definitions=pulumi.Output.json_dumps([container]),
)
