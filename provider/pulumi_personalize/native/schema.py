"""The schema, by which Pulumi makes SDKs and checks YAML programs; made from what `service` names.

Source: https://www.pulumi.com/docs/iac/using-pulumi/pulumi-packages/schema/
"""

from __future__ import annotations

import inspect
import re
import typing
from typing import Any

from ..event_tracker import EventTracker
from ..provider import TYPE as DYNAMIC_TYPE
from ..service import inputs as properties
from ..service.model import EventTracker as Tracker
from ..service.names import snake
from ..service.settings import KEYS, NAMESPACE, Settings
from . import version
from .address import GET_EVENT_TRACKER, TYPE

_STRING = {"type": "string"}
_TAGS = {"type": "object", "additionalProperties": _STRING}
_TYPES: dict[str, dict[str, Any]] = {
    properties.TAGS: _TAGS,
    properties.TAGS_ALL: _TAGS,
    properties.ADOPT_EXISTING: {"type": "boolean"},
}
_INPUTS = (
    properties.DATASET_GROUP_ARN,
    properties.NAME,
    properties.TAGS,
    properties.ADOPT_EXISTING,
)
#: Outputs that are there only where they were asked for.
_OPTIONAL = (properties.TAGS_ALL, properties.ADOPT_EXISTING)
_REPLACING = (properties.DATASET_GROUP_ARN, properties.NAME)
#: The settings' types, by Python's.
_JSON = {float: "number", int: "integer", bool: "boolean", str: "string"}


def make() -> dict[str, Any]:
    """The schema as Pulumi's JSON has it."""
    settings = _settings()
    outputs = {key: _property(key) for key in Tracker("", "", "").outputs}
    group = {properties.DATASET_GROUP_ARN: _input(properties.DATASET_GROUP_ARN)}
    return {
        "name": NAMESPACE,
        "displayName": "Amazon Personalize event trackers",
        "version": version.of_package(),
        "description": "Amazon Personalize event trackers.",
        "keywords": ["aws", "personalize", "category/cloud"],
        "license": "Apache-2.0",
        # The name is taken by the package that this plugin is part of.
        "language": {"python": {"packageName": "pulumi_personalize_sdk"}},
        "config": {"variables": settings},
        "provider": {"inputProperties": settings},
        "resources": {
            TYPE: {
                "description": _first_paragraphs(EventTracker),
                "inputProperties": {key: _input(key) for key in _INPUTS},
                "requiredInputs": [properties.DATASET_GROUP_ARN],
                "properties": {**outputs, **{key: _property(key) for key in _OPTIONAL}},
                "required": list(outputs),
                "aliases": [{"type": DYNAMIC_TYPE}],
            }
        },
        "functions": {
            GET_EVENT_TRACKER: {
                "description": "The event tracker of a dataset group, which a program need not "
                "own. Fails where the group has none.",
                "inputs": {"properties": group, "required": [properties.DATASET_GROUP_ARN]},
                "outputs": {"properties": outputs, "required": list(outputs)},
            }
        },
    }


def _property(key: str) -> dict[str, Any]:
    described = inspect.getdoc(getattr(EventTracker, snake(key))) or ""
    return {**_TYPES.get(key, _STRING), "description": _plain(described)}


def _input(key: str) -> dict[str, Any]:
    described = _described(inspect.getdoc(EventTracker.__init__) or "", "Args")[snake(key)]
    replaces = {"willReplaceOnChanges": True} if key in _REPLACING else {}
    return {**_TYPES.get(key, _STRING), "description": _plain(described), **replaces}


def _settings() -> dict[str, Any]:
    described = _described(inspect.getdoc(Settings) or "", "Attributes")
    kinds = typing.get_type_hints(Settings)
    return {
        key: {**_kind(kinds[snake(key)]), "description": _plain(described[snake(key)])}
        for key in KEYS
    }


def _kind(hint: Any) -> dict[str, Any]:
    """A setting's type in the schema; where it is none of the plain ones, any value goes."""
    plain = [kind for kind in (hint, *typing.get_args(hint)) if kind in _JSON]
    return {"type": _JSON[plain[0]]} if plain else {"$ref": "pulumi.json#/Any"}


def _described(docstring: str, section: str) -> dict[str, str]:
    """What a docstring says of each name in one of its sections."""
    _, _, rest = docstring.partition(f"{section}:\n")
    found = re.findall(r"^    (\w+): (.*(?:\n {8}.*)*)", rest, re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in found}


def _first_paragraphs(documented: Any) -> str:
    return _plain((inspect.getdoc(documented) or "").partition("\n\nWhat can't")[0])


def _plain(text: str) -> str:
    """Without Sphinx's marks."""
    return text.replace("``", "`")
