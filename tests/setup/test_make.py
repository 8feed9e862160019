"""`make setup`, `make up` and `make down`, as somebody who tries the project out uses them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tarfile
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from processes import eventually
from setup.conftest import ROOT, Tree, fake

#: Why a CLI on PATH is not used.
UNUSABLE = {
    "echo v3.100.0": "its version 3.100.0 is older than 3.200",
    "echo hello": "did not print a version",
    "echo v3.250.0; [ $1 != preview ] || { echo 'error: no host'; exit 7; }": "7: error: no host",
}
#: What make down leaves, by the stacks that there are.
LEFT = {
    "event-tracker": [],
    "consumer": [".local"],
    "event-tracker consumer": [".local", "Pulumi.local.yaml"],
}


def chosen(tree: Tree) -> Path:
    return Path((tree.root / ".venv/pulumi-cli").read_text().strip())


def test_setup_chooses_a_working_cli_once(tree: Tree) -> None:
    def setup_chooses(folder: Path) -> str:
        said = tree.ok("make", "setup")
        assert chosen(tree) == folder
        before = (tree.root / ".venv/pulumi-cli").stat()
        assert tree.ok("make", "setup") == ""
        assert (tree.root / ".venv/pulumi-cli").stat() == before
        return said

    assert setup_chooses(tree.cached) == ""
    mine = tree.first_on_path("pulumi", "echo v3.250.0")
    assert setup_chooses(mine) == ""
    (mine / "pulumi").unlink()
    assert setup_chooses(tree.cached) == ""
    for script, why in UNUSABLE.items():
        fake(mine / "pulumi", script)
        said = setup_chooses(tree.cached)
        assert f"not using the pulumi on PATH ({mine}/pulumi): " in said
        assert why in said


def test_setup_says_why_no_cli_can_be_had(tree: Tree) -> None:
    cached = tree.cached.rename(tree.cached.with_name("elsewhere"))
    script = tree.root / "tools/cli/build.sh"
    script.write_text(script.read_text().replace("command -v go", "command -v no-go"))
    status, said = tree.run("make", "setup")
    assert status != 0
    assert "from https://127.0.0.1:9: tools/cli/checksums.txt has no checksum of pulumi-v3." in said
    assert (
        "there is no Go to build it.\npulumi-personalize: Install Pulumi (https://www.pulumi.com/docs"
        in said
    )
    assert {file.name for file in cached.parent.iterdir()} == {cached.name, "setup.lock"}


@pytest.mark.parametrize(
    ("releases", "recorded", "why"),
    [
        ("https://127.0.0.1:9", True, ""),
        ("https://127.0.0.1:9", False, "is not the one whose checksum tools/cli/checksums.txt has"),
        ("http://127.0.0.1:9", True, "only https:// is used"),
    ],
)
def test_setup_runs_only_a_release_whose_checksum_is_recorded(
    tree: Tree, releases: str, recorded: bool, why: str
) -> None:
    release, cached = tree.root.parent / "release", tree.cached
    folder = fake(release / "pulumi/pulumi", "echo v3.250.0")
    shutil.rmtree(cached)
    file = cached.name.replace("pulumi-", "pulumi-v") + ".tar.gz"
    with tarfile.open(release / file, "w:gz") as archive:
        archive.add(folder, "pulumi")
    checksum = hashlib.sha256((release / file).read_bytes() if recorded else b"").hexdigest()
    (tree.root / "tools/cli/checksums.txt").write_text(f"{checksum}  {file}\n")
    # Stands in for Pulumi's host.
    output = 'while [ "$1" != --output ]; do shift; done'
    tree.first_on_path("curl", f'{output}; cp "{release}/{file}" "$2"')
    tree.env["PULUMI_RELEASES"] = releases
    script = tree.root / "tools/cli/build.sh"
    script.write_text(script.read_text().replace("command -v go", "command -v no-go"))
    status, said = tree.run("make", "setup")
    assert (status == 0) is (not why)
    assert why in said
    assert (chosen(tree) == cached) if not why else not cached.exists()


def test_setup_where_the_users_cache_cannot_be_written(tree: Tree) -> None:
    (tree.root.parent / "file").touch()
    tree.env["XDG_CACHE_HOME"] = f"{tree.root.parent}/file"
    status, said = tree.run("make", "setup")
    assert status != 0
    assert "Set XDG_CACHE_HOME" in said


def test_setup_refuses_an_old_python(tree: Tree) -> None:
    old = '[ $1 = -c ] && exec python3 -c "import sys; sys.version_info = (3, 9); $2"'
    python = tree.first_on_path("python", f"{old}; echo Python 3.9.18")
    status, said = tree.run("make", "setup", f"PYTHON={python}/python")
    assert status != 0
    assert re.search("no Python >= 3.10 found .* is Python 3.9.18", said), said


def serves(tree: Tree, url: str) -> int:
    """The process of this copy's endpoint that answers at the URL, else 0."""
    try:
        with urllib.request.urlopen(f"{url}/_local/health", timeout=30) as response:
            health = json.load(response)
    except OSError:
        return 0
    return int(health["pid"]) if health["state"] == str(tree.root / ".local/endpoint.json") else 0


def crash(tree: Tree, url: str, now: int) -> None:
    """Does what a restart of the machine does: files are left, and process ids are others'."""
    log = tree.root / ".local/endpoint.log"
    log.write_text(re.sub(r"^\d+", str(now), log.read_text()))
    os.kill(serves(tree, url), signal.SIGKILL)
    eventually(lambda: not serves(tree, url))


def told_by(shown: str) -> tuple[str, str]:
    """The tracking ID and the endpoint's URL that make up shows."""
    ((tracking_id),) = re.findall(r'^[ +]*trackingId *: "(.+)"$', shown, re.MULTILINE)
    ((url),) = re.findall(r"endpoint keeps running at (\S+) until `make down`", shown)
    return tracking_id, url


def test_up_what_to_try_next_up_after_a_restart_and_down(tree: Tree) -> None:
    cli = shutil.which("pulumi")
    assert cli, "no Pulumi CLI on PATH: run the tests with `make test`, which sets one up"
    shutil.rmtree(cached := tree.cached)
    cached.symlink_to(Path(cli).parent)
    local, settings = tree.root / ".local", tree.root / "Pulumi.local.yaml"

    shown, locks = "", {}
    with tree.begin("make", "up") as up:
        for line in up.stdout or ():
            shown += line
            if "CREATE PENDING" in line:
                held = (local / "state/.pulumi/locks").rglob("*.json")
                locks = {lock: lock.read_text() for lock in held}
    assert "+ 2 created" in shown
    tracking_id, url = told_by(shown)
    tried = tree.ok("bash", "-ec", "\n".join(shown.splitlines()[-3:]))
    assert '"status": "ACTIVE"' in tried
    assert tried.endswith(f"Events sent under {tracking_id}: 3\n")

    # After a restart another has the port, and Pulumi's lock is left.
    crash(tree, url, os.getpid())
    ((lock, content),) = locks.items()
    lock.write_text(content)
    lock.with_name("other.json").write_text(re.sub(r'"pid":\d+', f'"pid":{os.getpid()}', content))
    with (
        socket.create_server(("127.0.0.1", urlsplit(url).port)),
        (tree.root / ".cache/up.lock").open("w") as running,
    ):
        fcntl.flock(running, fcntl.LOCK_EX)
        with tree.begin("make", "up") as up:
            assert up.stdout
            assert "waiting for another run" in up.stdout.readline()
            running.close()
            again = up.stdout.read()
    assert "2 unchanged" in again
    same_id, now = told_by(again)
    assert (same_id, now != url) == (tracking_id, True)
    assert now in settings.read_text()
    assert not list(lock.parent.glob("*.json"))

    # Down starts an endpoint that died, too.
    tree.ok("bash", "-ec", "source tools/env.sh; cd examples/consumer; pulumi destroy -y --remove")
    crash(tree, now, os.getpid())
    down = tree.ok("make", "down")
    assert "2 deleted" in down
    assert "Kept" not in down
    assert (local.exists(), settings.exists(), serves(tree, now)) == (False, False, 0)
    assert tree.ok("make", "down") == ""


@pytest.mark.parametrize("stacks", LEFT)
def test_down_keeps_what_other_stacks_need(tree: Tree, stacks: str) -> None:
    for stack in stacks.split():
        file = tree.root / f".local/state/.pulumi/stacks/{stack}/local.json"
        file.parent.mkdir(parents=True)
        file.touch()
    (tree.root / "Pulumi.local.yaml").touch()
    # Its own can't be destroyed.
    (tree.root / ".local/endpoint.json").write_text("not JSON")
    status, said = tree.run("make", "down")
    assert (status != 0) is ("event-tracker" in stacks)
    assert bool(re.search(r"did not start:\n[^$]*endpoint\.json", said)) is (status != 0)
    kept = f"Kept in {tree.root}/.local, with what the endpoint holds for them: consumer/local\n"
    assert (kept in said) is ("consumer" in stacks)
    assert sorted(path.name for path in tree.root.glob("*.local*")) == LEFT[stacks]
    assert chosen(tree) == tree.cached


def test_help_lists_every_target() -> None:
    shown = subprocess.run(["make", "-C", ROOT], capture_output=True, text=True, check=True).stdout
    (targets,) = re.findall(r"^\.PHONY: (.*)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert re.findall(r"^make (\w+) ", shown, re.MULTILINE) == targets.split()
