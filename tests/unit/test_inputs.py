"""Inputs: a property bag taken apart, every fault in it told at once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kinds import GROUP
from pulumi_personalize.service import names, tags
from pulumi_personalize.service.inputs import UNKNOWN, Context, Inputs, pack, parse, unpack
from pulumi_personalize.service.tags import OWNER_KEY

CONTEXT = {"project": "shop", "stack": "dev", "resource": "web/clicks", "group": "urn:x"}
MORE_CONTEXT = {
    "parents": "a:b:C",
    "deleteBeforeReplace": False,
    "retainOnDelete": True,
    "aliased": True,
    "named": False,
}
NOT_A_GROUP = (
    "must be a dataset group ARN, "
    "for example arn:aws:personalize:us-east-1:123456789012:dataset-group/NAME"
)


def faults(**props: Any) -> list[tuple[str, str]]:
    _, problems = parse({"datasetGroupArn": GROUP, **props})
    return [(problem.property, problem.reason) for problem in problems]


def test_everything_given() -> None:
    props = {
        "datasetGroupArn": GROUP,
        "name": "clicks",
        "tags": {"team": "web", "empty": ""},
        "adoptExisting": True,
        "resourceContext": {**CONTEXT, **MORE_CONTEXT},
    }
    inputs, problems = parse(props)
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
    props = {"datasetGroupArn": UNKNOWN, "name": UNKNOWN, "tags": UNKNOWN, "adoptExisting": UNKNOWN}
    inputs, problems = parse(props)
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
        ("name", names.problem_of("-clicks")),
        ('tags["aws:x"]', tags.problem_of_key("aws:x")),
        ('tags["long"]', tags.problem_of_value("v" * 257)),
        ('tags["number"]', "must be a string, not a number"),
        ("adoptExisting", "must be a boolean, not a string"),
        (
            "dataset_group_arn",
            "unknown property; expected one of datasetGroupArn, name, tags, adoptExisting",
        ),
    ]


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        (None, "a dataset group ARN is required"),
        (3, "must be a string (a dataset group ARN), not a number"),
        ([GROUP], "must be a string (a dataset group ARN), not a list"),
        ({"arn": GROUP}, "must be a string (a dataset group ARN), not a map"),
        (False, "must be a string (a dataset group ARN), not a boolean"),
        (GROUP + "x" * 200, f"the ARN is {len(GROUP) + 200} characters long; the maximum is 256"),
        ("", NOT_A_GROUP),
        (GROUP.replace("dataset-group", "event-tracker"), NOT_A_GROUP),
        (GROUP.replace("personalize", "s3"), NOT_A_GROUP),
        (GROUP + "\n", NOT_A_GROUP),
        (
            GROUP.replace("us-east-1", ""),
            "the dataset group ARN must include a region and an account ID",
        ),
        (
            GROUP.replace("123456789012", ""),
            "the dataset group ARN must include a region and an account ID",
        ),
    ],
)
def test_group(group: Any, reason: str) -> None:
    assert faults(datasetGroupArn=group) == [("datasetGroupArn", reason)]
    assert parse({"datasetGroupArn": group})[0].dataset_group_arn is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", names.problem_of("")),
        ("n" * 64, names.problem_of("n" * 64)),
        (3.5, "must be a string, not a number"),
        (True, "must be a string, not a boolean"),
        ({}, "must be a string, not a map"),
    ],
)
def test_name(name: Any, reason: str) -> None:
    assert faults(name=name) == [("name", reason)]


@pytest.mark.parametrize(
    ("given", "path", "reason"),
    [
        ("team=web", "tags[]", "must be a map of strings, not a string"),
        ([], "tags[]", "must be a map of strings, not a list"),
        ({"team": None}, 'tags["team"]', "must be a string, not null"),
        ({"team": ["web"]}, 'tags["team"]', "must be a string, not a list"),
        ({"": "x"}, 'tags[""]', tags.problem_of_key("")),
        ({3: "x"}, 'tags["3"]', "tag keys must be strings, not a number"),
        (
            {OWNER_KEY: "x"},
            'tags["pulumi-personalize:owner"]',
            tags.problem_of_key(OWNER_KEY),
        ),
        (
            {'a"b\nc': "x"},
            r'tags["a\"b\nc"]',
            tags.problem_of_key('a"b\nc'),
        ),
        (
            {f"k{number}": "v" for number in range(51)},
            "tags[]",
            "too many tags: 51 (maximum 50)",
        ),
    ],
)
def test_tags(given: Any, path: str, reason: str) -> None:
    assert faults(tags=given) == [(path, reason)]


def test_fifty_tags_are_taken() -> None:
    assert faults(tags={f"k{number}": "v" for number in range(50)}) == []


@pytest.mark.parametrize("flag", ["true", 1, 0, [], {}])
def test_adopt_existing_is_a_truth_value(flag: Any) -> None:
    ((path, reason),) = faults(adoptExisting=flag)
    assert path == "adoptExisting"
    assert reason.startswith("must be a boolean, not a ")
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
