"""What holds for all tests."""

from __future__ import annotations

import os
import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Undoes what a script's background does to all that is started from it: SIGINT ignored.

    Pulumi's engine waits five seconds for a program's host that it can't interrupt.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def plain() -> None:
    """Undoes what a build server sets: output in colour though nobody looks, as at a terminal."""
    for name in ("CI", "FORCE_COLOR", "CLICOLOR_FORCE", "PY_COLORS"):
        os.environ.pop(name, None)
    os.environ["NO_COLOR"] = "1"
