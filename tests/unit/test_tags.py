"""Tags: the service's limits, and the mark by which a tracker is known again."""

from __future__ import annotations

import re

import pytest
from pulumi_personalize.service import tags
from pulumi_personalize.service.tags import OWNER_KEY, OwnershipTag

CHARACTERS = "only letters, digits, spaces and _ . : / = + - @"
ALL = {"team": "web", "aws:cloudformation:stack-name": "x", "AWS:x": "y", OWNER_KEY: "done-1:a"}


@pytest.mark.parametrize(
    "key", ["a", "k" * 128, "Équipe 1", "_.:/=+-@", "日本", " ", "awsome", "½"]
)
def test_good_key(key: str) -> None:
    assert tags.problem_of_key(key) is None


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("", "tag keys must be 1 to 128 characters long (got 0)"),
        ("k" * 129, "tag keys must be 1 to 128 characters long (got 129)"),
        ("aws:x", "tag keys must not start with aws:, which is reserved for AWS"),
        ("AWS:x", "tag keys must not start with aws:, which is reserved for AWS"),
        (OWNER_KEY, "pulumi-personalize:owner is reserved by this provider"),
        *(
            (key, f"tag keys must contain {CHARACTERS}")
            for key in ("a\n", "a#", "a\t", "a*", "🙂", "a\u0301", "\x00", "\ud800")
        ),
    ],
)
def test_bad_key(key: str, problem: str) -> None:
    assert tags.problem_of_key(key) == problem


@pytest.mark.parametrize(
    "value", ["", "v" * 256, "awsome", "an aws:x", "a b/c=d+e-f@g", "\u2028", "٣"]
)
def test_good_value(value: str) -> None:
    assert tags.problem_of_value(value) is None


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("v" * 257, "tag values must be at most 256 characters long (got 257)"),
        ("aws:x", "tag values must not start with aws:, which is reserved for AWS"),
        ("AWS:", "tag values must not start with aws:, which is reserved for AWS"),
        ("a\nb", f"tag values must contain {CHARACTERS}"),
        ("a,b", f"tag values must contain {CHARACTERS}"),
    ],
)
def test_bad_value(value: str, problem: str) -> None:
    assert tags.problem_of_value(value) == problem


def test_tags_belong_to_the_user_the_account_or_aws() -> None:
    assert tags.of_user(ALL) == {"team": "web"}
    assert tags.of_account(ALL) == {"team": "web", OWNER_KEY: "done-1:a"}


def test_as_the_service_takes_them() -> None:
    assert tags.as_list({"a": "1", "b": ""}) == [
        {"tagKey": "a", "tagValue": "1"},
        {"tagKey": "b", "tagValue": ""},
    ]


@pytest.mark.parametrize("owner", ["shop/dev/clicks", "shop/dev/a:b-c:d", "sha256:00ff", "://"])
@pytest.mark.parametrize("done", [False, True])
def test_mark_round_trip(owner: str, done: bool) -> None:
    mark = OwnershipTag(owner, "0a1b2c3d", done)
    assert OwnershipTag.of({"team": "web", OWNER_KEY: mark.value}) == mark


def test_mark_says_how_far_its_attempt_came() -> None:
    mark = OwnershipTag.beginning("shop/dev/clicks")
    assert mark.value == f"creating-{mark.attempt}:shop/dev/clicks"
    assert mark.finished().value == f"done-{mark.attempt}:shop/dev/clicks"
    assert mark.finished().finished() == mark.finished()


def test_each_attempt_has_a_mark_of_its_own() -> None:
    attempts = {OwnershipTag.beginning("shop/dev/clicks").attempt for _ in range(20)}
    assert len(attempts) == 20
    assert all(re.fullmatch("[0-9a-f]{8}", attempt) for attempt in attempts)


@pytest.mark.parametrize(
    "value",
    ["", "done", "done-1", "done-1:", "done-:x", "made-1:x", "done:x", ":", "-:x", "DONE-1:x"],
)
def test_not_a_mark(value: str) -> None:
    assert OwnershipTag.of({OWNER_KEY: value}) is None
    assert OwnershipTag.of({"owner": "done-1:x"}) is None


def test_owner_is_told_as_it_is_where_a_tag_can_hold_it() -> None:
    assert tags.owner_of("shop", "dev", "web/clicks") == "shop/dev/web/clicks"


@pytest.mark.parametrize("resource", ["x" * 230, "clicks!", "a\nb", "🙂", "a*b", "x" * 5000])
def test_odd_owner_is_hashed(resource: str) -> None:
    owner = tags.owner_of("shop", "dev", resource)
    assert re.fullmatch("sha256:[0-9a-f]{32}", owner)
    assert owner == tags.owner_of("shop", "dev", resource)
    assert owner != tags.owner_of("shop", "prod", resource)


def test_longest_owner_leaves_room_for_the_rest_of_the_mark() -> None:
    owner = tags.owner_of("shop", "dev", "x" * 229)
    assert owner.endswith("x" * 229)
    value = OwnershipTag.beginning(owner).value
    assert len(value) == 256
    assert tags.problem_of_value(value) is None


def test_the_mark_is_a_tag_that_the_service_takes() -> None:
    assert len(OWNER_KEY) <= tags.MAX_KEY_LENGTH
    assert tags.problem_of_value(OWNER_KEY) is None
