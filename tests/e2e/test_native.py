"""The native provider under the real CLI: what it can beyond the dynamic one, and what is as there.

The scenarios of both are in `test_both`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from endpoints import Endpoint
from harness import NATIVE_TYPE, TYPE, WITH_GROUPS, Deployment
from native_stack import NativeDeployment, hold
from pulumi_personalize.local import make_dataset_group


class TestLife:
    def test_from_up_to_destroy(
        self, native: NativeDeployment, endpoint: Endpoint, group: str
    ) -> None:
        other = endpoint.group("music")
        native.one(group, tags={"team": "search"})
        run = native.up()
        assert run.ok, run.text
        assert "warning" not in run.text
        tracker = native.tracker()
        assert tracker["type"] == NATIVE_TYPE
        before = tracker["outputs"]["trackingId"]
        assert run.outputs == {"clicks": before}
        endpoint.clear_calls()
        assert native.up().changes == {"same": 2}
        assert endpoint.operations() == []
        # A tag edit: its consumers keep what they know, and the one tag is named.
        native.one(group, tags={"team": "shop"})
        planned = native.preview(diff=True)
        assert planned.changes == {"same": 1, "update": 1}
        assert re.search(r'~ team: "search" => "shop"', planned.text), planned.text
        assert "trackingId" not in planned.text
        assert "unknown" not in planned.text
        assert native.up().outputs == {"clicks": before}
        assert native.refresh().changes == {"same": 2}
        # A rename deletes first, a move creates first.
        native.one(group, name="views")
        renamed = native.up()
        assert renamed.steps == ["delete-replaced", "replace", "create-replacement"]
        native.one(other, name="views2")
        moved = native.up()
        assert moved.steps == ["create-replacement", "replace", "delete-replaced"]
        assert moved.outputs["clicks"] not in (before, renamed.outputs["clicks"])
        assert native.destroy().ok
        assert endpoint.trackers() == {}

    def test_progress_is_on_the_resources_own_row(
        self, native: NativeDeployment, endpoint: Endpoint, group: str
    ) -> None:
        endpoint.pace(2)
        native.one(group, name="clicks")
        run = native.up()
        assert re.search(
            r"EventTracker clicks creating .* CREATE (PENDING|IN_PROGRESS) \(\d+ s\)", run.text
        )
        # Ephemeral: no diagnostics are left of it.
        assert "Diagnostics:" not in run.text

    def test_error_is_one_line_on_the_resources_own_row(
        self, native: NativeDeployment, endpoint: Endpoint, group: str
    ) -> None:
        native.one(group)
        endpoint.fault("CreateEventTracker", "error", code="AccessDeniedException", times=None)
        run = native.up()
        assert not run.ok
        assert run.errors[0].startswith("creating event tracker clicks-")
        assert ": AccessDeniedException: " in run.errors[0]
        assert "personalize:CreateEventTracker" in run.errors[0]
        assert not run.shows_traceback


class TestMoveBetweenTheTwo:
    def test_changes_nothing_either_way(
        self, native: NativeDeployment, endpoint: Endpoint, group: str
    ) -> None:
        native.dynamic_program()
        native.one(group, tags={"team": "search"})
        first = native.up()
        assert first.ok, first.text
        program_of = {TYPE: native.dynamic_program, NATIVE_TYPE: native.native_program}
        for kind in (NATIVE_TYPE, TYPE):
            program_of[kind]()
            run = native.up()
            assert run.changes == {"same": 2}, run.text
            assert native.tracker()["type"] == kind
            assert run.outputs == first.outputs
        # A refresh and a destroy by what is the dynamic one's state again.
        assert native.refresh().changes == {"same": 2}
        assert native.destroy().ok
        assert endpoint.trackers() == {}

    @pytest.mark.parametrize("key", ["profile", "region"])
    def test_key_of_pulumi_aws_that_does_not_come_along_is_refused(
        self, native: NativeDeployment, group: str, key: str
    ) -> None:
        value = {"profile": "second", "region": "us-east-1"}[key]
        if key == "profile":
            native.pulumi("config", "set", "--secret", "aws:profile", value)
            native.one(group)
            secret = "pulumi config set --secret personalize:profile"
            assert secret in native.preview().text
        native.config({f"aws:{key}": value})
        native.one(group)
        run = native.preview()
        assert not run.ok
        assert f'pulumi config set personalize:{key} "$(pulumi config get aws:{key})"' in run.text
        native.config({f"personalize:{key}": value})
        if key == "region":
            assert native.preview().ok


class TestConfiguration:
    def test_change_reaches_a_running_stack(
        self, native: NativeDeployment, endpoint: Endpoint, group: str
    ) -> None:
        native.one(group)
        assert native.up().ok
        native.config({"personalize:createTimeout": "2"})
        hold(endpoint)
        native.one(endpoint.group("music"))
        run = native.up()
        assert not run.ok
        assert "personalize:createTimeout gives it more time" in run.text

    def test_bad_keys_are_refused(self, native: NativeDeployment, group: str) -> None:
        native.config({"personalize:createTimeout": "soon", "personalize:regoin": "us-east-1"})
        native.one(group)
        run = native.preview()
        assert not run.ok
        assert "did you mean personalize:region" in run.text
        assert "personalize:createTimeout" in run.text

    def test_several_providers_in_one_program(
        self,
        native: NativeDeployment,
        start_endpoint: Callable[..., Endpoint],
        endpoint: Endpoint,
        group: str,
        give_sts: Callable[[Deployment], Callable[[], int]],
    ) -> None:
        second = start_endpoint()
        there = make_dataset_group(second.client_in("eu-west-1"), "music")
        roles = give_sts(native)
        role = {"roleArn": "arn:aws:iam::123456789012:role/deploy"}
        native.trackers(
            {"resource": "clicks", "dataset_group_arn": group},
            {
                "resource": "views",
                "dataset_group_arn": there,
                "opts": {
                    "provider": {
                        "endpoint_url": second.url,
                        "region": "eu-west-1",
                        "assume_role": role,
                    }
                },
            },
        )
        run = native.up()
        assert run.ok, run.text
        assert roles() == 1
        assert len(endpoint.trackers()) == 1
        assert {call["region"] for call in second.calls() if call["about"]} == {"eu-west-1"}
        (found,) = second.client_in("eu-west-1").list_event_trackers()["eventTrackers"]
        assert found["eventTrackerArn"].startswith("arn:aws:personalize:eu-west-1:")
        assert native.up().changes == {"same": 4}
        assert native.destroy().ok
        assert second.trackers() == {}

    def test_secrets_stay_secret(self, native: NativeDeployment, group: str) -> None:
        native.program(
            """
            import pulumi
            from pulumi_personalize.native import EventTracker

            group = pulumi.Config().require("group")
            EventTracker("clicks", group, tags={"team": pulumi.Output.secret("hidden")})
            """
        )
        native.config({"group": group})
        run = native.up()
        assert run.ok, run.text
        assert "hidden" not in run.text
        assert "hidden" not in native.pulumi("stack", "export")
        assert native.tracker()["outputs"]["tags"]
        assert native.up().changes == {"same": 2}


class TestLookup:
    def test_in_a_program(self, native: NativeDeployment, endpoint: Endpoint, group: str) -> None:
        arn = endpoint.client.create_event_tracker(name="theirs", datasetGroupArn=group)[
            "eventTrackerArn"
        ]
        native.program(
            """
            import pulumi
            from pulumi_personalize.native import (
                EventTracker,
                Provider,
                get_event_tracker,
                get_event_tracker_output,
            )

            group = pulumi.Config().require("group")
            pulumi.export("now", get_event_tracker(group).event_tracker_arn)
            pulumi.export("later", get_event_tracker_output(group).event_tracker_arn)
            url = pulumi.Output.secret(pulumi.Config("personalize").require("endpointUrl"))
            options = pulumi.InvokeOptions(provider=Provider("mine", endpoint_url=url))
            found = get_event_tracker_output(group, options)
            # What a provider keeps secret makes no secret of what it finds.
            pulumi.export("theirs", found.event_tracker_arn)
            pulumi.export("isSecret", pulumi.Output.from_input(found.is_secret()))
            pulumi.export("got", EventTracker.get("theirs", pulumi.Config().require("arn")).name)
            """
        )
        native.config({"group": group, "arn": arn})
        run = native.up()
        assert run.ok, run.text
        assert run.outputs == {
            "now": arn,
            "later": arn,
            "theirs": arn,
            "isSecret": False,
            "got": "theirs",
        }
        assert endpoint.tags(arn) == {}

    def test_by_a_provider_whose_configuration_is_not_known_yet(
        self, native: NativeDeployment, group: str
    ) -> None:
        program = (
            WITH_GROUPS
            + """
from pulumi_personalize.native import LOOKUP, Provider

url = DatasetGroup("late", "late").arn.apply(lambda _: URL)
options = pulumi.InvokeOptions(provider=Provider("other", endpoint_url=url))
found = LOOKUP(pulumi.Config().require("group"), options)
"""
        )
        native.config({"group": group})
        native.program(program.replace("LOOKUP", "get_event_tracker"))
        run = native.preview()
        assert run.errors[0] == (
            "reading the configuration of the lookup's provider: is not known yet. "
            "Use get_event_tracker_output."
        ), run.text
        native.program(program.replace("LOOKUP", "get_event_tracker_output"))
        run = native.preview()
        assert run.ok, run.text
