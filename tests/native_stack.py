"""A stack whose program uses the native provider, found by its path in Pulumi.yaml."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from endpoints import Endpoint
from harness import TRACKERS, Deployment

#: Trackers of either class, with what takes no JSON: customTimeouts, and a provider of their own.
NATIVE = """
import json

import pulumi
from pulumi_personalize.native import EventTracker, Provider

for arguments in json.loads(pulumi.Config().require("trackers")):
    given = arguments.pop("opts", {})
    if "custom_timeouts" in given:
        given["custom_timeouts"] = pulumi.CustomTimeouts(**given["custom_timeouts"])
    if "provider" in given:
        given["provider"] = Provider(arguments["resource"] + "s", **given["provider"])
    options = pulumi.ResourceOptions(**given)
    tracker = EventTracker(arguments.pop("resource"), opts=options, **arguments)
    pulumi.export(tracker.pulumi_resource_name, tracker.tracking_id)
"""
DYNAMIC = TRACKERS


def launcher(folder: Path) -> Path:
    """A folder with an executable that runs the native provider of these sources."""
    found = folder / "plugin"
    found.mkdir(exist_ok=True)
    executable = found / "pulumi-resource-personalize"
    executable.write_text(f'#!/bin/sh\nexec {sys.executable} -m pulumi_personalize.native "$@"\n')
    executable.chmod(0o755)
    return found


class NativeDeployment(Deployment):
    """A stack of one program with the native class, driven by the real CLI."""

    def __init__(self, folder: Path, endpoint: Endpoint, project: str, stack: str) -> None:
        super().__init__(folder, endpoint, project, stack)
        file = self.stack_folder / "Pulumi.yaml"
        settings = yaml.safe_load(file.read_text())
        path = os.path.relpath(launcher(folder), self.stack_folder)
        settings["plugins"] = {"providers": [{"name": "personalize", "path": path}]}
        file.write_text(json.dumps(settings))
        self.program(NATIVE)

    def program(self, text: str) -> None:
        """Writes the program, whose class is the native one."""
        super().program(text.replace("from pulumi_personalize import", _NATIVE_IMPORT))

    def dynamic_program(self) -> None:
        """Writes the program with the dynamic class."""
        super().program(DYNAMIC)

    def native_program(self) -> None:
        """Writes the program with the native class."""
        self.program(NATIVE)

    def one(self, group: str, **arguments: Any) -> None:
        """Declares one tracker called ``clicks``."""
        self.trackers({"resource": "clicks", "dataset_group_arn": group, **arguments})


_NATIVE_IMPORT = "from pulumi_personalize.native import"


def hold(endpoint: Endpoint) -> None:
    """From now on, trackers stay in the state that they are in once they are asked for."""
    endpoint.fault("CreateEventTracker", "stay", status="CREATE PENDING", times=None)
    endpoint.fault("DeleteEventTracker", "stay", times=None)
