"""The environment that a test's processes have: nothing of the person who runs the tests."""

from __future__ import annotations

import os
import sys
from pathlib import Path

#: How the environment variables begin, or are called, that would let the tests or their pace depend
#: on who runs them.
FOREIGN = ("AWS_", "PULUMI_", "PYTHONDONTWRITEBYTECODE")
#: Credentials of nobody, no other place to look for some, and no proxy before an endpoint.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": "127.0.0.1",
}


def clean_environment() -> dict[str, str]:
    """The environment without anything of the person who runs the tests."""
    kept = {key: text for key, text in os.environ.items() if not key.startswith(FOREIGN)}
    return {
        **kept,
        **CREDENTIALS,
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }


def forget_foreign() -> None:
    """Takes out of this process's environment what the automation API would hand on."""
    for key in [key for key in os.environ if key.startswith(FOREIGN)]:
        del os.environ[key]
