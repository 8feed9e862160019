"""Makes what an event tracker needs: a dataset group with an Interactions dataset, which is empty.

    python -m pulumi_personalize.local.dataset_group NAME --endpoint-url URL [--region REGION]

It prints the dataset group's ARN. What is there already, by name, is used.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_personalize import PersonalizeClient

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


def make_dataset_group(client: PersonalizeClient, name: str) -> str:
    """Makes a dataset group, and an Interactions dataset in it; waits until both are ACTIVE.

    Args:
        client: A boto3 client of the endpoint.
        name: The name of the group, the dataset and its schema.

    Returns:
        The dataset group's ARN.

    Raises:
        RuntimeError: One of them did not become ACTIVE.
    """

    def found(listing: str, kind: str) -> str:
        pages = client.get_paginator(listing).paginate()  # type: ignore[call-overload]
        named = (one for page in pages for one in page[f"{kind}s"] if one["name"] == name)
        return str(next(named)[f"{kind}Arn"])

    def made(create: Callable[[], str], find: Callable[[], str]) -> str:
        try:
            return create()
        except client.exceptions.ResourceAlreadyExistsException:
            return find()

    group = made(
        lambda: client.create_dataset_group(name=name)["datasetGroupArn"],
        lambda: found("list_dataset_groups", "datasetGroup"),
    )
    _wait_active(
        f"dataset group {name}",
        lambda: client.describe_dataset_group(datasetGroupArn=group)["datasetGroup"]["status"],
    )
    schema = made(
        lambda: client.create_schema(name=name, schema=json.dumps(SCHEMA))["schemaArn"],
        lambda: found("list_schemas", "schema"),
    )
    dataset = made(
        lambda: client.create_dataset(
            name=name, schemaArn=schema, datasetGroupArn=group, datasetType="Interactions"
        )["datasetArn"],
        lambda: next(
            one["datasetArn"]
            for one in client.list_datasets(datasetGroupArn=group)["datasets"]
            if one["datasetType"].upper() == "INTERACTIONS"
        ),
    )
    _wait_active(
        f"Interactions dataset of {name}",
        lambda: client.describe_dataset(datasetArn=dataset)["dataset"]["status"],
    )
    return group


def _wait_active(what: str, status: Callable[[], str]) -> None:
    deadline = time.monotonic() + SECONDS_TO_BECOME_ACTIVE
    while (now := status()) != "ACTIVE":
        if now == "CREATE FAILED" or time.monotonic() > deadline:
            raise RuntimeError(f"the {what} is not ACTIVE but {now}")
        time.sleep(0.2)


def main() -> int:
    """Makes a dataset group as the command line says.

    Returns:
        The exit code: 0, or 1 if that failed.
    """
    parser = argparse.ArgumentParser(
        prog="python -m pulumi_personalize.local.dataset_group",
        description="Makes a dataset group with an empty Interactions dataset; prints its ARN.",
    )
    parser.add_argument("name", help="the dataset group's name")
    given = os.environ.get("AWS_ENDPOINT_URL_PERSONALIZE")
    parser.add_argument(
        "--endpoint-url",
        default=given,
        # Never AWS itself, without a word.
        required=given is None,
        help="of the local endpoint (default: AWS_ENDPOINT_URL_PERSONALIZE)",
    )
    parser.add_argument("--region", help="AWS region (default: as for boto3)")
    options = parser.parse_args()

    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        client = boto3.client(
            "personalize", endpoint_url=options.endpoint_url, region_name=options.region
        )
        print(make_dataset_group(client, options.name))  # noqa: T201
    except (BotoCoreError, ClientError, RuntimeError, ValueError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
