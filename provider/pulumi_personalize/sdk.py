"""Whether the Pulumi SDK that is installed does what the provider builds on.

pip only warns of a version out of range, and a later one may change what none has promised.
"""

from __future__ import annotations

import asyncio
import inspect
from importlib import metadata

from pulumi import dynamic
from pulumi.runtime import rpc

from .errors import ConfigurationError
from .service.inputs import CONTEXT, OWNERSHIP_TAG

#: A version that does.
KNOWN_TO_WORK = "3.272.0"


def insist() -> None:
    """Finds out before anything is changed.

    Raises:
        ConfigurationError: It does not.
    """
    for key in (CONTEXT, OWNERSHIP_TAG):
        if not _hands_on(key):
            raise refusal(f"drops the property {key}")
    if "inputs" not in inspect.signature(dynamic.ReadResult).parameters:
        raise refusal("has no ReadResult with inputs")


def refusal(what: str) -> ConfigurationError:
    """The error of an SDK that does not, and what to do about it."""
    return ConfigurationError(
        f"{metadata.version('pulumi')} {what}, which this provider depends on",
        resource="Pulumi's Python SDK",
        advice=f"Install pulumi {KNOWN_TO_WORK}, or upgrade pulumi-personalize",
    )


def _hands_on(key: str) -> bool:
    """Whether a property comes through, both ways, as its requests and answers take them."""
    loop = asyncio.new_event_loop()
    try:
        answer = loop.run_until_complete(rpc.serialize_properties({key: "kept"}, {}))
    finally:
        loop.close()
    requests = (rpc.deserialize_properties(answer), rpc.deserialize_properties(answer, True))
    return all(request == {key: "kept"} for request in requests)
