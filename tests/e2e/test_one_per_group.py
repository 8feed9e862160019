"""One tracker per dataset group: what the preview refuses before anything is changed."""

from __future__ import annotations

from typing import Any

import pytest
from endpoints import Endpoint
from harness import Deployment
from programs import WITH_GROUPS
from pulumi_personalize.service.inputs import parse


@pytest.fixture
def theirs(endpoint: Endpoint, group: str) -> str:
    """The ARN of a tracker that somebody else created in the group."""
    made = endpoint.client.create_event_tracker(name="theirs", datasetGroupArn=group)
    return made["eventTrackerArn"]


def test_a_group_that_has_a_tracker(
    either: Deployment, endpoint: Endpoint, group: str, theirs: str
) -> None:
    either.declare(group)
    reasons = [start().reason("clicks", group) for start in (either.preview, either.up)]
    assert reasons[0] == reasons[1]
    assert reasons[0].startswith(f"already has event tracker 'theirs' ({theirs}, ACTIVE)")
    assert "set adopt_existing=True to adopt it" in reasons[0]
    assert endpoint.trackers() == {"theirs": theirs}


def test_a_move_to_a_group_that_has_a_tracker(
    shop: Deployment, endpoint: Endpoint, group: str, theirs: str
) -> None:
    shop.declare(endpoint.group("books"), name="mine")
    assert shop.up().ok
    before = endpoint.trackers()
    shop.declare(group, name="mine-2")
    lines = [start().line for start in (shop.preview, shop.up)]
    assert lines[0] == lines[1]
    start = f"dataset group {group} already has event tracker 'theirs' ({theirs}, ACTIVE)"
    assert lines[0].startswith(start)
    assert "set adopt_existing=True and name='theirs' to adopt it" in lines[0]
    assert endpoint.trackers() == before


def test_a_group_whose_tracker_is_being_deleted_is_waited_for(
    shop: Deployment, endpoint: Endpoint, group: str, theirs: str
) -> None:
    endpoint.fault("DeleteEventTracker", "stay", status="DELETE IN_PROGRESS")
    endpoint.client.delete_event_tracker(eventTrackerArn=theirs)
    shop.declare(group, name="mine")
    words = f"waiting for event tracker theirs ({theirs}) to be deleted (DELETE IN_PROGRESS)"
    assert words in shop.preview().text
    endpoint.release()
    run = shop.up()
    assert run.ok, run.text
    assert list(endpoint.trackers()) == ["mine"]


def test_a_group_that_takes_no_tracker(shop: Deployment, endpoint: Endpoint) -> None:
    endpoint.pace(600)
    missing = "arn:aws:personalize:us-east-1:123456789012:dataset-group/missing"
    creating = endpoint.client.create_dataset_group(name="creating")["datasetGroupArn"]
    for arn, problem in (
        (missing, "does not exist in us-east-1."),
        (creating, "is CREATE PENDING, and must be ACTIVE"),
    ):
        shop.declare(arn)
        assert shop.preview().reason("clicks", arn).startswith(problem)


class TestTwoOfOneProgram:
    def test_on_a_known_group(self, either: Deployment, endpoint: Endpoint, group: str) -> None:
        either.trackers(
            {"resource": "clicks", "dataset_group_arn": group},
            {"resource": "views", "dataset_group_arn": group},
        )
        run = either.preview()
        first, second = sorted(("clicks", "views"), key=lambda name: f"'{name}':" in run.line)
        assert run.reason(second, group).startswith(f"'{first}' and '{second}' both use ")
        assert endpoint.trackers() == {}

    def test_on_a_group_that_is_not_known_yet(self, either: Deployment, endpoint: Endpoint) -> None:
        either.program(
            WITH_GROUPS
            + """
group = DatasetGroup("group", "movies")
first = EventTracker("clicks", dataset_group_arn=group.arn)
options = pulumi.ResourceOptions(depends_on=[first])
EventTracker("views", dataset_group_arn=pulumi.Output.concat(group.arn), opts=options)
"""
        )
        run = either.preview()
        assert run.reason("views", None).startswith("'clicks' and 'views' both use ")
        assert endpoint.client.list_dataset_groups()["datasetGroups"] == []

    def test_of_two_providers(self, shop: Deployment, endpoint: Endpoint, group: str) -> None:
        shop.program(
            """
import pulumi
from pulumi_personalize import EventTracker

config = pulumi.Config()
group = config.require("group")
settings = {"personalize:endpointUrl": config.require("url")}
second = pulumi.ProviderResource("pulumi-python", "second", settings)
first = EventTracker("clicks", group, name="clicks")
options = pulumi.ResourceOptions(provider=second, depends_on=[first])
EventTracker("views", group, name="views", opts=options)
"""
        )
        shop.config({"group": group, "url": endpoint.url})
        line = shop.up().line
        assert "already has event tracker 'clicks' (" in line
        assert endpoint.trackers() == shop.existing
        assert list(shop.existing) == ["clicks"]


def test_every_problem_of_a_resource_at_once_each_on_its_property(
    either: Deployment, endpoint: Endpoint
) -> None:
    group = "arn:aws:s3:::bucket"
    given: dict[str, Any] = {"name": "-x", "tags": {"aws:x": "1", "good": "&", "number": 1}}
    either.declare(group, **given)
    run = either.preview()
    assert not run.ok
    _, problems = parse({"datasetGroupArn": group, **given})
    reasons = {problem.property: problem.reason for problem in problems}
    assert sorted(error.partition(" resource 'clicks'")[2] for error in run.errors) == [
        *(
            f" has a problem: {tag}: {reasons[tag]}"
            for tag in ('tags["aws:x"]', 'tags["good"]', 'tags["number"]')
        ),
        f": property datasetGroupArn value {{{group}}} has a problem: {reasons['datasetGroupArn']}",
        f": property name value {{-x}} has a problem: {reasons['name']}",
    ]
    assert endpoint.operations() == []
