"""What holds for all tests."""

from __future__ import annotations

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Undoes what a script's background does to all that is started from it: SIGINT ignored.

    Pulumi's engine waits five seconds for a program's host that it can't interrupt.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
