"""``pulumi-personalize install-plugin``: registers the native provider with Pulumi.

For programs in languages other than Python.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .. import __version__
from ..settings import NAMESPACE

#: The name that Pulumi looks for.
EXECUTABLE = f"pulumi-resource-{NAMESPACE}"
_PLUGIN = ("resource", NAMESPACE)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(prog="pulumi-personalize", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    install = commands.add_parser(
        "install-plugin", help="register this environment's native provider with Pulumi"
    )
    install.add_argument("--remove", action="store_true", help="unregister it")
    given = parser.parse_args(arguments)
    try:
        for found in _registered():
            _pulumi("plugin", "rm", *_PLUGIN, found, "--yes")
            print(f"removed plugin {NAMESPACE} {found}")  # noqa: T201 - a command's own words
        if not given.remove:
            _install()
            print(f"installed plugin {NAMESPACE} {__version__}")  # noqa: T201
    except (OSError, subprocess.CalledProcessError) as error:
        reason = (getattr(error, "stderr", "") or str(error)).strip()
        sys.exit(f"installing plugin {NAMESPACE}: {reason}")


def _registered() -> list[str]:
    """The versions that are registered."""
    listed = json.loads(_pulumi("plugin", "ls", "--json") or "[]")
    return [
        str(plugin["version"])
        for plugin in listed
        if (plugin["kind"], plugin["name"]) == _PLUGIN and plugin.get("version")
    ]


def _install() -> None:
    with tempfile.TemporaryDirectory() as folder:
        launcher = Path(folder) / EXECUTABLE
        # By its absolute path: the environment need not be active when Pulumi starts it.
        python = shlex.quote(sys.executable)
        # Pulumi runs it in the project's folder, whose modules must not be imported (Python 3.11).
        command = f'PYTHONSAFEPATH=1 exec {python} -m pulumi_personalize.native "$@"'
        launcher.write_text(f"#!/bin/sh\n{command}\n")
        launcher.chmod(0o755)
        _pulumi("plugin", "install", *_PLUGIN, __version__, "--file", folder, "--reinstall")


def _pulumi(*arguments: str) -> str:
    path = shutil.which("pulumi")
    if path is None:
        raise OSError("there is no `pulumi` on PATH: install the Pulumi CLI first")
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout


if __name__ == "__main__":
    main()
