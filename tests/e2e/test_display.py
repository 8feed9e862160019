"""What `pulumi up` shows while it runs, and what of it stays."""

from __future__ import annotations

import re

import pytest
from endpoints import Endpoint, go_by_looks
from harness import Deployment

WAITED = r"CREATE (PENDING|IN_PROGRESS) \(\d+ s\)"


@pytest.mark.parametrize("options", [{}, {"diff": True}], ids=["plain", "diff"])
def test_progress_is_on_the_resources_row_a_line_for_each_state(
    shop: Deployment, endpoint: Endpoint, options: dict[str, bool]
) -> None:
    groups = [endpoint.group(name) for name in ("one", "two")]
    shop.trackers(
        *(
            {"resource": group[-3:], "dataset_group_arn": group, "name": group[-3:]}
            for group in groups
        )
    )
    go_by_looks(endpoint.url)
    run = shop.up(**options)
    assert run.ok, run.text
    for name in ("one", "two"):
        told = [(line, stays) for urn, line, stays in run.told if urn.endswith(f"::{name}")]
        assert all(re.fullmatch(WAITED, line) and not stays for line, stays in told)
        # No terminal draws over these lines, so that a state is told once.
        states = [line.rpartition(" (")[0] for line, _ in told]
        assert states == list(dict.fromkeys(states)) == ["CREATE PENDING", "CREATE IN_PROGRESS"]
    assert run.warnings == run.errors == []


def test_warning_is_one_of_the_resource(shop: Deployment, endpoint: Endpoint) -> None:
    old, new = endpoint.group("old"), endpoint.group("new")
    shop.trackers({"resource": "clicks", "dataset_group_arn": old, "name": "one"})
    assert shop.up().ok
    shop.trackers({"resource": "clicks", "dataset_group_arn": new, "name": "two"})
    run = shop.preview()
    assert run.ok, run.text
    (warning,) = run.warnings
    assert "event tracker one " in warning
    assert "PutEvents" in warning
    run = shop.up()
    assert run.warnings == [warning]


def test_adoption_is_told_on_the_row_and_stays(shop: Deployment, endpoint: Endpoint) -> None:
    group = endpoint.group("old")
    arn = endpoint.client.create_event_tracker(name="by-hand", datasetGroupArn=group)[
        "eventTrackerArn"
    ]
    shop.trackers({"resource": "clicks", "dataset_group_arn": group, "adopt_existing": True})
    run = shop.preview()
    words = f"adopting existing event tracker by-hand ({arn}) (adopt_existing=True)"
    assert [told for told in run.told if told[2]] == [(shop_urn(shop, "clicks"), words, True)]


def shop_urn(shop: Deployment, name: str) -> str:
    """The URN of an event tracker."""
    kind = "pulumi-python:dynamic/personalize:EventTracker"
    return f"urn:pulumi:{shop.stack.name}::{shop.project}::{kind}::{name}"
