"""What holds for all tests."""

from __future__ import annotations

import os
import signal
from pathlib import PurePath

import play
import pytest
from environment import CREDENTIALS, forget_foreign
from hypothesis import HealthCheck, settings


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is collected: whose credentials, what is generated, how slow is too slow."""
    forget_foreign()
    os.environ.update(CREDENTIALS)
    # No situations that are left out anyway.
    play.leaves_out = config.option.markexpr == "not rest"
    # None fails because the machine is busy.
    slow = [HealthCheck.too_slow]
    settings.register_profile("busy", deadline=None, suppress_health_check=slow)
    settings.load_profile("busy")


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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints how each scenario of the real CLI ended over the two classes, where both were run."""
    ended: dict[str, dict[str, str]] = {}
    for outcome in ("passed", "skipped", "failed", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            file, _, test = report.nodeid.partition("::")
            owner, _, name = test.rpartition("::")
            module = PurePath(file).stem
            front_end = "native" if module == "test_both" else "dynamic"
            if front_end == "dynamic" and owner:
                # As `test_both` calls it.
                owner = f"Test{module.removeprefix('test_').rpartition('_')[2].title()}{owner[4:]}"
            ended.setdefault(f"{owner}::{name}".lstrip(":"), {})[front_end] = outcome
    both = {test: of for test, of in ended.items() if len(of) == 2}
    if both:
        terminalreporter.section("scenarios of the CLI: dynamic, native")
        for test, of in sorted(both.items()):
            terminalreporter.line(f"{of['dynamic']:8} {of['native']:8} {test}")
