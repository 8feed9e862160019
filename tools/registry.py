"""Fills into the schema what depends on the repository's address, as the Pulumi Registry wants it.

tools/registry.py SCHEMA REPOSITORY VERSION
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit


def filled(text: str, repository: str, version: str) -> str:
    """Returns the schema with the address of repository, logo, plugins and Go's module."""
    schema = json.loads(text)
    place = urlsplit(repository)
    plugins = f"{repository}/releases/download/v${{VERSION}}"
    if place.hostname == "github.com":
        plugins = f"github://api.github.com{place.path}"
    schema |= {
        "homepage": repository,
        "repository": repository,
        "logoUrl": f"{repository}/raw/v{version}/docs/_static/logo.svg",
        "pluginDownloadURL": plugins,
    }
    go = schema["language"]["go"]
    go["importBasePath"] = f"{place.hostname}{place.path}/sdk/go/personalize"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    file = Path(sys.argv[1])
    file.write_text(filled(file.read_text(encoding="utf-8"), *sys.argv[2:]), encoding="utf-8")
