"""An Amazon Personalize on this machine, for people and tests without an AWS account.

`LocalEndpoint` runs it in this process, ``python -m pulumi_personalize.local`` in its own;
`ControlClient` sets its pace and faults, and reads its calls and events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .client import ControlClient

if TYPE_CHECKING:
    from .server import LocalEndpoint

__all__ = ["ControlClient", "LocalEndpoint"]


def __getattr__(name: str) -> Any:
    # Moto takes its time to import, and is not needed to talk to an endpoint elsewhere.
    if name == "LocalEndpoint":
        from .server import LocalEndpoint

        return LocalEndpoint
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
