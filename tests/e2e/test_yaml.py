"""YAML programs under the real CLI, with the plugin registered as `docs/native.md` says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pulumi_personalize
import pytest
from endpoints import Endpoint
from harness import NATIVE_TYPE, Deployment
from kinds import OWNER_TAG
from languages import ROOT, add_yaml_host

Pulumi = Callable[..., str]
Install = Callable[..., str]


@pytest.fixture
def example(tmp_path: Path, endpoint: Endpoint, group: str) -> Deployment:
    """A stack of the example."""
    made = Deployment(tmp_path, endpoint, "yaml", "test", ROOT / "examples/yaml")
    made.config({"datasetGroupArn": group})
    # The environment's own executable, if it is on PATH, would come first, with a warning.
    made.environment["PULUMI_IGNORE_AMBIENT_PLUGINS"] = "true"
    return made


@pytest.fixture
def install(example: Deployment) -> Install:
    """Runs ``pulumi-personalize install-plugin``."""

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "pulumi_personalize.native.install", "install-plugin"]
        done = subprocess.run(
            [*command, *arguments], env=example.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def pulumi(example: Deployment, install: Install, tmp_path: Path) -> Pulumi:
    """Runs the CLI on the stack, with language host and plugin installed."""
    add_yaml_host(tmp_path / "home")
    assert install().startswith("installed plugin personalize ")
    return example.pulumi


def replace_resources(example: Deployment, text: str) -> None:
    """Replaces everything of the program from its resources on."""
    program = example.stack_folder / "Pulumi.yaml"
    settings, _, _ = program.read_text().partition("resources:")
    program.write_text(settings + text)


def test_life_and_lost_state_with_secrets_in_the_words_of_yaml(
    pulumi: Pulumi, example: Deployment, endpoint: Endpoint, tmp_path: Path
) -> None:
    line = "        team: search\n"
    example.edit(line, f"{line}        hidden:\n          fn::secret: hush-hush\n", "Pulumi.yaml")
    output = pulumi("up", "--yes")
    assert "2 created" in output
    assert "warning" not in output
    ((name, arn),) = endpoint.trackers().items()
    found = endpoint.client.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
    assert example.outputs == {"trackingId": found["trackingId"]}
    tags = endpoint.tags(arn)
    assert tags.pop(OWNER_TAG).endswith(":yaml/test/clicks")
    assert tags == {"team": "search", "hidden": "hush-hush"}
    output += pulumi("up", "--yes")
    assert output.count("2 unchanged") == 2  # preview and update

    example.lose_state()
    output += pulumi("preview")
    assert f"warning: replacing event tracker {name} ({arn})" in output
    assert "set adoptExisting: true" in pulumi("up", "--yes", "--skip-preview", fails=True)
    assert endpoint.trackers() == {name: arn}
    line = "      datasetGroupArn: ${datasetGroupArn}\n"
    example.edit(line, f"{line}      adoptExisting: true\n", "Pulumi.yaml")
    output += pulumi("up", "--yes", "--skip-preview")
    assert endpoint.trackers() == example.existing == {name: arn}
    files = [file.read_bytes() for file in (tmp_path / "state").rglob("*") if file.is_file()]
    assert not any(b"hush-hush" in text for text in [output.encode(), *files])


def test_tags_that_are_no_strings_and_keys_of_pulumi_aws(
    pulumi: Pulumi, example: Deployment, endpoint: Endpoint
) -> None:
    line = "        team: search\n"
    example.edit(line, f"{line}        cost: 5\n        on: true\n", "Pulumi.yaml")
    example.config({"aws:profile": "shop"})
    output = pulumi("up", "--yes", "--skip-preview")
    assert "warning: Pulumi does not pass aws:profile to this provider. Run pulumi config" in output
    (arn,) = endpoint.trackers().values()
    tags = endpoint.tags(arn)
    del tags[OWNER_TAG]
    assert tags == {"team": "search", "cost": "5", "on": "true"}
    assert "2 unchanged" in pulumi("up", "--yes", "--skip-preview")
    example.edit("cost: 5\n", "cost: 1.10\n", "Pulumi.yaml")
    assert 'tags["cost"]: must be a string: quote it' in pulumi("preview", fails=True)


def test_import_prints_code_that_works_as_it_is(
    pulumi: Pulumi, example: Deployment, endpoint: Endpoint, group: str
) -> None:
    arn = endpoint.client.create_event_tracker(
        name="by-hand", datasetGroupArn=group, tags=[{"tagKey": "team", "tagValue": "search"}]
    )["eventTrackerArn"]
    replace_resources(example, "")
    out = example.stack_folder / "imported.yaml"
    pulumi("import", NATIVE_TYPE, "clicks", arn, "--yes", "--protect=false", "--out", str(out))
    code = out.read_text()
    assert "resourceContext" not in code
    replace_resources(example, code)
    assert "2 unchanged" in pulumi("up", "--yes", "--skip-preview")
    assert endpoint.tags(arn) == {"team": "search"}


def test_lookup_and_get_of_anothers_tracker_change_nothing(
    pulumi: Pulumi, example: Deployment, endpoint: Endpoint, group: str
) -> None:
    mark = {"tagKey": OWNER_TAG, "tagValue": "done-1234:other/test/clicks"}
    made = endpoint.client.create_event_tracker(
        name="theirs",
        datasetGroupArn=group,
        tags=[mark],  # type: ignore[list-item]
    )
    arn = made["eventTrackerArn"]
    page = (ROOT / "docs/howto/yaml.md").read_text()
    (code,) = re.findall(r"```yaml\n(variables:\n.*?)```", page, re.DOTALL)
    read = f"resources:\n  theirs:\n    type: personalize:EventTracker\n    get:\n      id: {arn}\n"
    replace_resources(example, f"{read}{code}  read: ${{theirs.trackingId}}\n")
    assert "(get) changes nothing" in pulumi("up", "--yes", "--skip-preview")
    assert example.outputs == dict.fromkeys(("trackingId", "read"), made["trackingId"])
    pulumi("destroy", "--yes", "--skip-preview")
    assert endpoint.trackers() == {"theirs": arn}
    assert endpoint.tags(arn) == {mark["tagKey"]: mark["tagValue"]}


def test_install_plugin_registers_one_version_and_removes_it(
    example: Deployment, install: Install, tmp_path: Path
) -> None:
    plugins = tmp_path / "home/plugins"
    earlier = plugins / "resource-personalize-v0.0.1"
    earlier.mkdir(parents=True)
    (earlier / "pulumi-resource-personalize").touch()
    install()
    (launcher,) = plugins.glob("*/pulumi-resource-personalize")
    assert sys.executable in launcher.read_text()
    schema = ("package", "get-schema", "personalize")
    found = json.loads(example.pulumi(*schema, stack=False))
    assert NATIVE_TYPE in found["resources"]
    assert found["version"] == pulumi_personalize.__version__
    # An interpreter that has moved is named.
    launcher.write_text(launcher.read_text().replace(sys.executable, "/gone/bin/python"))
    assert "/gone/bin/python" in example.pulumi(*schema, stack=False, fails=True)
    assert install("--remove") == f"removed plugin personalize {pulumi_personalize.__version__}\n"
    assert list(plugins.glob("*/pulumi-resource-personalize")) == []
    # A program with the dynamic class needs no plugin.
    package = Path(pulumi_personalize.__file__).with_name("pulumi-plugin.json")
    assert json.loads(package.read_text()) == {"resource": False}
