"""What a stack keeps of a create, update or delete that ends too early: the native provider."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable

import pytest
from endpoints import Endpoint
from harness import Deployment
from native_stack import NativeDeployment, hold
from processes import Started, eventually


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
        started.kill("engine")
        assert started.providers
        eventually(started.is_without_provider)
        native.unlock()
        (arn,) = endpoint.trackers().values()
        endpoint.release(arn)
        run = native.up()
        assert run.ok, run.text
        assert re.search(rf"resuming .* event tracker clicks \({arn}\)", run.text)
        assert endpoint.trackers() == {"clicks": arn}


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
