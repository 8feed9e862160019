# mypy: disallow-untyped-decorators=False
"""Stands in for Pulumi's engine and for all providers: runs programs with Pulumi's mocks."""

from __future__ import annotations

import contextlib
import json
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest


def run(
    monkeypatch: pytest.MonkeyPatch, program: Path, config: Mapping[str, str], **outputs: str
) -> dict[str, dict[str, Any]]:
    """Runs a program of the project `shop`.

    Returns:
        The inputs of its resources, by type and by class and then by name; what it exports, under
        `exported`. What is JSON is read.
    """
    engine = _Engine(outputs)
    exported = engine.found["exported"]
    pulumi.runtime.set_mocks(engine, project="shop", stack="prod")
    pulumi.runtime.set_all_config({f"shop:{key}": value for key, value in config.items()})
    monkeypatch.setattr(pulumi, "export", exported.__setitem__)

    @pulumi.runtime.test
    def of_program() -> pulumi.Output[None]:
        runpy.run_path(str(program))
        return pulumi.Output.all(**exported).apply(exported.update)

    of_program()
    return engine.found


class _Engine(pulumi.runtime.Mocks):
    def __init__(self, outputs: Mapping[str, str]) -> None:
        self.outputs = outputs
        self.found: dict[str, dict[str, Any]] = {"exported": {}}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """The id and the outputs of a resource."""
        ours = ("__provider", "resourceContext")
        inputs = {key: value for key, value in args.inputs.items() if key not in ours}
        for kind in {args.typ, args.typ.rpartition(":")[2]}:
            self.found.setdefault(kind, {})[args.name] = _plain(inputs)
        made = {key: f"{key} of {args.name}" for key in ("arn", "schemaArn", "trackingId")}
        return f"id of {args.name}", {**made, **self.outputs, **inputs}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[str, Any], None]:
        """Answers functions, of which the programs call none."""
        raise NotImplementedError(args.token)


def _plain(value: Any) -> Any:
    """A value without the marks of secrets, which pulumi-aws makes of some inputs."""
    if isinstance(value, dict):
        secret = pulumi.runtime.rpc._special_sig_key in value
        return _plain(value["value"]) if secret else {key: _plain(value[key]) for key in value}
    with contextlib.suppress(TypeError, ValueError):
        return json.loads(value)
    return value
