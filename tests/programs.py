"""Programs that several tests run."""

#: A program that declares the event trackers of the configuration's JSON.
TRACKERS = """
import json

import pulumi
from pulumi_personalize import EventTracker

for arguments in json.loads(pulumi.Config().require("trackers")):
    options = arguments.pop("opts", {})
    if timeouts := options.get("custom_timeouts"):
        options["custom_timeouts"] = pulumi.CustomTimeouts(**timeouts)
    options = pulumi.ResourceOptions(**options)
    tracker = EventTracker(arguments.pop("resource"), opts=options, **arguments)
    pulumi.export(tracker.pulumi_resource_name, tracker.tracking_id)
"""

#: The beginning of a program that creates its dataset groups: their ARNs are unknown at preview.
WITH_GROUPS = """
import boto3
import pulumi
from pulumi import dynamic
from pulumi_personalize import EventTracker

URL = pulumi.Config("personalize").require("endpointUrl")


class DatasetGroupProvider(dynamic.ResourceProvider):
    def __init__(self, url):
        self.url = url

    def create(self, props):
        from pulumi_personalize.local import make_dataset_group

        client = boto3.client("personalize", endpoint_url=self.url, region_name="us-east-1")
        arn = make_dataset_group(client, props["name"])
        return dynamic.CreateResult(arn, {**props, "arn": arn})


class DatasetGroup(dynamic.Resource, name="DatasetGroup"):
    arn: pulumi.Output[str]

    def __init__(self, resource_name, name, opts=None):
        props = {"name": name, "arn": None}
        super().__init__(DatasetGroupProvider(URL), resource_name, props, opts)
"""
