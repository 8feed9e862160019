"""The arguments of an `EventTracker`, in each order in which Pulumi's users write them."""

# Types are kept as they are: Pulumi looks them up at run time.
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from .program import refuse


@dataclass(kw_only=True)
class EventTrackerArgs:
    """The inputs of an `EventTracker` in one object, as in generated SDKs."""

    dataset_group_arn: pulumi.Input[str]
    name: pulumi.Input[str] | None = None
    tags: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None
    adopt_existing: pulumi.Input[bool] | None = None


def take(
    resource_name: str, given: tuple[Any, ...], named: dict[str, Any]
) -> tuple[EventTrackerArgs, pulumi.ResourceOptions | None]:
    """Returns the inputs and options of a call, in whichever order it passes them.

    Raises:
        TypeError: The arguments do not match the signature.
        InputError: An input is ResourceOptions.
    """
    if "args" in named:
        given = (named.pop("args"), *given)
    first = given[0] if given else None
    if isinstance(first, EventTrackerArgs):
        return first, _options(*given[1:], **named)
    if isinstance(first, pulumi.ResourceOptions) or (given and "dataset_group_arn" in named):
        opts = _options(*given)
        return EventTrackerArgs(**named), opts
    args, opts = _usual(*given, **named)
    for name, value in vars(args).items():
        if isinstance(value, pulumi.ResourceOptions):
            refuse(resource_name, f"{name} must not be ResourceOptions", "Pass them as opts=…")
    return args, opts


def check_options(resource_name: str, opts: object) -> None:
    """Raises an `InputError` unless options are Pulumi's own."""
    if not isinstance(opts, pulumi.ResourceOptions | None):
        message = f"opts must be ResourceOptions, not {type(opts).__name__}"
        refuse(resource_name, message, "Write opts=pulumi.ResourceOptions(…)")


def _options(opts: pulumi.ResourceOptions | None = None) -> pulumi.ResourceOptions | None:
    return opts


def _usual(
    dataset_group_arn: Any,
    name: Any = None,
    tags: Any = None,
    adopt_existing: Any = None,
    opts: pulumi.ResourceOptions | None = None,
) -> tuple[EventTrackerArgs, pulumi.ResourceOptions | None]:
    args = EventTrackerArgs(
        dataset_group_arn=dataset_group_arn,
        name=name,
        tags=tags,
        adopt_existing=adopt_existing,
    )
    return args, opts


# TypeErrors name the class.
_options.__qualname__ = _usual.__qualname__ = "EventTracker"
