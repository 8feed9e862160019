"""The native provider under the real CLI, where it differs from the dynamic one."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from collections.abc import Callable

from endpoints import Endpoint
from harness import NATIVE_TYPE, TYPE, Deployment
from kinds import OWNER_TAG
from programs import TRACKERS


def test_move_between_the_two_providers_changes_nothing_either_way(
    native: Deployment, endpoint: Endpoint, group: str
) -> None:
    program = f"""{TRACKERS}
site = pulumi.ComponentResource("shop:index:Site", "site")
EventTracker("views", "{endpoint.group("books")}", opts=pulumi.ResourceOptions(parent=site))
"""
    native.declare(group, tags={"team": "search"})
    native.program(program)
    first = native.up()
    assert first.ok, first.text
    for is_native, kind in ((False, TYPE), (True, NATIVE_TYPE)):
        native.native = is_native
        native.program(program)
        run = native.up()
        assert run.changes == {"same": 4}, run.text
        assert [found["type"] for found in native.state()] == [kind, kind]
        assert run.outputs == first.outputs
    assert set(endpoint.trackers().values()) == {found["id"] for found in native.state()}


def test_preview_of_a_tag_edit_knows_the_tracking_id(
    native: Deployment, endpoint: Endpoint, group: str
) -> None:
    native.declare(group, tags={"team": "search"})
    assert native.up().ok
    native.declare(group, tags={"team": "shop"})
    run = native.preview(diff=True)
    assert run.changes == {"same": 1, "update": 1}
    assert re.search(r'~ team: "search" => "shop"', run.text), run.text
    assert "trackingId" not in run.text
    assert "unknown" not in run.text


class TestImport:
    def test_of_a_tracker_made_by_hand(
        self, native: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        arn = endpoint.client.create_event_tracker(
            name="by-hand", datasetGroupArn=group, tags=[{"tagKey": "team", "tagValue": "search"}]
        )["eventTrackerArn"]
        native.trackers()
        options = ("--yes", "--generate-code=false", "--protect=false")
        native.pulumi("import", NATIVE_TYPE, "clicks", arn, *options)
        assert native.existing == {"by-hand": arn}
        # A tag that the program lacks is shown before it is removed.
        native.declare(group)
        preview = native.preview(diff=True)
        assert preview.steps == ["update"]
        assert re.search(r'- team: "search"', preview.text), preview.text
        native.declare(group, tags={"team": "search"})
        run = native.up()
        assert run.ok, run.text
        assert run.steps == ["same"]
        assert endpoint.tags(arn) == {"team": "search"}

    def test_by_the_option_of_another_stacks_tracker_takes_it_over(
        self, deploy: Callable[..., Deployment], endpoint: Endpoint, group: str
    ) -> None:
        old, new = deploy("old", native=True), deploy("new", native=True)
        old.declare(group, name="clicks")
        assert old.up().ok
        arn = old.tracker()["id"]
        new.declare(group, name="clicks", opts={"import_": arn})
        preview = new.preview()
        assert preview.steps == ["import", "update"]
        assert "ownership tag of 'old/test/clicks'" in preview.text
        assert "old/test/clicks is now new/test/clicks" in preview.text
        run = new.up()
        assert run.ok, run.text
        assert endpoint.tags(arn)[OWNER_TAG].endswith(":new/test/clicks")
        run = old.destroy()
        assert run.ok, run.text
        assert f"not deleting event tracker clicks ({arn})" in run.text
        assert endpoint.trackers() == new.existing


class TestUnfinished:
    def test_create_that_times_out_is_kept_and_finished_by_the_next_up(
        self, native: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        endpoint.fault("CreateEventTracker", "stay", status="CREATE PENDING")
        endpoint.fault("DeleteEventTracker", "stay")
        native.declare(group, opts={"custom_timeouts": {"create": "3s"}})
        run = native.up()
        assert not run.ok
        assert "Increase customTimeouts.create" in run.text
        tracker = native.tracker()
        assert tracker["initErrors"]
        assert tracker["outputs"]["status"] == "CREATE PENDING"
        assert endpoint.trackers() == native.existing
        assert f"({tracker['id']}) is CREATE PENDING: " in native.refresh().text
        assert native.tracker()["initErrors"]
        endpoint.release(tracker["id"])
        run = native.up()
        assert run.ok, run.text
        assert run.steps == ["update"]
        assert native.tracker()["id"] == tracker["id"]
        assert "initErrors" not in native.tracker()

    def test_ctrl_c_ends_a_create_and_a_delete_at_once(
        self, native: Deployment, endpoint: Endpoint, group: str
    ) -> None:
        native.declare(group, name="clicks")
        # Only Ctrl-C ends these waits.
        endpoint.fault("CreateEventTracker", "stay", status="CREATE PENDING")
        text = ctrl_c(native, "up", lambda: "DescribeEventTracker" in endpoint.operations())
        assert "cancelled" in text
        assert "`pulumi up` resumes it" in text.replace("\r\n", " ")
        assert native.tracker()["initErrors"]
        before = native.existing
        assert endpoint.trackers() == before
        endpoint.release()
        run = native.up()
        assert run.ok, run.text
        assert native.existing == before
        endpoint.fault("DeleteEventTracker", "stay")
        text = ctrl_c(native, "destroy", lambda: "DeleteEventTracker" in endpoint.operations())
        assert "cancelled" in text
        assert native.existing == before
        endpoint.release()
        run = native.destroy()
        assert run.ok, run.text
        assert endpoint.trackers() == {}


def ctrl_c(shop: Deployment, command: str, begun: Callable[[], bool]) -> str:
    """Types Ctrl-C at a terminal in which a command of the CLI runs; returns its output."""
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
    text, typed, deadline = "", False, time.monotonic() + 120
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
