"""Every error that the service model declares for a call, at every step that makes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from pulumi_personalize import PersonalizeError
from pulumi_personalize.local import ControlClient
from pulumi_personalize.provider import EventTrackerProvider

pytestmark = pytest.mark.usefixtures("one_client")

Bag = Callable[..., dict[str, Any]]
MakeProvider = Callable[..., EventTrackerProvider]
MODEL = botocore.session.get_session().get_service_model("personalize")
#: What a whole life calls; `test_these_are_all_calls` holds it against the endpoint's log.
OPERATIONS = [
    "CreateEventTracker",
    "DeleteEventTracker",
    "DescribeDatasetGroup",
    "DescribeEventTracker",
    "ListDatasets",
    "ListEventTrackers",
    "ListTagsForResource",
    "TagResource",
    "UntagResource",
]
#: What any call may end with.
COMMON: dict[str, dict[str, Any]] = {
    "throttled": {"kind": "error", "code": "ThrottlingException"},
    "500": {"kind": "error", "code": "InternalServerError", "status": 500},
    "503": {"kind": "error", "code": "ServiceUnavailable", "status": 503},
    "denied": {"kind": "error", "code": "AccessDeniedException"},
    "expired": {"kind": "error", "code": "ExpiredTokenException"},
    "closed": {"kind": "close", "when": "after"},
    "unknown": {"kind": "error", "code": "SomethingNewException", "message": "Said so"},
}
ERRORS = [
    pytest.param(operation, fault, id=f"{operation}-{name}")
    for operation in OPERATIONS
    for name, fault in {
        **{
            shape.name: {"kind": "error", "code": shape.name, "message": "Said so"}
            for shape in MODEL.operation_model(operation).error_shapes
        },
        **COMMON,
    }.items()
]
STEPS = ["check", "create", "resume", "adopt", "read", "update", "delete"]


@pytest.fixture
def take(
    make_provider: MakeProvider,
    make_tracker: Callable[..., str],
    bag: Bag,
    control: ControlClient,
) -> Callable[[str, Callable[[], object]], None]:
    """Takes one step of a tracker's life, after what is to happen before it."""

    def take(step: str, before: Callable[[], object]) -> None:
        inputs = bag(tags={"old": "1"})
        provider = make_provider(create_timeout=20, delete_timeout=20, max_attempts=3)
        made = provider.create(inputs) if step in ("read", "update", "delete") else None
        if step == "resume":
            make_tracker("clicks", "creating-1:shop/dev/web", stale="x")
        if step == "adopt":
            make_tracker("clicks", "done-1:other/dev/web", stale="x")
        before()
        if step == "check":
            provider.check({}, inputs)
        elif made is None:
            provider.create({**inputs, "adoptExisting": step == "adopt"})
        elif step == "read":
            provider.read(made.id, made.outs or {})
        elif step == "update":
            provider.update(made.id, made.outs or {}, bag(tags={"new": "2"}))
        else:
            provider.delete(made.id, made.outs or {})

    return take


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("operation", "fault"), ERRORS)
def test_ends_well_or_in_one_line_that_says_what_to_do(
    take: Callable[[str, Callable[[], object]], None],
    control: ControlClient,
    capfd: pytest.CaptureFixture[str],
    step: str,
    operation: str,
    fault: dict[str, Any],
) -> None:
    try:
        take(step, lambda: control.fault(operation, **fault, times=None))
    except PersonalizeError as error:
        line, advice = str(error), error.advice
    else:
        line, advice = "", "none is needed"
    assert "\n" not in line
    assert advice
    assert "Traceback" not in capfd.readouterr().err


def test_these_are_all_calls(
    take: Callable[[str, Callable[[], object]], None],
    control: ControlClient,
    make_group: Callable[[str], str],
    operations: Callable[[], list[str]],
) -> None:
    called = set()
    for step in STEPS:
        control.reset()
        make_group("shop")
        take(step, operations)
        called |= set(operations())
    # Asked for only where no interactions dataset is seen.
    assert called | {"DescribeDatasetGroup"} == set(OPERATIONS)
