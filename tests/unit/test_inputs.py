"""Names, tags, ARNs, and the inputs and the resource that a property bag describes."""

import re
from typing import Any

import pulumi
import pytest
import regex  # type: ignore[import-untyped]
from botocore.loaders import Loader
from kinds import GROUP, OWNER_TAG, resource_context
from pulumi_personalize.service import inputs as module
from pulumi_personalize.service import names, tags
from pulumi_personalize.service.inputs import UNKNOWN, Inputs, Resource, pack, parse, unpack
from pulumi_personalize.service.tags import OwnershipTag

URN = "urn:pulumi:dev::shop::a:b:C$pulumi-python:dynamic/personalize:EventTracker::web"
SHAPES = Loader().load_service_model("personalize", "service-2")["shapes"]
#: Texts at the limits of the service's patterns.
TEXTS = [*(chr(code) for code in (*range(0x180), 0x301, 0x663, 0x2028, 0x65E5, 0x1F642)), "a\n"]
TEXTS += ["", "a-_", "aé", *("x" * length for length in (63, 64, 128, 129, 256, 257))]


def test_rules_are_those_of_the_service() -> None:
    rules: dict[str, Any] = {"Name": names.problem_of, "TagKey": tags.problem_of_key}
    for shape, problem_of in (rules | {"TagValue": tags.problem_of_value}).items():
        lengths = range(SHAPES[shape].get("min", 0), SHAPES[shape]["max"] + 1)
        pattern = regex.compile(SHAPES[shape]["pattern"], regex.ASCII if shape == "Name" else 0)
        valid = [text for text in TEXTS if len(text) in lengths and pattern.fullmatch(text)]
        assert [text for text in TEXTS if problem_of(text) is None] == valid


def test_reasons_name_the_rule() -> None:
    reserved = "must not start with aws:, which is reserved for AWS"
    rule = "must be 1 to 63 letters, digits, '-' and '_', with a letter or digit first"
    assert names.problem_of("a" * 64) == names.problem_of("a b") == rule
    assert tags.problem_of_key("AWS:x") == f"tag keys {reserved}"
    assert tags.problem_of_key(OWNER_TAG) == f"{OWNER_TAG} is reserved by this provider"
    only = "must contain only letters, digits, spaces and _ . : / = + - @"
    assert tags.problem_of_key("a#") == f"tag keys {only}"
    long = "tag values must be 0 to 256 characters long (got 257)"
    assert tags.problem_of_value("v" * 257) == long
    assert tags.problem_of_value("AWS:") == f"tag values {reserved}"


def test_derived_name() -> None:
    stems = {"web/clicks": "web-clicks-", "-_a é.": "a----", "日本": "tracker-"}
    stems |= {"x" * 99: "x" * 55 + "-"}
    for resource, stem in stems.items():
        derived = names.derive(resource, "shop/dev/web", "arn")
        assert re.fullmatch(re.escape(stem) + "[0-9a-f]{7}", derived)
        assert names.problem_of(derived) is None
        assert derived == names.derive(resource, "shop/dev/web", "arn")
        others = [("shop/prod/web", "arn"), ("shop/dev/web", "other"), ("shop/dev", "web/arn")]
        assert len({derived, *(names.derive(resource, *other) for other in others)}) == 4
    assert names.snake("lastUpdatedDateTime") == "last_updated_date_time"


def test_arns_are_split() -> None:
    assert names.parse_arn(GROUP) == ("us-east-1", "123456789012", "dataset-group")
    changes = {"aws": "AWS", "us-east-1": "us\n", ":123456789012": "", "/shop": "", "arn": " arn"}
    changes |= {":us-east-1:": "::", "123456789012": "", "personalize": "s3"}
    bad = [GROUP.replace(*change) for change in changes.items()]
    for text in (*bad, GROUP + "\n", "shop", "arn:aws:s3:::a/b"):
        assert names.region_of(text) is None


@pytest.mark.parametrize("owner", ["shop/dev/clicks", "shop/dev/a:b-c:d", "://"])
def test_ownership_tag(owner: str) -> None:
    tag = OwnershipTag.new(owner)
    assert re.fullmatch(f"creating-[0-9a-f]{{8}}:{owner}", tag.value)
    assert tag._replace(done=True).value == f"done-{tag.attempt}:{owner}"
    for one in (tag, tag._replace(done=True)):
        assert OwnershipTag.of({"team": "web", OWNER_TAG: one.value}) == one
    assert OwnershipTag.new(owner) != tag
    derived = OwnershipTag.derived(owner, "1")
    assert derived.done
    assert derived == OwnershipTag.derived(owner, "1")
    others = {"1", OwnershipTag.derived("x", "1").attempt, OwnershipTag.derived(owner, "2").attempt}
    assert derived.attempt not in others
    for value in ("", "done-1", "done-1:", "done-:x", "made-1:x", "done:x", ":"):
        assert OwnershipTag.of({OWNER_TAG: value}) is None
    every = {"team": "web", "AWS:x": "y", OWNER_TAG: tag.value}
    assert tags.of_user(every) == {"team": "web"}
    assert tags.of_account(every) == {"team": "web", OWNER_TAG: tag.value}


def test_owner_fits_into_a_tag() -> None:
    longest = tags.owner_of("shop/dev/" + "x" * 229)
    assert longest == "shop/dev/" + "x" * 229
    assert len(OwnershipTag.new(longest).value) == 256
    hashed = {tags.owner_of(resource) for resource in ("x" * 239, "a!", "b!", "a!")}
    assert [re.sub("[0-9a-f]{32}$", "", owner) for owner in hashed] == ["sha256:"] * 3


def test_all_inputs() -> None:
    tagged = {"team": "web", "empty": ""}
    given = {"name": "clicks", "tags": tagged, "adoptExisting": True}
    context = {"resourceContext": f"named=false {URN}", "__provider": "x"}
    resource = Resource(URN, named=False)
    expected = Inputs(GROUP, "clicks", False, {}, tagged, True, resource)
    assert parse({"datasetGroupArn": GROUP, **given, **context}) == (expected, [])
    assert expected.requested_name is None
    assert expected._replace(resource=Resource()).requested_name == "clicks"
    for nulls in ({}, dict.fromkeys(("name", "tags", "adoptExisting", "resourceContext"))):
        assert parse({"datasetGroupArn": GROUP, **nulls}) == (Inputs(GROUP, None), [])


def test_unknown_inputs() -> None:
    unknown = Inputs(None, None, name_unknown=True, tags=None, adopt_existing=None)
    assert parse(dict.fromkeys(KNOWN, UNKNOWN)) == (unknown, [])
    derived = {"name": UNKNOWN, "resourceContext": resource_context(named=False)}
    assert not parse({**derived})[0].name_unknown


NOT_A_GROUP = (
    "must be a dataset group ARN, "
    "for example arn:aws:personalize:us-east-1:123456789012:dataset-group/NAME"
)
OUTPUT_AS_TEXT = f"{object.__new__(pulumi.Output)}/shop"
NOT_TEXT = "is an Output in a string: use pulumi.Output.format(...), or its method apply"
KNOWN = ("datasetGroupArn", "name", "tags", "adoptExisting")
FIFTY = dict.fromkeys(map(str, range(50)), "")
TOO_MANY = "too many tags: {} (maximum 50)"


@pytest.mark.parametrize(
    ("key", "value", "path", "reason"),
    [
        ("datasetGroupArn", None, "", "a dataset group ARN is required"),
        ("datasetGroupArn", GROUP.replace("dataset-group", "event-tracker"), "", NOT_A_GROUP),
        ("datasetGroupArn", GROUP.replace("us-east-1", ""), "", NOT_A_GROUP),
        ("name", "-", "", names.problem_of("-")),
        ("name", 1, "", "must be a string"),
        ("datasetGroupArn", 1, "", NOT_A_GROUP),
        ("datasetGroupArn", OUTPUT_AS_TEXT, "datasetGroupArn[]", NOT_TEXT),
        ("tags", {OUTPUT_AS_TEXT: "web"}, "tags[]", f"a key {NOT_TEXT}"),
        ("tags", {"team": OUTPUT_AS_TEXT}, 'tags["team"]', NOT_TEXT),
        ("tags", "team=web", "tags[]", "must be a map of strings"),
        ("tags", {"team": None}, 'tags["team"]', "must be a string"),
        ("tags", {"aws:x": UNKNOWN}, 'tags["aws:x"]', tags.problem_of_key("aws:x")),
        ("tags", {'a"\n': ""}, r'tags["a\"\n"]', tags.problem_of_key("\n")),
        ("tags", {"x": "", **FIFTY}, "tags[]", TOO_MANY.format(51)),
        ("tagsAll", {"x": "", **FIFTY}, "tags[]", TOO_MANY.format("51, 51 of them default tags")),
        ("adoptExisting", 1, "", "must be a boolean"),
        ("id", 1, "", f"unknown property; expected one of {', '.join(KNOWN)}"),
    ],
)  # fmt: skip
def test_each_wrong_input_is_a_problem(key: str, value: Any, path: str, reason: str) -> None:
    _, problems = parse({"datasetGroupArn": GROUP, key: value})
    assert [(*problem,) for problem in problems] == [(path or key, reason)]
    several = parse({"datasetGroupArn": "x", "name": "-", "tags": {"aws:x": "", "n": 3}})[1]
    assert len(several) == 4


def test_default_tags() -> None:
    for own, merged, known in (
        ({"tags": None, "tagsAll": {"old": "1"}}, {"env": "dev", "team": "all"}, True),
        ({"tags": {"team": "web"}}, {"env": "dev", "team": "web"}, True),
        ({"tags": {"team": UNKNOWN}}, {"env": "dev", "team": UNKNOWN}, False),
        ({"tags": UNKNOWN}, UNKNOWN, False),
    ):
        props = module.with_default_tags(own, {"env": "dev", "team": "all"})
        assert props == {**own, "tagsAll": merged}
        assert parse(props)[0].all_tags == (merged if known else None)
        assert "tagsAll" not in module.with_default_tags(props, {})
    assert module.state_tags({"tags": {"a": "1"}, "tagsAll": {"b": "2"}}) == {"b": "2"}


def test_resource_is_read_from_its_context() -> None:
    resource = Resource(URN, True, True, True, True, "urn:x", False, False, "a/b/c")
    assert Resource.of({"resourceContext": resource.context}) == resource
    assert (resource.name, resource.owner, resource.stack_prefix) == ("web", "a/b/c", "shop/dev/")
    assert (resource.deletes_first, resource.spelled("dependsOn")) == (False, "dependsOn")
    assert [resource.setting("isIt", it) for it in (True, "a")] == ["isIt: true", 'isIt: "a"']
    resource = Resource.of({"resourceContext": URN})
    assert (resource, resource.spelled("dependsOn")) == (Resource(URN), "depends_on")
    assert [resource.setting("isIt", it) for it in (True, "a")] == ["is_it=True", "is_it='a'"]
    assert resource.owner == "shop/dev/a:b:C::web"
    for before in (True, False):
        context = resource_context(delete_before_replace=before, parents="a:b:C$d:e:F")
        resource = Resource.of({"resourceContext": context})
        assert resource.delete_before_replace is resource.deletes_first is before
        assert resource.owner == "shop/dev/a:b:C/d:e:F::web"
    for junk in (None, UNKNOWN, "x", "urn:pulumi:dev::shop"):
        assert Resource.of({"resourceContext": junk}).name == ""


def test_urn_and_options_in_one_text() -> None:
    assert pack(URN, {"group": "a:b/c$d", "x": "y"}) == f"group=a%3Ab%2Fc%24d&x=y {URN}"
    assert (pack(URN, {}), pack("", {"aws": "a b"})) == (URN, "aws=a+b")
    for urn, options in ((URN + " é&=x", {"owner": "a&b=c %+#é\n", "x": ""}), ("", {"group": URN})):
        assert unpack(pack(urn, options)) == (urn, options)
