"""Makes what `make up` needs at the local endpoint: a dataset group with an interactions dataset.

    local_group.py URL    prints the dataset group's ARN

What is there already, by name, is used.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import boto3

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_personalize import PersonalizeClient

NAME = "event-tracker-local"
SECONDS_TO_BECOME_ACTIVE = 120

SCHEMA = {
    "type": "record",
    "name": "Interactions",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "EVENT_TYPE", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ],
    "version": "1.0",
}


def wait_active(what: str, status: Callable[[], str]) -> None:
    """Waits until the status is ACTIVE."""
    deadline = time.monotonic() + SECONDS_TO_BECOME_ACTIVE
    while (now := status()) != "ACTIVE":
        if now == "CREATE FAILED" or time.monotonic() > deadline:
            sys.exit(f"The {what} {NAME} at the local endpoint is not active but {now}.")
        time.sleep(0.2)


def schema(client: PersonalizeClient) -> str:
    """The schema's ARN."""
    for found in client.list_schemas()["schemas"]:
        if found["name"] == NAME:
            return found["schemaArn"]
    return client.create_schema(name=NAME, schema=json.dumps(SCHEMA))["schemaArn"]


def dataset_group(client: PersonalizeClient) -> str:
    """The dataset group's ARN, once it is active."""
    for found in client.list_dataset_groups()["datasetGroups"]:
        if found["name"] == NAME:
            arn = found["datasetGroupArn"]
            break
    else:
        arn = client.create_dataset_group(name=NAME)["datasetGroupArn"]

    def status() -> str:
        group = client.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]
        return group["status"]

    wait_active("dataset group", status)
    return arn


def dataset(client: PersonalizeClient, group: str) -> str:
    """The ARN of the group's interactions dataset, once it is active."""
    for found in client.list_datasets(datasetGroupArn=group)["datasets"]:
        if found["datasetType"].upper() == "INTERACTIONS":
            arn = found["datasetArn"]
            break
    else:
        arn = client.create_dataset(
            name=NAME,
            schemaArn=schema(client),
            datasetGroupArn=group,
            datasetType="Interactions",
        )["datasetArn"]

    def status() -> str:
        return client.describe_dataset(datasetArn=arn)["dataset"]["status"]

    wait_active("dataset", status)
    return arn


def main() -> None:
    """Makes the dataset group and the dataset, and prints the group's ARN."""
    client = boto3.client("personalize", endpoint_url=sys.argv[1])
    group = dataset_group(client)
    dataset(client, group)
    print(group)


if __name__ == "__main__":
    main()
