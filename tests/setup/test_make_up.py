"""`make up` and `make down`, as somebody who tries the project out uses them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

from processes import kill
from setup.conftest import ROOT, Tree, taken


def tracking_id(shown: str) -> str:
    found = re.search(r'^ *\+? *trackingId *: "(.+)"$', shown, re.MULTILINE)
    assert found, shown
    return found[1]


def kill_plugins(tree: Tree) -> None:
    """Kills all that runs for the copy; the CLI's helpers are in process groups of their own."""
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=", "-o", "args="], capture_output=True, text=True, check=True
    )
    for line in listed.stdout.splitlines():
        pid, _, arguments = line.strip().partition(" ")
        if str(tree.root.parent) in arguments:
            kill(int(pid))


def assert_nothing_is_left(tree: Tree, url: str) -> None:
    assert not tree.local("").exists()
    assert not (tree.root / "Pulumi.local.yaml").exists()
    assert not tree.serves(url)


def test_up_again_after_a_restart_and_down(tree: Tree) -> None:
    first = tree.ok("make", "up")
    assert "+ 2 created" in first
    url = tree.url()

    again = tree.ok("make", "up")
    assert "2 unchanged" in again
    assert tracking_id(again) == tracking_id(first)

    # A restart; the process id and the port are others' now.
    tree.crash()
    tree.say_pid(os.getpid())
    with taken(url):
        restarted = tree.ok("make", "up")
        assert "2 unchanged" in restarted
        assert tracking_id(restarted) == tracking_id(first)
    now = tree.url()
    assert now != url
    assert now in (tree.root / "Pulumi.local.yaml").read_text()

    assert "2 deleted" in tree.ok("make", "down")
    assert_nothing_is_left(tree, url)
    assert not tree.serves(now)
    assert tree.ok("make", "down") == ""


def test_up_says_what_to_try_next_and_down_keeps_the_stack_of_that_though_it_fails(
    tree: Tree,
) -> None:
    shutil.copytree(ROOT / "examples/consumer", tree.root / "examples/consumer")
    shown = tree.ok("make", "up")
    url = tree.url()
    begin, *commands = shown.splitlines()[-4:]
    assert begin == (
        f"The local Personalize endpoint keeps running at {url} until `make down`. "
        "What to try next:"
    )
    told = tree.ok("bash", "-ec", "\n".join(commands))
    assert '"status": "ACTIVE"' in told
    assert told.endswith(f"Events sent under {tracking_id(shown)}: 3\n")

    project = (tree.root / "Pulumi.yaml").read_text()
    (tree.root / "Pulumi.yaml").write_text("not a project")
    failed = tree.run("make", "down")
    assert failed.returncode != 0
    assert "endpoint holds for them: consumer/local\n" in failed.stdout
    (tree.root / "Pulumi.yaml").write_text(project)
    assert "2 unchanged" in tree.ok("make", "up")

    down = tree.ok("make", "down")
    assert "2 deleted" in down
    kept, _ = down.splitlines()[-2:]
    assert (
        kept == f"Kept in {tree.root}/.local, with what the endpoint holds for them: consumer/local"
    )
    assert not (tree.root / "Pulumi.local.yaml").exists()
    assert not tree.serves(url)

    # What it says to do.
    tree.ok("make", "up")
    tree.ok("bash", "-ec", "source tools/env.sh; cd examples/consumer; pulumi destroy -y --remove")
    assert "Kept" not in tree.ok("make", "down")
    assert_nothing_is_left(tree, url)


def test_up_after_one_that_was_killed(tree: Tree) -> None:
    """As by a restart of the machine in its midst: Pulumi's lock on the stack is left."""
    tree.ok("make", "setup")
    with subprocess.Popen(
        ["tools/up"],
        cwd=tree.root,
        env=tree.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as killed:
        assert killed.stdout
        assert any("CREATE PENDING" in line for line in killed.stdout), "it did not get there"
        os.killpg(killed.pid, signal.SIGKILL)
    tree.crash()
    kill_plugins(tree)
    locks = tree.local("state/.pulumi/locks")
    assert list(locks.rglob("*.json"))

    assert tracking_id(tree.ok("make", "up"))
    url = tree.url()
    assert not list(locks.rglob("*.json"))
    # Down starts an endpoint that died, too.
    tree.crash()
    assert "2 deleted" in tree.ok("make", "down")
    assert_nothing_is_left(tree, url)


def test_two_at_the_same_time_and_a_destroy_that_fails_leaves_nothing(tree: Tree) -> None:
    tree.ok("make", "setup")
    with ThreadPoolExecutor() as pool:
        first, second = sorted(pool.map(lambda _: tree.ok("tools/up"), "12"))
    assert "+ 2 created" in first
    assert "2 unchanged" in second
    assert "waiting for another run" in second
    # There are no other stacks, for which it would keep anything.
    url = tree.url()
    (tree.root / "Pulumi.yaml").write_text("not a project")
    assert tree.run("make", "down").returncode != 0
    assert_nothing_is_left(tree, url)
