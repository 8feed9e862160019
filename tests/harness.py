"""Drives the real Pulumi CLI, with a stack of its own and a real endpoint."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import sys
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
from programs import TRACKERS
from pulumi import automation
from pulumi.automation._stack import StackInitMode

PROJECT = "shop"
STACK = "test"
TYPE = "pulumi-python:dynamic/personalize:EventTracker"
NATIVE_TYPE = "personalize:index:EventTracker"
TYPES = (TYPE, NATIVE_TYPE)
_STACK = "pulumi:pulumi:Stack"

#: The steps of a replacement, in their two orders.
DELETE_FIRST = ["delete-replaced", "replace", "create-replacement"]
CREATE_FIRST = ["create-replacement", "replace", "delete-replaced"]

#: Errors that Pulumi adds to those of a provider or a program.
_CONSEQUENCES = (
    "Resource monitor has terminated, shutting down",
    "an unhandled error occurred: program exited with non-zero exit code: 1",
    "update failed",
)


def shows_traceback(text: str) -> bool:
    """Whether a traceback in the CLI's output goes through this package.

    Pulumi's language host may show one of its own if the engine ends before the program does.
    """
    return "Traceback" in text and "pulumi_personalize/" in text


@dataclass
class Run:
    """The result of one command of the CLI.

    Attributes:
        ok: Whether it succeeded.
        text: The whole output.
        changes: The number of resources by kind of change.
        outputs: The stack's outputs after an up.
        steps: The engine's steps for event trackers, in order.
        keys: The properties that each of these steps changes.
        errors: The errors, as shown, without those that Pulumi adds to them.
        warnings: The warnings, as shown.
        log_lines: The lines of the resources' own rows: URN, line, and whether it is kept.
    """

    ok: bool
    text: str
    changes: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    keys: list[list[str]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    log_lines: list[tuple[str, str, bool]] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """The errors without their class, which only Pulumi's Python host shows."""
        return [re.sub(r"^pulumi_personalize\.\w+: ", "", error) for error in self.errors]

    @property
    def line(self) -> str:
        """The only error, which has to be one line without a traceback."""
        assert not self.ok
        assert not shows_traceback(self.text), self.text
        (line,) = self.lines
        assert "\n" not in line
        return line

    def reason(self, resource: str, group: str | None) -> str:
        """The reason of the only error, a failed check of the dataset group's ARN."""
        value = f"{{{group}}}" if group else "output<string>{}"
        place = f" resource '{resource}': property datasetGroupArn value {value} has a problem: "
        kind, found, reason = self.line.partition(place)
        assert found, self.line
        assert kind in TYPES
        return reason

    def add_diagnostic(self, event: automation.DiagnosticEvent) -> None:
        """Sorts in a diagnostic of the engine."""
        message = event.message.strip()
        if event.severity == "warning":
            self.warnings.append(message.removeprefix("warning: "))
        if event.severity == "error" and message not in _CONSEQUENCES:
            self.errors.append(message)
        if event.urn and event.severity == "info":
            self.log_lines.append((event.urn, message, not event.ephemeral))


class _Stack(automation.Stack):
    """A stack whose operations skip the three commands that look up what their events say."""

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
    """The URL of an AWS KMS and the ID of a key: faster than a key derived from a passphrase."""

    url: str
    key: str


#: Encrypts the secrets of stacks without a passphrase; ``None`` for a key of an empty one.
key_service: KeyService | None = None


def _environment(folder: Path) -> dict[str, str]:
    """The CLI's environment: its state, its home and the key service."""
    found = {"AWS_ENDPOINT_URL_KMS": key_service.url} if key_service else {}
    places = {
        "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
        "PULUMI_HOME": str(folder / "home"),
    }
    return {**clean_environment(), **found, **places}


def _state_file(folder: Path, project: str, stack: str) -> Path:
    return folder / "state/.pulumi/stacks" / project / f"{stack}.json"


@functools.cache
def _new_stack(passphrase: str, service: KeyService | None) -> tuple[str, str, str]:
    """The files that ``pulumi stack init`` writes: backend, stack, and the stack's settings.

    It takes up to half a second, so the tests share one.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "state").mkdir()
        (folder / "Pulumi.yaml").write_text(json.dumps({"name": PROJECT, "runtime": "python"}))
        key = f"awskms://{service.key}?region=us-east-1" if service and not passphrase else None
        workspace = _Workspace(
            name,
            env_vars={**_environment(folder), "PULUMI_CONFIG_PASSPHRASE": passphrase},
            pulumi_command=_command(),
            secrets_provider=key,
        )
        workspace.create_stack(STACK)
        return (
            (folder / "state/.pulumi/meta.yaml").read_text(),
            _state_file(folder, PROJECT, STACK).read_text(),
            (folder / f"Pulumi.{STACK}.yaml").read_text(),
        )


def _make_plugin(folder: Path) -> None:
    """Makes an executable that runs the native provider of these sources."""
    folder.mkdir(exist_ok=True)
    executable = folder / "pulumi-resource-personalize"
    executable.write_text(f'#!/bin/sh\nexec {sys.executable} -m pulumi_personalize.native "$@"\n')
    executable.chmod(0o755)


class Deployment:
    """One stack of one program, driven by the real CLI.

    Args:
        folder: Shared by the stacks of one backend.
        endpoint: The endpoint to call.
        project: The project's name.
        stack: The stack's name.
        source: A folder with a program, which is copied; by default, `TRACKERS` is the program.
        native: Whether the program uses the native class.
    """

    def __init__(
        self,
        folder: Path,
        endpoint: Endpoint,
        project: str,
        stack: str,
        source: Path | None = None,
        *,
        native: bool = False,
    ) -> None:
        self.project = project
        self.native = native
        self.stack_folder = folder / project
        (folder / "state").mkdir(exist_ok=True)
        if source is None:
            self.stack_folder.mkdir(exist_ok=True)
            settings: dict[str, Any] = {"name": project, "runtime": "python"}
            if native:
                _make_plugin(folder / "plugin")
                plugin = {"name": "personalize", "path": "../plugin"}
                settings["plugins"] = {"providers": [plugin]}
            (self.stack_folder / "Pulumi.yaml").write_text(json.dumps(settings))
            self.program(TRACKERS)
        elif not self.stack_folder.exists():
            shutil.copytree(source, self.stack_folder)
        self.folder = folder
        self.environment = _environment(folder)
        self.stack = self._open(stack)
        self.config({"personalize:endpointUrl": endpoint.url})

    def _open(self, stack: str) -> automation.Stack:
        """The stack, created if there is none."""
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
        """Writes the program, with the class that the stack uses."""
        if self.native:
            text = text.replace("from pulumi_personalize import", _NATIVE_IMPORT)
        (self.stack_folder / "__main__.py").write_text(textwrap.dedent(text))

    def edit(self, old: str, new: str, file: str = "__main__.py") -> None:
        """Changes one place of the program."""
        program = self.stack_folder / file
        text = program.read_text()
        assert text.count(old) == 1
        program.write_text(text.replace(old, new))

    def trackers(self, *declared: dict[str, Any]) -> None:
        """Declares event trackers: EventTracker's arguments, the name under ``resource``."""
        self.config({"trackers": json.dumps(declared)})

    def declare(self, group: str, **arguments: Any) -> None:
        """Declares one event tracker, ``clicks``."""
        self.trackers({"resource": "clicks", "dataset_group_arn": group, **arguments})

    def config(self, values: dict[str, Any]) -> None:
        """Sets configuration values, in the stack's file as ``pulumi config set`` does."""
        # The automation API drops values that are lists or maps.
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

    def start_up(self) -> Started:
        """Begins ``pulumi up`` and returns at once."""
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

    def pulumi(self, *arguments: str, stack: bool = True, fails: bool = False) -> str:
        """Runs a command of the CLI that the automation API has no method for.

        Args:
            arguments: Of the CLI.
            stack: Whether it takes the stack's name as an option.
            fails: Whether it has to fail.
        """
        options = ["--stack", self.stack.name] if stack else []
        done = subprocess.run(
            ["pulumi", *arguments, *options, "--non-interactive"],
            cwd=self.stack_folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def rename(self, project: str, stack: str) -> None:
        """Renames project and stack, in the state and in the files."""
        self.pulumi("stack", "rename", f"organization/{project}/{stack}")
        for file in self.stack_folder.glob("Pulumi*.yaml"):
            file.write_text(file.read_text().replace(self.project, project))
        self.project = project
        self.stack = self._open(stack)

    def unlock(self) -> None:
        """Removes the lock that a killed update left, as ``pulumi cancel`` does."""
        shutil.rmtree(self.folder / "state/.pulumi/locks", ignore_errors=True)

    def lose_state(self) -> None:
        """Forgets all resources, as after the loss of the state's bucket."""
        file = _state_file(self.folder, self.project, self.stack.name)
        state = json.loads(file.read_text())
        state["checkpoint"]["latest"]["resources"] = []
        file.write_text(json.dumps(state))

    @property
    def urn(self) -> str:
        """The one event tracker's URN."""
        return str(self.tracker()["urn"])

    def state(self) -> list[dict[str, Any]]:
        """The event trackers in the stack's state."""
        return [found for found in self._resources() if found["type"] in TYPES]

    def tracker(self) -> dict[str, Any]:
        """The one event tracker in the stack's state."""
        (found,) = self.state()
        return found

    @property
    def existing(self) -> dict[str, str]:
        """Name and ARN of the one event tracker in the stack's state."""
        found = self.tracker()
        return {found["outputs"]["name"]: found["id"]}

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
                run.add_diagnostic(event.diagnostic_event)
        return run


_NATIVE_IMPORT = "from pulumi_personalize.native import"
