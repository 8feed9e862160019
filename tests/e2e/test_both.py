"""Scenarios of the dynamic provider with the real CLI, over the native class: the same outcomes.

Each is the very test of the other class. What differs, and why, is in `test_native` and `native`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from e2e import test_faults, test_lifecycle, test_one_per_group, test_options, test_ownership
from harness import PROJECT, STACK, Deployment, Endpoint
from native_stack import NativeDeployment

program = test_options.program
clicks = test_options.clicks
groups = test_options.groups
theirs = test_one_per_group.theirs


@pytest.fixture
def deploy(tmp_path: Path, endpoint: Endpoint) -> Callable[..., Deployment]:
    """Makes stacks of the native class."""

    def make(project: str = PROJECT, stack: str = STACK) -> Deployment:
        return NativeDeployment(tmp_path, endpoint, project, stack)

    return make


#: By module: what is left out of it, with the reason.
LEFT_OUT: dict[Any, dict[str, str]] = {
    test_lifecycle: {},
    test_faults: {},
    test_one_per_group: {},
    test_ownership: {},
    test_options: {},
}


def _scenarios(module: Any) -> dict[str, Any]:
    """The tests of a module, under names of their own, without what is left out."""
    left_out, prefix = LEFT_OUT[module], module.__name__.rpartition("_")[2].title()
    found = {}
    for name, value in vars(module).items():
        if name.startswith("Test"):
            kept = {
                key: one
                for key, one in vars(value).items()
                if not key.startswith("__") and key not in left_out
            }
            if any(key.startswith("test_") for key in kept):
                found[f"Test{prefix}{name[4:]}"] = type(name, (), kept)
        elif name.startswith("test_") and name not in left_out and callable(value):
            found[name] = value
    return found


for _module in LEFT_OUT:
    globals().update(_scenarios(_module))
