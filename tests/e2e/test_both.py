"""Scenarios of the dynamic provider with the real CLI, over the native class: the same outcomes.

Each is the very test of the other class; those of Pulumi's options are left out, which are the
engine's doing. What differs, and why, is in `test_native` and `native`. `make test` runs those in
which engine and provider have something to do with each other: see `conftest`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from e2e import test_faults, test_lifecycle, test_one_per_group, test_ownership
from harness import NATIVE_TYPE, Deployment
from native_stack import NativeDeployment

theirs = test_one_per_group.theirs


@pytest.fixture
def deploy(make_native: Callable[..., NativeDeployment]) -> Callable[..., Deployment]:
    """Makes stacks of the native class."""
    return make_native


@pytest.fixture(autouse=True)
def _native_type(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests expect of the resource's type is of the native one."""
    for module in LEFT_OUT:
        monkeypatch.setattr(module, "TYPE", NATIVE_TYPE, raising=False)


_KEPT = "the tracker stays in the state here: see test_unfinished"
_CONFIGURED = "refused on its property: see test_native.TestConfiguration"
_EXPLICIT = "an explicit provider of the dynamic runtime: see test_native.TestConfiguration"

_WHOLE_LIFE = "a part of test_native.TestLife"
_SERVICE = "of the service alone, which both share: in process over both, in native.test_shared"

#: By module: what is left out of it, with the reason.
LEFT_OUT: dict[Any, dict[str, str]] = {
    test_lifecycle: {
        "test_progress_is_shown_while_it_waits": _WHOLE_LIFE,
        "test_a_refresh_after_up_changes_nothing": _WHOLE_LIFE,
        "test_a_tag_edit_happens_in_place": _WHOLE_LIFE,
        "test_destroy_leaves_nothing": _WHOLE_LIFE,
        "test_tags_may_all_be_taken_away": _SERVICE,
    },
    test_faults: {
        "test_configuration_that_cannot_be_used": _CONFIGURED,
        "test_an_unfinished_create_is_resumed": _KEPT,
        "test_without_the_mark_the_error_gives_the_line_that_adopts": _KEPT,
    },
    test_one_per_group: {
        "test_of_two_providers": _EXPLICIT,
    },
    test_ownership: {
        "test_it_can_be_turned_off": _SERVICE,
        "test_it_leaves_room_for_fifty_tags": _SERVICE,
        "test_the_tracker_stays": _EXPLICIT,
        "test_with_a_rename_there_is_exactly_one_new_tracker": _EXPLICIT,
    },
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
