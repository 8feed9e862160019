"""ARNs taken apart."""

from __future__ import annotations

import pytest
from pulumi_personalize.service import arns


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "arn:aws:personalize:us-east-1:123456789012:dataset-group/shop",
            ("aws", "personalize", "us-east-1", "123456789012", "dataset-group", "shop"),
        ),
        (
            "arn:aws-us-gov:personalize:us-gov-west-1:1:event-tracker/a1b2",
            ("aws-us-gov", "personalize", "us-gov-west-1", "1", "event-tracker", "a1b2"),
        ),
        ("arn:aws:s3:::bucket/a/b:c", ("aws", "s3", "", "", "bucket", "a/b:c")),
    ],
)
def test_arn_is_taken_apart(text: str, parts: tuple[str, ...]) -> None:
    assert arns.parse(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "shop",
        "arn:aws:personalize:us-east-1:123456789012:dataset-group",
        "arn:aws:personalize:us-east-1:123456789012:dataset-group/",
        "arn:aws:personalize:us-east-1:dataset-group/shop",
        "arn:AWS:personalize:us-east-1:123456789012:dataset-group/shop",
        "arn:aws\u0663:personalize:us-east-1:123456789012:dataset-group/shop",
        " arn:aws:personalize:us-east-1:123456789012:dataset-group/shop",
        "arn:aws:personalize:us-east-1:123456789012:dataset-group/shop\n",
        "arn:aws:personalize:us-east-1\n:123456789012:dataset-group/shop",
        "arn:aws:personalize:us-east-1:123456789012:dataset-group/" + "x" * 200,
    ],
)
def test_not_an_arn(text: str) -> None:
    assert arns.parse(text) is None
    assert arns.region_of(text) is None


def test_as_long_as_an_arn_may_be() -> None:
    stem = "arn:aws:personalize:us-east-1:123456789012:dataset-group/"
    assert arns.parse(stem + "x" * (256 - len(stem))) is not None
    assert arns.parse(stem + "x" * (257 - len(stem))) is None


def test_region() -> None:
    assert arns.region_of("arn:aws:personalize:eu-west-1:1:event-tracker/x") == "eu-west-1"
    assert arns.region_of("arn:aws:personalize::1:event-tracker/x") is None
