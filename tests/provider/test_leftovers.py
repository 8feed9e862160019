"""Nothing is left behind that no state knows, or the error names it: each fault at each call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from mypy_boto3_personalize import PersonalizeClient
from pulumi_personalize import PersonalizeError
from pulumi_personalize.local import ControlClient
from pulumi_personalize.provider import EventTrackerProvider

pytestmark = pytest.mark.usefixtures("one_client")

Bag = Callable[..., dict[str, Any]]
MakeProvider = Callable[..., EventTrackerProvider]
FAULTS: dict[str, dict[str, Any]] = {
    "denied": {"kind": "error", "code": "AccessDeniedException"},
    "expired": {"kind": "error", "code": "ExpiredTokenException"},
    "throttled": {"kind": "error", "code": "ThrottlingException"},
    "failing": {"kind": "error", "code": "InternalServerError", "status": 500},
    "unknown": {"kind": "error", "code": "SomethingNewException"},
    "in-use": {"kind": "error", "code": "ResourceInUseException"},
    "unread": {"kind": "close", "when": "before"},
    "lost": {"kind": "close", "when": "after"},
}
#: Which calls of an operation: the first, all from the first on, all from the second on.
CALLS: dict[str, dict[str, Any]] = {
    "once": {"times": 1},
    "always": {"times": None},
    "later": {"times": None, "skip": 1},
}
OPERATIONS = [
    "ListEventTrackers",
    "CreateEventTracker",
    "DescribeEventTracker",
    "ListTagsForResource",
    "TagResource",
    "DeleteEventTracker",
]
TIMES = {"create_timeout": 20.0, "delete_timeout": 20.0, "max_attempts": 3}


class Stack:
    """What the engine would keep of one resource, and do with it."""

    def __init__(self, make_provider: MakeProvider) -> None:
        self.make_provider = make_provider
        self.state: tuple[str, dict[str, Any]] | None = None
        self.errors: list[str] = []

    def up(self, inputs: dict[str, Any], *, first: bool = False) -> None:
        """Creates, or replaces, the old one deleted first or last; an error is noted."""
        provider = self.make_provider(**TIMES)
        old = self.state
        try:
            if old and first:
                provider.delete(*old)
                self.state = None
            made = provider.create(inputs)
            assert made.outs is not None
            self.state = made.id, made.outs
            if old and not first:
                provider.delete(*old)
        except PersonalizeError as error:
            self.errors.append(str(error))

    def forget(self) -> None:
        """Loses the state."""
        self.state = None

    def destroy(self) -> None:
        if self.state:
            self.make_provider().delete(*self.state)


@pytest.fixture
def stack(make_provider: MakeProvider) -> Stack:
    return Stack(make_provider)


@pytest.fixture
def left(personalize: PersonalizeClient) -> Callable[[], dict[str, str]]:
    """The ARNs and names of all trackers."""

    def find() -> dict[str, str]:
        found = personalize.list_event_trackers()["eventTrackers"]
        return {one["eventTrackerArn"]: one["name"] for one in found}

    return find


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("change", "calls"),
    [
        *(("create", calls) for calls in CALLS),
        ("rename", "once"),
        ("rename", "always"),
        ("move", "always"),
    ],
)
def test_nothing_is_left_or_it_is_named(
    stack: Stack,
    bag: Bag,
    make_group: Callable[[str], str],
    control: ControlClient,
    left: Callable[[], dict[str, str]],
    change: str,
    operation: str,
    fault: str,
    calls: str,
) -> None:
    inputs = bag(tags={"team": "web"})
    if change != "create":
        stack.up(bag(name="old"))
        assert stack.errors == []
    if change == "move":
        inputs = bag(tags={"team": "web"}, datasetGroupArn=make_group("other"))
    known = stack.state[0] if stack.state else ""
    control.fault(operation, **FAULTS[fault], **CALLS[calls])
    stack.up(inputs, first=change == "rename")
    control.clear_faults()
    stack.destroy()
    # A move whose last step failed: the engine still has the old one to delete.
    assert all("\n" not in error for error in stack.errors)
    lost = {arn: name for arn, name in left().items() if arn != known}
    for arn, name in lost.items():
        (error,) = stack.errors
        assert arn in error or f"event tracker {name} may exist" in error
        assert "`pulumi destroy` does not know of it" in error
    if not lost or change == "move":
        return
    # What the error says does help.
    (error,) = stack.errors
    stack.forget()
    stack.up(inputs)
    if len(stack.errors) > 1:
        assert "if that is refused, set adopt_existing=True" in error
        stack.errors.pop()
        stack.up({**inputs, "adoptExisting": True})
    assert stack.errors == [error]
    assert stack.state is not None
    assert stack.state[0] in lost
    stack.destroy()
    assert left() == {}


@pytest.mark.parametrize("mark", ["creating-1:shop/dev/web", "done-1:other/dev/web"])
@pytest.mark.parametrize("operation", ["DescribeEventTracker", "TagResource"])
def test_one_that_was_there_before_is_never_removed(
    stack: Stack,
    bag: Bag,
    make_tracker: Callable[..., str],
    control: ControlClient,
    left: Callable[[], dict[str, str]],
    mark: str,
    operation: str,
) -> None:
    arn = make_tracker("clicks", mark)
    control.fault(operation, "error", code="AccessDeniedException", times=None)
    stack.up(bag(adoptExisting=True))
    control.clear_faults()
    assert len(stack.errors) == 1
    assert left() == {arn: "clicks"}


def test_one_whose_mark_can_not_be_read_is_not_removed(
    stack: Stack, bag: Bag, control: ControlClient, left: Callable[[], dict[str, str]]
) -> None:
    for operation in ("DescribeEventTracker", "ListTagsForResource"):
        control.fault(operation, "error", code="AccessDeniedException", times=None)
    stack.up(bag())
    (arn,) = left()
    assert f"({arn}) may be left, and `pulumi destroy` does not know of it" in stack.errors[0]


def test_nothing_is_removed_where_nobody_listens(
    stack: Stack,
    bag: Bag,
    control: ControlClient,
    left: Callable[[], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pulumi_personalize.provider.engine_listens", lambda: False)
    control.fault("DescribeEventTracker", "error", code="AccessDeniedException", times=None)
    stack.up(bag())
    assert len(left()) == 1
