"""The language hosts that only tests need."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
YAML_HOST = "pulumi-language-yaml"

#: Nothing is skipped on a build server. conftest.py removes the variable later.
CI = os.environ.get("CI", "")


def add_yaml_host(home: Path) -> None:
    """Puts the YAML language host into a PULUMI_HOME; skips the test if there is none."""
    done = subprocess.run(
        [ROOT / "tools/cli/yaml-host"],
        env=os.environ | {"CI": CI},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode == 77:
        pytest.skip(done.stderr.splitlines()[-1])
    assert done.returncode == 0, done.stderr
    # On PATH, each run would warn of it.
    plugin = home / "plugins/language-yaml-v0.0.0"
    plugin.mkdir(parents=True)
    (plugin / YAML_HOST).symlink_to(Path(done.stdout.strip()) / YAML_HOST)
