"""The schema: SDKs and the Registry's pages are made from it, and YAML programs checked.

Source: https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .. import __version__
from ..service.inputs import NATIVE_TYPE

#: Go's import path as long as no repository's address is known: what the generator takes.
_IMPORT_PATH = "example.com/pulumi-personalize/sdk/go/personalize"


def schema() -> dict[str, Any]:
    """Returns the package's schema, with the examples and this version."""
    folder = Path(__file__).parent
    found: dict[str, Any] = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
    examples = (folder / "examples.md").read_text(encoding="utf-8")
    module = found["language"]["go"].get("importBasePath", _IMPORT_PATH)
    resource = found["resources"][NATIVE_TYPE]
    resource["description"] += f"\n\n{examples.replace('IMPORT_PATH', module)}"
    # An explicit provider takes the settings of a stack.
    found["provider"]["inputProperties"] = found["config"]["variables"]
    return {**found, "version": __version__}
