"""The local endpoint in the background: started once, stopped only if it is ours."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator

import pytest
from processes import eventually
from setup.conftest import Tree, health, taken


def start(tree: Tree) -> str:
    done = tree.endpoint("start")
    assert done.returncode == 0, done.stdout
    return done.stdout.strip()


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """Somebody else's process."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def test_start_and_stop_do_nothing_the_second_time(tree: Tree) -> None:
    assert tree.endpoint("url").returncode == 1
    url = start(tree)
    assert tree.serves(url)
    said = health(url)
    assert start(tree) == url
    assert health(url) == said, "still the same process"
    assert tree.endpoint("url").stdout.strip() == url

    assert tree.endpoint("stop").returncode == 0
    assert not tree.serves(url)
    assert tree.endpoint("stop").returncode == 0
    assert tree.endpoint("url").returncode == 1


def test_after_a_crash_it_is_started_at_the_same_port(tree: Tree) -> None:
    url = start(tree)
    tree.crash()
    assert start(tree) == url


def test_a_strangers_process_is_left_alone(tree: Tree, stranger: subprocess.Popen[bytes]) -> None:
    start(tree)
    tree.crash()
    tree.say_pid(stranger.pid)
    assert tree.endpoint("url").returncode == 1
    assert tree.endpoint("stop").returncode == 0
    assert stranger.poll() is None

    url = start(tree)
    assert health(url)["pid"] != stranger.pid
    tree.say_pid(stranger.pid)
    assert tree.endpoint("url").returncode == 1
    tree.say_pid(health(url)["pid"])
    assert tree.endpoint("stop").returncode == 0
    assert stranger.poll() is None


def test_a_taken_port_is_avoided(tree: Tree) -> None:
    url = start(tree)
    tree.crash()
    with taken(url):
        other = start(tree)
    assert other != url
    assert tree.serves(other)


def test_two_starts_at_the_same_time_are_one(tree: Tree) -> None:
    command = [".venv/bin/python", "tools/endpoint.py", "start"]
    both = [
        subprocess.Popen(command, cwd=tree.root, env=tree.env, stdout=subprocess.PIPE, text=True)
        for _ in "12"
    ]
    first, second = (process.communicate(timeout=120)[0] for process in both)
    assert first == second
    assert first.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL])
def test_one_whose_start_was_interrupted_is_found(tree: Tree, number: signal.Signals) -> None:
    command = [".venv/bin/python", "tools/endpoint.py", "start"]
    log = tree.local("endpoint.log")
    with subprocess.Popen(command, cwd=tree.root, env=tree.env, stdout=subprocess.PIPE) as starts:
        eventually(lambda: log.exists() and log.read_text())
        starts.send_signal(number)
    pid = tree.pid()
    assert health(start(tree))["pid"] == pid
    assert tree.endpoint("stop").returncode == 0
    assert not tree.serves(tree.url())


@pytest.mark.parametrize("command", ["start", "stop"])
def test_one_that_runs_while_the_folder_is_moved_is_ended(tree: Tree, command: str) -> None:
    url = start(tree)
    said = health(url)
    tree.root = tree.root.rename(tree.root.with_name("moved"))
    assert tree.endpoint("url").returncode == 1
    assert tree.endpoint(command).returncode == 0
    assert health(url).get("pid") != said["pid"]
    assert tree.serves(tree.url()) is (command == "start")


def test_one_that_cannot_start_says_why(tree: Tree) -> None:
    tree.local("").mkdir()
    tree.local("endpoint.json").write_text("not JSON")
    done = tree.endpoint("start")
    assert done.returncode == 1
    assert "did not start" in done.stdout
    assert "endpoint.json" in done.stdout
