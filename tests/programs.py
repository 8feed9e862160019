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

#: A program with a dataset group, a dataset in it, and the event tracker that needs the dataset.
WITH_DATASET = """
import json

import boto3
import pulumi
from pulumi import dynamic
from pulumi_personalize import EventTracker

URL = pulumi.Config("personalize").require("endpointUrl")


class Provider(dynamic.ResourceProvider):
    def __init__(self, kind, url):
        self.kind, self.url = kind, url

    def act(self, verb, **request):
        client = boto3.client("personalize", endpoint_url=self.url, region_name="us-east-1")
        return getattr(client, f"{verb}_{self.kind}")(**request)

    @property
    def arn(self):
        return {"dataset_group": "datasetGroupArn", "dataset": "datasetArn"}[self.kind]

    def create(self, props):
        request = {key: text for key, text in props.items() if not key.startswith("__")}
        arn = self.act("create", **request)[self.arn]
        while True:
            answer = self.act("describe", **{self.arn: arn})
            (found,) = [it for it in answer.values() if "status" in it]
            if found["status"] == "ACTIVE":
                return dynamic.CreateResult(arn, request)

    def delete(self, arn, _props):
        self.act("delete", **{self.arn: arn})
        try:
            while True:
                self.act("describe", **{self.arn: arn})
        except Exception as error:
            if "ResourceNotFoundException" not in str(error):
                raise


class DatasetGroup(dynamic.Resource, name="DatasetGroup"):
    pass


class Dataset(dynamic.Resource, name="Dataset"):
    pass


fields = [{"name": "USER_ID", "type": "string"}]
schema = json.dumps({"type": "record", "name": "Interactions", "fields": fields})
client = boto3.client("personalize", endpoint_url=URL, region_name="us-east-1")
try:
    schema_arn = client.create_schema(name="movies", schema=schema)["schemaArn"]
except client.exceptions.ResourceAlreadyExistsException:
    schema_arn = client.list_schemas()["schemas"][0]["schemaArn"]
group = DatasetGroup(Provider("dataset_group", URL), "movies", {"name": "movies"})
props = {"name": "movies", "schemaArn": schema_arn, "datasetType": "Interactions"}
dataset = Dataset(Provider("dataset", URL), "movies", {**props, "datasetGroupArn": group.id})
EventTracker("clicks", group.id, opts=pulumi.ResourceOptions(depends_on=[dataset]))
"""
