"""Previews a tiny Python program with a Pulumi CLI, to see whether that CLI can be used here.

    check.py FOLDER    (the folder that holds `pulumi`)

Exits with 0 if it can, else prints why not and exits with 1. Run it with .venv's Python.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

OLDEST = (3, 200)
SECONDS = 60

PROJECT = """\
name: check
runtime:
  name: python
  options:
    toolchain: pip
    virtualenv: {venv}
"""

# A dynamic resource, as the project's own are: the CLI needs more of its helpers for these.
PROGRAM = """\
import pulumi
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Provider(ResourceProvider):
    def create(self, props):
        return CreateResult("id", {})

class Item(Resource):
    pass

Item(Provider(), "item", {}, None)
"""


class UnusableError(Exception):
    """Why the CLI cannot be used, in one line."""


def run(command: list[str], folder: Path, env: dict[str, str]) -> str:
    """Runs a command of the CLI and returns what it printed."""
    shown = "pulumi " + " ".join(command[1:])
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except OSError as error:
        raise UnusableError(f"it cannot be run ({error.strerror})") from error
    except subprocess.TimeoutExpired as error:
        raise UnusableError(f"`{shown}` did not end within {SECONDS} seconds") from error
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        errors = [line for line in lines if re.search(r"error: \S", line, re.IGNORECASE)]
        why = "".join(f": {line}" for line in (errors or lines)[-1:])
        raise UnusableError(f"`{shown}` failed with exit code {done.returncode}{why}")
    return done.stdout


def environment(cli: Path, folder: Path) -> dict[str, str]:
    """The environment of the check: nothing of the user's Pulumi, everything in `folder`."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
    return env | {
        "PATH": os.pathsep.join([f"{sys.prefix}/bin", str(cli), env.get("PATH", os.defpath)]),
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def check(cli: Path) -> None:
    """Raises UnusableError if the CLI in this folder cannot run Python programs."""
    pulumi = str(cli / "pulumi")
    with tempfile.TemporaryDirectory(prefix="pulumi-check-") as name:
        folder = Path(name)
        env = environment(cli, folder)
        (folder / "state").mkdir()
        (folder / "Pulumi.yaml").write_text(PROJECT.format(venv=json.dumps(sys.prefix)))
        (folder / "__main__.py").write_text(PROGRAM)
        printed = run([pulumi, "version"], folder, env)
        version = re.search(r"^v?(\d+)\.(\d+)\.\d+", printed, re.MULTILINE)
        if not version:
            raise UnusableError("`pulumi version` did not print a version")
        if (int(version[1]), int(version[2])) < OLDEST:
            raise UnusableError(
                f"its version {version[0].lstrip('v')} is older than {OLDEST[0]}.{OLDEST[1]}"
            )
        run([pulumi, "stack", "init", "check", "--non-interactive"], folder, env)
        run([pulumi, "preview", "--stack", "check", "--non-interactive"], folder, env)


def main() -> int:
    """Checks the CLI in the folder that was given."""
    try:
        check(Path(sys.argv[1]))
    except UnusableError as why:
        print(why)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
