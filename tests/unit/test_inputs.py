"""Inputs: a property bag taken apart, every fault in it told at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi_personalize.service.inputs import UNKNOWN, Context, Inputs, pack, parse, unpack
from pulumi_personalize.service.tags import OWNER_KEY

GROUP = "arn:aws:personalize:us-east-1:123456789012:dataset-group/shop"
CONTEXT = {"project": "shop", "stack": "dev", "resource": "web/clicks", "group": "urn:x"}
MORE_CONTEXT = {
    "parents": "a:b:C",
    "deleteBeforeReplace": False,
    "retainOnDelete": True,
    "aliased": True,
    "named": False,
}
NOT_A_GROUP = (
    "is not the ARN of a dataset group, "
    "as in arn:aws:personalize:us-east-1:123456789012:dataset-group/NAME"
)


def faults(**bag: Any) -> list[tuple[str, str]]:
    _, problems = parse({"datasetGroupArn": GROUP, **bag})
    return [(problem.property, problem.reason) for problem in problems]


def test_everything_given() -> None:
    bag = {
        "datasetGroupArn": GROUP,
        "name": "clicks",
        "tags": {"team": "web", "empty": ""},
        "adoptExisting": True,
        "resourceContext": {**CONTEXT, **MORE_CONTEXT},
    }
    inputs, problems = parse(bag)
    assert problems == []
    assert inputs == Inputs(
        dataset_group_arn=GROUP,
        name="clicks",
        name_unknown=False,
        tags={"team": "web", "empty": ""},
        adopt_existing=True,
        context=Context(
            project="shop",
            stack="dev",
            resource="web/clicks",
            parents="a:b:C",
            delete_before_replace=False,
            retain_on_delete=True,
            aliased=True,
            group="urn:x",
            named=False,
        ),
    )


def test_only_the_group_is_required() -> None:
    inputs, problems = parse({"datasetGroupArn": GROUP})
    assert problems == []
    assert inputs == Inputs(dataset_group_arn=GROUP, name=None)
    nulls = {"name": None, "tags": None, "adoptExisting": None, "resourceContext": None}
    assert parse({"datasetGroupArn": GROUP, **nulls}) == (inputs, [])


def test_unknown_values_are_no_fault() -> None:
    bag = {"datasetGroupArn": UNKNOWN, "name": UNKNOWN, "tags": UNKNOWN, "adoptExisting": UNKNOWN}
    inputs, problems = parse(bag)
    assert problems == []
    assert inputs == Inputs(None, None, name_unknown=True, tags=None, adopt_existing=None)


def test_one_unknown_tag_leaves_the_tags_unknown_but_checked() -> None:
    inputs, problems = parse({"datasetGroupArn": GROUP, "tags": {"a": UNKNOWN, "b!": "c"}})
    assert inputs.tags is None
    assert [problem.property for problem in problems] == ['tags["b!"]']


def test_all_faults_at_once_each_on_its_own_property() -> None:
    _, problems = parse(
        {
            "datasetGroupArn": "shop",
            "name": "-clicks",
            "tags": {"aws:x": "y", "good": "one", "long": "v" * 257, "number": 3},
            "adoptExisting": "yes",
            "dataset_group_arn": GROUP,
            "__provider": "ignored",
        }
    )
    assert [tuple(problem) for problem in problems] == [
        ("datasetGroupArn", NOT_A_GROUP),
        ("name", "a name starts with a letter or digit and goes on with letters, digits, - and _"),
        ('tags["aws:x"]', "keys that start with aws: are reserved for AWS"),
        ('tags["long"]', "a tag's value has at most 256 characters, this one 257"),
        ('tags["number"]', "a tag's value is a text, not a number"),
        ("adoptExisting", "is true or false, not a text"),
        (
            "dataset_group_arn",
            "is not an input; known are datasetGroupArn, name, tags, adoptExisting",
        ),
    ]


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        (None, "the ARN of a dataset group is required"),
        (3, "the ARN of a dataset group is a text, not a number"),
        ([GROUP], "the ARN of a dataset group is a text, not a list"),
        ({"arn": GROUP}, "the ARN of a dataset group is a text, not a mapping"),
        (False, "the ARN of a dataset group is a text, not a truth value"),
        (GROUP + "x" * 200, f"an ARN has at most 256 characters, this one {len(GROUP) + 200}"),
        ("", NOT_A_GROUP),
        (GROUP.replace("dataset-group", "event-tracker"), NOT_A_GROUP),
        (GROUP.replace("personalize", "s3"), NOT_A_GROUP),
        (GROUP + "\n", NOT_A_GROUP),
        (GROUP.replace("us-east-1", ""), "the ARN of a dataset group names its region and account"),
        (
            GROUP.replace("123456789012", ""),
            "the ARN of a dataset group names its region and account",
        ),
    ],
)
def test_group(group: Any, reason: str) -> None:
    assert faults(datasetGroupArn=group) == [("datasetGroupArn", reason)]
    assert parse({"datasetGroupArn": group})[0].dataset_group_arn is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "a name has 1 to 63 characters, this one 0"),
        ("n" * 64, "a name has 1 to 63 characters, this one 64"),
        (3.5, "a name is a text, not a number"),
        (True, "a name is a text, not a truth value"),
        ({}, "a name is a text, not a mapping"),
    ],
)
def test_name(name: Any, reason: str) -> None:
    assert faults(name=name) == [("name", reason)]


@pytest.mark.parametrize(
    ("tags", "path", "reason"),
    [
        ("team=web", "tags[]", "tags are a mapping, not a text"),
        ([], "tags[]", "tags are a mapping, not a list"),
        ({"team": None}, 'tags["team"]', "a tag's value is a text, not null"),
        ({"team": ["web"]}, 'tags["team"]', "a tag's value is a text, not a list"),
        ({"": "x"}, 'tags[""]', "a tag's key has 1 to 128 characters, this one 0"),
        ({3: "x"}, 'tags["3"]', "a tag's key is a text, not a number"),
        (
            {OWNER_KEY: "x"},
            'tags["pulumi-personalize:owner"]',
            "pulumi-personalize:owner is this provider's own mark",
        ),
        (
            {'a"b\nc': "x"},
            r'tags["a\"b\nc"]',
            "a tag's key holds letters, digits, spaces and _ . : / = + - @ only",
        ),
        (
            {f"k{number}": "v" for number in range(51)},
            "tags[]",
            "a tracker takes at most 50 tags, these are 51",
        ),
    ],
)
def test_tags(tags: Any, path: str, reason: str) -> None:
    assert faults(tags=tags) == [(path, reason)]


def test_fifty_tags_are_taken() -> None:
    assert faults(tags={f"k{number}": "v" for number in range(50)}) == []


@pytest.mark.parametrize("flag", ["true", 1, 0, [], {}])
def test_adopt_existing_is_a_truth_value(flag: Any) -> None:
    ((path, reason),) = faults(adoptExisting=flag)
    assert path == "adoptExisting"
    assert reason.startswith("is true or false, not a ")
    assert not parse({"adoptExisting": flag})[0].adopt_existing


@pytest.mark.parametrize(
    "given", [None, UNKNOWN, "x", [], {}, dict.fromkeys(MORE_CONTEXT, 1), {"named": None}]
)
def test_context_of_junk_is_empty(given: Any) -> None:
    assert Context.of({"resourceContext": given}) == Context()


@pytest.mark.parametrize("key", ["project", "stack", "resource", "parents", "group"])
def test_unknown_in_the_context_says_nothing(key: str) -> None:
    # Two unknown groups are not the same group.
    assert getattr(Context.of({"resourceContext": {**CONTEXT, key: UNKNOWN}}), key) == ""


def test_owner_is_project_stack_and_resource() -> None:
    assert Context.of({"resourceContext": CONTEXT}).owner == "shop/dev/web/clicks"


def test_owner_of_a_child_tells_the_types_of_its_parents_too() -> None:
    # Names alone would be those of two: Ads("web") may have a child "clicks" as well.
    context = {**CONTEXT, "parents": "shop:index:Site$shop:index:Search"}
    owner = Context.of({"resourceContext": context}).owner
    assert owner == "shop/dev/shop:index:Site/shop:index:Search::web/clicks"


def test_only_a_name_of_the_program_is_asked_for() -> None:
    assert Inputs(GROUP, "clicks").requested_name == "clicks"
    assert Inputs(GROUP, "clicks-0123456", context=Context(named=False)).requested_name is None


@pytest.mark.parametrize(
    "context",
    [
        {},
        CONTEXT,
        {**CONTEXT, **MORE_CONTEXT},
        {"resource": "true", "stack": "1", "project": "null", "group": '"x"'},
        {"resource": "a&b=c %+ #é\n", "stack": "", "parents": "x:y:Z$pulumi:a:B"},
        {"resource": "{}", "some": ["a", {"b": 1}], "not": None},
    ],
    ids=str,
)
def test_context_is_packed_into_one_text_and_back(context: dict[str, Any]) -> None:
    assert unpack(pack(context)) == context
    # What earlier versions wrote.
    assert unpack(json.dumps(context)) == context


def test_packed_context_can_be_read() -> None:
    context = {"project": "shop", "resource": "site/web", "parents": "a:b:C$d:e:F", "named": False}
    assert pack(context) == "project=shop&resource=site/web&parents=a:b:C$d:e:F&named=false"
