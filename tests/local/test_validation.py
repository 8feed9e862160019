"""Requests are accepted exactly when the service model's constraints allow them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from pulumi_personalize.local import ControlClient

Call = Any  # the type of the fixture of this name

NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-_]{0,62}")
ARN = re.compile(r"arn:([a-z0-9-]+):personalize:[^\n]*:[^\n]*:[^\n]+")

TEXT = st.characters(exclude_categories=["Cs", "Cn"])
NAMES = st.one_of(
    st.from_regex(NAME, fullmatch=True),
    st.text("aZ9-_ .é\n", max_size=66),
    st.integers(60, 66).map(lambda size: "a" * size),
    st.text(TEXT, max_size=5),
)
KEYS = st.one_of(
    st.text("aws:/é ٣_@+=&!\n", max_size=8),
    st.integers(126, 130).map(lambda size: "é" * size),
    st.text(TEXT, max_size=4),
    st.text(TEXT, max_size=4).map("AwS:".__add__),
)
ARNS = st.one_of(
    st.from_regex(ARN, fullmatch=True),
    st.text("arn:aws-٣personalize", max_size=40),
    st.integers(250, 260).map(lambda size: "arn:aws:personalize:::".ljust(size, "x")),
    st.builds("arn:{}:personalize:{}:{}".format, st.text("a3٣-A"), st.text(), st.text()),
)
EXAMPLES = settings(
    database=None,
    max_examples=100,
    # One reset before all examples is what is wanted: each example cleans up.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def is_tag_key(key: str) -> bool:
    return (
        1 <= len(key) <= 128
        and all(unicodedata.category(one)[0] in "LZN" or one in "_.:/=+-@" for one in key)
        and not key.lower().startswith("aws:")
    )


@EXAMPLES
@given(name=NAMES)
def test_names(call: Call, control: ControlClient, name: str) -> None:
    status, content = call("CreateDatasetGroup", {"name": name})
    if NAME.fullmatch(name):
        assert status == 200
        assert call("DeleteDatasetGroup", content)[0] == 200
    else:
        assert (status, content["__type"]) == (400, "InvalidInputException")
        assert f"Value '{name}' at 'name' failed to satisfy constraint" in content["message"]


@EXAMPLES
@given(key=KEYS)
def test_tag_keys(call: Call, control: ControlClient, key: str) -> None:
    tags = [{"tagKey": key, "tagValue": ""}]
    status, content = call("CreateDatasetGroup", {"name": "tagged", "tags": tags})
    if is_tag_key(key):
        assert status == 200
        arn = {"resourceArn": content["datasetGroupArn"]}
        assert call("ListTagsForResource", arn)[1]["tags"] == tags
        assert call("DeleteDatasetGroup", content)[0] == 200
    else:
        assert (status, content["__type"]) == (400, "InvalidInputException")


@EXAMPLES
@given(arn=ARNS)
def test_arns(call: Call, control: ControlClient, arn: str) -> None:
    status, content = call("DescribeEventTracker", {"eventTrackerArn": arn})
    allowed = len(arn) <= 256 and ARN.fullmatch(arn)
    expected = "ResourceNotFoundException" if allowed else "InvalidInputException"
    assert (status, content["__type"]) == (400, expected)


def test_null_is_as_if_left_out(call: Call, control: ControlClient, avro: str) -> None:
    left_out = {"tags": None, "domain": None, "roleArn": None, "kmsKeyArn": None}
    status, group = call("CreateDatasetGroup", {"name": "g"} | left_out)
    assert status == 200
    status, schema = call("CreateSchema", {"name": "s", "schema": avro, "domain": None})
    assert status == 200
    dataset = {"name": "d", "datasetType": "Interactions", "tags": None}
    arns = {"datasetGroupArn": group["datasetGroupArn"]}
    assert call("CreateDataset", dataset | arns | schema)[0] == 200
    assert call("CreateEventTracker", {"name": "t", "tags": None} | arns)[0] == 200
    for operation in ("ListSchemas", "ListDatasetGroups", "ListDatasets", "ListEventTrackers"):
        assert call(operation, {"nextToken": None, "maxResults": None})[0] == 200


@pytest.mark.parametrize(
    ("operation", "parameters", "message"),
    [
        (
            "CreateEventTracker",
            {"name": "a b"},
            "2 validation errors detected: Value 'a b' at 'name' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: ^[a-zA-Z0-9][a-zA-Z0-9\-_]*; "
            "Value null at 'datasetGroupArn' failed to satisfy constraint: "
            "Member must not be null",
        ),
        (
            "CreateDatasetGroup",
            {"name": 5},
            "1 validation error detected: Value '5' at 'name' failed to satisfy constraint: "
            "Member must be a string",
        ),
        (
            "CreateDatasetGroup",
            {"name": "g", "domain": "SHOP"},
            "1 validation error detected: Value 'SHOP' at 'domain' failed to satisfy constraint: "
            "Member must satisfy enum value set: [ECOMMERCE, VIDEO_ON_DEMAND]",
        ),
        (
            "ListEventTrackers",
            {"maxResults": 0},
            "1 validation error detected: Value '0' at 'maxResults' failed to satisfy "
            "constraint: Member must have value greater than or equal to 1",
        ),
        (
            "CreateDatasetGroup",
            {"name": "g", "tags": [{"tagKey": "", "tagValue": "secret!"}]},
            "2 validation errors detected: Value at 'tags.1.member.tagKey' failed to satisfy "
            "constraint: Member must have length greater than or equal to 1; Value at "
            "'tags.1.member.tagValue' failed to satisfy constraint: Member must satisfy regular "
            r"expression pattern: ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$",
        ),
        (
            "CreateDatasetGroup",
            {"name": "g", "tags": [{"tagKey": "k", "tagValue": ""}] * 201},
            "1 validation error detected: Value at 'tags' failed to satisfy constraint: "
            "Member must have length less than or equal to 200",
        ),
    ],
)
def test_messages(
    operation: str, parameters: dict[str, Any], message: str, call: Call, control: ControlClient
) -> None:
    status, content = call(operation, parameters)
    assert (status, content["__type"]) == (400, "InvalidInputException")
    assert content["message"] == message
