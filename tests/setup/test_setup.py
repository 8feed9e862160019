"""Which Pulumi CLI `make setup` chooses, and that it does nothing when nothing changed."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from setup.conftest import CLI_VERSION, Tree, fake_program, first_on_path


def fake(folder: Path, script: str) -> Path:
    """A `pulumi` that is this shell script."""
    return fake_program(folder / "pulumi", script)


def cached(tree: Tree) -> Path:
    (folder,) = (Path(tree.env["XDG_CACHE_HOME"]) / "pulumi-personalize").glob("pulumi-*")
    return folder


def chosen(tree: Tree) -> Path:
    return Path((tree.root / ".venv/pulumi-cli").read_text().strip())


def test_the_cached_cli_is_chosen_and_then_nothing_is_done(tree: Tree) -> None:
    assert tree.ok("make", "setup") == ""
    assert chosen(tree) == cached(tree)
    before = (tree.root / ".venv/pulumi-cli").stat()
    assert tree.ok("make", "setup") == ""
    assert (tree.root / ".venv/pulumi-cli").stat() == before


def test_a_working_cli_on_path_is_chosen(tree: Tree, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.symlink_to(cached(tree))
    first_on_path(tree, mine)
    assert tree.ok("make", "setup") == ""
    assert chosen(tree) == mine


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo v3.100.0", "its version 3.100.0 is older than 3.200"),
        ("echo hello", "did not print a version"),
        ("echo 'error: not today' >&2; exit 7", "exit code 7: error: not today"),
        (
            '[ "$1" = version ] && echo v3.250.0 && exit; echo "error: no language plugin"; exit 1',
            "error: no language plugin",
        ),
    ],
    ids=["old", "something else", "broken", "without Python"],
)
def test_a_cli_on_path_that_does_not_work_is_passed_over(
    tree: Tree, tmp_path: Path, script: str, why: str
) -> None:
    first_on_path(tree, fake(tmp_path / "fake", script))
    said = tree.ok("make", "setup")
    assert "not using the pulumi on PATH" in said
    assert why in said
    assert chosen(tree) == cached(tree)
    assert tree.ok("make", "setup") == "", "the verdict is remembered"


def test_a_cli_on_path_that_changed_is_tried_anew(tree: Tree, tmp_path: Path) -> None:
    folder = fake(tmp_path / "fake", "exit 1")
    first_on_path(tree, folder)
    tree.ok("make", "setup")
    fake(folder, "exit 23")
    assert "exit code 23" in tree.ok("make", "setup")


def test_a_chosen_cli_that_is_gone_is_replaced(tree: Tree, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.symlink_to(cached(tree))
    first_on_path(tree, mine)
    tree.ok("make", "setup")
    mine.unlink()
    tree.ok("make", "setup")
    assert chosen(tree) == cached(tree)


def test_a_build_that_fails_says_why_and_leaves_nothing(tree: Tree) -> None:
    cached(tree).rename(cached(tree).parent / "elsewhere")
    first_on_path(tree, fake_go(tree.root.parent / "go"))
    done = tree.run("make", "setup")
    assert done.returncode != 0
    assert "no usable release from http://127.0.0.1:9" in done.stdout
    assert f"building the Pulumi CLI {CLI_VERSION} from source" in done.stdout
    assert "go: no network" in done.stdout
    assert "run make setup again" in done.stdout
    cache = Path(tree.env["XDG_CACHE_HOME"]) / "pulumi-personalize"
    assert {file.name for file in cache.iterdir()} == {"elsewhere", "setup.lock"}


def test_the_reason_against_the_cli_on_path_is_not_the_releases(tree: Tree, tmp_path: Path) -> None:
    cached(tree).rename(cached(tree).parent / "elsewhere")
    first_on_path(tree, fake_go(tree.root.parent / "go"))
    first_on_path(tree, fake(tmp_path / "fake", "exit 23"))
    said = tree.run("make", "setup").stdout
    assert said.count("exit code 23") == 1
    assert "no usable release from http://127.0.0.1:9\n" in said


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("1.9.2", "flag provided but not defined: -m"),
        ("1.20", "go.mod:3: invalid go version '1.26.6': must match format 1.23"),
        ("1.25.5", "go: go.mod requires go >= 1.26.6 (running go 1.25.5; GOTOOLCHAIN=local)"),
    ],
)
def test_an_old_go_is_told_apart(tree: Tree, version: str, why: str) -> None:
    cached(tree).rename(cached(tree).parent / "elsewhere")
    said = f"[ $1 = version ] && echo go version go{version} linux/amd64"
    go = fake_go(tree.root.parent / "go", f'{said} || {{ echo "{why}" >&2; exit 1; }}')
    first_on_path(tree, go)
    done = tree.run("make", "setup")
    assert done.returncode != 0
    assert f"needs Go 1.26.6 or later; this is go{version} ({go}/go): {why}.\n" in done.stdout
    assert "Install Pulumi (https://www.pulumi.com/docs/install/) or Go" in done.stdout


def fake_go(
    folder: Path, script: str = "[ $1 = list ] || { echo 'go: no network' >&2; exit 1; }"
) -> Path:
    return fake_program(folder / "go", script)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def releases(tree: Tree, tmp_path: Path) -> Iterator[None]:
    """A host that has the release for this machine; the cache is empty."""
    served = tmp_path / "served"
    served.mkdir()
    held = cached(tree)
    name = held.name.replace("pulumi-", "pulumi-v", 1)
    with tarfile.open(served / f"{name}.tar.gz", "w:gz", compresslevel=1, dereference=True) as tar:
        tar.add(held, "pulumi")
    held.rename(tmp_path / "elsewhere")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(served)))
    threading.Thread(target=server.serve_forever).start()
    tree.env["PULUMI_RELEASES"] = f"http://127.0.0.1:{server.server_port}"
    yield
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("with_curl", [True, False], ids=["curl", "no curl"])
def test_the_official_release_is_fetched(tree: Tree, releases: None, with_curl: bool) -> None:
    if not with_curl:
        script = tree.root / "tools/cli/choose"
        script.write_text(script.read_text().replace("command -v curl", "command -v no-curl"))
    said = tree.ok("make", "setup")
    assert said == f"setup: fetching the Pulumi CLI {CLI_VERSION} (about a minute)…\n"
    assert chosen(tree) == cached(tree)
    assert not cached(tree).is_symlink()
    names = {file.name for file in cached(tree).parent.iterdir()}
    assert names == {cached(tree).name, "setup.lock"}, "nothing half done is left"


def test_two_setups_at_the_same_time(tree: Tree, releases: None) -> None:
    said: list[str] = []
    both = [threading.Thread(target=lambda: said.append(tree.ok("make", "setup"))) for _ in "12"]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert "".join(said).count("fetching") == 1
    assert chosen(tree) == cached(tree)


def test_an_old_python_is_refused(tree: Tree, tmp_path: Path) -> None:
    old = tmp_path / "python2"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 2.7.18 || exit 1\n')
    old.chmod(0o755)
    (tree.root / ".venv/setup.stamp").unlink()
    done = tree.run("make", "setup", f"PYTHON={old}")
    assert done.returncode != 0
    assert "no Python >= 3.10 found" in done.stdout
    assert "Python 2.7.18" in done.stdout


def fake_python(tmp_path: Path, version: str) -> Path:
    """A Python with its version, that makes no environment but tells that it was to."""
    python = tmp_path / "a python"
    asked = f'case "$1" in -VV) echo "{version}"; exit ;; -c | -) exit ;; esac'
    python.write_text(f'#!/bin/sh\n{asked}\necho "asked for: $*"\nexit 1\n')
    python.chmod(0o755)
    return python


def test_another_python_than_the_environments_is_taken(tree: Tree, tmp_path: Path) -> None:
    python = fake_python(tmp_path, "Python 3.99.0")
    done = tree.run("make", "setup", f"PYTHON={python}")
    assert done.returncode != 0
    assert "asked for: -m venv --clear .venv" in done.stdout
    assert tree.ok("make", "setup", f"PYTHON={tree.root}/.venv/bin/python") == ""


def test_an_environment_whose_python_changed_is_made_anew(tree: Tree, tmp_path: Path) -> None:
    # What takes the place of the Python under .venv looks for packages in a folder of its own.
    (tree.root / ".venv/lib").unlink()
    (tree.root / ".venv/lib/python3.9/site-packages").mkdir(parents=True)
    version = subprocess.run([sys.executable, "-VV"], capture_output=True, text=True, check=True)
    python = fake_python(tmp_path, version.stdout.strip())
    done = tree.run("make", "setup", f"PYTHON={python}")
    assert done.returncode != 0
    assert "asked for: -m venv --clear .venv" in done.stdout


def test_the_oldest_versions_that_are_tested_are_the_oldest_that_are_allowed() -> None:
    root = Path(__file__).parents[2]
    project = (root / "pyproject.toml").read_text()
    allowed = project.partition("\ndependencies = [")[2].partition("\n]")[0]
    tested = dict(re.findall(r"(?m)^(\w+)==(.+)$", (root / "constraints-oldest.txt").read_text()))
    lowest = re.findall(r'"(\w+)>=([\d.]+)', allowed)
    assert {name for name, _ in lowest} == {"pulumi", "boto3", "tenacity"}
    for name, version in lowest:
        # Of 3.235 that is 3.235.0.
        assert tested[name].removeprefix(version).strip(".0") == ""


def test_what_is_installed_has_the_license() -> None:
    installed = distribution("pulumi-personalize")
    assert "Version 2.0, January 2004" in (installed.read_text("licenses/LICENSE") or "")
