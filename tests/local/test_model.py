"""The endpoint against botocore's service models: members of answers, declared errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from pulumi_personalize.local.personalize.models import PersonalizeBackend

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.model import Shape
    from mypy_boto3_personalize import PersonalizeClient
    from pulumi_personalize.local import ControlClient

Call = Any  # the fixture of this name
World = Any  # the fixture of this name

MODELS = [
    ServiceModel(Loader().load_service_model(service, "service-2"), service)
    for service in ("personalize", "personalize-events")
]

AVRO = '{"type": "record", "name": "r", "fields": []}'
EVENT = {"eventType": "view", "sentAt": 1}

REQUESTS: dict[str, Callable[[World], dict[str, Any]]] = {
    "CreateSchema": lambda _: {"name": "other", "schema": AVRO, "domain": "ECOMMERCE"},
    "DescribeSchema": lambda world: {"schemaArn": world.schema},
    "ListSchemas": lambda _: {},
    "DeleteSchema": lambda world: {"schemaArn": world.schema},
    "CreateDatasetGroup": lambda _: {"name": "other", "domain": "VIDEO_ON_DEMAND"},
    "DescribeDatasetGroup": lambda world: {"datasetGroupArn": world.group},
    "ListDatasetGroups": lambda _: {},
    "DeleteDatasetGroup": lambda world: {"datasetGroupArn": world.group},
    "CreateDataset": lambda world: {
        "name": "other",
        "schemaArn": world.schema,
        "datasetGroupArn": world.group,
        "datasetType": "Items",
    },
    "DescribeDataset": lambda world: {"datasetArn": world.dataset},
    "ListDatasets": lambda world: {"datasetGroupArn": world.group},
    "DeleteDataset": lambda world: {"datasetArn": world.dataset},
    "CreateEventTracker": lambda world: {"name": "other", "datasetGroupArn": world.group},
    "DescribeEventTracker": lambda world: {"eventTrackerArn": world.tracker},
    "ListEventTrackers": lambda world: {"datasetGroupArn": world.group},
    "DeleteEventTracker": lambda world: {"eventTrackerArn": world.tracker},
    "TagResource": lambda world: {"resourceArn": world.tracker, "tags": []},
    "UntagResource": lambda world: {"resourceArn": world.tracker, "tagKeys": ["a"]},
    "ListTagsForResource": lambda world: {"resourceArn": world.tracker},
    "PutEvents": lambda world: {
        "trackingId": world.tracking_id,
        "sessionId": "session",
        "eventList": [EVENT],
    },
}
"""A good request for each operation, in a world where only the deletions need preparation."""

OBSTACLES = {
    "DeleteSchema": ["tracker", "dataset"],
    "DeleteDatasetGroup": ["tracker", "dataset"],
    "DeleteDataset": ["tracker"],
    "CreateEventTracker": ["tracker"],
}
"""What has to go first."""


def operation_model(name: str) -> Any:
    model = next(one for one in MODELS if name in one.operation_names)
    return model.operation_model(name)


def check_members(shape: Shape, value: Any) -> None:
    """Fails at a member that the model does not have."""
    if shape.type_name == "structure":
        members = shape.members  # type: ignore[attr-defined]
        assert set(value) <= set(members)
        for name, content in value.items():
            check_members(members[name], content)
    elif shape.type_name == "list":
        assert isinstance(value, list)
        for item in value:
            check_members(shape.member, item)  # type: ignore[attr-defined]
    elif shape.type_name == "timestamp":
        assert isinstance(value, int | float)
    else:
        assert isinstance(value, str)


@pytest.fixture
def remove(personalize: PersonalizeClient, world: World) -> Callable[[str], None]:
    """Removes what is in the way of an operation."""

    def run(operation: str) -> None:
        for obstacle in OBSTACLES.get(operation, []):
            if obstacle == "dataset":
                personalize.delete_dataset(datasetArn=world.dataset)
            else:
                personalize.delete_event_tracker(eventTrackerArn=world.tracker)

    return run


@pytest.mark.parametrize("operation", REQUESTS)
def test_answer_has_the_members_of_the_model(
    operation: str, world: World, call: Call, remove: Callable[[str], None]
) -> None:
    remove(operation)
    if operation == "ListTagsForResource":
        tags = [{"tagKey": "a", "tagValue": ""}]
        assert call("TagResource", {"resourceArn": world.tracker, "tags": tags})[0] == 200
    status, content = call(operation, REQUESTS[operation](world))
    assert status == 200
    shape = operation_model(operation).output_shape
    if shape is None:
        assert content == {}
    else:
        assert content or not shape.members
        check_members(shape, content)


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("DescribeEventTracker", ["eventTracker"]),
        ("ListEventTrackers", ["eventTrackers", 0]),
        ("ListDatasets", ["datasets", 0]),
    ],
)
def test_answer_has_all_members(operation: str, path: list[Any], world: World, call: Call) -> None:
    content = call(operation, REQUESTS[operation](world))[1]
    shape = operation_model(operation).output_shape
    for step in path:
        content = content[step]
        shape = shape.member if isinstance(step, int) else shape.members[step]
    assert set(content) == set(shape.members)


@pytest.mark.parametrize(
    "operation",
    [name for model in MODELS for name in model.operation_names if name not in REQUESTS],
)
def test_other_operations_are_unknown(operation: str, control: ControlClient, call: Call) -> None:
    if operation in MODELS[0].operation_names:
        status, content = call(operation, {})
        assert (status, content["__type"]) == (404, "UnknownOperationException")


def world_with(operation: str, **changes: Any) -> Callable[[World], dict[str, Any]]:
    return lambda world: REQUESTS[operation](world) | changes


def arn_of(kind: str) -> str:
    return f"arn:aws:personalize:eu-west-1:123456789012:{kind}/none"


def tags(count: int) -> list[dict[str, str]]:
    return [{"tagKey": f"key{number}", "tagValue": ""} for number in range(count)]


SITUATIONS: dict[str, dict[str, Callable[[World], dict[str, Any]]]] = {
    "CreateSchema": {
        "InvalidInputException": world_with("CreateSchema", schema="{}"),
        "ResourceAlreadyExistsException": world_with("CreateSchema", name="schema"),
        "LimitExceededException": REQUESTS["CreateSchema"],
    },
    "DescribeSchema": {
        "InvalidInputException": lambda _: {"schemaArn": "schema"},
        "ResourceNotFoundException": lambda _: {"schemaArn": arn_of("schema")},
    },
    "ListSchemas": {"InvalidNextTokenException": lambda _: {"nextToken": "none"}},
    "DeleteSchema": {
        "InvalidInputException": lambda _: {"schemaArn": "schema"},
        "ResourceNotFoundException": lambda _: {"schemaArn": arn_of("schema")},
        "ResourceInUseException": REQUESTS["DeleteSchema"],
    },
    "CreateDatasetGroup": {
        "InvalidInputException": world_with(
            "CreateDatasetGroup", roleArn="arn:aws:iam::123456789012:role/r"
        ),
        "ResourceAlreadyExistsException": world_with("CreateDatasetGroup", name="group"),
        "LimitExceededException": REQUESTS["CreateDatasetGroup"],
        "TooManyTagsException": world_with("CreateDatasetGroup", tags=tags(51)),
    },
    "DescribeDatasetGroup": {
        "InvalidInputException": lambda _: {"datasetGroupArn": "group"},
        "ResourceNotFoundException": lambda _: {"datasetGroupArn": arn_of("dataset-group")},
    },
    "ListDatasetGroups": {"InvalidNextTokenException": lambda _: {"nextToken": "none"}},
    "DeleteDatasetGroup": {
        "InvalidInputException": lambda _: {"datasetGroupArn": "group"},
        "ResourceNotFoundException": lambda _: {"datasetGroupArn": arn_of("dataset-group")},
        "ResourceInUseException": REQUESTS["DeleteDatasetGroup"],
    },
    "CreateDataset": {
        "InvalidInputException": world_with("CreateDataset", datasetType="Things"),
        "ResourceNotFoundException": world_with("CreateDataset", schemaArn=arn_of("schema")),
        "ResourceAlreadyExistsException": world_with("CreateDataset", datasetType="interactions"),
        "LimitExceededException": REQUESTS["CreateDataset"],
        "ResourceInUseException": world_with("CreateDataset", datasetGroupArn="<held>"),
        "TooManyTagsException": world_with("CreateDataset", tags=tags(51)),
    },
    "DescribeDataset": {
        "InvalidInputException": lambda _: {"datasetArn": "dataset"},
        "ResourceNotFoundException": lambda _: {"datasetArn": arn_of("dataset")},
    },
    "ListDatasets": {
        "InvalidInputException": lambda _: {"datasetGroupArn": "group"},
        "InvalidNextTokenException": lambda _: {"nextToken": "none"},
    },
    "DeleteDataset": {
        "InvalidInputException": lambda _: {"datasetArn": "dataset"},
        "ResourceNotFoundException": lambda _: {"datasetArn": arn_of("dataset")},
        "ResourceInUseException": lambda _: {"datasetArn": "<held>"},
    },
    "CreateEventTracker": {
        "InvalidInputException": world_with("CreateEventTracker", name="-"),
        "ResourceAlreadyExistsException": REQUESTS["CreateEventTracker"],
        "ResourceNotFoundException": world_with(
            "CreateEventTracker", datasetGroupArn=arn_of("dataset-group")
        ),
        "LimitExceededException": world_with("CreateEventTracker", datasetGroupArn="<empty>"),
        "ResourceInUseException": world_with("CreateEventTracker", datasetGroupArn="<held>"),
        "TooManyTagsException": world_with("CreateEventTracker", tags=tags(51)),
    },
    "DescribeEventTracker": {
        "InvalidInputException": lambda _: {"eventTrackerArn": "tracker"},
        "ResourceNotFoundException": lambda _: {"eventTrackerArn": arn_of("event-tracker")},
    },
    "ListEventTrackers": {
        "InvalidInputException": lambda _: {"maxResults": 101},
        "InvalidNextTokenException": lambda _: {"nextToken": "none"},
    },
    "DeleteEventTracker": {
        "InvalidInputException": lambda _: {"eventTrackerArn": "tracker"},
        "ResourceNotFoundException": lambda _: {"eventTrackerArn": arn_of("event-tracker")},
        "ResourceInUseException": lambda _: {"eventTrackerArn": "<held>"},
    },
    "TagResource": {
        "InvalidInputException": world_with("TagResource", tags=tags(1) * 2),
        "ResourceNotFoundException": world_with("TagResource", resourceArn=arn_of("dataset")),
        "TooManyTagsException": world_with("TagResource", tags=tags(51)),
    },
    "UntagResource": {
        "InvalidInputException": world_with("UntagResource", tagKeys=["!"]),
        "ResourceNotFoundException": world_with("UntagResource", resourceArn=arn_of("dataset")),
        "TooManyTagKeysException": world_with("UntagResource", tagKeys=["a"] * 51),
    },
    "ListTagsForResource": {
        "InvalidInputException": lambda _: {"resourceArn": "tracker"},
        "ResourceNotFoundException": lambda _: {"resourceArn": arn_of("dataset")},
    },
    "PutEvents": {"InvalidInputException": world_with("PutEvents", trackingId="none")},
}
"""Operation > error > the request that brings it. <held>: a resource that is still in creation,
<empty>: a dataset group without a tracker."""

NEVER = {
    # Tags may be read and changed in any state of their resource.
    ("TagResource", "ResourceInUseException"),
    ("UntagResource", "ResourceInUseException"),
    ("ListTagsForResource", "ResourceInUseException"),
    # Tags make no resource, and a resource's own limit is TooManyTagsException.
    ("TagResource", "LimitExceededException"),
}
"""Declared errors that a model of the service has no situation for."""


def test_every_declared_error_has_a_situation() -> None:
    declared = {
        (operation, error.name)
        for operation in REQUESTS
        for error in operation_model(operation).error_shapes
    }
    covered = {(operation, error) for operation, errors in SITUATIONS.items() for error in errors}
    assert covered | NEVER == declared
    assert not covered & NEVER


@pytest.mark.parametrize(
    ("operation", "error"),
    [(operation, error) for operation, errors in SITUATIONS.items() for error in errors],
)
def test_declared_error(
    operation: str,
    error: str,
    world: World,
    call: Call,
    control: ControlClient,
    make_group: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = SITUATIONS[operation][error](world)
    if "<empty>" in request.values():
        request["datasetGroupArn"] = make_group("empty")
    if error == "LimitExceededException":
        monkeypatch.setattr(PersonalizeBackend, "RESOURCE_LIMIT", 1)
    for member, value in request.items():
        if value == "<held>":
            made = {
                "datasetGroupArn": "CreateDatasetGroup",
                "datasetArn": "CreateDataset",
                "eventTrackerArn": "CreateEventTracker",
            }[member]
            parameters = REQUESTS[made](world) | {"name": "held"}
            if made == "CreateEventTracker":
                parameters["datasetGroupArn"] = make_group("empty")
            control.fault(made, "stay")
            request[member] = call(made, parameters)[1][member]
    status, content = call(operation, request)
    assert (status, content["__type"]) == (400, error)
    assert content["message"]
