"""The services: what they accept, answer and refuse, and the rules that can be switched off."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from kinds import Capfd
from moto.core.utils import get_service_model
from pulumi_personalize.local import dataset_group
from pulumi_personalize.local.personalize import exceptions
from pulumi_personalize.local.personalize.lifecycle import STATES
from pulumi_personalize.local.personalize.models import PersonalizeBackend
from pulumi_personalize.local.personalize.validation import check

if TYPE_CHECKING:
    from local.conftest import Local, Patch, World

PREFIX = "arn:aws:personalize:us-east-1:123456789012"
ARN = "arn:aws:personalize:::"
AVRO = '{"type": "record", "name": "r", "fields": []}'
MUST = "failed to satisfy constraint: Member must"
EVENT = {"eventType": "view", "sentAt": 1}


def tags(*keys: str) -> list[dict[str, str]]:
    return [{"tagKey": key, "tagValue": ""} for key in keys]


TOO_MANY = {"tags": tags(*map(str, range(51)))}


def test_constraints(local: Local) -> None:
    names: Any = ["a", "9-_", "a" * 63], ["", "-a", "a b", "é", "a\n", "a" * 64, 5, True, None]
    keys = ["é/ _.:=+-@", "٣", "é" * 128], ["", "!", "a\n", "é" * 129]
    lists: Any = [[], tags("a") * 200], [tags("a") * 201, tags(""), {}, [{}], [{"tagKey": "a"}]]
    long, longer = (ARN.ljust(size, "x") for size in (256, 257))
    arns = [long, "arn:a-3:personalize:é: :/"], [longer, ARN, ARN + "\n", "arn:٣:personalize:::x"]
    cases = {"Name": names, "TagKey": keys, "Tags": lists, "Arn": arns, "MaxResults": ([1], [1.5])}
    for name, (accepted, refused) in cases.items():
        shape = get_service_model("personalize").shape_for(name)
        for value in accepted:
            check(shape, value)
        for value in refused:
            with pytest.raises(exceptions.InvalidInputException):
                check(shape, value)
    request = {"roleArn": 5, "domain": "SHOP", "tags": [{"tagKey": "", "tagValue": "secret!"}]}
    assert local.refused("InvalidInput", "CreateDatasetGroup", **request) == (
        f"5 validation errors detected: Value null at 'name' {MUST} not be null; "
        f"Value '5' at 'roleArn' {MUST} be a string; "
        f"Value 'SHOP' at 'domain' {MUST} satisfy enum value set: [ECOMMERCE, VIDEO_ON_DEMAND]; "
        f"Value at 'tags.1.member.tagKey' {MUST} have length greater than or equal to 1; "
        f"Value at 'tags.1.member.tagValue' {MUST} satisfy regular expression pattern: "
        r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$"
    )


def test_declared_errors(local: Local, world: World, monkeypatch: Patch) -> None:
    group, new = (
        {"datasetGroupArn": world.group},
        {"datasetGroupArn": local.group("t"), "name": "t"},
    )
    local.fault("CreateDatasetGroup", "fail")
    failed = {"name": "t", "datasetGroupArn": local.create("DatasetGroup")}
    assert local.describe(failed["datasetGroupArn"])["failureReason"]
    for kind in ("DatasetGroup", "Dataset"):
        local.fault(f"Create{kind}", "stay")
    items = {"name": "held", "schemaArn": world.schema, "datasetType": "Items"}
    held = {"name": "t", "datasetGroupArn": local.create("DatasetGroup", name="held")}
    value = {"tagKey": "a", "tagValue": "Aws:secret"}
    made, tagged, none = items | group, {"resourceArn": world.tracker}, f"{PREFIX}:x/none"
    errors: list[tuple[str, str, dict[str, Any]]] = [
        ("InvalidInput", "CreateDataset", made | {"datasetType": "Things"}),
        ("ResourceAlreadyExists", "CreateDataset", made | {"datasetType": "interactions"}),
        ("ResourceInUse", "DeleteDataset", {"datasetArn": local.create("Dataset", **made)}),
        ("ResourceNotFound", "CreateEventTracker", new | {"datasetGroupArn": none}),
        ("InvalidInput", "CreateEventTracker", failed),
        ("LimitExceeded", "CreateEventTracker", new),
        ("ResourceInUse", "CreateEventTracker", held),
        ("TooManyTags", "CreateEventTracker", new | TOO_MANY),
        ("InvalidInput", "TagResource", tagged | {"tags": tags("secret", "secret")}),
        ("InvalidInput", "TagResource", tagged | {"tags": tags("aWs:x-secret")}),
        ("InvalidInput", "TagResource", tagged | {"tags": [value]}),
        ("TooManyTagKeys", "UntagResource", tagged | {"tagKeys": ["a"] * 51}),
        ("ResourceNotFound", "TagResource", {"resourceArn": none, "tags": []}),
        ("ResourceNotFound", "UntagResource", {"resourceArn": none, "tagKeys": []}),
        ("ResourceNotFound", "ListTagsForResource", {"resourceArn": none}),
    ]
    texts = ("", "[]", AVRO.replace("record", "string"), AVRO[:-14] + "}", "[" * 10000)
    errors += [("InvalidInput", "CreateSchema", {"name": "s", "schema": text}) for text in texts]
    for kind in ("Schema", "DatasetGroup", "Dataset", "EventTracker"):
        local(f"List{kind}s", nextToken=None, maxResults=None)
        errors.append(("InvalidNextToken", f"List{kind}s", {"nextToken": "none"}))
        arn = {kind[0].lower() + kind[1:] + "Arn": none}
        errors += [("ResourceNotFound", f"{verb}{kind}", arn) for verb in ("Describe", "Delete")]
    for code, operation, parameters in errors:
        monkeypatch.setattr(PersonalizeBackend, "RESOURCE_LIMIT", 1 if "Limit" in code else 500)
        assert "secret" not in local.refused(code, operation, **parameters)


def test_make_dataset_group(local: Local, monkeypatch: Patch, capfd: Capfd) -> None:
    local.fault("CreateDataset", "fail", about={"name": "late"})
    monkeypatch.setattr(dataset_group, "time", SimpleNamespace(monotonic=int))  # no sleep
    error = "the Interactions dataset of late is not ACTIVE but CREATE FAILED\n"
    results = {"shop": (0, f"{PREFIX}:dataset-group/shop\n", ""), "late": (1, "", error)}
    for name in ("shop", "shop", "late"):
        command = ["dataset_group", name, "--endpoint-url", local.url, "--region", "us-east-1"]
        monkeypatch.setattr(sys, "argv", command)
        assert (dataset_group.main(), *capfd.readouterr()) == results[name]


@pytest.mark.parametrize("state", ["CREATE IN_PROGRESS", "CREATE FAILED", "DELETE IN_PROGRESS"])
def test_a_tracker_in_any_state_takes_its_group(state: str, local: Local, world: World) -> None:
    group = local.group("other")
    kind = "fail" if state == "CREATE FAILED" else "stay"
    local.fault(f"{state.split()[0].title()}EventTracker", kind)
    tracker = local.tracker(group)
    if "DELETE" in state:
        local.delete(tracker)
    assert local.status(tracker) == state
    message = f"Event tracker already exists for dataset group {group}: {tracker}."
    assert local.no_tracker("ResourceAlreadyExists", group) == message
    interactions = {"datasetArn": group.replace("-group", "") + "/INTERACTIONS"}
    assert tracker in local.refused("ResourceInUse", "DeleteDataset", **interactions)
    local.release()
    if "DELETE" not in state:
        local.delete(tracker)
    found = (local.status(tracker), local.tags(tracker), local.trackers())
    assert found == ("gone", None, {"tracker": "ACTIVE"})
    local.refused("ResourceInUse", "DeleteDatasetGroup", datasetGroupArn=group)
    assert local.tracker(group) != tracker
    for arn in (world.tracker, world.dataset, world.group):
        local.delete(arn)
    local("DeleteSchema", schemaArn=world.schema)
    for listing in ("Datasets", "DatasetGroups", "Schemas"):
        assert [one["name"] for one in local(f"List{listing}").popitem()[1]] == ["other"]


def test_lists_are_paged(local: Local, world: World) -> None:
    local.tracker(local.group("other"))
    for listing in ("Schemas", "DatasetGroups", "Datasets", "EventTrackers"):
        first = local(f"List{listing}", maxResults=1)
        second = local(f"List{listing}", maxResults=1, nextToken=first.pop("nextToken"))
        names = [one["name"] for answer in (first, second) for one in answer.popitem()[1]]
        assert (names[1:], second) == (["other"], {})


@pytest.mark.parametrize("kind", ["group", "dataset", "tracker"])
def test_tags_are_kept_and_limited(kind: str, local: Local, world: World) -> None:
    arn = getattr(world, kind)
    assert (local.tags(arn), local.tags(world.schema)) == ({}, None)
    local.tag(arn, **{"a": "1", "b é/": ""})
    local.tag(arn, a="my:aws:")
    assert local.tags(arn) == {"a": "my:aws:", "b é/": ""}
    local("UntagResource", resourceArn=arn, tagKeys=["a", "none"])
    fifty = {"b é/": "2"} | {str(number): "v" for number in range(49)}
    local.tag(arn, **fifty)
    local.refused("TooManyTags", "TagResource", resourceArn=arn, tags=tags("more"))
    assert local.tags(arn) == fifty


def test_events_are_checked_and_kept(local: Local) -> None:
    local.fault("CreateEventTracker", "stay")
    local.fault("DeleteEventTracker", "stay")
    tracker = local.tracker(local.group())
    ids = {"trackingId": local.describe(tracker)["trackingId"], "sessionId": "s", "userId": "u"}
    event = EVENT | {"sentAt": 1.5, "itemId": "i", "properties": '{"a": 1}'}
    events: Any = ids | {"eventList": [EVENT, event]}
    there = type(local)(local.url, "eu-west-1")
    assert "No event tracker" in there.refused("InvalidInput", "PutEvents", **events)
    assert "CREATE IN_PROGRESS" in local.refused("InvalidInput", "PutEvents", **events)
    local.release()
    local("PutEvents", **events)
    properties: list[Any] = ["[]", "secret", {"secret": 1}]
    changes = [{"sentAt": "secret"}, {"itemId": ""}, *({"properties": one} for one in properties)]
    bad: list[Any] = [*([EVENT | one] for one in changes), [], [EVENT] * 11, [{"sentAt": 1}]]
    bad = [*({"eventList": one} for one in bad), {"sessionId": ""}, {"userId": "secret" * 60}]
    for change in bad:
        assert "secret" not in local.refused("InvalidInput", "PutEvents", **events | change)
    local.delete(tracker)
    assert "DELETE IN_PROGRESS" in local.refused("InvalidInput", "PutEvents", **events)
    local.release()
    assert "No event tracker" in local.refused("InvalidInput", "PutEvents", **events)
    kept = (local.events(ids["trackingId"]), local.events("other"))
    assert kept == ([ids | {"event": one} for one in (EVENT, event)], [])


@pytest.mark.parametrize("status", STATES)
def test_rule_interactions_dataset(status: str, local: Local, world: World) -> None:
    group = local.create("DatasetGroup")
    schema = {"datasetGroupArn": group, "schemaArn": world.schema}
    message = f"Dataset group {group} does not have an Interactions dataset"
    for kind in ("Items", "Action_Interactions"):
        other = local.create("Dataset", datasetType=kind, **schema)
    assert local.no_tracker("InvalidInput", group).startswith(message)
    if "FAILED" in status:
        local.fault("CreateDataset", "fail")
    elif status != "ACTIVE":
        local.fault(f"{status.split()[0].title()}Dataset", "stay", status=status)
    dataset = local.create("Dataset", datasetType="interActions", **schema)
    if "DELETE" in status:
        local.delete(dataset)
    assert local.status(dataset) == status
    if status not in ("CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"):
        assert local.no_tracker("InvalidInput", group).startswith(message)
        local.rules(interactionsDataset=False)
    assert local.status(local.tracker(group)) == "ACTIVE"
    local.delete(other)


def test_rules_can_be_switched_off(local: Local, world: World) -> None:
    on = {"interactionsDataset": True, "uniqueNames": True, "listShowsGoing": True}
    group = local.group("other")
    message = local.no_tracker("ResourceAlreadyExists", group, name="tracker")
    assert message.endswith(f"Arn {world.tracker} already exists.")
    assert local.rules(uniqueNames=False) == on | {"uniqueNames": False}
    other = local.tracker(group, name="tracker")
    assert world.group in local.no_tracker("ResourceAlreadyExists", world.group)
    for status in ("DELETE PENDING", "DELETE IN_PROGRESS"):
        local.fault("DeleteEventTracker", "stay", status=status)
        local.delete(other)
        assert [*local.trackers(datasetGroupArn=group).values()] == [status]
        assert local.rules(listShowsGoing=False) == on | dict.fromkeys([*on][1:], False)
        assert (local.trackers(), local.status(other)) == ({"tracker": "ACTIVE"}, status)
        assert local.trackers(datasetGroupArn=group) == {}
        local.rules(listShowsGoing=True)
        local.release()
        other = local.tracker(group)
    local.reset()
    assert local.rules() == on


def test_neighbours_are_listed_as_empty_and_keep_what_they_get(local: Local, world: World) -> None:
    for operation in ("Solutions", "Campaigns", "Recommenders", "Filters", "SolutionVersions"):
        assert list(local(f"List{operation}").values()) == [[]]
    assert [one["name"] for one in local("ListEventTrackers")["eventTrackers"]] == ["tracker"]
    interactions = [{"actionId": "a", "sessionId": "s", "timestamp": 1, "eventType": "Taken"}]
    puts: dict[str, Any] = {
        "PutItems": {"datasetArn": world.dataset, "items": [{"itemId": "i"}]},
        "PutUsers": {"datasetArn": world.dataset, "users": [{"userId": "u"}]},
        "PutActionInteractions": {
            "trackingId": world.tracking_id,
            "actionInteractions": interactions,
        },
    }
    for operation, request in puts.items():
        local(operation, **request)
    kept = [{"operation": operation, "request": request} for operation, request in puts.items()]
    assert local.puts() == kept
    none = {"datasetArn": f"{PREFIX}:dataset/none"}
    assert local.send("PutItems", **puts["PutItems"] | none)[0] == 404
    local.refused(
        "InvalidInput",
        "PutActionInteractions",
        **puts["PutActionInteractions"] | {"trackingId": "none"},
    )


def test_accounts_by_sts(local: Local, world: World) -> None:
    def client(service: Any, **options: Any) -> Any:
        return boto3.client(service, "us-east-1", endpoint_url=local.url, **options)

    assert client("sts").get_caller_identity()["Account"] == "123456789012"
    role = {"RoleArn": "arn:aws:iam::210987654321:role/deploy", "RoleSessionName": "ci"}
    given = client("sts").assume_role(**role)["Credentials"]
    keys = {"aws_access_key_id": given["AccessKeyId"], "aws_session_token": given["SessionToken"]}
    keys["aws_secret_access_key"] = given["SecretAccessKey"]
    assert client("sts", **keys).get_caller_identity()["Account"] == "210987654321"
    theirs = client("personalize", **keys)
    assert theirs.list_event_trackers()["eventTrackers"] == []
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        theirs.describe_event_tracker(eventTrackerArn=world.tracker)
