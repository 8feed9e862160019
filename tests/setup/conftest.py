"""A copy of the tree in a folder of the test's own, with this checkout's virtual environment."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from endpoints import nobody_at
from environment import FOREIGN
from processes import eventually

ROOT = Path(__file__).resolve().parents[2]
#: As one file alone says it.
CLI_VERSION = re.findall(r"pulumi/pkg/v3 v(\S+)", (ROOT / "tools/cli/pulumi/go.mod").read_text())[0]


@dataclass
class Tree:
    """A copy of the tree and what is seen when its tools are run."""

    root: Path
    env: dict[str, str]
    #: Keeps the ports of crashed endpoints from other tests.
    ports: ExitStack

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.root,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )

    def ok(self, *command: str) -> str:
        done = self.run(*command)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def endpoint(self, command: str) -> subprocess.CompletedProcess[str]:
        return self.run(".venv/bin/python", "tools/endpoint.py", command)

    def local(self, name: str) -> Path:
        return self.root / ".local" / name

    def pid(self) -> int:
        """The process id of the endpoint, as its log begins."""
        return int(self.local("endpoint.log").read_text().splitlines()[0])

    def url(self) -> str:
        return self.local("endpoint.log").read_text().splitlines()[1]

    def say_pid(self, pid: int) -> None:
        """Has the log say that the endpoint is this process."""
        log = self.local("endpoint.log")
        log.write_text(log.read_text().replace(f"{self.pid()}\n", f"{pid}\n", 1))

    def crash(self) -> None:
        """What a restart of the machine does: the endpoint's process is gone, its files are not."""
        url = self.url()
        os.kill(self.pid(), signal.SIGKILL)
        eventually(lambda: not self.serves(url))
        self.ports.enter_context(nobody_at(url))

    def serves(self, url: str) -> bool:
        """Whether the endpoint of this copy answers at the URL."""
        return health(url).get("state") == str(self.local("endpoint.json"))


def health(url: str) -> dict[str, Any]:
    """What the endpoint at the URL says of itself; empty if nobody is there."""
    try:
        with urllib.request.urlopen(f"{url}/_local/health", timeout=30) as response:
            said: dict[str, Any] = json.load(response)
    except (OSError, HTTPException, ValueError):
        return {}
    return said


@contextmanager
def taken(url: str) -> Iterator[None]:
    """Somebody else listens at the URL's port, and never answers."""
    with socket.create_server(("127.0.0.1", urlsplit(url).port)):
        yield


def share_venv(root: Path) -> None:
    """A .venv with the packages of the one in use, but with records of its own."""
    venv = root / ".venv"
    venv.mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (venv / name).symlink_to(Path(sys.prefix) / name)
    requirements = ["requirements.txt", "requirements-dev.txt", "requirements-docs.txt"]
    listed = [*requirements, "constraints.txt", "pyproject.toml", "tools/editable.cfg"]
    content = b"".join((root / name).read_bytes() for name in listed)
    summed = subprocess.run(["cksum"], input=content, capture_output=True, check=True)
    (venv / "setup.stamp").write_text(f"{venv}\n{summed.stdout.decode()}")


def cache_cli(cache: Path) -> None:
    """A user's cache that holds the Pulumi CLI already: the one that the tests are run with."""
    pulumi = shutil.which("pulumi")
    assert pulumi, "no Pulumi CLI on PATH: run the tests with `make test`, which sets one up"
    arch = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    folder = f"pulumi-{CLI_VERSION}-{platform.system().lower()}-{arch}"
    held = cache / "pulumi-personalize" / folder
    held.mkdir(parents=True)
    for file in Path(pulumi).parent.glob("pulumi*"):
        (held / file.name).symlink_to(file)


def fake_program(file: Path, script: str) -> Path:
    """A program that is this shell script, in the folder that is given."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file.parent


def first_on_path(tree: Tree, folder: Path) -> None:
    tree.env["PATH"] = os.pathsep.join([str(folder), tree.env["PATH"]])


def path_without_pulumi() -> str:
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(f for f in folders if not (Path(f) / "pulumi").exists())


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    # A space, as people's folders have them, and what means something in a URL.
    root = tmp_path.resolve() / "a copy #1? 50%25"
    root.mkdir()
    for name in ("tools", ".ci"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ROOT.iterdir():
        if file.is_file() and file.name != "Pulumi.local.yaml":
            shutil.copy(file, root)
    share_venv(root)
    cache = tmp_path / "cache"
    cache_cli(cache)
    foreign = (*FOREIGN, "MAKE", "MFLAGS")
    env = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    # Where `cd tools/..` and `cd .venv` lead people who have set CDPATH.
    for name in ("tools", ".venv"):
        (tmp_path / "cdpath" / name).mkdir(parents=True)
    env["CDPATH"] = str(tmp_path / "cdpath")
    env |= {"XDG_CACHE_HOME": str(cache), "PATH": path_without_pulumi(), "LC_ALL": "C.UTF-8"}
    # Where a release is asked for: nobody listens there.
    env |= {"PULUMI_RELEASES": "http://127.0.0.1:9", "GOPROXY": "off"}
    with ExitStack() as ports:
        tree = Tree(root, env, ports)
        yield tree
        tree.endpoint("stop")
