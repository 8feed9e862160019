"""Fills in what depends on the repository's address: links, metadata, and what the Registry reads.

    tools/repository.py REPOSITORY VERSION PATH

The path is that of a schema, or of a folder with the project's files.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from urllib.parse import urlsplit

SCHEMA = "provider/pulumi_personalize/native/schema.json"
#: Where Go's module is as long as no repository's address is known.
_PLACE = "example.com/pulumi-personalize/"
_PLUGINS = "github://api.github.com/OWNER/pulumi-personalize"
_ADDRESS = re.compile(r"(https://[\w.-]+(?:/[\w.-]+?)+)(?:\.git)?/?")


def address_of(text: str) -> str:
    """Returns a repository's address, as links have it."""
    found = _ADDRESS.fullmatch(text)
    if not found:
        sys.exit(f"not a repository's address, as https://github.com/OWNER/NAME: {text}")
    return found[1]


def plugins_of(repository: str) -> str:
    """Returns from where Pulumi downloads the plugins of a repository's releases."""
    place = urlsplit(repository)
    if place.hostname == "github.com":
        return f"github://api.github.com{place.path}"
    return f"{repository}/releases/download/v${{VERSION}}"


def _placed(text: str, repository: str) -> str:
    return text.replace(_PLACE, f"{repository.removeprefix('https://')}/")


def schema_with(text: str, repository: str, version: str) -> str:
    """Returns the schema with the address of repository, logo, plugins and Go's module."""
    schema = json.loads(_placed(text, repository))
    schema |= {
        "homepage": repository,
        "repository": repository,
        "logoUrl": f"{repository}/raw/v{version}/docs/_static/logo.svg",
        "pluginDownloadURL": plugins_of(repository),
    }
    go = schema["language"]["go"]
    go["importBasePath"] = _placed(f"{_PLACE}sdk/go/personalize", repository)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def fill(folder: Path, repository: str, version: str) -> None:
    """Fills in a folder's files."""
    tagged = f"{repository}/blob/v{version}"
    for file in [*folder.rglob("*.md"), *folder.rglob("*.yaml")]:
        text = file.read_text(encoding="utf-8")
        text = text.replace("<URL of this repository>", repository)
        text = text.replace(_PLUGINS, plugins_of(repository))
        text = _placed(text, repository)
        if file == folder / "README.md":
            text = re.sub(r"\]\((?=(docs|examples|bench)/|[A-Z]+\.md)", f"]({tagged}/", text)
        file.write_text(text, encoding="utf-8")
    schema = folder / SCHEMA
    schema.write_text(
        schema_with(schema.read_text(encoding="utf-8"), repository, version), encoding="utf-8"
    )
    with (folder / "pyproject.toml").open("a", encoding="utf-8") as metadata:
        metadata.write(
            f"""
[project.urls]
Source = "{repository}"
Issues = "{repository}/issues"
Documentation = "{tagged}/docs/index.md"
Changelog = "{tagged}/CHANGELOG.md"
"""
        )


def main() -> None:
    """Fills in what the command line names."""
    repository, version, path = address_of(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    if path.is_dir():
        fill(path, repository, version)
    else:
        text = path.read_text(encoding="utf-8")
        path.write_text(schema_with(text, repository, version), encoding="utf-8")


if __name__ == "__main__":
    main()
