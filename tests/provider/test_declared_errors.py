"""Every error that the service model declares for a call, at every step that makes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import botocore.session
import pytest
from kinds import Capfd, MakeProvider, Props
from mypy_boto3_personalize import PersonalizeClient
from pulumi_personalize import PersonalizeError
from pulumi_personalize.local import ControlClient

pytestmark = pytest.mark.usefixtures("one_client")

MODEL = botocore.session.get_session().get_service_model("personalize")
#: What each step calls, as `test_these_are_all_calls` finds it in the endpoint's log.
CALLED = {
    "check": ["ListDatasets", "ListEventTrackers"],
    "check-taken": [
        "DescribeEventTracker",
        "ListDatasets",
        "ListEventTrackers",
        "ListTagsForResource",
    ],
    # Where datasets may not be listed.
    "check-group": ["DescribeDatasetGroup"],
    "create": [
        "CreateEventTracker",
        "DescribeEventTracker",
        "ListEventTrackers",
        "ListTagsForResource",
        "TagResource",
    ],
    "resume": [
        "DescribeEventTracker",
        "ListEventTrackers",
        "ListTagsForResource",
        "TagResource",
        "UntagResource",
    ],
    "adopt": [
        "DescribeEventTracker",
        "ListEventTrackers",
        "ListTagsForResource",
        "TagResource",
        "UntagResource",
    ],
    "read": ["DescribeEventTracker", "ListTagsForResource"],
    "update": ["DescribeEventTracker", "TagResource", "UntagResource"],
    "delete": ["DeleteEventTracker", "DescribeEventTracker", "ListTagsForResource"],
}
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
    pytest.param(step, operation, fault, id=f"{step}-{operation}-{name}")
    for step, operations in CALLED.items()
    for operation in operations
    for name, fault in {
        **{
            shape.name: {"kind": "error", "code": shape.name, "message": "Said so"}
            for shape in MODEL.operation_model(operation).error_shapes
        },
        **COMMON,
    }.items()
]


@pytest.fixture
def take(
    make_provider: MakeProvider,
    make_tracker: Callable[..., str],
    props: Props,
    control: ControlClient,
) -> Callable[[str, Callable[[], object]], None]:
    """Takes one step of a tracker's life, after what is to happen before it."""

    def take(step: str, before: Callable[[], object]) -> None:
        inputs = props(tags={"old": "1"})
        provider = make_provider(create_timeout=20, delete_timeout=20, max_attempts=3)
        made = provider.create(inputs) if step in ("read", "update", "delete") else None
        if step == "resume":
            make_tracker("clicks", "creating-1:shop/dev/web", stale="x")
        if step in ("adopt", "check-taken"):
            make_tracker("clicks", "done-1:other/dev/web", stale="x")
        before()
        if step == "check-group":
            control.fault("ListDatasets", "error", code="AccessDeniedException", times=None)
        if step.startswith("check"):
            checked = provider.check({}, {**inputs, "adoptExisting": step == "check-taken"})
            assert all("\n" not in failure.reason for failure in checked.failures)
        elif made is None:
            provider.create({**inputs, "adoptExisting": step == "adopt"})
        elif step == "read":
            provider.read(made.id, made.outs or {})
        elif step == "update":
            provider.update(made.id, made.outs or {}, props(tags={"new": "2"}))
        else:
            provider.delete(made.id, made.outs or {})

    return take


@pytest.mark.parametrize("times", [1, None], ids=["once", "always"])
@pytest.mark.parametrize(("step", "operation", "fault"), ERRORS)
def test_ends_well_or_in_one_line_that_says_what_to_do(
    take: Callable[[str, Callable[[], object]], None],
    control: ControlClient,
    personalize: PersonalizeClient,
    capfd: Capfd,
    step: str,
    operation: str,
    fault: dict[str, Any],
    times: int | None,
) -> None:
    before: list[str] = []
    kept = None

    def left() -> list[str]:
        found = personalize.list_event_trackers()["eventTrackers"]
        return [one["eventTrackerArn"] for one in found]

    def go_wrong() -> None:
        before.extend(left())
        control.fault(operation, **fault, times=times)

    try:
        take(step, go_wrong)
    except PersonalizeError as error:
        line, advice, kept = str(error), error.advice, getattr(error, "kept", None)
    else:
        line, advice = "", "none is needed"
    assert control.faults()[0]["fired"]
    control.clear_faults()
    assert "\n" not in line
    assert advice
    assert "Traceback" not in capfd.readouterr().err
    # What the engine's state has not is gone, or named.
    if step != "delete":
        assert set(before) <= set(left())
    if line:
        for arn in set(left()) - set(before) - ({kept.id} if kept else set()):
            assert arn in line or "event tracker clicks may exist" in line
            assert "`pulumi destroy` does not know of it" in line


@pytest.mark.parametrize("step", CALLED)
def test_these_are_all_calls(
    take: Callable[[str, Callable[[], object]], None],
    operations: Callable[[], list[str]],
    step: str,
) -> None:
    take(step, operations)
    also = CALLED["check"] if step == "check-group" else []
    assert set(operations()) == {*CALLED[step], *also}
