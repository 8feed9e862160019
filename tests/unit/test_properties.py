"""Any input at all: nothing crashes, and good means what the service's own model calls good.

Where this provider is stricter than the model, on purpose:

- only the ARN of a dataset group that names its region and account, without blanks in it;
- tags whose keys or values start with ``aws:`` in any case, which AWS keeps to itself;
- more than 50 tags, which the service refuses with TooManyTagsException;
- the tag ``pulumi-personalize:owner``, which is the provider's own mark;
- characters that Unicode assigned after this Python's tables were made.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import regex  # type: ignore[import-untyped]
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import GROUP, OWNER_TAG
from pulumi.runtime import rpc
from pulumi_personalize.service.client import Calls
from pulumi_personalize.service.clock import Clock
from pulumi_personalize.service.finder import Finder
from pulumi_personalize.service.inputs import UNKNOWN, Inputs, parse
from pulumi_personalize.service.model import DatasetGroup, EventTracker
from pulumi_personalize.service.preview import Planner
from pulumi_personalize.service.settings import Settings
from pulumi_personalize.service.tags import owner_of
from pulumi_personalize.service.waiter import Wait
from pulumi_personalize.session import _value_from_pulumi, _value_to_pulumi

MODEL = ServiceModel(Loader().load_service_model("personalize", "service-2"), "personalize")
CREATE = MODEL.operation_model("CreateEventTracker").input_shape
KEYS = ("datasetGroupArn", "name", "tags", "adoptExisting", "resourceContext", "trackingId")

thorough = settings(max_examples=200, database=None, derandomize=True)

#: Text as a program can give it: any Unicode but lone surrogates.
texts = st.text(max_size=300)
odd = st.sampled_from("aZ09-_.:/=+@ #\n\t\u00a0\u2028\u0663½é日\u0301🙂\x00Ǆⅷﬀ\u200b\U0002ebf0")
odd_texts = st.one_of(
    st.text(odd, max_size=12), texts, st.integers(0, 300).map(lambda length: "x" * length)
)
arns = st.one_of(
    st.just(GROUP),
    odd_texts.map(lambda text: GROUP + text),
    st.builds(
        "arn:{}:{}:{}:{}:{}/{}".format,
        st.sampled_from(["aws", "aws-cn", "AWS", "", "aws\u0663"]),
        st.sampled_from(["personalize", "s3", "Personalize"]),
        st.sampled_from(["us-east-1", "", "us east", "us\n1", "a:b"]),
        st.sampled_from(["123456789012", "", "1 2"]),
        st.sampled_from(["dataset-group", "event-tracker", "dataset-group/x", ""]),
        st.one_of(st.sampled_from(["shop", ""]), odd_texts),
    ),
    odd_texts,
)
names = st.one_of(st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,70}", fullmatch=True), odd_texts)
keys = st.one_of(
    st.sampled_from(["aws:x", "AWS:x", "aWs:", "aws", OWNER_TAG, "team"]),
    odd_texts,
)
tags = st.one_of(
    st.dictionaries(keys, odd_texts, max_size=5),
    st.integers(45, 55).map(lambda count: {f"key{number}": "" for number in range(count)}),
)
junk = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), odd_texts, st.just(UNKNOWN), arns
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(odd_texts, inner, max_size=4)
    ),
    max_leaves=12,
)
bags = st.dictionaries(st.one_of(st.sampled_from(KEYS), odd_texts), junk, max_size=7)


class Anything(Finder):
    """A finder that finds what it is told, whatever it is asked for."""

    def __init__(
        self, status: str | None, has_interactions: bool | None, trackers: list[EventTracker]
    ) -> None:
        super().__init__(Calls(Settings()))
        self._status = status
        self._has_interactions = has_interactions
        self._trackers = trackers

    def group(self, arn: str, _deadline: float | None = None) -> DatasetGroup:
        return DatasetGroup(arn, self._status, self._has_interactions)

    def look(self, _group: str, _wait: Wait) -> list[EventTracker]:
        return self._trackers


trackers = st.builds(
    lambda name, status, mark: EventTracker(GROUP, name, status, tags={OWNER_TAG: mark}),
    names,
    st.sampled_from(["ACTIVE", "CREATE FAILED", "CREATE PENDING", "DELETE PENDING", "?"]),
    st.one_of(st.sampled_from(["creating-1://", "done-1://", "done-1:shop/dev/x"]), odd_texts),
)
finders = st.builds(
    Anything,
    st.sampled_from(["ACTIVE", "ACTIVE", None, "CREATE PENDING", ""]),
    st.sampled_from([True, False, None]),
    st.lists(trackers, max_size=2),
)


def broken_rules(shape: Shape, value: Any) -> Iterator[str]:
    """What botocore leaves to the service: greatest lengths and patterns of the model."""
    rules: Mapping[str, Any] = shape.metadata
    if isinstance(value, str):
        # A pattern of the model is for Java, whose \d is ASCII.
        flags = 0 if r"\p" in rules.get("pattern", "") else regex.ASCII
        if "pattern" in rules and not regex.fullmatch(rules["pattern"], value, flags=flags):
            yield f"{value!r} does not match {rules['pattern']}"
        if len(value) > rules.get("max", len(value)):
            yield f"{value!r} is too long"
    elif isinstance(value, list):
        member: Shape = shape.member  # type: ignore[attr-defined]
        for item in value:
            yield from broken_rules(member, item)
    else:
        members: Mapping[str, Shape] = shape.members  # type: ignore[attr-defined]
        for name, item in value.items():
            yield from broken_rules(members[name], item)


def model_takes(group: str, name: str, wanted: Mapping[str, str]) -> bool:
    listed = [{"tagKey": key, "tagValue": text} for key, text in wanted.items()]
    request = {"name": name, "datasetGroupArn": group, "tags": listed}
    assert CREATE is not None
    report = ParamValidator().validate(request, CREATE)
    return not report.has_errors() and not list(broken_rules(CREATE, request))


def stricter(group: str, wanted: Mapping[str, str]) -> bool:
    """Whether one of the differences that this module's docstring lists applies."""
    whole = r"arn:[a-z0-9-]+:personalize:[^:\s]+:[^:\s]+:dataset-group/.+"
    characters = "".join([*wanted, *wanted.values()])
    return (
        not regex.fullmatch(whole, group)
        or any(text.lower().startswith("aws:") for tag in wanted.items() for text in tag)
        or len(wanted) > 50
        or OWNER_TAG in wanted
        or any(unicodedata.category(char) == "Cn" for char in characters)
    )


def faults(group: str, name: str, wanted: Mapping[str, str]) -> list[str]:
    _, problems = parse({"datasetGroupArn": group, "name": name, "tags": wanted})
    return [str(problem) for problem in problems]


@thorough
@given(arns, names, tags)
def test_no_problem_means_that_the_model_takes_it(
    group: str, name: str, wanted: dict[str, str]
) -> None:
    assert bool(faults(group, name, wanted)) is (
        not model_takes(group, name, wanted) or stricter(group, wanted)
    )


@thorough
@given(names)
def test_names_agree_with_the_model(name: str) -> None:
    assert bool(faults(GROUP, name, {})) is not model_takes(GROUP, name, {})


@thorough
@given(arns)
def test_groups_agree_with_the_model(group: str) -> None:
    taken = model_takes(group, "clicks", {}) and not stricter(group, {})
    assert bool(faults(group, "clicks", {})) is not taken


@thorough
@given(keys, odd_texts)
def test_tags_agree_with_the_model(key: str, text: str) -> None:
    taken = model_takes(GROUP, "clicks", {key: text}) and not stricter(GROUP, {key: text})
    assert bool(faults(GROUP, "clicks", {key: text})) is not taken


def test_characters_of_tags_agree_with_the_model() -> None:
    chars = [chr(code) for code in (*range(0x300), 0x663, 0x2028, 0x3000, 0x1F642)]
    assert [
        char
        for char in chars
        if bool(faults(GROUP, "clicks", {char: char})) is model_takes(GROUP, "clicks", {char: char})
    ] == []


@thorough
@given(bags)
def test_any_bag_is_taken_apart(props: dict[str, Any]) -> None:
    inputs, problems = parse(props)
    assert isinstance(inputs, Inputs)
    for problem in problems:
        assert problem.reason
        assert "\n" not in problem.reason
        if problem.property not in props:
            assert problem.property == "datasetGroupArn" or problem.property.startswith("tags[")
            assert "\n" not in problem.property


@thorough
@given(bags, bags, finders)
def test_any_bag_is_checked_and_compared(
    olds: dict[str, Any], news: dict[str, Any], finder: Finder
) -> None:
    planner = Planner(finder, lambda report: Wait(Clock(), 1.0, report))
    checked = planner.check({}, news)
    again = planner.check(checked.inputs, news)
    assert "name" in checked.inputs
    assert all("\n" not in line for line in (*checked.notes, *checked.warnings))
    if not checked.problems and not again.problems:
        state = {**checked.inputs, "trackingId": "id"}
        if UNKNOWN not in [checked.inputs.get("name"), checked.inputs["datasetGroupArn"]]:
            # What was made as wanted is as wanted, whatever else the state may hold.
            difference = planner.diff(GROUP, state, again.inputs)
            assert difference.replaces == []


@thorough
@given(st.text(max_size=300), st.text(max_size=40), st.text(max_size=300))
def test_owner_fits_into_a_tag(project: str, stack: str, resource: str) -> None:
    owner = owner_of(project, stack, resource)
    mark = f"creating-01234567:{owner}"
    assert model_takes(GROUP, "clicks", {OWNER_TAG: mark})


@thorough
@given(bags)
def test_bags_go_to_pulumi_and_back(props: dict[str, Any]) -> None:
    wired = _value_to_pulumi(props)
    assert "Unknown object" not in repr(wired)
    assert repr(_value_from_pulumi(wired)) == repr(props)
    assert _value_from_pulumi({"a": [rpc.UNKNOWN]}) == {"a": [UNKNOWN]}
