"""One tracker a dataset group: what the preview refuses, before anything is changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from endpoints import Endpoint, local_endpoint
from harness import TYPE, WITH_GROUPS, Deployment, Run
from pulumi_personalize.service.inputs import parse


def reason_of(run: Run, resource: str, group: str | None) -> str:
    """Why the one check failed that did, as Pulumi words it."""
    value = f"{{{group}}}" if group else "output<string>{}"
    start = f"{TYPE} resource '{resource}': property datasetGroupArn value {value} has a problem: "
    (error,) = run.errors
    assert error.startswith(start)
    return error.removeprefix(start)


@pytest.fixture
def theirs(endpoint: Endpoint) -> dict[str, str]:
    """A group that has a tracker made by somebody else."""
    group = endpoint.group("movies")
    made = endpoint.client.create_event_tracker(name="theirs", datasetGroupArn=group)
    return {"group": group, "arn": made["eventTrackerArn"]}


class TestNew:
    def test_a_group_that_has_a_tracker(
        self, shop: Deployment, endpoint: Endpoint, theirs: dict[str, str]
    ) -> None:
        shop.trackers({"resource": "clicks", "dataset_group_arn": theirs["group"]})
        run = shop.preview()
        assert not run.ok
        reason = reason_of(run, "clicks", theirs["group"])
        assert reason.startswith(f"dataset group {theirs['group']} already has ")
        assert f"event tracker 'theirs' ({theirs['arn']}, ACTIVE)" in reason
        assert "set adopt_existing=True to adopt it" in reason
        assert endpoint.trackers() == {"theirs": theirs["arn"]}

    def test_a_group_whose_tracker_is_being_deleted_is_waited_for(
        self, shop: Deployment, endpoint: Endpoint, theirs: dict[str, str]
    ) -> None:
        endpoint.pace(6)
        endpoint.client.delete_event_tracker(eventTrackerArn=theirs["arn"])
        shop.trackers({"resource": "clicks", "dataset_group_arn": theirs["group"], "name": "mine"})
        run = shop.up()
        assert run.ok, run.text
        assert list(endpoint.trackers()) == ["mine"]

    def test_a_resource_renamed_in_the_program_is_told_of_aliases(
        self, shop: Deployment, endpoint: Endpoint
    ) -> None:
        group = endpoint.group("movies")
        shop.trackers({"resource": "clicks", "dataset_group_arn": group, "name": "clicks"})
        assert shop.up().ok
        (arn,) = endpoint.trackers().values()
        shop.trackers({"resource": "views", "dataset_group_arn": group, "name": "clicks"})
        run = shop.preview()
        reason = reason_of(run, "views", group)
        assert f"event tracker 'clicks' ({arn}, ACTIVE)" in reason
        assert "renamed 'clicks' to 'views', add aliases" in reason

    @pytest.mark.parametrize(
        ("seconds", "problem"),
        [
            (None, "does not exist in us-east-1. "),
            (600, "is CREATE PENDING, and must be ACTIVE "),
        ],
    )
    def test_a_group_that_takes_no_tracker(
        self, shop: Deployment, endpoint: Endpoint, seconds: int | None, problem: str
    ) -> None:
        group = "arn:aws:personalize:us-east-1:123456789012:dataset-group/movies"
        if seconds:
            endpoint.pace(seconds)
            endpoint.client.create_dataset_group(name="movies")
        shop.trackers({"resource": "clicks", "dataset_group_arn": group})
        run = shop.preview()
        assert reason_of(run, "clicks", group).startswith(f"dataset group {group} {problem}")


class TestMove:
    def test_a_move_to_a_group_that_has_a_tracker(
        self, shop: Deployment, endpoint: Endpoint, theirs: dict[str, str]
    ) -> None:
        books = endpoint.group("books")
        shop.trackers({"resource": "clicks", "dataset_group_arn": books, "name": "mine"})
        assert shop.up().ok
        before = endpoint.trackers()
        shop.trackers(
            {"resource": "clicks", "dataset_group_arn": theirs["group"], "name": "mine-2"}
        )
        for run in (shop.preview(), shop.up()):
            assert not run.ok
            assert run.lines[0].startswith(f"dataset group {theirs['group']} already has ")
            assert f"event tracker 'theirs' ({theirs['arn']}, ACTIVE)" in run.lines[0]
            assert "set adopt_existing=True and name='theirs' to adopt it" in run.lines[0]
        assert endpoint.trackers() == before

    def test_two_trackers_do_not_swap_their_groups(
        self, shop: Deployment, endpoint: Endpoint
    ) -> None:
        books, movies = endpoint.group("books"), endpoint.group("movies")
        first = {"resource": "a", "dataset_group_arn": books, "name": "a"}
        second = {"resource": "b", "dataset_group_arn": movies, "name": "b"}
        shop.trackers(first, second)
        assert shop.up().ok
        before = endpoint.trackers()
        shop.trackers(first | {"dataset_group_arn": movies}, second | {"dataset_group_arn": books})
        run = shop.preview()
        assert not run.ok
        assert "already" in run.errors[0]
        assert endpoint.trackers() == before


class TestTwoOfOneProgram:
    def test_on_a_known_group(self, shop: Deployment, endpoint: Endpoint) -> None:
        group = endpoint.group("movies")
        shop.trackers(
            {"resource": "clicks", "dataset_group_arn": group},
            {"resource": "views", "dataset_group_arn": group, "opts": {"depends_on": []}},
        )
        run = shop.preview()
        assert not run.ok
        first, second = sorted(
            ("clicks", "views"), key=lambda name: f"resource '{name}'" in run.errors[0]
        )
        reason = reason_of(run, second, group)
        assert reason.startswith(f"'{first}' and '{second}' both use ")
        assert group in reason

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("group.arn", "group.arn"),
            ("group.arn", "group.arn.apply(str)"),
            ("group.arn", "pulumi.Output.concat(group.arn)"),
            ("other", "other"),
        ],
    )
    def test_on_a_group_that_is_not_known_yet(
        self, shop: Deployment, endpoint: Endpoint, first: str, second: str
    ) -> None:
        shop.program(
            WITH_GROUPS
            + f"""
group = DatasetGroup("group", "movies")
other = pulumi.Output.all(group.arn, DatasetGroup("more", "books").arn).apply(max)
first = EventTracker("clicks", dataset_group_arn={first})
second = EventTracker(
    "views", dataset_group_arn={second}, opts=pulumi.ResourceOptions(depends_on=[first])
)
"""
        )
        run = shop.preview()
        assert not run.ok
        assert reason_of(run, "views", None).startswith("'clicks' and 'views' both use ")
        assert endpoint.client.list_dataset_groups()["datasetGroups"] == []

    def test_of_two_providers(self, shop: Deployment, endpoint: Endpoint) -> None:
        group = endpoint.group("movies")
        shop.program(
            """
import pulumi
from pulumi_personalize import EventTracker

config = pulumi.Config()
group = config.require("group")
settings = {"personalize:endpointUrl": config.require("second")}
second = pulumi.ProviderResource("pulumi-python", "second", settings)
EventTracker("clicks", group, name="clicks")
options = pulumi.ResourceOptions(provider=second)
EventTracker("views", pulumi.Output.concat(group), name="views", opts=options)
"""
        )
        shop.config({"group": group, "second": f"{endpoint.url}/"})
        refusal = "declaring event tracker views: 'clicks' and 'views' both use "
        for run in (shop.preview(), shop.up(), shop.up()):
            assert not run.ok
            assert run.errors[0].startswith(refusal)
            assert group in run.errors[0]
        # The first one is no conflict by itself.
        assert list(endpoint.trackers()) == ["clicks"]
        with local_endpoint() as url:
            Endpoint(url).group("movies")
            shop.config({"second": url})
            run = shop.up()
            assert run.ok, run.text
            assert shop.destroy().ok

    def test_different_unknown_groups_are_fine(self, shop: Deployment, endpoint: Endpoint) -> None:
        shop.program(
            WITH_GROUPS
            + """
for name in ("movies", "books"):
    EventTracker(name, dataset_group_arn=DatasetGroup(name, name).arn)
"""
        )
        assert shop.preview().ok
        run = shop.up()
        assert run.ok, run.text
        assert len(endpoint.trackers()) == 2
        assert shop.up(expect_no_changes=True).ok


class TestBadInput:
    def test_every_fault_of_a_resource_at_once_each_on_its_property(
        self, shop: Deployment, endpoint: Endpoint
    ) -> None:
        group = "arn:aws:s3:::bucket"
        given: dict[str, Any] = {"name": "-x", "tags": {"aws:x": "1", "good": "&", "number": 1}}
        shop.trackers({"resource": "clicks", "dataset_group_arn": group, **given})
        run = shop.preview()
        assert not run.ok
        _, problems = parse({"datasetGroupArn": group, **given})
        reasons = {problem.property: problem.reason for problem in problems}
        start = f"{TYPE} resource 'clicks'"
        assert sorted(error.removeprefix(start) for error in run.errors) == [
            *(
                f" has a problem: {tag}: {reasons[tag]}"
                for tag in ('tags["aws:x"]', 'tags["good"]', 'tags["number"]')
            ),
            f": property datasetGroupArn value {{{group}}} has a problem: "
            f"{reasons['datasetGroupArn']}",
            f": property name value {{-x}} has a problem: {reasons['name']}",
        ]
        assert json.dumps(endpoint.operations()) == "[]"

    def test_a_key_of_a_tag_that_pulumi_can_not_hand_on(
        self, shop: Deployment, endpoint: Endpoint
    ) -> None:
        shop.config({"group": endpoint.group("movies")})
        shop.program(
            """
            import pulumi
            from pulumi_personalize import EventTracker

            EventTracker("clicks", pulumi.Config().require("group"), tags={2026: "x"})
            """
        )
        run = shop.preview()
        assert not run.ok
        assert "Traceback" not in run.text
        assert "declaring event tracker clicks: tag keys must be strings" in run.text
        assert 'Write "2026".' in run.text
