"""What holds for all tests."""

from __future__ import annotations

import os
import signal

import fake_engine
import pytest
from environment import CREDENTIALS, forget_foreign


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is collected: whose credentials, and what is generated."""
    forget_foreign()
    os.environ.update(CREDENTIALS)
    # No situations that are left out anyway.
    fake_engine.excludes_rest = config.option.markexpr == "not rest"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deals the tests out so that each worker begins with some that take long.

    Pytest-xdist gives each one a part of the list, and what others have not begun once it is done:
    with what takes milliseconds at the end, none waits for the last.
    """
    workers: int = getattr(config, "workerinput", {}).get("workercount", 1)
    items.sort(key=lambda item: item.path.parent.name not in ("e2e", "setup"))
    items[:] = [item for number in range(workers) for item in items[number::workers]]


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
