"""The YAML example under the real CLI, with the plugin registered as its page says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from endpoints import Endpoint
from harness import NATIVE_TYPE, Deployment
from kinds import OWNER_TAG
from languages import ROOT, add_yaml_host

Pulumi = Callable[..., str]


@pytest.fixture
def example(tmp_path: Path, endpoint: Endpoint) -> Deployment:
    """A stack of the example."""
    return Deployment(tmp_path, endpoint, "yaml", "test", ROOT / "examples/yaml")


@pytest.fixture
def folder(example: Deployment) -> Path:
    """The example's folder."""
    return example.stack_folder


@pytest.fixture
def pulumi(example: Deployment, folder: Path, tmp_path: Path, group: str) -> Pulumi:
    """Runs the CLI on the stack, with the plugin installed."""
    # The environment's own executable, where it is active, would come first, with a warning.
    env = example.environment | {"PULUMI_IGNORE_AMBIENT_PLUGINS": "true"}
    add_yaml_host(tmp_path / "home")

    def run(*arguments: str, fails: bool = False, previews: bool = False) -> str:
        command = ["pulumi", *arguments, "--non-interactive"]
        if arguments[0] != "package":
            command += ["--stack", example.stack.name]
        if "--yes" in arguments and arguments[0] != "import":
            command += [f"--skip-preview={str(not previews).lower()}"]
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    install = [sys.executable, "-m", "pulumi_personalize.native.install", "install-plugin"]
    done = subprocess.run(install, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("installed plugin personalize ")
    example.config({"datasetGroupArn": group})
    return run


def test_up_again_and_destroy(pulumi: Pulumi, endpoint: Endpoint) -> None:
    shown = pulumi("up", "--yes")
    assert "2 created" in shown
    assert "warning" not in shown
    (arn,) = endpoint.trackers().values()
    found = endpoint.client.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
    outputs = json.loads(pulumi("stack", "output", "--json"))
    assert outputs == {"trackingId": found["trackingId"]}
    assert endpoint.tags(arn)[OWNER_TAG].endswith(":yaml/test/clicks")
    assert "2 unchanged" in pulumi("up", "--yes")
    assert "2 unchanged" in pulumi("refresh", "--yes")
    pulumi("destroy", "--yes")
    assert endpoint.trackers() == {}


def test_lost_state_is_warned_of_and_refused_before_anything_is_lost(
    pulumi: Pulumi, folder: Path, endpoint: Endpoint
) -> None:
    pulumi("up", "--yes")
    there = endpoint.trackers()
    exported = json.loads(pulumi("stack", "export"))
    exported["deployment"]["resources"] = []
    (folder / "lost.json").write_text(json.dumps(exported))
    pulumi("stack", "import", "--file", str(folder / "lost.json"))
    (arn,) = there.values()
    shown = pulumi("preview")
    assert f"warning: replacing event tracker {next(iter(there))} ({arn})" in shown
    shown = pulumi("up", "--yes", fails=True)
    assert endpoint.trackers() == there
    # The advice, in the words of the program's language.
    assert "set adoptExisting: true" in shown
    program = folder / "Pulumi.yaml"
    line = "      datasetGroupArn: ${datasetGroupArn}\n"
    assert program.read_text().count(line) == 1
    program.write_text(program.read_text().replace(line, f"{line}      adoptExisting: true\n"))
    pulumi("up", "--yes")
    assert endpoint.trackers() == there


def test_import_prints_code_that_works_as_it_is(
    pulumi: Pulumi, folder: Path, endpoint: Endpoint, group: str
) -> None:
    arn = endpoint.client.create_event_tracker(
        name="by-hand", datasetGroupArn=group, tags=[{"tagKey": "team", "tagValue": "search"}]
    )["eventTrackerArn"]
    program = folder / "Pulumi.yaml"
    settings, _, _ = program.read_text().partition("resources:")
    program.write_text(settings)
    pulumi("up", "--yes")
    out = folder / "imported.yaml"
    pulumi("import", NATIVE_TYPE, "clicks", arn, "--yes", "--protect=false", "--out", str(out))
    code = out.read_text()
    assert "datasetGroupArn" in code
    assert "resourceContext" not in code
    program.write_text(f"{settings}{code}")
    assert "2 unchanged" in pulumi("up", "--yes")
    assert endpoint.tags(arn) == {"team": "search"}
    pulumi("destroy", "--yes")
    assert endpoint.trackers() == {}


def test_secret_tag_is_nowhere_in_plain(
    pulumi: Pulumi, folder: Path, endpoint: Endpoint, tmp_path: Path
) -> None:
    program = folder / "Pulumi.yaml"
    line = "        team: search\n"
    assert program.read_text().count(line) == 1
    hidden = "        hidden:\n          fn::secret: hush-hush\n"
    program.write_text(
        program.read_text().replace(line, line + hidden) + "  all: ${clicks.tagsAll}\n"
    )
    pulumi("config", "set", "personalize:defaultTags", '{"tags": {"env": "dev"}}')
    shown = pulumi("up", "--yes", previews=True)
    (arn,) = endpoint.trackers().values()
    assert endpoint.tags(arn).items() >= {"hidden": "hush-hush", "env": "dev"}.items()
    shown += pulumi("refresh", "--yes") + pulumi("up", "--yes", "--diff", previews=True)
    # The last one with a preview before it.
    assert shown.count("2 unchanged") == 3
    exported = pulumi("stack", "export")
    assert "tagsAll" in exported
    outputs = json.loads(pulumi("stack", "output", "--json", "--show-secrets"))
    assert outputs["all"] == {"env": "dev", "hidden": "hush-hush", "team": "search"}
    files = [file for file in (tmp_path / "state").rglob("*") if file.is_file()]
    texts = [shown, exported, *(file.read_text(errors="replace") for file in files)]
    assert not any("hush-hush" in text for text in texts)
    pulumi("destroy", "--yes")


def test_schema_is_what_pulumi_takes(pulumi: Pulumi) -> None:
    found = json.loads(pulumi("package", "get-schema", "personalize"))
    assert found["name"] == "personalize"
    assert NATIVE_TYPE in found["resources"]


def test_get_of_anothers_tracker_changes_nothing(
    pulumi: Pulumi, folder: Path, endpoint: Endpoint, group: str
) -> None:
    mark = {"tagKey": OWNER_TAG, "tagValue": "done-1234:other/test/clicks"}
    made = endpoint.client.create_event_tracker(
        name="theirs",
        datasetGroupArn=group,
        tags=[mark],  # type: ignore[list-item]
    )
    arn = made["eventTrackerArn"]
    program = folder / "Pulumi.yaml"
    settings, _, _ = program.read_text().partition("resources:")
    program.write_text(f"""{settings}resources:
  theirs:
    type: personalize:EventTracker
    get:
      id: {arn}
outputs:
  trackingId: ${{theirs.trackingId}}
""")
    for _ in range(2):
        assert "(get) changes nothing" in pulumi("up", "--yes")
    outputs = json.loads(pulumi("stack", "output", "--json"))
    assert outputs == {"trackingId": made["trackingId"]}
    pulumi("destroy", "--yes")
    assert endpoint.trackers() == {"theirs": arn}
    assert endpoint.tags(arn) == {mark["tagKey"]: mark["tagValue"]}


def test_lookup(pulumi: Pulumi, folder: Path, endpoint: Endpoint, group: str) -> None:
    arn = endpoint.client.create_event_tracker(name="theirs", datasetGroupArn=group)[
        "eventTrackerArn"
    ]
    page = (ROOT / "docs/howto/yaml.md").read_text()
    (code,) = re.findall(r"```yaml\n(variables:\n.*?)```", page, re.DOTALL)
    program = folder / "Pulumi.yaml"
    settings, _, _ = program.read_text().partition("resources:")
    program.write_text(settings + code)
    pulumi("up", "--yes")
    found = endpoint.client.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
    outputs = json.loads(pulumi("stack", "output", "--json"))
    assert outputs == {"trackingId": found["trackingId"]}
