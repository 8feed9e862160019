"""An alarm where no PutEvents call succeeded for an hour, whatever the cause."""

import pulumi
import pulumi_aws as aws
from pulumi_personalize import EventTracker

config = pulumi.Config()
tracker = EventTracker("clicks", dataset_group_arn=config.require("datasetGroupArn"))

aws.cloudwatch.MetricAlarm(
    "no-events",
    namespace="AWS/Personalize",
    metric_name="PutEventsRequests",
    dimensions={"EventTrackerArn": tracker.event_tracker_arn},
    statistic="Sum",
    period=3600,
    evaluation_periods=1,
    threshold=1,
    comparison_operator="LessThanThreshold",
    treat_missing_data="breaching",
    alarm_actions=[config.require("topicArn")],
)
