"""All shell scripts can be parsed, and are executable unless they are only sourced."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = [
    file
    for file in sorted(
        path
        for folder in ("tools", "tools/cli", ".ci", "bench")
        for path in (ROOT / folder).iterdir()
    )
    if file.is_file() and file.suffix in {"", ".sh"}
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_is_a_shell_script(script: Path) -> None:
    subprocess.run(["bash", "-n", script], check=True)
    if script.suffix == "":
        assert os.access(script, os.X_OK)
        assert "\nset -euo pipefail\n" in script.read_text()
        assert '\nCDPATH= cd -- "$(dirname ' in script.read_text()


def test_help_lists_every_target() -> None:
    shown = subprocess.run(["make", "-C", ROOT], capture_output=True, text=True, check=True).stdout
    for target in ("setup", "up", "down", "test", "clean"):
        assert f"make {target}" in shown
