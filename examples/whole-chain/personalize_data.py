"""What an event tracker needs, as small dynamic resources: schema, dataset group and dataset.

The id of each is its ARN.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

import boto3
import pulumi
import tenacity
from botocore.exceptions import ClientError
from pulumi import dynamic


class NotYetError(Exception):
    """It is not as it should be, but on its way there."""


def _passes(error: BaseException) -> bool:
    if isinstance(error, ClientError):
        # What was in it, or used it, was deleted a moment ago.
        return error.response["Error"]["Code"] == "ResourceInUseException"
    return isinstance(error, NotYetError)


patiently = tenacity.retry(
    retry=tenacity.retry_if_exception(_passes),
    wait=tenacity.wait_exponential(multiplier=0.1, max=10),
    stop=tenacity.stop_after_delay(1800),
    reraise=True,
)


class Provider(dynamic.ResourceProvider):
    """Makes and deletes one kind of thing, by boto3's methods for it.

    A change replaces the thing, the old one first, as there can't be two of one name.
    """

    client: Any

    def __init__(self, method: str, member: str) -> None:
        """Takes the kind's name as in ``create_dataset_group`` and as in ``datasetGroupArn``."""
        self.method = method
        self.member = member

    def configure(self, req: dynamic.ConfigureRequest) -> None:
        """Goes by the configuration that EventTracker goes by, so that both meet."""
        sys.tracebacklimit = 0  # An error is one line.

        def config(key: str) -> str | None:
            found: str | None = req.config.get(f"personalize:{key}") or req.config.get(f"aws:{key}")
            return found

        session = boto3.Session(profile_name=config("profile"), region_name=config("region"))
        self.client = session.client("personalize", endpoint_url=config("endpointUrl"))

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Makes it, and comes back once it is ACTIVE."""
        request = {key: props[key] for key in props if key != "__provider"}
        arn = self._call("create", request)[f"{self.member}Arn"]
        self._wait_until_active(arn)
        return dynamic.CreateResult(arn, props)

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> dynamic.DiffResult:
        """Compares all but the provider itself."""
        changed = [key for key in news if key != "__provider" and news[key] != olds.get(key)]
        return dynamic.DiffResult(bool(changed), replaces=changed, delete_before_replace=True)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Deletes it, and comes back once it is gone."""
        self._delete_until_gone(_id)

    @patiently
    def _wait_until_active(self, arn: str) -> None:
        found = self._describe(arn)
        # A schema has no status: it is there at once.
        status = found.get("status", "ACTIVE")
        if status == "CREATE FAILED":
            reason = found.get("failureReason", "no reason given")
            raise RuntimeError(f"{arn} is CREATE FAILED: {reason}. Delete it, and run again.")
        if status != "ACTIVE":
            raise NotYetError(f"{arn} is {status} after half an hour")

    @patiently
    def _delete_until_gone(self, arn: str) -> None:
        try:
            status = self._describe(arn).get("status", "ACTIVE")
            if not status.startswith("DELETE"):
                self._call("delete", {f"{self.member}Arn": arn})
        except self.client.exceptions.ResourceNotFoundException:
            return
        raise NotYetError(f"{arn} is not gone after half an hour")

    def _describe(self, arn: str) -> dict[str, Any]:
        found: dict[str, Any] = self._call("describe", {f"{self.member}Arn": arn})[self.member]
        return found

    def _call(self, verb: str, request: dict[str, Any]) -> Any:
        return getattr(self.client, f"{verb}_{self.method}")(**request)


class Schema(dynamic.Resource, module="personalize", name="Schema"):
    """The Avro schema of an interactions dataset: its fields with their types."""

    def __init__(
        self,
        resource_name: str,
        name: str,
        fields: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        avro = {
            "type": "record",
            "name": "Interactions",
            "namespace": "com.amazonaws.personalize.schema",
            "fields": [{"name": field, "type": kind} for field, kind in fields.items()],
            "version": "1.0",
        }
        props = {"name": name, "schema": json.dumps(avro)}
        super().__init__(Provider("schema", "schema"), resource_name, props, opts)


class DatasetGroup(dynamic.Resource, module="personalize", name="DatasetGroup"):
    """A dataset group."""

    def __init__(
        self, resource_name: str, name: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        provider = Provider("dataset_group", "datasetGroup")
        super().__init__(provider, resource_name, {"name": name}, opts)


class Dataset(dynamic.Resource, module="personalize", name="Dataset"):
    """The interactions dataset of a dataset group, where an event tracker's events go."""

    def __init__(
        self,
        resource_name: str,
        name: str,
        dataset_group_arn: pulumi.Input[str],
        schema_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "name": name,
            "datasetType": "Interactions",
            "datasetGroupArn": dataset_group_arn,
            "schemaArn": schema_arn,
        }
        super().__init__(Provider("dataset", "dataset"), resource_name, props, opts)
