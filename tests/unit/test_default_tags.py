"""Default tags and accounts of the configuration: what check and diff make of them."""

from __future__ import annotations

from typing import Any

import pytest
from kinds import GROUP
from pulumi_personalize.service.clock import Clock
from pulumi_personalize.service.inputs import UNKNOWN, Problem, parse, state_tags
from pulumi_personalize.service.preview import Planner
from pulumi_personalize.service.settings import Settings
from pulumi_personalize.service.waiter import Wait

Known = Any  # the fixture of this name
ACCOUNT = "123456789012"
TRACKER = f"arn:aws:personalize:us-east-1:{ACCOUNT}:event-tracker/1"
DEFAULTS = {"env": "dev", "team": "all"}
STATE = {"datasetGroupArn": GROUP, "name": "clicks"}


def planner(known: Known, **settings: Any) -> Planner:
    return Planner(known, lambda report: Wait(Clock(), 1.0, report), Settings(**settings))


def checked(known: Known, news: dict[str, Any], **settings: Any) -> dict[str, Any]:
    settings = {"default_tags": DEFAULTS, **settings}
    found = planner(known, **settings).check(STATE, {**STATE, **news})
    assert not found.problems
    return {key: value for key, value in found.inputs.items() if key not in STATE}


@pytest.mark.parametrize("given", [{}, {"tags": None}, {"tags": {}}, {"tagsAll": {"old": "1"}}])
def test_a_tracker_without_tags_has_the_default_ones(known: Known, given: dict[str, Any]) -> None:
    assert checked(known, given) == {"tagsAll": DEFAULTS}


def test_its_own_go_before_them(known: Known) -> None:
    tags = {"team": "search", "x": "y"}
    assert checked(known, {"tags": tags}) == {
        "tags": tags,
        "tagsAll": {"env": "dev", "team": "search", "x": "y"},
    }


def test_without_default_ones_there_are_only_its_own(known: Known) -> None:
    tags = {"team": "search"}
    given = {"tags": tags, "tagsAll": tags}
    assert checked(known, given, default_tags=None) == {"tags": tags}


@pytest.mark.parametrize("tags", [UNKNOWN, {"team": UNKNOWN}])
def test_unknown_tags_stay_unknown(known: Known, tags: Any) -> None:
    inputs = checked(known, {"tags": tags})
    every = tags if tags is UNKNOWN else {**DEFAULTS, **tags}
    assert inputs == {"tags": tags, "tagsAll": every}
    assert parse(inputs)[0].all_tags is None


def test_all_together_are_at_most_fifty(known: Known) -> None:
    tags = {f"key{number}": "x" for number in range(49)}
    found = planner(known, default_tags=DEFAULTS).check({}, {**STATE, "tags": tags})
    reason = "too many tags: 51, 2 of them default tags (maximum 50)"
    assert found.problems == [Problem("tags[]", reason)]
    del tags["key0"]
    tags["env"] = "dev"
    assert checked(known, {"tags": tags})["tagsAll"].keys() == {*tags, "team"}


@pytest.mark.parametrize(
    ("state", "news", "changes"),
    [
        ({"tags": {"a": "1"}}, {"tags": {"a": "1"}}, True),
        ({"tags": {"a": "1"}, "tagsAll": {"a": "1", **DEFAULTS}}, {"tags": {"a": "1"}}, False),
        ({"tags": {}, "tagsAll": {**DEFAULTS, "env": "old"}}, {}, True),
        ({"tags": {}, "tagsAll": DEFAULTS}, {}, False),
        # As a state of before there were default tags, by chance with the very same.
        ({"tags": DEFAULTS}, {"tags": DEFAULTS}, False),
        ({"tags": {}, "tagsAll": DEFAULTS}, {"tags": DEFAULTS}, True),
    ],
)
def test_diff(known: Known, state: dict[str, Any], news: dict[str, Any], changes: bool) -> None:
    inputs = {**STATE, **checked(known, news)}
    olds = {**STATE, "ownershipTag": "none", **state}
    found = planner(known, default_tags=DEFAULTS).diff(TRACKER, olds, inputs)
    assert found.changes is changes
    assert not found.replaces


def test_diff_takes_them_away(known: Known) -> None:
    inputs = {**STATE, **checked(known, {"tags": {"a": "1"}}, default_tags=None)}
    state = {**STATE, "tags": {"a": "1"}, "tagsAll": {"a": "1", **DEFAULTS}}
    assert planner(known).diff(TRACKER, state, inputs).changes


def test_state_without_them_counts_as_its_tags() -> None:
    assert state_tags({}) == {}
    assert state_tags({"tags": {"a": "1"}}) == {"a": "1"}
    assert state_tags({"tags": {"a": "1"}, "tagsAll": {"b": "2"}}) == {"b": "2"}
    assert parse({"datasetGroupArn": GROUP, "tags": {"a": "1"}})[0].all_tags == {"a": "1"}


@pytest.mark.parametrize("olds", [{}, STATE])
@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"allowed_account_ids": ("1" * 12,)}, f"is not in allowedAccountIds ({'1' * 12})"),
        ({"forbidden_account_ids": (ACCOUNT,)}, "is in forbiddenAccountIds"),
    ],
)
def test_account_that_is_not_to_be_used_is_refused_without_calls(
    known: Known, olds: dict[str, Any], settings: dict[str, Any], reason: str
) -> None:
    found = planner(known, **settings).check(olds, STATE)
    assert found.problems == [Problem("datasetGroupArn", f"account {ACCOUNT} {reason}")]
    unknown = {**STATE, "datasetGroupArn": UNKNOWN}
    assert planner(known, **settings).check(olds, unknown).problems == []
    assert known.asked == []
