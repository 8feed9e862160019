"""What the end-to-end tests drive: the real CLI, a stack of its own, a real endpoint."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import tempfile
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from endpoints import Endpoint
from environment import clean_environment
from processes import Started
from pulumi import automation
from pulumi.automation._stack import StackInitMode

PROJECT = "shop"
STACK = "test"
TYPE = "pulumi-python:dynamic/personalize:EventTracker"
NATIVE_TYPE = "personalize:index:EventTracker"
TYPES = (TYPE, NATIVE_TYPE)
_STACK = "pulumi:pulumi:Stack"

#: A program whose trackers are what the configuration's JSON says.
TRACKERS = """
import json

import pulumi
from pulumi_personalize import EventTracker

for arguments in json.loads(pulumi.Config().require("trackers")):
    options = pulumi.ResourceOptions(**arguments.pop("opts", {}))
    tracker = EventTracker(arguments.pop("resource"), opts=options, **arguments)
    pulumi.export(tracker.pulumi_resource_name, tracker.tracking_id)
"""

#: The beginning of a program that makes its dataset groups itself: their ARNs are unknown before.
WITH_GROUPS = """
import boto3
import pulumi
from pulumi import dynamic
from pulumi_personalize import EventTracker

URL = pulumi.Config("personalize").require("endpointUrl")


class DatasetGroupProvider(dynamic.ResourceProvider):
    def __init__(self, url):
        self.url = url

    def create(self, props):
        from pulumi_personalize.local import make_dataset_group

        client = boto3.client("personalize", endpoint_url=self.url, region_name="us-east-1")
        arn = make_dataset_group(client, props["name"])
        return dynamic.CreateResult(arn, {**props, "arn": arn})

    def diff(self, _id, olds, news):
        changed = olds["name"] != news["name"]
        return dynamic.DiffResult(changed, ["name"] if changed else [])

    def delete(self, id, props):
        client = boto3.client("personalize", endpoint_url=self.url, region_name="us-east-1")
        for dataset in client.list_datasets(datasetGroupArn=id)["datasets"]:
            client.delete_dataset(datasetArn=dataset["datasetArn"])
        client.delete_dataset_group(datasetGroupArn=id)


class DatasetGroup(dynamic.Resource, name="DatasetGroup"):
    arn: pulumi.Output[str]

    def __init__(self, resource_name, name, opts=None):
        props = {"name": name, "arn": None}
        super().__init__(DatasetGroupProvider(URL), resource_name, props, opts)
"""


def shows_traceback(text: str) -> bool:
    """Whether what the CLI showed has a traceback that goes through this package.

    Pulumi's host may show one of its own, where the engine ends before the program does.
    """
    return "Traceback" in text and "pulumi_personalize/" in text


@dataclass
class Run:
    """What one command of the CLI did.

    Attributes:
        ok: Whether it succeeded.
        text: All that the user was shown.
        changes: How many resources were or would be made, changed and so on; the stack left out.
        outputs: The stack's outputs after an up.
        steps: The engine's steps for event trackers, in the order in which they began.
        keys: The properties that each of these steps changes.
        errors: The errors, each as it was shown.
        warnings: The warnings, each as it was shown.
        told: The lines of the resources' own rows: the row's URN, the line, and whether it stays.
    """

    ok: bool
    text: str
    changes: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    keys: list[list[str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    told: list[tuple[str, str, bool]] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """The errors without their class, which only Pulumi's Python host shows."""
        return [re.sub(r"^pulumi_personalize\.\w+: ", "", error) for error in self.errors]

    @property
    def shows_traceback(self) -> bool:
        """Whether a traceback goes through this package."""
        return shows_traceback(self.text)

    def hear(self, said: automation.DiagnosticEvent) -> None:
        """Keeps what a diagnostic says."""
        message = said.message.strip()
        if said.severity == "warning":
            self.warnings.append(message.removeprefix("warning: "))
        # The CLI adds this to a failure or not: whether the program is still there decides.
        if said.severity == "error" and message != (
            "Resource monitor has terminated, shutting down"
        ):
            self.errors.append(message)
        if said.urn and said.severity == "info":
            self.told.append((said.urn, message, not said.ephemeral))


class _Stack(automation.Stack):
    """A stack whose operations do not look up, by three more commands, what their events told."""

    def outputs(self) -> automation.OutputMap:
        return {}

    def info(self, show_secrets: bool | None = None) -> automation.UpdateSummary:  # noqa: ARG002
        now = datetime.now(timezone.utc)
        return automation.UpdateSummary("", now, "", {}, {}, "")


#: The CLI, whose version is looked up once.
_command = functools.cache(automation.PulumiCommand)


class _Workspace(automation.LocalWorkspace):
    """A workspace that selects no stack: each command names its own."""

    def select_stack(self, stack_name: str) -> None:
        pass


@dataclass(frozen=True)
class KeyService:
    """An AWS KMS and the ID of a key, which a run has sooner than one made of a passphrase."""

    url: str
    key: str


#: What encrypts the secrets of stacks without a passphrase; None for a key made of an empty one.
key_service: KeyService | None = None


def _environment(folder: Path) -> dict[str, str]:
    """What the CLI finds its state, its own files and the key by."""
    found = {"AWS_ENDPOINT_URL_KMS": key_service.url} if key_service else {}
    return (
        clean_environment()
        | found
        | {
            "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
            "PULUMI_HOME": str(folder / "home"),
        }
    )


def _state_file(folder: Path, project: str, stack: str) -> Path:
    return folder / "state/.pulumi/stacks" / project / f"{stack}.json"


@functools.cache
def _new_stack(passphrase: str, service: KeyService | None) -> tuple[str, str, str]:
    """What ``pulumi stack init`` writes: of the state folder, of the stack, for its settings.

    It takes up to half a second: tests that are not about it share one.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "state").mkdir()
        (folder / "Pulumi.yaml").write_text(json.dumps({"name": PROJECT, "runtime": "python"}))
        environment = _environment(folder) | {"PULUMI_CONFIG_PASSPHRASE": passphrase}
        workspace = _Workspace(
            name,
            env_vars=environment,
            pulumi_command=_command(),
            secrets_provider=f"awskms://{service.key}?region=us-east-1"
            if service and not passphrase
            else None,
        )
        workspace.create_stack(STACK)
        return (
            (folder / "state/.pulumi/meta.yaml").read_text(),
            _state_file(folder, PROJECT, STACK).read_text(),
            (folder / f"Pulumi.{STACK}.yaml").read_text(),
        )


class Deployment:
    """One stack of one program, driven by the real CLI.

    The program is the one of a folder, if one is given, which is copied with all that it holds.
    """

    def __init__(
        self,
        folder: Path,
        endpoint: Endpoint,
        project: str,
        stack: str,
        source: Path | None = None,
    ) -> None:
        self.project = project
        self.stack_folder = folder / project
        (folder / "state").mkdir(exist_ok=True)
        if source is None:
            self.stack_folder.mkdir(exist_ok=True)
            settings = {"name": project, "runtime": "python"}
            (self.stack_folder / "Pulumi.yaml").write_text(json.dumps(settings))
            self.program(TRACKERS)
        elif not self.stack_folder.exists():
            shutil.copytree(source, self.stack_folder)
        self.folder = folder
        self.environment = _environment(folder)
        self.stack = self._open(stack)
        self.config({"personalize:endpointUrl": endpoint.url})

    def _open(self, stack: str) -> automation.Stack:
        """The stack, made where there is none."""
        file = _state_file(self.folder, self.project, stack)
        if not file.exists():
            passphrase = self.environment["PULUMI_CONFIG_PASSPHRASE"]
            meta, state, settings = _new_stack(passphrase, key_service)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(state.replace(f"/{PROJECT}/{STACK}", f"/{self.project}/{stack}"))
            (self.folder / "state/.pulumi/meta.yaml").write_text(meta)
            with (self.stack_folder / f"Pulumi.{stack}.yaml").open("a") as config:
                config.write(settings)
        workspace = _Workspace(
            str(self.stack_folder), env_vars=self.environment, pulumi_command=_command()
        )
        return _Stack(stack, workspace, StackInitMode.SELECT)

    def program(self, text: str) -> None:
        """Writes the program."""
        (self.stack_folder / "__main__.py").write_text(textwrap.dedent(text))

    def trackers(self, *declared: dict[str, Any]) -> None:
        """Declares event trackers: EventTracker's arguments, the name under ``resource``."""
        self.config({"trackers": json.dumps(declared)})

    def config(self, values: dict[str, str]) -> None:
        """Sets configuration values, in the stack's file as ``pulumi config set`` does."""
        # Not by the automation API, which drops values that are lists or maps.
        file = self.stack_folder / f"Pulumi.{self.stack.name}.yaml"
        settings = yaml.safe_load(file.read_text())
        settings["config"] = settings.get("config", {}) | {
            key if ":" in key else f"{self.project}:{key}": text for key, text in values.items()
        }
        file.write_text(yaml.safe_dump(settings))

    def preview(self, **options: Any) -> Run:
        """Runs ``pulumi preview``."""
        return self._run(self.stack.preview, options)

    def up(self, **options: Any) -> Run:
        """Runs ``pulumi up``."""
        return self._run(self.stack.up, options)

    def refresh(self, **options: Any) -> Run:
        """Runs ``pulumi refresh``."""
        return self._run(self.stack.refresh, options)

    def destroy(self, **options: Any) -> Run:
        """Runs ``pulumi destroy``."""
        return self._run(self.stack.destroy, options)

    def forget_environment(self, *keys: str) -> None:
        """Takes variables out of the CLI's environment."""
        for key in keys:
            self.environment.pop(key, None)
        self.stack.workspace.env_vars = self.environment

    def start_up(self) -> Started:
        """Begins ``pulumi up`` and comes back at once."""
        command = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]
        process = subprocess.Popen(
            [*command, "--stack", self.stack.name],
            cwd=self.stack_folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        return Started(process)

    def pulumi(self, *arguments: str, names_stacks: bool = False) -> str:
        """Runs a command of the CLI that automation has no method for: what it showed.

        Args:
            arguments: Of the CLI.
            names_stacks: Whether they name the stacks that it is about.
        """
        stack = () if names_stacks else ("--stack", self.stack.name)
        done = subprocess.run(
            ["pulumi", *arguments, *stack, "--non-interactive"],
            cwd=self.stack_folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def rename(self, name: str) -> None:
        """Renames the stack, as ``pulumi stack rename`` does."""
        self.pulumi("stack", "rename", name)
        self.stack = self._open(name)

    def rename_project(self, name: str) -> None:
        """Renames the project, in the state and in its file, with the configuration."""
        self.pulumi("stack", "rename", f"organization/{name}/{self.stack.name}")
        for file in self.stack_folder.glob("Pulumi*.yaml"):
            file.write_text(file.read_text().replace(self.project, name))
        self.project = name
        self.stack = self._open(self.stack.name)

    def unlock(self) -> None:
        """Lifts the lock that a killed update left, as a user does with ``pulumi cancel``."""
        self.stack.cancel()

    def lose_state(self) -> None:
        """Forgets everything that was deployed, as after the loss of the state's bucket."""
        state = self.stack.export_stack()
        assert state.deployment is not None
        state.deployment = dict(state.deployment) | {"resources": []}
        self.stack.import_stack(state)

    @property
    def urn(self) -> str:
        """The one event tracker's URN."""
        return str(self.tracker()["urn"])

    def state(self) -> list[dict[str, Any]]:
        """The event trackers in the stack's state."""
        return [found for found in self._resources() if found["type"] in TYPES]

    @property
    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, by its state."""
        (stack,) = (found for found in self._resources() if found["type"] == _STACK)
        found: dict[str, Any] = stack.get("outputs", {})
        return found

    def _resources(self) -> list[dict[str, Any]]:
        state = json.loads(_state_file(self.folder, self.project, self.stack.name).read_text())
        found: list[dict[str, Any]] = (state["checkpoint"]["latest"] or {}).get("resources", [])
        return found

    def tracker(self) -> dict[str, Any]:
        """The one event tracker in the stack's state."""
        (found,) = self.state()
        return found

    def _run(self, command: Callable[..., Any], options: dict[str, Any]) -> Run:
        lines: list[str] = []
        events: list[automation.EngineEvent] = []
        options = {"on_output": lines.append, "on_event": events.append, "color": "never"} | options
        run = Run(True, "")
        try:
            command(**options)
        except automation.CommandError as error:
            lines.append(str(error))
            run.ok = False
        run.text = "\n".join(lines)
        for event in events:
            before = event.resource_pre_event
            if before and before.metadata.type in TYPES:
                run.steps.append(str(before.metadata.op.value))
                run.keys.append(before.metadata.diffs or [])
            if event.summary_event:
                run.changes = {
                    str(getattr(op, "value", op)): count
                    for op, count in event.summary_event.resource_changes.items()
                }
            after = event.res_outputs_event
            if run.ok and after and after.metadata.type == _STACK and after.metadata.new:
                run.outputs = dict(after.metadata.new.outputs or {})
            if event.diagnostic_event:
                run.hear(event.diagnostic_event)
        return run
