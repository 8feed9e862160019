"""The application's settings as a resource; in real life a task definition, a parameter, …."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi import dynamic

#: Pulumi runs the provider in the project's folder.
FILE = Path("app", "settings.json")


class Provider(dynamic.ResourceProvider):
    """Keeps the file in line with the resource."""

    def create(self, props: dict[str, Any]) -> dynamic.CreateResult:
        """Writes the file."""
        self._write(props)
        return dynamic.CreateResult(str(FILE), props)

    def read(self, id_: str, props: dict[str, Any]) -> dynamic.ReadResult:
        """Sees what somebody changed in the file, or that it is gone, for the next update."""
        if not FILE.exists():
            return dynamic.ReadResult("", {})
        found = {**props, "values": json.loads(FILE.read_text())}
        return dynamic.ReadResult(id_, found, found)

    def update(
        self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]
    ) -> dynamic.UpdateResult:
        """Writes the file anew, in place."""
        self._write(_news)
        return dynamic.UpdateResult(_news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Removes it."""
        FILE.unlink(missing_ok=True)

    def _write(self, props: dict[str, Any]) -> None:
        FILE.write_text(json.dumps(props["values"], indent=2) + "\n")


class AppSettings(dynamic.Resource, name="AppSettings"):
    """The settings file that the application reads."""

    values: pulumi.Output[dict[str, str | None]]
    """What is in it."""

    def __init__(
        self,
        resource_name: str,
        values: Mapping[str, pulumi.Input[str | None]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(Provider(), resource_name, {"values": values}, opts)
