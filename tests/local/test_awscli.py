"""The AWS CLI against the endpoint."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_personalize.local import ControlClient

Aws = Any  # the type of the fixture of this name


def test_a_tracker_from_its_group_to_its_end(aws: Aws, control: ControlClient, avro: str) -> None:
    group = aws("personalize", "create-dataset-group", "--name", "group")["datasetGroupArn"]
    create = [
        *("personalize", "create-event-tracker", "--name", "tracker"),
        *("--dataset-group-arn", group, "--tags", "tagKey=team,tagValue=shop"),
    ]
    assert "(InvalidInputException)" in aws(*create)
    schema = aws("personalize", "create-schema", "--name", "schema", "--schema", avro)["schemaArn"]
    dataset = aws(
        *("personalize", "create-dataset", "--name", "dataset", "--schema-arn", schema),
        *("--dataset-group-arn", group, "--dataset-type", "Interactions"),
    )["datasetArn"]
    made = aws(*create)
    arn = made["eventTrackerArn"]
    event = {"eventType": "view", "sentAt": 1700000000, "properties": '{"itemId": "i"}'}
    with ThreadPoolExecutor() as pool:
        described, listed, tags, sent, tagged, deleted = pool.map(
            lambda arguments: aws(*arguments),
            [
                ("personalize", "describe-event-tracker", "--event-tracker-arn", arn),
                ("personalize", "list-event-trackers", "--dataset-group-arn", group),
                ("personalize", "list-tags-for-resource", "--resource-arn", arn),
                (
                    *("personalize-events", "put-events", "--tracking-id", made["trackingId"]),
                    *("--session-id", "s", "--event-list", json.dumps([event])),
                ),
                (
                    *("personalize", "tag-resource", "--resource-arn", arn),
                    *("--tags", "tagKey=key,tagValue=AWS:value"),
                ),
                ("personalize", "delete-dataset", "--dataset-arn", dataset),
            ],
        )
    assert described["eventTracker"]["trackingId"] == made["trackingId"]
    assert [one["eventTrackerArn"] for one in listed["eventTrackers"]] == [arn]
    assert tags == {"tags": [{"tagKey": "team", "tagValue": "shop"}]}
    assert sent is None
    assert "(InvalidInputException)" in tagged
    assert "(ResourceInUseException)" in deleted
    assert control.events(made["trackingId"])[0]["event"]["eventType"] == "view"
    assert aws("personalize", "delete-event-tracker", "--event-tracker-arn", arn) is None
    assert aws("personalize", "delete-dataset", "--dataset-arn", dataset) is None
    error = aws("personalize", "describe-event-tracker", "--event-tracker-arn", arn)
    assert "(ResourceNotFoundException)" in error
