"""Checks a request against the constraints of the service model.

Constraints: https://smithy.io/2.0/spec/constraint-traits.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

# The model's patterns use \p{L} and the like, which the standard library does not know.
import regex  # type: ignore[import-untyped]

from .exceptions import InvalidInputException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.model import Shape

JSON_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "float": (int, float),
    "timestamp": (int, float),
}
"""The JSON types that may stand for each type of the two Personalize service models."""


def check(shape: Shape, value: Any) -> None:
    """Refuses a request that breaks a constraint of its input shape.

    Args:
        shape: The operation's input shape.
        value: The request as JSON gives it.

    Raises:
        InvalidInputException: At least one constraint is broken; the message names all, in the
            form that AWS gives. Values of shapes marked sensitive are not repeated in it.
    """
    found = list(_violations(shape, value, "", hidden=False))
    if found:
        errors = "error" if len(found) == 1 else "errors"
        raise InvalidInputException(
            f"{len(found)} validation {errors} detected: {'; '.join(found)}"
        )


def _violations(shape: Shape, value: Any, path: str, *, hidden: bool) -> Iterator[str]:
    hidden = hidden or bool(shape.metadata.get("sensitive"))
    for rule in _broken_rules(shape, value):
        shown = f" '{value}'" if isinstance(value, str | int | float) and not hidden else ""
        yield f"Value{shown} at '{path}' failed to satisfy constraint: {rule}"
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in shape.members.items():  # type: ignore[attr-defined]
            member_path = f"{path}.{name}" if path else name
            if value.get(name) is not None:
                yield from _violations(member, value[name], member_path, hidden=hidden)
            elif name in shape.metadata.get("required", ()):
                yield (
                    f"Value null at '{member_path}' failed to satisfy constraint: "
                    "Member must not be null"
                )
    elif shape.type_name == "list" and isinstance(value, list):
        for number, item in enumerate(value, 1):
            member = shape.member  # type: ignore[attr-defined]
            yield from _violations(member, item, f"{path}.{number}.member", hidden=hidden)


def _broken_rules(shape: Shape, value: Any) -> Iterator[str]:
    if isinstance(value, bool) or not _has_type(value, shape):
        yield f"Member must be a {shape.type_name}"
        return
    limits: dict[str, Any] = shape.metadata
    if shape.type_name in {"string", "list"}:
        size, kind = len(value), "length"
    else:
        size, kind = value, "value"
    if "min" in limits and size < limits["min"]:
        yield f"Member must have {kind} greater than or equal to {limits['min']}"
    if "max" in limits and size > limits["max"]:
        yield f"Member must have {kind} less than or equal to {limits['max']}"
    if "enum" in limits and value not in limits["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]"
    if "pattern" in limits and not matches(limits["pattern"], value):
        yield f"Member must satisfy regular expression pattern: {limits['pattern']}"


def _has_type(value: Any, shape: Shape) -> bool:
    return isinstance(value, JSON_TYPES[shape.type_name])


def matches(pattern: str, value: str) -> bool:
    r"""Tells whether the whole of a value matches a pattern of the service model.

    Args:
        pattern: A pattern for Java's regular expressions, where \d is 0 to 9 only.
        value: What is to match.

    Returns:
        True if all of it does.
    """
    # With the ASCII flag \p{L} would be ASCII only too; no pattern has both \p and \d.
    flags = 0 if r"\p" in pattern else regex.ASCII
    return regex.fullmatch(pattern, value, flags=flags) is not None
