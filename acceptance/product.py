"""Runs the product itself, with the real Pulumi CLI, on a dataset group of the run."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from .recorder import AcceptanceError, Interrupted

_PROGRAM = """\
import pulumi
from {module} import EventTracker

config = pulumi.Config()
tracker = EventTracker(
    "clicks",
    config.require("group"),
    name=config.require("name"),
    tags={{"probe": config.require("tag")}},
)
pulumi.export("arn", tracker.event_tracker_arn)
"""


class Product:
    """The stacks of one run, in a folder with their state.

    Args:
        folder: Where programs and state are kept.
        group: The ARN of a dataset group without a tracker.
        run: The run's name, which begins those of the trackers.
        is_over: Whether the user has ended the run.
    """

    def __init__(self, folder: Path, group: str, run: str, is_over: Callable[[], bool]) -> None:
        self._folder = folder.resolve()
        self._group = group
        self._run = run
        self._is_over = is_over
        (self._folder / "state").mkdir(parents=True, exist_ok=True)
        self._environment = {
            **os.environ,
            "PULUMI_BACKEND_URL": (self._folder / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "acceptance",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        # Another endpoint than AWS's is the configuration's matter.
        self._endpoint = os.environ.get("AWS_ENDPOINT_URL", "")

    def check(self, say: Callable[[str], None]) -> None:
        """Runs each step, and says how it went, until the user ends the run.

        Raises:
            AcceptanceError: One went wrong.
        """
        self._stack("first", "pulumi_personalize")
        self._stack("second", "pulumi_personalize")
        self._stack("imported", "pulumi_personalize.native")
        up, is_same = ("up", "--yes", "--skip-preview"), "--expect-no-changes"
        self._step(say, "create", "first", *up, shows=r"\+ 2 created")
        self._step(say, "no change", "first", *up, is_same)
        self._step(say, "refresh", "first", "refresh", "--yes", is_same)
        self._set("first", tag="two")
        self._step(say, "tag edit", "first", *up, shows="~ 1 updated")
        self._step(
            say, "refused second", "second", "preview", fails=True, shows="can have only one"
        )
        self._set("first", name=f"{self._run}-2")
        self._step(say, "rename", "first", *up, shows="1 replaced")
        arn = self._pulumi("first", "stack", "output", "arn").stdout.strip()
        kind = "personalize:index:EventTracker"
        options = ("--yes", "--protect=false", "--generate-code=false")
        self._step(say, "native import", "imported", "import", kind, "clicks", arn, *options)
        self._step(say, "destroy", "first", "destroy", "--yes", shows="- 2 deleted")

    def _stack(self, name: str, module: str) -> None:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        plugin = {"name": "personalize", "path": str(Path(sys.executable).parent)}
        project = {"name": "acceptance", "runtime": "python", "plugins": {"providers": [plugin]}}
        (folder / "Pulumi.yaml").write_text(json.dumps(project), encoding="utf-8")
        program = _PROGRAM.format(module=module)
        (folder / "__main__.py").write_text(program, encoding="utf-8")
        self._pulumi(name, "stack", "init", name, has_stack=False)
        self._set(name, group=self._group, name=f"{self._run}-1", tag="one")
        if self._endpoint:
            self._pulumi(name, "config", "set", "personalize:endpointUrl", self._endpoint)

    def _set(self, stack: str, **values: str) -> None:
        for key, value in values.items():
            self._pulumi(stack, "config", "set", key, value)

    def _step(
        self,
        say: Callable[[str], None],
        what: str,
        stack: str,
        *arguments: str,
        shows: str = "",
        fails: bool = False,
    ) -> None:
        done = self._pulumi(stack, *arguments, may_fail=True)
        text = done.stdout + done.stderr
        if self._is_over():
            raise Interrupted("interrupted")
        if (done.returncode != 0) is not fails or not re.search(shows, text):
            lines = [line.strip() for line in text.splitlines() if "error: " in line]
            raise AcceptanceError(f"product, {what}: {(lines or ['not as expected'])[-1]}")
        say(f"product, {what}: as expected")

    def _pulumi(
        self, stack: str, *arguments: str, has_stack: bool = True, may_fail: bool = False
    ) -> subprocess.CompletedProcess[str]:
        options = ["--stack", stack] if has_stack else []
        done = subprocess.run(
            ["pulumi", *arguments, *options, "--non-interactive"],
            cwd=self._folder / stack,
            env=self._environment,
            capture_output=True,
            text=True,
            # A Ctrl-C is this program's to deal with.
            start_new_session=True,
        )
        if done.returncode and not may_fail:
            raise AcceptanceError(f"pulumi {' '.join(arguments)}: {done.stderr[-2000:]}")
        return done
