"""Faults that the endpoint shows on purpose, for tests of clients."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from .personalize import lifecycle

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_SECONDS = 86400
"""How long a delay, a creation or a deletion may be made to take."""

MAX_LAG = 60
"""How many seconds a read may be made to lag."""

ABOUT = ("name", "datasetGroupArn", "datasetArn", "eventTrackerArn", "resourceArn")
"""The request members that say what a call is about."""

CREATIONS = {"CreateEventTracker", "CreateDataset", "CreateDatasetGroup"}
DELETIONS = {"DeleteEventTracker", "DeleteDataset", "DeleteDatasetGroup"}

READS = {
    "DescribeEventTracker",
    "ListEventTrackers",
    "ListTagsForResource",
    "DescribeDatasetGroup",
    "DescribeDataset",
    "ListDatasets",
}

CODE = re.compile("[!-~]+")
MEMBER = re.compile("[A-Za-z]+")


def is_number(value: Any, kind: type = float) -> bool:
    """Tells whether a JSON value is a number, whole if `kind` is int."""
    numbers = (int,) if kind is int else (int, float)
    return isinstance(value, numbers) and not isinstance(value, bool)


def is_seconds(value: Any) -> bool:
    """Tells whether a JSON value is a time that something may be made to take."""
    return is_number(value) and 0 <= value <= MAX_SECONDS


class Option(NamedTuple):
    """An option of one kind of rule.

    Attributes:
        default: The value if it is omitted, which is not itself validated.
        allows: Tells whether a JSON value is allowed.
        words: What is allowed, after "must be".
    """

    default: Any
    allows: Callable[[Any], bool]
    words: str

    def or_null(self) -> Option:
        """Returns the option with null allowed too, which is the default then."""
        return Option(None, lambda value: value is None or self.allows(value), self.words)


def _is_list_of(allows: Callable[[str], object]) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, str) and bool(allows(one)) for one in value)
    )


_WHEN = Option("before", lambda value: value in ["before", "after"], '"before" or "after"')
_CODE = Option(
    None,
    lambda value: isinstance(value, str) and bool(CODE.fullmatch(value)),
    "printable ASCII without spaces: it goes into a header",
)
_STATUS = Option(
    400,
    lambda value: is_number(value, int) and 400 <= value <= 599,
    "a whole number, 400 to 599",
)
_MESSAGE = Option("Rate exceeded", lambda value: isinstance(value, str), "a string")

OPTIONS: dict[str, dict[str, Option]] = {
    "delay": {
        "seconds": Option(1.0, is_seconds, f"a number, 0 to {MAX_SECONDS}"),
        "when": _WHEN,
    },
    "error": {
        "code": _CODE._replace(default="ThrottlingException"),
        "status": _STATUS,
        "message": _MESSAGE,
    },
    "close": {"when": _WHEN},
    # Which states there are depends on the operation.
    "stay": {"status": Option(None, lambda _: True, "")},
    "fail": {},
    "lag": {
        "seconds": Option(
            5.0,
            lambda value: is_seconds(value) and value <= MAX_LAG,
            f"a number, 0 to {MAX_LAG}",
        )
    },
    "recode": {
        "code": _CODE,
        "status": _STATUS.or_null(),
        "message": _MESSAGE.or_null(),
        "of": _CODE.or_null(),
    },
    "omit": {
        "members": Option(None, _is_list_of(MEMBER.fullmatch), "a list of members' names"),
        "status": Option(
            None,
            _is_list_of(lifecycle.STATES.__contains__),
            f"a list of {', '.join(lifecycle.STATES)}",
        ).or_null(),
    },
}
"""The kinds of faults with the options of each."""

OPERATIONS: dict[str, set[str]] = {
    "stay": CREATIONS | DELETIONS,
    "fail": CREATIONS,
    "lag": READS | {"*"},
}
"""The operations of the kinds that are not for all."""

ON_ANSWERS = {"recode", "omit"}
"""The kinds that change what the service answered; the others come to a call before it does."""


class ControlError(ValueError):
    """A control request that makes no sense; the text says why."""


@dataclass
class Fault:
    """A rule: which calls go wrong, and how.

    Attributes:
        operation: The operation's name, or "*" for all.
        kind: "delay" (wait `seconds`, `when` "before" or "after" the work), "error" (answer
            `code`, `status` and `message`, do no work), "close" (close the connection without
            an answer, `when` "before" or "after" the work), "stay" (the resource that the call
            makes or deletes stays in `status`), "fail" (the resource that the call makes ends
            in CREATE FAILED), "lag" (an operation of `READS` is answered as things stood `seconds`
            ago), "recode" (where the service itself refuses the call, with the code
            `of` if that is given, it does so with another `code`, and `status` and `message` if
            those are given), "omit" (the answer lacks `members`, at any depth, of resources in
            one of the states of `status` if that is given).
        options: The options of the kind, complete.
        times: How many calls it changes; None for all.
        skip: How many calls that it would change pass before the first that it changes.
        about: Request members, of `ABOUT`, with the values that a call must have.
        seen: How many matching calls came to it.
        fired: How many of them it has changed.
    """

    operation: str
    kind: str
    options: dict[str, Any]
    times: int | None = 1
    skip: int = 0
    about: dict[str, str] = field(default_factory=dict)
    seen: int = 0
    fired: int = 0

    @classmethod
    def from_json(cls, rule: Any) -> Fault:
        """Reads a rule as the control interface takes it.

        Args:
            rule: The JSON: operation, kind, times, skip, about and the options of the kind.

        Returns:
            The rule.

        Raises:
            ControlError: The rule is not complete or makes no sense.
        """
        if not isinstance(rule, dict):
            raise ControlError("a fault must be a JSON object")
        kind, operation = rule.get("kind"), rule.get("operation")
        if kind not in list(OPTIONS):  # a list can be asked for what has no hash, too
            raise ControlError(f"kind must be one of {', '.join(OPTIONS)}")
        if not isinstance(operation, str):
            raise ControlError('operation must be the name of an operation, or "*"')
        if unknown := set(rule) - {"kind", "operation", "times", "skip", "about", *OPTIONS[kind]}:
            raise ControlError(f"unknown with kind {kind}: {', '.join(sorted(unknown))}")
        options = {name: rule.get(name, one.default) for name, one in OPTIONS[kind].items()}
        times, skip, about = rule.get("times", 1), rule.get("skip", 0), rule.get("about") or {}
        if not (times is None or (is_number(times, int) and times >= 1)):
            raise ControlError("times must be a whole number from 1, or null")
        if not (is_number(skip, int) and skip >= 0):
            raise ControlError("skip must be a whole number from 0")
        if not isinstance(about, dict) or set(about) - set(ABOUT):
            raise ControlError(f"about may have {', '.join(ABOUT)}")
        _check_options(kind, operation, options)
        return cls(operation, kind, options, times, skip, about)

    def to_json(self) -> dict[str, Any]:
        """Returns the rule as the control interface shows it, with how often it fired."""
        return {
            "operation": self.operation,
            "kind": self.kind,
            **self.options,
            "times": self.times,
            "skip": self.skip,
            "about": self.about,
            "fired": self.fired,
        }

    def matches(self, operation: str, about: dict[str, str]) -> bool:
        """Tells whether the rule is for a call and not used up.

        Args:
            operation: The call's operation.
            about: The call's request members of `ABOUT`.
        """
        return (
            self.operation in {"*", operation}
            and operation in OPERATIONS.get(self.kind, {operation})
            and (self.times is None or self.fired < self.times)
            and self.about.items() <= about.items()
        )

    def fires(self) -> bool:
        """Counts a call that the rule is for, and tells whether it changes this one."""
        self.seen += 1
        if self.seen <= self.skip:
            return False
        self.fired += 1
        return True

    def rewritten(self, status: int, body: bytes) -> Answer | None:
        """Returns what a rule of `ON_ANSWERS` makes of an answer; None if it leaves it alone.

        Args:
            status: The HTTP status.
            body: The JSON.
        """
        if self.kind == "omit":
            return self._without_members(status, body) if status < 400 else None
        return self._recoded(status, body) if 400 <= status < 500 else None

    def _recoded(self, status: int, body: bytes) -> Answer | None:
        content = json.loads(body)
        if self.options["of"] not in {None, content["__type"]}:
            return None
        content["__type"] = self.options["code"]
        if self.options["message"] is not None:
            content["message"] = self.options["message"]
        return Answer(self.options["status"] or status, content)

    def _without_members(self, status: int, body: bytes) -> Answer | None:
        content = json.loads(body or b"{}")
        left = self._left(content, None)
        return None if left == content else Answer(status, left)

    def _left(self, content: Any, status: str | None) -> Any:
        if isinstance(content, list):
            return [self._left(one, status) for one in content]
        if not isinstance(content, dict):
            return content
        status = content.get("status", status)
        omitted = self.options["members"]
        if self.options["status"] is not None and status not in self.options["status"]:
            omitted = []
        return {
            name: self._left(one, status) for name, one in content.items() if name not in omitted
        }


class Answer(NamedTuple):
    """What a call is answered.

    Attributes:
        status: The HTTP status.
        content: The JSON.
    """

    status: int
    content: dict[str, Any]


def _check_options(kind: str, operation: str, options: dict[str, Any]) -> None:
    operations = OPERATIONS.get(kind, {operation})
    if operation not in operations:
        raise ControlError(f"operation must be one of {', '.join(sorted(operations))}")
    for name, option in OPTIONS[kind].items():
        if not option.allows(options[name]):
            raise ControlError(f"{name} must be {option.words}")
    if kind == "stay":
        allowed = [lifecycle.CREATE_IN_PROGRESS, lifecycle.CREATE_PENDING]
        if operation in DELETIONS:
            allowed = [lifecycle.DELETE_IN_PROGRESS, lifecycle.DELETE_PENDING]
        if operation == "DeleteDatasetGroup":
            allowed = [lifecycle.DELETE_PENDING]
        options["status"] = options["status"] or allowed[0]
        if options["status"] not in allowed:
            raise ControlError(f"status must be one of {', '.join(allowed)}")


class Faults:
    """The rules in force, in the order in which they were added."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._lock = Lock()

    def add(self, rule: Fault) -> None:
        """Adds a rule.

        Args:
            rule: The rule.
        """
        with self._lock:
            self._rules.append(rule)

    def clear(self) -> None:
        """Removes all rules."""
        with self._lock:
            self._rules.clear()

    def to_json(self) -> list[dict[str, Any]]:
        """Returns all rules as the control interface shows them."""
        with self._lock:
            return [rule.to_json() for rule in self._rules]

    def take(self, operation: str, about: dict[str, str]) -> Fault | None:
        """Picks the one rule that changes a call before it is answered, and counts it.

        Args:
            operation: The call's operation.
            about: The call's request members of `ABOUT`.

        Returns:
            The first rule that matches and has no calls left to skip; None if there is none.
        """
        with self._lock:
            for rule in self._matching(operation, about):
                if rule.kind not in ON_ANSWERS and rule.fires():
                    return rule
        return None

    def rewrite(
        self, operation: str, about: dict[str, str], status: int, body: bytes
    ) -> Answer | None:
        """Picks the one rule that changes what the service answered, and counts it.

        Args:
            operation: The call's operation.
            about: The call's request members of `ABOUT`.
            status: The HTTP status of the answer.
            body: The JSON of the answer.

        Returns:
            What is answered instead; None if no rule changes it.
        """
        with self._lock:
            for rule in self._matching(operation, about):
                if rule.kind in ON_ANSWERS:
                    answer = rule.rewritten(status, body)
                    if answer and rule.fires():
                        return answer
        return None

    def _matching(self, operation: str, about: dict[str, str]) -> list[Fault]:
        return [rule for rule in self._rules if rule.matches(operation, about)]
