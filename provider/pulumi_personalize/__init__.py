"""Amazon Personalize event trackers for Pulumi."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .arguments import EventTrackerArgs
    from .errors import (
        AccessDeniedError,
        CancelledError,
        ConfigurationError,
        CreateFailedError,
        CredentialsError,
        DatasetGroupError,
        EventTrackerNotFoundError,
        GroupTakenError,
        InputError,
        PersonalizeError,
        ServiceError,
        TransientError,
        UnexpectedResponseError,
        UnreachableError,
        WaitTimeoutError,
    )
    from .event_tracker import EventTracker
    from .lookup import GetEventTrackerResult, get_event_tracker, get_event_tracker_output

__all__ = [
    "AccessDeniedError",
    "CancelledError",
    "ConfigurationError",
    "CreateFailedError",
    "CredentialsError",
    "DatasetGroupError",
    "EventTracker",
    "EventTrackerArgs",
    "EventTrackerNotFoundError",
    "GetEventTrackerResult",
    "GroupTakenError",
    "InputError",
    "PersonalizeError",
    "ServiceError",
    "TransientError",
    "UnexpectedResponseError",
    "UnreachableError",
    "WaitTimeoutError",
    "get_event_tracker",
    "get_event_tracker_output",
]

#: PEP 440 and semver in one, as Pulumi requires of a plugin. pyproject.toml reads it from here;
#: `importlib.metadata` would take a seventh of the plugin's start.
__version__ = "0.1.0"

#: The modules of all names but the errors, none called as one of the names: an imported module
#: would take its place.
_MODULES = {
    "EventTracker": "event_tracker",
    "EventTrackerArgs": "arguments",
    "GetEventTrackerResult": "lookup",
    "get_event_tracker": "lookup",
    "get_event_tracker_output": "lookup",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Imports a name's module on first use: the native plugin needs none that import Pulumi."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(f".{_MODULES.get(name, 'errors')}", __name__)
        globals()[name] = value = getattr(module, name)
        return value
