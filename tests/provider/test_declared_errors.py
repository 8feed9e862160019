"""Every error that the service model declares for a call, at every step that makes the call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from provider.account import Account
from pulumi_personalize import PersonalizeError

pytestmark = pytest.mark.usefixtures("one_client")

MODEL = botocore.session.get_session().get_service_model("personalize")
_READS = ["DescribeEventTracker", "ListEventTrackers", "ListTagsForResource"]
_EXISTING = [*_READS, "TagResource", "UntagResource"]
#: The calls of each step.
CALLED = {
    "check": ["ListDatasets", "ListEventTrackers"],
    "check-taken": ["ListDatasets", *_READS],
    # The credentials may not list datasets.
    "check-group": ["DescribeDatasetGroup"],
    "create": ["CreateEventTracker", "DescribeEventTracker", "ListEventTrackers", "TagResource"],
    "resume": _EXISTING,
    "adopt": _EXISTING,
    "read": ["DescribeEventTracker", "ListTagsForResource"],
    "update": ["DescribeEventTracker", "ListTagsForResource", "TagResource", "UntagResource"],
    "delete": ["DeleteEventTracker", "DescribeEventTracker", "ListTagsForResource"],
}
#: What any call may end with.
COMMON: dict[str, dict[str, Any]] = {
    "throttled": {"kind": "error", "code": "ThrottlingException"},
    "500": {"kind": "error", "code": "InternalServerError", "status": 500},
    "denied": {"kind": "error", "code": "AccessDeniedException"},
    "expired": {"kind": "error", "code": "ExpiredTokenException"},
    "closed": {"kind": "close", "when": "after"},
    "unknown": {"kind": "error", "code": "SomethingNewException"},
}
ERRORS = [
    pytest.param(step, operation, fault, id=f"{step}-{operation}-{name}")
    for step, operations in CALLED.items()
    for operation in operations
    for shapes in [MODEL.operation_model(operation).error_shapes]
    for name, fault in [
        *((shape.name, {"kind": "error", "code": shape.name}) for shape in shapes),
        *COMMON.items(),
    ]
]


def take(account: Account, step: str, before: Callable[[], object]) -> None:
    """Takes one step of a tracker's life, after what is to happen before it."""
    inputs = account.props(tags={"old": "1"})
    provider = account.provider(create_timeout=20, delete_timeout=20, max_attempts=3)
    made = account.create(provider, **inputs) if step in ("read", "update", "delete") else None
    if step == "resume":
        account.make_tracker("clicks", "creating-1:shop/dev/web", stale="x")
    if step in ("adopt", "check-taken"):
        account.make_tracker("clicks", "done-1:other/dev/web", stale="x")
    before()
    if step == "check-group":
        account.fault("ListDatasets", "error", code="AccessDeniedException", times=None)
    if step.startswith("check"):
        checked = provider.check({}, {**inputs, "adoptExisting": step == "check-taken"})
        assert all("\n" not in failure.reason for failure in checked.failures)
    elif made is None:
        provider.create({**inputs, "adoptExisting": step == "adopt"})
    elif step == "read":
        account.read(made, provider)
    elif step == "update":
        account.update(made, provider, tags={"new": "2"})
    else:
        account.delete(made, provider)


@pytest.mark.parametrize("times", [1, None], ids=["once", "always"])
@pytest.mark.parametrize(("step", "operation", "fault"), ERRORS)
def test_ends_well_or_in_one_line_that_says_what_to_do(
    account: Account, step: str, operation: str, fault: dict[str, Any], times: int | None
) -> None:
    before: set[str] = set()

    def remaining() -> set[str]:
        return {one["eventTrackerArn"] for one in account.all()}

    def go_wrong() -> None:
        before.update(remaining())
        account.fault(operation, **fault, times=times)

    line, advice, kept = "", "none is needed", None
    try:
        take(account, step, go_wrong)
    except PersonalizeError as error:
        # The native provider keeps an unfinished tracker.
        line, advice, kept = str(error), error.advice, getattr(error, "kept", None)
    assert account.fired()[0]
    account.control.clear_faults()
    assert "\n" not in line
    assert advice
    assert "Traceback" not in "".join(account.log_lines())
    assert step == "delete" or before <= remaining()
    for arn in remaining() - before - ({kept.id} if kept else set()) if line else ():
        assert arn in line or "event tracker clicks may exist" in line
        assert "`pulumi destroy` does not know of it" in line


@pytest.mark.parametrize("step", CALLED)
def test_table_of_calls_is_complete(account: Account, step: str) -> None:
    take(account, step, account.operations)
    also = CALLED["check"] if step == "check-group" else []
    assert set(account.operations()) == {*CALLED[step], *also}
