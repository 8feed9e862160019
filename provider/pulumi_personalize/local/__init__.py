"""An Amazon Personalize on this machine, for people and tests without an AWS account.

`LocalEndpoint` runs it in this process, ``python -m pulumi_personalize.local`` in its own;
`ControlClient` sets its pace, rules and faults, and reads its calls and events;
`make_dataset_group` makes what an event tracker needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .client import ControlClient

if TYPE_CHECKING:
    from .dataset_group import make_dataset_group
    from .server import LocalEndpoint

__all__ = ["ControlClient", "LocalEndpoint", "make_dataset_group"]

# Moto takes its time to import, and is not needed to talk to an endpoint elsewhere; dataset_group
# is a program too.
_LATER = {"LocalEndpoint": ".server", "make_dataset_group": ".dataset_group"}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(_LATER[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
