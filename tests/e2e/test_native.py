"""The native provider under the real CLI: what it can beyond the dynamic one, and what is as there.

The scenarios of both are in `test_both`.
"""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import (
    GROUP,
    NATIVE_TYPE,
    TYPE,
    Deployment,
    Endpoint,
    Started,
    descendants,
    eventually,
)
from kinds import OWNER_TAG
from native_stack import NativeDeployment
from pulumi_personalize.local import make_dataset_group


@pytest.fixture
def make_native(tmp_path: Path, endpoint: Endpoint) -> Callable[..., NativeDeployment]:
    def make(project: str = "shop", stack: str = "test") -> NativeDeployment:
        return NativeDeployment(tmp_path, endpoint, project, stack)

    return make


@pytest.fixture
def native(make_native: Callable[..., NativeDeployment]) -> NativeDeployment:
    """The usual stack, of the native class."""
    return make_native()


def pulumi(shop: Deployment, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["pulumi", *arguments, "--stack", shop.stack.name, "--non-interactive"],
        cwd=shop.stack_folder,
        env=shop.environment,
        capture_output=True,
        text=True,
        check=False,
    )


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
        assert "Traceback" not in run.text

    def test_drift_is_found_and_repaired(
        self, native: NativeDeployment, endpoint: Endpoint, group: str
    ) -> None:
        native.one(group, tags={"team": "search"})
        assert native.up().ok
        arn = native.tracker()["id"]
        endpoint.client.tag_resource(
            resourceArn=arn, tags=[{"tagKey": "team", "tagValue": "other"}]
        )
        assert native.refresh().changes == {"same": 1, "update": 1}
        assert native.up().changes == {"same": 1, "update": 1}
        assert endpoint.tags(arn)["team"] == "search"
        endpoint.forget(arn)
        assert native.refresh().changes == {"same": 1, "delete": 1}
        assert native.up().changes == {"same": 1, "create": 1}


class TestMoveBetweenTheTwo:
    def test_changes_nothing_either_way(
        self, native: NativeDeployment, endpoint: Endpoint, group: str
    ) -> None:
        native.dynamic_program()
        native.one(group, tags={"team": "search"})
        first = native.up()
        assert first.ok, first.text
        program_of = {TYPE: native.dynamic_program, NATIVE_TYPE: native.native_program}
        for kind in (NATIVE_TYPE, TYPE, NATIVE_TYPE):
            program_of[kind]()
            run = native.up()
            assert run.changes == {"same": 2}, run.text
            assert native.tracker()["type"] == kind
            assert run.outputs == first.outputs
        # And back again, with a refresh and a destroy by the dynamic one's state.
        native.dynamic_program()
        assert native.up().changes == {"same": 2}
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


class TestImport:
    def test_of_a_tracker_made_by_hand(
        self, native: NativeDeployment, endpoint: Endpoint, group: str
    ) -> None:
        arn = endpoint.client.create_event_tracker(
            name="by-hand", datasetGroupArn=group, tags=[{"tagKey": "team", "tagValue": "search"}]
        )["eventTrackerArn"]
        native.trackers()
        done = pulumi(
            native,
            "import",
            NATIVE_TYPE,
            "clicks",
            arn,
            "--yes",
            "--generate-code=false",
            "--protect=false",
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert native.tracker()["id"] == arn
        # A tag that the program lacks is named before it goes.
        native.one(group)
        planned = native.preview(diff=True)
        assert planned.steps == ["update"]
        assert re.search(r'- team: "search"', planned.text), planned.text
        assert endpoint.tags(arn) == {"team": "search"}
        native.one(group, tags={"team": "search"})
        run = native.up()
        assert run.ok, run.text
        assert run.steps == ["same"]
        assert endpoint.tags(arn) == {"team": "search"}
        assert native.destroy().ok
        assert endpoint.trackers() == {}

    def test_by_the_option(self, native: NativeDeployment, endpoint: Endpoint, group: str) -> None:
        arn = endpoint.client.create_event_tracker(name="by-hand", datasetGroupArn=group)[
            "eventTrackerArn"
        ]
        native.one(group, name="by-hand", opts={"import_": arn})
        run = native.up()
        assert run.ok, run.text
        assert run.steps == ["import"]
        native.one(group, name="by-hand")
        assert native.up().changes == {"same": 2}
        assert endpoint.trackers() == {"by-hand": arn}

    def test_by_the_option_takes_over_anothers(
        self, native: NativeDeployment, endpoint: Endpoint, group: str
    ) -> None:
        arn = endpoint.client.create_event_tracker(
            name="theirs",
            datasetGroupArn=group,
            tags=[{"tagKey": OWNER_TAG, "tagValue": "done-1234:proja/a/clicks"}],
        )["eventTrackerArn"]
        native.one(group, name="theirs", opts={"import_": arn})
        planned = native.preview()
        assert planned.steps == ["import", "update"]
        assert "[diff: ~ownership]" in planned.text
        assert "proja/a/clicks is now shop/test/clicks" in planned.text
        assert native.up().ok
        assert endpoint.tags(arn)[OWNER_TAG].endswith(":shop/test/clicks")
        assert native.up().changes == {"same": 2}

    def test_of_another_stacks_tracker_takes_it_over(
        self,
        native: NativeDeployment,
        make_native: Callable[..., NativeDeployment],
        endpoint: Endpoint,
        group: str,
    ) -> None:
        native.one(group, name="clicks")
        assert native.up().ok
        arn = native.tracker()["id"]
        taker = make_native("other")
        taker.trackers()
        done = pulumi(
            taker,
            "import",
            NATIVE_TYPE,
            "clicks",
            arn,
            "--yes",
            "--generate-code=false",
            "--protect=false",
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "'shop/test/clicks': the next `pulumi up` replaces" in done.stdout + done.stderr
        assert endpoint.tags(arn)[OWNER_TAG].endswith(":shop/test/clicks")
        taker.one(group, name="clicks")
        planned = taker.preview()
        assert "shop/test/clicks is now other/test/clicks" in planned.text
        run = taker.up()
        assert run.steps == ["update"], run.text
        assert endpoint.tags(arn)[OWNER_TAG].endswith(":other/test/clicks")
        assert taker.up().changes == {"same": 2}
        old = native.destroy()
        assert old.ok
        assert f"not deleting event tracker clicks ({arn})" in old.text
        assert endpoint.trackers() == {"clicks": arn}


class TestUnfinished:
    def test_create_that_times_out_is_finished_by_the_next_up(
        self, native: NativeDeployment, endpoint: Endpoint, group: str
    ) -> None:
        hold(endpoint)
        native.one(group, opts={"custom_timeouts": {"create": "3s", "update": "4s"}})
        run = native.up()
        assert not run.ok
        assert "customTimeouts.create gives it more time" in run.text
        tracker = native.tracker()
        assert tracker["initErrors"]
        assert tracker["outputs"]["status"] == "CREATE PENDING"
        assert endpoint.trackers() == {tracker["outputs"]["name"]: tracker["id"]}
        # A refresh leaves it unfinished, and the next up has its own time limit.
        assert f"({tracker['id']}) is CREATE PENDING: " in native.refresh().text
        assert native.tracker()["initErrors"]
        again = native.up()
        assert not again.ok
        assert "customTimeouts.update gives it more time" in again.text
        endpoint.release(tracker["id"])
        done = native.up()
        assert done.ok, done.text
        assert done.steps == ["update"]
        assert native.tracker()["id"] == tracker["id"]
        assert "initErrors" not in native.tracker()
        assert native.up().changes == {"same": 2}

    @pytest.mark.parametrize("what", ["create", "rename", "update", "delete"])
    def test_ctrl_c_ends_it_at_once_and_the_state_keeps_the_tracker(
        self, native: NativeDeployment, endpoint: Endpoint, group: str, what: str
    ) -> None:
        native.one(group, name="clicks")
        if what in ("rename", "delete"):
            assert native.up().ok
        if what == "rename":
            native.one(group, name="views")
        # For ever: nothing but Ctrl-C ends the wait.
        hold(endpoint)
        if what == "update":
            # What takes its time then is the create that it resumes.
            native.one(group, name="clicks", opts={"custom_timeouts": {"create": "1s"}})
            assert not native.up().ok
        command = "destroy" if what == "delete" else "up"
        awaited = {"delete": "DeleteEventTracker", "update": "DescribeEventTracker"}.get(
            what, "CreateEventTracker"
        )
        if what == "rename":
            # Its deletion comes to its end.
            endpoint.clear_faults()
            endpoint.fault("CreateEventTracker", "stay", status="CREATE PENDING", times=None)
        endpoint.clear_calls()
        text = ctrl_c(native, command, lambda: awaited in endpoint.operations())
        assert "cancelled" in text
        assert len(endpoint.trackers()) == 1
        (tracker,) = native.state()
        assert {tracker["id"]} == set(endpoint.trackers().values())
        endpoint.clear_faults()
        endpoint.release(tracker["id"])
        if what == "delete":
            assert native.destroy().ok
            assert endpoint.trackers() == {}
            return
        assert tracker["initErrors"]
        assert "`pulumi up` resumes it" in text.replace("\r\n", " ")
        run = native.up()
        assert run.ok, run.text
        assert native.tracker()["id"] == tracker["id"]

    def test_ctrl_c_ends_a_tag_edit_that_the_service_puts_off(
        self, native: NativeDeployment, endpoint: Endpoint, group: str
    ) -> None:
        native.config({"personalize:maxAttempts": "100"})
        native.one(group, tags={"team": "search"})
        assert native.up().ok
        before = native.tracker()
        native.one(group, tags={"team": "shop"})
        endpoint.fault("TagResource", "error", code="ThrottlingException", times=None)
        endpoint.clear_calls()
        text = ctrl_c(native, "up", lambda: "TagResource" in endpoint.operations())
        assert "cancelled" in text
        assert native.tracker()["id"] == before["id"]
        endpoint.clear_faults()
        run = native.up()
        assert run.ok, run.text
        assert endpoint.tags(before["id"])["team"] == "shop"
        assert native.up().changes == {"same": 2}

    def test_process_ends_with_a_killed_engine_and_the_next_up_resumes(
        self,
        native: NativeDeployment,
        endpoint: Endpoint,
        group: str,
        start_up: Callable[[Deployment], Started],
    ) -> None:
        hold(endpoint)
        native.one(group, name="clicks")
        started = start_up(native)
        eventually(lambda: endpoint.trackers())
        ours = [
            pid
            for pid, command in descendants(started.process.pid).items()
            if "pulumi_personalize.native" in command
        ]
        assert ours
        started.kill("engine")
        eventually(lambda: not any(is_running(pid) for pid in ours), 30)
        native.unlock()
        (arn,) = endpoint.trackers().values()
        endpoint.release(arn)
        run = native.up()
        assert run.ok, run.text
        assert re.search(rf"resuming .* event tracker clicks \({arn}\)", run.text)
        assert endpoint.trackers() == {"clicks": arn}


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
        assert "hidden" not in pulumi(native, "stack", "export").stdout
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
                get_event_tracker,
                get_event_tracker_output,
            )

            group = pulumi.Config().require("group")
            pulumi.export("now", get_event_tracker(group).event_tracker_arn)
            pulumi.export("later", get_event_tracker_output(group).event_tracker_arn)
            pulumi.export("got", EventTracker.get("theirs", pulumi.Config().require("arn")).name)
            """
        )
        native.config({"group": group, "arn": arn})
        run = native.up()
        assert run.ok, run.text
        assert run.outputs == {"now": arn, "later": arn, "got": "theirs"}
        assert endpoint.tags(arn) == {}

    def test_by_a_provider_whose_configuration_is_not_known_yet(
        self, native: NativeDeployment, group: str
    ) -> None:
        program = (
            GROUP
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


def hold(endpoint: Endpoint) -> None:
    """From now on, trackers stay in the state that they are in once they are asked for."""
    endpoint.fault("CreateEventTracker", "stay", status="CREATE PENDING", times=None)
    endpoint.fault("DeleteEventTracker", "stay", times=None)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith("Z")


def ctrl_c(shop: Deployment, command: str, begun: Callable[[], bool]) -> str:
    """Types Ctrl-C at a terminal in which a command of the CLI runs; what it showed."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        ["pulumi", command, "--yes", "--skip-preview", "--stack", shop.stack.name],
        cwd=shop.stack_folder,
        env={**shop.environment, "TERM": "xterm"},
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
        preexec_fn=_take_terminal,
    )
    os.close(follower)
    text = ""
    typed = False
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if select.select([leader], [], [], 0.2)[0]:
            try:
                read = os.read(leader, 65536)
            except OSError:
                break
            if not read:
                break
            text += read.decode(errors="replace")
        if not typed and begun():
            typed = True
            os.write(leader, b"\x03")
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    os.close(leader)
    return text


def _take_terminal() -> None:
    """Makes the terminal the process's own, so that Ctrl-C reaches it and all that it started."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
