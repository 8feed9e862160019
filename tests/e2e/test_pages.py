"""What pages of the documentation say to do, done with the real CLI."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from endpoints import REGION, Endpoint
from environment import clean_environment
from harness import Deployment
from pulumi_personalize.local import make_dataset_group

DOCS = Path(__file__).parents[2] / "docs"


class TestFleet:
    """`docs/snippets/fleet.py`, in an environment that is not first on PATH."""

    @pytest.fixture
    def environment(self, tmp_path: Path, endpoint: Endpoint) -> dict[str, str]:
        """One where `python3` knows nothing of Pulumi."""
        cli = shutil.which("pulumi")
        assert cli
        other = tmp_path / "bin"
        other.mkdir()
        (other / "python3").write_text("#!/bin/sh\necho No module named pulumi >&2\nexit 1\n")
        (other / "python3").chmod(0o755)
        (tmp_path / "state").mkdir()
        return clean_environment() | {
            "PATH": f"{other}:{Path(cli).parent}:/usr/bin:/bin",
            "PULUMI_BACKEND_URL": (tmp_path / "state").as_uri(),
            "PULUMI_HOME": str(tmp_path / "home"),
            "AWS_ENDPOINT_URL": endpoint.url,
        }

    def run(self, program: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, program], env=environment, capture_output=True, text=True, timeout=300
        )

    def test_updates_all_of_its_stacks(
        self, environment: dict[str, str], endpoint: Endpoint
    ) -> None:
        program = DOCS / "snippets/fleet.py"
        groups = re.findall(
            r'"(\S+)": "arn:aws:personalize:(\S+):\d+:dataset-group/(\S+)"', program.read_text()
        )
        assert len(groups) == 2
        for _, region, name in groups:
            make_dataset_group(endpoint.client_in(region), name)
        done = self.run(program, environment)
        assert done.returncode == 0, done.stdout + done.stderr
        for stack, region, _ in groups:
            (tracker,) = endpoint.client_in(region).list_event_trackers()["eventTrackers"]
            found = endpoint.client_in(region).describe_event_tracker(
                eventTrackerArn=tracker["eventTrackerArn"]
            )
            assert f"{stack}: {found['eventTracker']['trackingId']}\n" in done.stdout

    def test_without_naming_the_interpreter(
        self, environment: dict[str, str], tmp_path: Path
    ) -> None:
        """What troubleshooting says of an inline program."""
        text = (DOCS / "snippets/fleet.py").read_text()
        program = tmp_path / "fleet.py"
        program.write_text(text.replace('{"PULUMI_PYTHON_CMD": sys.executable}', "{}"))
        done = self.run(program, environment)
        assert done.returncode != 0
        assert "error: could not read plugin [" in done.stdout
        assert "pulumi-resource-pulumi-python]: exit status 1" in done.stdout


def test_drift_in_a_scheduled_job(shop: Deployment, endpoint: Endpoint) -> None:
    shop.trackers(
        {"resource": "clicks", "dataset_group_arn": endpoint.group("movies"), "tags": {"a": "b"}}
    )
    assert shop.up().ok
    (command,) = re.findall(r"\$ (.* --expect-no-changes .*)", (DOCS / "howto/ci.md").read_text())

    def job() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            shlex.split(command.replace("prod", shop.stack.name)),
            cwd=shop.stack_folder,
            env=shop.environment,
            capture_output=True,
            text=True,
        )

    assert job().returncode == 0
    arn = shop.tracker()["id"]
    endpoint.client.tag_resource(resourceArn=arn, tags=[{"tagKey": "a", "tagValue": "c"}])
    found = job()
    assert found.returncode != 0
    assert "changes were proposed" in found.stderr
    assert shop.up(refresh=True).ok
    assert endpoint.tags(arn)["a"] == "b"
    assert job().returncode == 0


def test_one_event_by_hand(shop: Deployment, endpoint: Endpoint) -> None:
    shop.program("""
import pulumi
from pulumi_personalize import EventTracker

tracker = EventTracker("clicks", dataset_group_arn=pulumi.Config().require("group"))
pulumi.export("trackingId", tracker.tracking_id)
""")
    shop.config({"group": endpoint.group("movies")})
    run = shop.up()
    assert run.ok, run.text
    # As a user has, whose command on the page names none.
    shop.pulumi("stack", "select")
    page = (DOCS / "howto/events.md").read_text()
    (command,) = re.findall(r"\$ (aws personalize-events .*?)\n```", page, re.DOTALL)
    done = subprocess.run(
        ["bash", "-c", command.replace("eu-west-1", REGION)],
        cwd=shop.stack_folder,
        env={**shop.environment, "AWS_ENDPOINT_URL": endpoint.url},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    (event,) = endpoint.events(run.outputs["trackingId"])
    assert event["event"]["itemId"] == "book-1"
