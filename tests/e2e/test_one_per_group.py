"""One tracker a dataset group: what the preview refuses, before anything is changed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from harness import GROUP, TYPE, Deployment, Endpoint, local_endpoint

ONE_EACH = "and a dataset group can have only one event tracker"


def check_failure(resource: str, group: str | None, reason: str) -> str:
    """A failed check as Pulumi words it."""
    value = f"{{{group}}}" if group else "output<string>{}"
    return (
        f"{TYPE} resource '{resource}': property datasetGroupArn value {value} has a problem: "
        f"{reason}"
    )


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
        assert run.errors == [
            check_failure(
                "clicks",
                theirs["group"],
                f"dataset group {theirs['group']} already has event tracker 'theirs' "
                f"({theirs['arn']}, ACTIVE), {ONE_EACH}. Delete that tracker, set "
                "adopt_existing=True to adopt it, or use another dataset group.",
            )
        ]
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
        assert run.errors == [
            check_failure(
                "views",
                group,
                f"dataset group {group} already has event tracker 'clicks' ({arn}, ACTIVE), "
                f"{ONE_EACH}. Resource 'clicks' of this stack created it: if you renamed 'clicks' "
                "to 'views', add aliases; if 'clicks' moves to another dataset group, deploy that "
                "first in a separate `pulumi up`; otherwise use another dataset group and name.",
            )
        ]

    @pytest.mark.parametrize(
        ("seconds", "problem"),
        [
            (None, "does not exist in us-east-1. Check its name, region and account."),
            (
                600,
                "is CREATE PENDING, and must be ACTIVE before an event tracker can be created. "
                "Wait until it is ACTIVE, then run `pulumi up` again.",
            ),
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
        assert run.errors == [check_failure("clicks", group, f"dataset group {group} {problem}")]


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
            assert run.lines[0] == (
                f"dataset group {theirs['group']} already has "
                f"event tracker 'theirs' ({theirs['arn']}, ACTIVE), {ONE_EACH}. Delete that "
                "tracker, set adopt_existing=True and name='theirs' to adopt it, or use another "
                "dataset group."
            )
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
        assert run.errors == [
            check_failure(
                second,
                group,
                f"'{first}' and '{second}' both use dataset group {group}, {ONE_EACH}. Give each "
                "its own dataset group",
            )
        ]

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
            GROUP
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
        assert run.errors == [
            check_failure(
                "views",
                None,
                f"'clicks' and 'views' both use the same dataset group, {ONE_EACH}. Give each its "
                "own dataset group",
            )
        ]
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
        refusal = (
            f"declaring event tracker views: 'clicks' and 'views' both use dataset group {group}, "
            f"through two providers, {ONE_EACH}. Give each its own dataset group."
        )
        for run in (shop.preview(), shop.up(), shop.up()):
            assert not run.ok
            assert run.errors[0] == refusal
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
            GROUP
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
        arguments: dict[str, Any] = {
            "resource": "clicks",
            "dataset_group_arn": "arn:aws:s3:::bucket",
            "name": "-x",
            "tags": {"aws:x": "1", "good": "&", "number": 1},
        }
        shop.trackers(arguments)
        run = shop.preview()
        assert not run.ok
        start = f"{TYPE} resource 'clicks'"
        assert sorted(error.removeprefix(start) for error in run.errors) == [
            ' has a problem: tags["aws:x"]: tag keys must not start with aws:, which is reserved '
            "for AWS",
            ' has a problem: tags["good"]: tag values must contain only letters, digits, spaces '
            "and _ . : / = + - @",
            ' has a problem: tags["number"]: must be a string, not a number',
            ": property datasetGroupArn value {arn:aws:s3:::bucket} has a problem: must be a "
            "dataset group ARN, for example "
            "arn:aws:personalize:us-east-1:123456789012:dataset-group/NAME",
            ": property name value {-x} has a problem: must start with a letter or digit and "
            "contain only letters, digits, '-' and '_'",
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
        assert (
            'declaring event tracker clicks: tag keys must be strings, not 2026. Write "2026".'
        ) in run.text
