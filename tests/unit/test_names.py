"""Names: the service's rule, and names that are made up."""

from __future__ import annotations

import re

import pytest
from pulumi_personalize.service import names

RULE = "must start with a letter or digit and contain only letters, digits, '-' and '_'"


@pytest.mark.parametrize("name", ["a", "7", "Clicks-2_x", "a" * 63, "a--", "0_"])
def test_good_name(name: str) -> None:
    assert names.problem_of(name) is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "must be 1 to 63 characters long (got 0)"),
        ("a" * 64, "must be 1 to 63 characters long (got 64)"),
        *((name, RULE) for name in ("-a", "_a", "a b", "a.b", "é", "aé", "٣", "a\n", "a/b")),
    ],
)
def test_bad_name(name: str, problem: str) -> None:
    assert names.problem_of(name) == problem


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ("clicks", "clicks-"),
        ("web/clicks", "web-clicks-"),
        ("-_web é.", "web----"),
        ("", "tracker-"),
        ("/", "tracker-"),
        ("日本", "tracker-"),
        ("x" * 100, "x" * 55 + "-"),
    ],
)
def test_derived_name_is_of_the_resource(resource: str, name: str) -> None:
    derived = names.derive(resource, "shop/dev/web", "arn")
    assert re.fullmatch(re.escape(name) + "[0-9a-f]{7}", derived)
    assert names.problem_of(derived) is None


def test_derived_name_is_the_same_again_and_another_for_another_identity() -> None:
    derived = names.derive("clicks", "shop/dev/clicks", "arn")
    assert derived == names.derive("clicks", "shop/dev/clicks", "arn")
    others = [("shop/prod/clicks", "arn"), ("shop/dev/clicks", "other"), ("shop/dev", "clicks/arn")]
    assert len({derived, *(names.derive("clicks", *identity) for identity in others)}) == 4


@pytest.mark.parametrize(
    ("name", "python"),
    [("tags", "tags"), ("lastUpdatedDateTime", "last_updated_date_time")],
)
def test_name_in_python(name: str, python: str) -> None:
    assert names.snake(name) == python
