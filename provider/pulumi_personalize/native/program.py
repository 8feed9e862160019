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

    They are in the stack's file. It is in the working folder or above it, unless Pulumi.yaml has a
    ``stackConfigDir`` or the command a ``--config-file``.
    """
    import yaml  # type: ignore[import-untyped]

    name, here = f"Pulumi.{resource.stack}.yaml", Path.cwd()
    places = (folder / name for folder in (here, *here.parents))
    file = next((place for place in places if place.is_file()), Path(name))
    try:
        text = file.read_text(encoding="utf-8")
        given = (yaml.safe_load(text) or {}).get("config") or {}
        names = behind(given)
        secret = [
            name for name in names if isinstance(given[name], Mapping) and "secure" in given[name]
        ]
    except (OSError, AttributeError, TypeError, ValueError, yaml.YAMLError):
        return ""
    return "; ".join(filter(None, (lacking(names, config, secret), ignored(given, os.environ))))
