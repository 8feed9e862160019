"""Programs in languages other than Python, which pass on no more than their inputs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..service.inputs import TAGS, Resource
from ..service.tags import is_whole
from ..settings import behind, ignored, lacking


def texts_of(props: Mapping[str, Any]) -> dict[str, Any]:
    """Returns inputs with the tags as texts that YAML reads as whole numbers or booleans."""
    tags = props.get(TAGS)
    if not isinstance(tags, Mapping):
        return dict(props)
    return {**props, TAGS: {key: _text(value) for key, value in tags.items()}}


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and is_whole(value) else value


def unpassed(resource: Resource, config: Mapping[str, Any]) -> str:
    """Returns a warning of the stack's keys of pulumi-aws, which Pulumi does not pass on; or empty.

    They are in Pulumi.yaml and the stack's file, in the working folder or above it, unless
    Pulumi.yaml has a ``stackConfigDir``, the command a ``--config-file``, or the Automation API
    runs the program elsewhere.
    """
    import yaml  # type: ignore[import-untyped]

    try:
        given = {**_config_in("Pulumi.yaml"), **_config_in(f"Pulumi.{resource.stack}.yaml")}
    except (OSError, AttributeError, TypeError, ValueError, yaml.YAMLError):
        return ""
    names = behind(given)
    secret = [
        name for name in names if isinstance(given[name], Mapping) and "secure" in given[name]
    ]
    return "; ".join(filter(None, (lacking(names, config, secret), ignored(given, os.environ))))


def _config_in(name: str) -> dict[str, Any]:
    """Returns the configuration in a file of the project; empty if there is no such file."""
    import yaml

    here = Path.cwd()
    files = (folder / name for folder in (here, *here.parents))
    file = next((file for file in files if file.is_file()), None)
    found = (file and yaml.safe_load(file.read_text(encoding="utf-8"))) or {}
    # Those of the whole project have their value as a member.
    return {
        key: value["value"] if isinstance(value, Mapping) and "value" in value else value
        for key, value in (found.get("config") or {}).items()
    }
