"""Names: the service's rule, and names that are made up."""

from __future__ import annotations

import pytest
from pulumi_personalize.service import names

RULE = "a name starts with a letter or digit and goes on with letters, digits, - and _"


@pytest.mark.parametrize("name", ["a", "7", "Clicks-2_x", "a" * 63, "a--", "0_"])
def test_good_name(name: str) -> None:
    assert names.problem_of(name) is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "a name has 1 to 63 characters, this one 0"),
        ("a" * 64, "a name has 1 to 63 characters, this one 64"),
        *((name, RULE) for name in ("-a", "_a", "a b", "a.b", "é", "aé", "٣", "a\n", "a/b")),
    ],
)
def test_bad_name(name: str, problem: str) -> None:
    assert names.problem_of(name) == problem


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        ("clicks", "clicks-0123456"),
        ("web/clicks", "web-clicks-0123456"),
        ("-_web é.", "web----0123456"),
        ("", "tracker-0123456"),
        ("/", "tracker-0123456"),
        ("日本", "tracker-0123456"),
        ("x" * 100, "x" * 55 + "-0123456"),
    ],
)
def test_generated_name_is_of_the_resource(resource: str, name: str) -> None:
    assert names.generate(resource, lambda: "0123456789") == name
    assert names.problem_of(name) is None


def test_generated_names_differ() -> None:
    made = {names.generate("clicks") for _ in range(20)}
    assert len(made) == 20
    assert all(names.problem_of(name) is None for name in made)


@pytest.mark.parametrize(
    ("name", "python"),
    [("tags", "tags"), ("lastUpdatedDateTime", "last_updated_date_time")],
)
def test_name_in_python(name: str, python: str) -> None:
    assert names.snake(name) == python
