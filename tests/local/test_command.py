"""The endpoint for one command: it finds the endpoint, and what it ends with is what comes out."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from processes import eventually
from pulumi_personalize.local.__main__ import _run

PROGRAM = """
import boto3, sys
client = boto3.client("personalize", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
print(client.meta.endpoint_url)
if sys.argv[1] != "look":
    client.create_dataset_group(name=sys.argv[1])
print([group["name"] for group in client.list_dataset_groups()["datasetGroups"]])
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pulumi_personalize.local", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_a_command_finds_it_by_boto3s_variables_and_the_state_is_kept(tmp_path: Path) -> None:
    program = [sys.executable, "-c", PROGRAM]
    state = str(tmp_path / "state.json")
    done = run("--state", state, "--", *program, "one")
    assert done.returncode == 0, done.stderr
    url, groups = done.stdout.splitlines()
    assert url.startswith("http://127.0.0.1:")
    assert groups == "['one']"
    assert run("--state", state, "--", *program, "look").stdout.splitlines()[1] == "['one']"


def test_the_exit_code_is_the_commands() -> None:
    assert run("--", sys.executable, "-c", "import sys; sys.exit(7)").returncode == 7
    killed = run("--", sys.executable, "-c", "import os; os.kill(os.getpid(), 9)")
    assert killed.returncode == 128 + 9


def test_a_command_that_is_not_there_is_told_in_one_line() -> None:
    done = run("--", "no-such-command")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "cannot run no-such-command: No such file or directory\n"


def test_sigterm_ends_the_command_and_then_the_endpoint(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    program = f"import pathlib, time; pathlib.Path({str(begun)!r}).touch(); time.sleep(600)"
    process = subprocess.Popen(
        [sys.executable, "-m", "pulumi_personalize.local", "--", sys.executable, "-c", program]
    )
    eventually(begun.exists)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_after_a_signal_the_command_is_not_begun(number: int, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    assert _run(["touch", str(begun)], "http://127.0.0.1:1", [number]) == 128 + number
    assert not begun.exists()


def test_sigterm_while_the_command_is_started_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    signals: list[int] = []
    # It comes when there is a process, and nothing that passes it on.
    monkeypatch.setattr(signal, "signal", lambda *_: signals.append(signal.SIGTERM))
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    assert _run(command, "http://127.0.0.1:1", signals) == 128 + signal.SIGTERM
