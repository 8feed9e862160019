"""A copy of the tree in a folder of the test's own, with this checkout's virtual environment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from environment import FOREIGN

ROOT = Path(__file__).resolve().parents[2]
CACHED = "source tools/cli/build.sh; echo $cache/pulumi-$(pinned pulumi pulumi/pkg/v3)-$os-$arch"
RECORD = """eval "$(sed -n '/^venv_place/,/^}/p' tools/setup)"; venv_wanted >.venv/setup.stamp"""


@dataclass
class Tree:
    """A copy of the tree and what is seen when its tools are run."""

    root: Path
    env: dict[str, str]

    def begin(self, *command: str) -> subprocess.Popen[str]:
        none, out, err = subprocess.DEVNULL, subprocess.PIPE, subprocess.STDOUT
        return subprocess.Popen(
            command, cwd=self.root, env=self.env, stdin=none, stdout=out, stderr=err, text=True
        )

    def run(self, *command: str) -> tuple[int, str]:
        with self.begin(*command) as process:
            said = process.communicate(timeout=300)[0]
        return process.returncode, said

    def ok(self, *command: str) -> str:
        status, said = self.run(*command)
        assert status == 0, said
        return said

    @property
    def cached(self) -> Path:
        """The folder of the Pulumi CLI in the user's cache."""
        return Path(self.ok("bash", "-c", CACHED).strip())

    def first_on_path(self, program: str, script: str) -> Path:
        """Puts a folder before all others on PATH, with a program that is this shell script."""
        folder = fake(self.root.parent / program / program, script)
        self.env["PATH"] = f"{folder}:{self.env['PATH']}"
        return folder


def fake(file: Path, script: str) -> Path:
    """Writes a program that is this shell script; its folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file.parent


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    """A tree whose user's cache holds a script for a Pulumi CLI."""
    # A space, as people's folders have them, and what means something in a URL.
    root = tmp_path.resolve() / "a copy #1? 50%25"
    for name in ("tools", "docs", "examples"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("*.txt", "*.md", "*.toml", "Makefile", "Pulumi.yaml", "__main__.py"):
        for file in ROOT.glob(name):
            shutil.copy(file, root)
    # The packages of the environment in use, but records of its own.
    (root / ".venv").mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (root / ".venv" / name).symlink_to(Path(sys.prefix) / name)
    foreign = re.compile("|".join([*FOREIGN, "MAKE", "MFLAGS"]))
    path = [one for one in os.environ["PATH"].split(":") if not (Path(one) / "pulumi").exists()]
    env = {name: value for name, value in os.environ.items() if not foreign.match(name)}
    env |= {"XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": ":".join(path), "LC_ALL": "C.UTF-8"}
    # Nobody listens where a release is asked for.
    tree = Tree(root, env | {"PULUMI_RELEASES": "https://127.0.0.1:9", "GOPROXY": "off"})
    tree.ok("bash", "-c", RECORD)
    fake(tree.cached / "pulumi", "echo v3.250.0")
    yield tree
    tree.run(".venv/bin/python", "tools/endpoint.py", "stop")
