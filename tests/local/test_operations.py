"""Schemas, dataset groups, datasets, event trackers and tags through boto3."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_personalize import PersonalizeClient
    from pulumi_personalize.local import ControlClient, LocalEndpoint

World = Any  # the fixture of this name
PREFIX = "arn:aws:personalize:eu-west-1:123456789012"


def test_arns_and_tracking_id(world: World) -> None:
    assert world.schema == f"{PREFIX}:schema/schema"
    assert world.group == f"{PREFIX}:dataset-group/group"
    assert world.dataset == f"{PREFIX}:dataset/group/INTERACTIONS"
    assert re.fullmatch(re.escape(f"{PREFIX}:event-tracker/") + "[0-9a-f]{8}", world.tracker)
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", world.tracking_id)


def test_describe_tells_what_was_given(
    personalize: PersonalizeClient, world: World, avro: str
) -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/k"
    role = "arn:aws:iam::123456789012:role/r"
    made = personalize.create_dataset_group(
        name="shop", domain="ECOMMERCE", roleArn=role, kmsKeyArn=key
    )
    assert made["domain"] == "ECOMMERCE"
    group = personalize.describe_dataset_group(datasetGroupArn=made["datasetGroupArn"])
    assert group["datasetGroup"]["roleArn"] == role
    assert group["datasetGroup"]["kmsKeyArn"] == key
    assert group["datasetGroup"]["domain"] == "ECOMMERCE"
    assert personalize.describe_schema(schemaArn=world.schema)["schema"]["schema"] == avro
    dataset = personalize.describe_dataset(datasetArn=world.dataset)["dataset"]
    assert dataset["datasetType"] == "INTERACTIONS"
    assert dataset["schemaArn"] == world.schema
    tracker = personalize.describe_event_tracker(eventTrackerArn=world.tracker)["eventTracker"]
    assert tracker["accountId"] == "123456789012"
    assert tracker["trackingId"] == world.tracking_id
    assert tracker["datasetGroupArn"] == world.group
    assert tracker["status"] == "ACTIVE"


def test_deleted_tracker_is_gone_and_the_next_is_another(
    personalize: PersonalizeClient, world: World
) -> None:
    personalize.delete_event_tracker(eventTrackerArn=world.tracker)
    with pytest.raises(personalize.exceptions.ResourceNotFoundException):
        personalize.describe_event_tracker(eventTrackerArn=world.tracker)
    with pytest.raises(personalize.exceptions.ResourceNotFoundException):
        personalize.list_tags_for_resource(resourceArn=world.tracker)
    assert personalize.list_event_trackers()["eventTrackers"] == []
    again = personalize.create_event_tracker(name="tracker", datasetGroupArn=world.group)
    assert again["eventTrackerArn"] != world.tracker
    assert again["trackingId"] != world.tracking_id


def test_everything_can_be_deleted_from_the_inside_out(
    personalize: PersonalizeClient, world: World
) -> None:
    personalize.delete_event_tracker(eventTrackerArn=world.tracker)
    with pytest.raises(personalize.exceptions.ResourceInUseException):
        personalize.delete_dataset_group(datasetGroupArn=world.group)
    with pytest.raises(personalize.exceptions.ResourceInUseException):
        personalize.delete_schema(schemaArn=world.schema)
    personalize.delete_dataset(datasetArn=world.dataset)
    personalize.delete_dataset_group(datasetGroupArn=world.group)
    personalize.delete_schema(schemaArn=world.schema)
    assert personalize.list_datasets()["datasets"] == []
    assert personalize.list_dataset_groups()["datasetGroups"] == []
    assert personalize.list_schemas()["schemas"] == []


def test_two_ways_for_a_tracker_to_exist_already(
    personalize: PersonalizeClient, world: World, make_group: Callable[[str], str]
) -> None:
    already = personalize.exceptions.ResourceAlreadyExistsException
    with pytest.raises(already, match=f"already exists for dataset group {world.group}"):
        personalize.create_event_tracker(name="other", datasetGroupArn=world.group)
    with pytest.raises(already, match=f"Another resource .* Arn {world.tracker} already exists"):
        personalize.create_event_tracker(name="tracker", datasetGroupArn=make_group("other"))


@pytest.mark.parametrize("state", ["CREATE IN_PROGRESS", "DELETE IN_PROGRESS"])
def test_a_tracker_in_any_state_takes_its_group(
    state: str,
    personalize: PersonalizeClient,
    control: ControlClient,
    make_group: Callable[[str], str],
) -> None:
    group = make_group("group")
    control.fault(f"{state.split()[0].title()}EventTracker", "stay")
    arn = personalize.create_event_tracker(name="t", datasetGroupArn=group)["eventTrackerArn"]
    if state.startswith("DELETE"):
        personalize.delete_event_tracker(eventTrackerArn=arn)
    described = personalize.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
    assert described["status"] == state
    with pytest.raises(personalize.exceptions.ResourceAlreadyExistsException):
        personalize.create_event_tracker(name="other", datasetGroupArn=group)


def test_no_tracker_for_a_group_whose_creation_failed(
    personalize: PersonalizeClient, control: ControlClient, make_empty_group: Callable[[str], str]
) -> None:
    control.fault("CreateDatasetGroup", "fail")
    group = make_empty_group("group")
    described = personalize.describe_dataset_group(datasetGroupArn=group)["datasetGroup"]
    assert described["status"] == "CREATE FAILED"
    assert described["failureReason"]
    with pytest.raises(personalize.exceptions.InvalidInputException, match="CREATE FAILED"):
        personalize.create_event_tracker(name="tracker", datasetGroupArn=group)


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1", "mx-central-1"])
def test_regions_are_apart(
    region: str,
    endpoint: LocalEndpoint,
    world: World,
    make_client: Callable[..., PersonalizeClient],
) -> None:
    client = make_client(endpoint.url, region=region)
    assert client.list_dataset_groups()["datasetGroups"] == []
    arn = client.create_dataset_group(name="group")["datasetGroupArn"]
    partition = {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rsplit("-", 2)[0], "aws")
    assert arn == f"arn:{partition}:personalize:{region}:123456789012:dataset-group/group"
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_event_tracker(eventTrackerArn=world.tracker)


def test_the_list_of_trackers_of_a_group(
    personalize: PersonalizeClient,
    control: ControlClient,
    world: World,
    make_empty_group: Callable[[str], str],
) -> None:
    control.rules(interactionsDataset=False)
    other = make_empty_group("other")
    arn = personalize.create_event_tracker(name="x", datasetGroupArn=other)["eventTrackerArn"]
    of_other = personalize.list_event_trackers(datasetGroupArn=other)["eventTrackers"]
    assert [one["eventTrackerArn"] for one in of_other] == [arn]
    assert len(personalize.list_event_trackers()["eventTrackers"]) == 2
    assert personalize.list_datasets(datasetGroupArn=other)["datasets"] == []
    unknown = f"{PREFIX}:dataset-group/none"
    assert personalize.list_event_trackers(datasetGroupArn=unknown)["eventTrackers"] == []


@pytest.fixture
def many_trackers(personalize: PersonalizeClient, make_group: Callable[[str], str]) -> list[str]:
    return [
        personalize.create_event_tracker(
            name=f"tracker-{number}", datasetGroupArn=make_group(f"group-{number}")
        )["eventTrackerArn"]
        for number in range(105)
    ]


def test_pages(personalize: PersonalizeClient, many_trackers: list[str]) -> None:
    pages = personalize.get_paginator("list_event_trackers").paginate
    for size, count in ((None, 2), (100, 2), (50, 3), (21, 5)):
        options: Any = {"PageSize": size} if size else {}
        answers = list(pages(PaginationConfig=options))
        assert len(answers) == count
        arns = [one["eventTrackerArn"] for page in answers for one in page["eventTrackers"]]
        assert arns == many_trackers
    groups = personalize.get_paginator("list_dataset_groups").paginate(
        PaginationConfig={"PageSize": 10}
    )
    assert len(groups.build_full_result()["datasetGroups"]) == 105


def test_a_page_goes_on_though_its_first_was_deleted(
    personalize: PersonalizeClient, many_trackers: list[str]
) -> None:
    first = personalize.list_event_trackers(maxResults=3)
    for arn in many_trackers[2:4]:
        personalize.delete_event_tracker(eventTrackerArn=arn)
    second = personalize.list_event_trackers(maxResults=1, nextToken=first["nextToken"])
    assert second["eventTrackers"][0]["eventTrackerArn"] == many_trackers[4]


@pytest.mark.parametrize("token", ["x", "e30=", "bnVsbA==", "", "a" * 1500])
def test_bad_tokens(token: str, personalize: PersonalizeClient) -> None:
    with pytest.raises(personalize.exceptions.InvalidNextTokenException):
        personalize.list_event_trackers(nextToken=token)


def test_a_token_is_for_its_list_only(
    personalize: PersonalizeClient, world: World, make_group: Callable[[str], str]
) -> None:
    make_group("other")
    token = personalize.list_dataset_groups(maxResults=1)["nextToken"]
    assert personalize.list_dataset_groups(nextToken=token)["datasetGroups"]
    with pytest.raises(personalize.exceptions.InvalidNextTokenException):
        personalize.list_event_trackers(nextToken=token)


@pytest.mark.parametrize("kind", ["group", "dataset", "tracker"])
def test_tags(kind: str, personalize: PersonalizeClient, world: World) -> None:
    arn = getattr(world, kind)

    def read() -> dict[str, str]:
        tags = personalize.list_tags_for_resource(resourceArn=arn)["tags"]
        return {tag["tagKey"]: tag["tagValue"] for tag in tags}

    assert read() == {}
    personalize.tag_resource(
        resourceArn=arn,
        tags=[{"tagKey": "a", "tagValue": "1"}, {"tagKey": "b é/", "tagValue": ""}],
    )
    personalize.tag_resource(resourceArn=arn, tags=[{"tagKey": "a", "tagValue": "2"}])
    assert read() == {"a": "2", "b é/": ""}
    personalize.untag_resource(resourceArn=arn, tagKeys=["a", "none"])
    assert read() == {"b é/": ""}


def test_tags_with_the_creation_and_no_more_than_fifty(
    personalize: PersonalizeClient, make_group: Callable[[str], str]
) -> None:
    fifty: Any = [{"tagKey": f"key{number}", "tagValue": "v"} for number in range(50)]
    arn = personalize.create_event_tracker(
        name="tracker", datasetGroupArn=make_group("group"), tags=fifty
    )["eventTrackerArn"]
    assert personalize.list_tags_for_resource(resourceArn=arn)["tags"] == fifty
    personalize.tag_resource(resourceArn=arn, tags=fifty[:3])
    with pytest.raises(personalize.exceptions.TooManyTagsException):
        personalize.tag_resource(resourceArn=arn, tags=[{"tagKey": "more", "tagValue": "v"}])
    assert personalize.list_tags_for_resource(resourceArn=arn)["tags"] == fifty


@pytest.mark.parametrize("keys", [["aws:secret-1"], ["AWS:secret-1"], ["secret-1", "secret-1"]])
def test_refused_tag_keys_are_not_repeated(
    keys: list[str], personalize: PersonalizeClient, world: World
) -> None:
    with pytest.raises(personalize.exceptions.InvalidInputException) as refusal:
        personalize.tag_resource(
            resourceArn=world.tracker, tags=[{"tagKey": key, "tagValue": "v"} for key in keys]
        )
    assert "secret-1" not in str(refusal.value)


@pytest.mark.parametrize("value", ["aws:secret-1", "Aws:secret-1", "aws:"])
def test_refused_tag_values_are_not_repeated(
    value: str, personalize: PersonalizeClient, world: World, make_group: Callable[[str], str]
) -> None:
    tags: Any = [{"tagKey": "good", "tagValue": "my:aws:"}, {"tagKey": "bad", "tagValue": value}]
    with pytest.raises(personalize.exceptions.InvalidInputException, match="values") as refusal:
        personalize.tag_resource(resourceArn=world.tracker, tags=tags)
    assert "secret-1" not in str(refusal.value)
    with pytest.raises(personalize.exceptions.InvalidInputException, match="values"):
        personalize.create_event_tracker(name="t", datasetGroupArn=make_group("other"), tags=tags)
    personalize.tag_resource(resourceArn=world.tracker, tags=tags[:1])
    assert personalize.list_tags_for_resource(resourceArn=world.tracker)["tags"] == tags[:1]


def test_a_schema_has_no_tags(personalize: PersonalizeClient, world: World) -> None:
    with pytest.raises(personalize.exceptions.ResourceNotFoundException):
        personalize.list_tags_for_resource(resourceArn=world.schema)


@pytest.mark.parametrize(
    "schema",
    ["", "text", "[]", '{"type": "string"}', '{"type": "record", "name": "r"}', "[" * 10000],
)
def test_schemas_that_are_none(schema: str, personalize: PersonalizeClient) -> None:
    with pytest.raises(personalize.exceptions.InvalidInputException):
        personalize.create_schema(name="schema", schema=schema)


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_events(
    region: str,
    endpoint: LocalEndpoint,
    world: World,
    control: ControlClient,
    make_client: Callable[..., Any],
) -> None:
    client = make_client(endpoint.url, "personalize-events", region)
    event = {"eventType": "view", "sentAt": 1700000000, "itemId": "i", "properties": '{"a": 1}'}
    request = {
        "trackingId": world.tracking_id,
        "sessionId": "s",
        "userId": "u",
        "eventList": [event, {"eventType": "buy", "sentAt": 1700000001.5}],
    }
    if region != "eu-west-1":
        with pytest.raises(client.exceptions.InvalidInputException, match="tracking ID"):
            client.put_events(**request)
        assert control.events(world.tracking_id) == []
    else:
        client.put_events(**request)
        kept = control.events(world.tracking_id)
        assert [(one["sessionId"], one["userId"]) for one in kept] == [("s", "u")] * 2
        assert kept[0]["event"] == event
        assert kept[1]["event"]["eventType"] == "buy"
        assert kept[1]["event"]["sentAt"] == 1700000001.5


@pytest.mark.parametrize(
    "change",
    [
        {"eventList": []},
        {"eventList": [{"eventType": "secret", "sentAt": 1}] * 11},
        {"eventList": [{"eventType": "secret"}]},
        {"eventList": [{"sentAt": 1}]},
        {"eventList": [{"eventType": "secret", "sentAt": "now"}]},
        {"eventList": [{"eventType": "secret", "sentAt": 1, "itemId": ""}]},
        {"eventList": [{"eventType": "secret", "sentAt": 1, "properties": "[]"}]},
        {"eventList": [{"eventType": "secret", "sentAt": 1, "properties": "secret"}]},
        {"eventList": [{"eventType": "secret", "sentAt": 1, "properties": {"secret": 1}}]},
        {"eventList": [{"eventType": "secret", "sentAt": 1, "eventValue": "much"}]},
        {"sessionId": ""},
        {"userId": "secret" * 60},
    ],
)
def test_refused_events(
    change: dict[str, Any], world: World, call: Any, control: ControlClient
) -> None:
    good = {
        "trackingId": world.tracking_id,
        "sessionId": "s",
        "eventList": [{"eventType": "e", "sentAt": 1}],
    }
    status, content = call("PutEvents", good | change)
    assert (status, content["__type"]) == (400, "InvalidInputException")
    assert "secret" not in content["message"]
    assert control.events(world.tracking_id) == []


def test_no_events_before_and_after_the_tracker_is_active(
    personalize: PersonalizeClient,
    personalize_events: Any,
    control: ControlClient,
    make_group: Callable[[str], str],
) -> None:
    control.fault("CreateEventTracker", "stay")
    control.fault("DeleteEventTracker", "stay")
    tracker = personalize.create_event_tracker(name="t", datasetGroupArn=make_group("group"))
    request = {
        "trackingId": tracker["trackingId"],
        "sessionId": "s",
        "eventList": [{"eventType": "e", "sentAt": 1}],
    }
    with pytest.raises(ClientError, match="CREATE IN_PROGRESS"):
        personalize_events.put_events(**request)
    control.release()
    personalize_events.put_events(**request)
    personalize.delete_event_tracker(eventTrackerArn=tracker["eventTrackerArn"])
    with pytest.raises(ClientError, match="DELETE IN_PROGRESS"):
        personalize_events.put_events(**request)
    control.release()
    with pytest.raises(ClientError, match="No event tracker"):
        personalize_events.put_events(**request)
    assert len(control.events(tracker["trackingId"])) == 1
