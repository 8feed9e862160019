"""Faults that the endpoint shows on purpose, for tests of clients."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from .personalize import lifecycle

MAX_SECONDS = 86400
"""How long a delay, a creation or a deletion may be made to take."""

ABOUT = ("name", "datasetGroupArn", "eventTrackerArn")
"""The request members that say what a call is about."""

CREATIONS = {"CreateEventTracker", "CreateDataset", "CreateDatasetGroup"}
DELETIONS = {"DeleteEventTracker", "DeleteDataset", "DeleteDatasetGroup"}

CODE = re.compile("[!-~]+")

OPTIONS: dict[str, dict[str, Any]] = {
    "delay": {"seconds": 1.0, "when": "before"},
    "error": {"code": "ThrottlingException", "status": 400, "message": "Rate exceeded"},
    "close": {"when": "before"},
    "stay": {"status": None},
    "fail": {},
}
"""The kinds of faults with the options of each and their defaults."""


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
            in CREATE FAILED).
        options: The options of the kind, complete.
        times: How many calls it changes; None for all.
        skip: How many matching calls pass before the first that it changes.
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
        options = {name: rule.get(name, default) for name, default in OPTIONS[kind].items()}
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
            and (self.times is None or self.fired < self.times)
            and self.about.items() <= about.items()
        )


def is_number(value: Any, kind: type = float) -> bool:
    """Tells whether a JSON value is a number, whole if `kind` is int."""
    numbers = (int,) if kind is int else (int, float)
    return isinstance(value, numbers) and not isinstance(value, bool)


def is_seconds(value: Any) -> bool:
    """Tells whether a JSON value is a time that something may be made to take."""
    return is_number(value) and 0 <= value <= MAX_SECONDS


def _check_options(kind: str, operation: str, options: dict[str, Any]) -> None:
    if options.get("when", "before") not in ["before", "after"]:
        raise ControlError('when must be "before" or "after"')
    if kind == "delay" and not is_seconds(options["seconds"]):
        raise ControlError(f"seconds must be a number, 0 to {MAX_SECONDS}")
    if kind == "error" and not (
        is_number(options["status"], int) and 400 <= options["status"] <= 599
    ):
        raise ControlError("status must be a whole number, 400 to 599")
    if kind == "error" and not (
        isinstance(options["code"], str) and CODE.fullmatch(options["code"])
    ):
        raise ControlError("code must be printable ASCII without spaces: it goes into a header")
    if kind == "error" and not isinstance(options["message"], str):
        raise ControlError("message must be a string")
    if kind == "fail" and operation not in CREATIONS:
        raise ControlError(f"operation must be one of {', '.join(sorted(CREATIONS))}")
    if kind == "stay":
        if operation in CREATIONS:
            allowed = [lifecycle.CREATE_IN_PROGRESS, lifecycle.CREATE_PENDING]
        elif operation in DELETIONS:
            allowed = [lifecycle.DELETE_IN_PROGRESS, lifecycle.DELETE_PENDING]
        else:
            raise ControlError(
                f"operation must be one of {', '.join(sorted(CREATIONS | DELETIONS))}"
            )
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
        """Picks the one rule that changes a call, and counts it.

        Args:
            operation: The call's operation.
            about: The call's request members of `ABOUT`.

        Returns:
            The first rule that matches and has no calls left to skip; None if there is none.
        """
        with self._lock:
            for rule in self._rules:
                if rule.matches(operation, about):
                    rule.seen += 1
                    if rule.seen > rule.skip:
                        rule.fired += 1
                        return rule
        return None
