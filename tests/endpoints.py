"""The local endpoints that tests talk to, in processes of their own."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection

import boto3
from environment import clean_environment
from mypy_boto3_personalize import PersonalizeClient
from pulumi_personalize.local import ControlClient, make_dataset_group
from pulumi_personalize.local.__main__ import main

REGION = "us-east-1"

# Each is a copy of a process that has imported what takes the most time, and has nothing else.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    ["boto3", "moto.iam.access_control", "pulumi_personalize.local.server"]
)


@contextlib.contextmanager
def local_endpoint(*arguments: str) -> Iterator[str]:
    """Starts a local endpoint in a process of its own, and ends it: its URL.

    Args:
        arguments: Of ``python -m pulumi_personalize.local``.
    """
    told, output = _processes.Pipe(duplex=False)
    process = _processes.Process(
        target=_serve, args=(output, arguments, clean_environment()), daemon=True
    )
    process.start()
    output.close()
    try:
        with open(told.fileno(), closefd=False) as lines:
            yield lines.readline().strip()
    finally:
        process.terminate()
        process.join(30)
        process.close()
        told.close()


def _serve(output: Connection, arguments: tuple[str, ...], environment: dict[str, str]) -> None:
    """What the process of an endpoint does: the command, whose output goes into a pipe."""
    os.dup2(output.fileno(), sys.stdout.fileno())
    os.environ.clear()
    os.environ.update(environment)
    from moto.moto_api._internal import mock_random

    # Else all copies would give the same ARNs and tracking IDs.
    mock_random.seed()
    main(list(arguments))


class Endpoint(ControlClient):
    """A local endpoint, and a client for it."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.client = self.client_in(REGION)

    def client_in(self, region: str) -> PersonalizeClient:
        """A client for a region; the endpoint serves all of them."""
        return boto3.client(
            "personalize",
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def group(self, name: str) -> str:
        """Makes a dataset group that takes a tracker; its ARN."""
        self.pace(0, ["personalize::dataset_group", "personalize::dataset"])
        return make_dataset_group(self.client, name)

    def trackers(self) -> dict[str, str]:
        """The names and ARNs of all event trackers."""
        found = self.client.list_event_trackers()["eventTrackers"]
        return {tracker["name"]: tracker["eventTrackerArn"] for tracker in found}

    def tags(self, arn: str) -> dict[str, str]:
        """All tags of an event tracker."""
        found = self.client.list_tags_for_resource(resourceArn=arn)["tags"]
        return {tag["tagKey"]: tag["tagValue"] for tag in found}

    def operations(self) -> list[str]:
        """The names of the service calls made, in order."""
        return [call["operation"] for call in self.calls()]
