"""``pulumi-personalize install-plugin``, with the real CLI and a home of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pulumi_personalize
import pytest
from environment import clean_environment
from pulumi_personalize.native import version


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return clean_environment() | {"PULUMI_HOME": str(tmp_path / "home")}


def command(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "pulumi_personalize.native.install", *arguments]
    return subprocess.run(line, env=env, capture_output=True, text=True, check=False)


def registered(env: dict[str, str]) -> list[str]:
    line = ["pulumi", "plugin", "ls", "--json"]
    listed = subprocess.run(line, env=env, capture_output=True, text=True, check=True).stdout
    return [plugin["version"] for plugin in json.loads(listed) if plugin["name"] == "personalize"]


def test_one_version_is_registered_and_can_be_taken_back(
    env: dict[str, str], tmp_path: Path
) -> None:
    assert command(env, "install-plugin").returncode == 0
    assert registered(env) == [version.of_package()]
    # One of an earlier version is replaced.
    (installed,) = (tmp_path / "home/plugins").glob("resource-personalize-v*/")
    shutil.copytree(installed, installed.with_name("resource-personalize-v0.0.1"))
    assert len(registered(env)) == 2
    assert command(env, "install-plugin").returncode == 0
    assert registered(env) == [version.of_package()]
    launcher = (installed / "pulumi-resource-personalize").read_text()
    assert sys.executable in launcher
    done = command(env, "install-plugin", "--remove")
    assert done.stdout == f"removed plugin personalize {version.of_package()}\n"
    assert registered(env) == []
    assert command(env, "install-plugin", "--remove").stdout == ""


def test_interpreter_that_is_gone_is_named_and_the_command_mends_it(
    env: dict[str, str], tmp_path: Path
) -> None:
    # Not the environment's own executable, where it is active.
    env["PULUMI_IGNORE_AMBIENT_PLUGINS"] = "true"
    assert command(env, "install-plugin").returncode == 0
    (launcher,) = (tmp_path / "home/plugins").glob("*/pulumi-resource-personalize")
    launcher.write_text(launcher.read_text().replace(sys.executable, "/gone/bin/python"))
    schema = ["pulumi", "package", "get-schema", "personalize"]
    refused = subprocess.run(schema, env=env, capture_output=True, text=True, check=False)
    assert refused.returncode
    assert "/gone/bin/python" in refused.stderr
    assert command(env, "install-plugin").returncode == 0
    subprocess.run(schema, env=env, capture_output=True, check=True)


def test_without_a_cli_it_says_so_in_one_line(env: dict[str, str], tmp_path: Path) -> None:
    env["PATH"] = str(tmp_path)
    done = command(env, "install-plugin")
    assert done.returncode == 1
    assert done.stderr == (
        "installing plugin personalize: there is no `pulumi` on PATH: install the Pulumi CLI "
        "first\n"
    )


def test_what_the_cli_refuses_is_told(env: dict[str, str], tmp_path: Path) -> None:
    fake = tmp_path / "bin/pulumi"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho 'error: no' >&2\nexit 1\n")
    fake.chmod(0o755)
    env["PATH"] = os.pathsep.join([str(fake.parent), env["PATH"]])
    done = command(env, "install-plugin")
    assert done.returncode == 1
    assert done.stderr == "installing plugin personalize: error: no\n"


def test_a_program_of_the_dynamic_class_looks_for_no_plugin() -> None:
    told = Path(pulumi_personalize.__file__).with_name("pulumi-plugin.json")
    assert json.loads(told.read_text()) == {"resource": False}
