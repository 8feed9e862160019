"""Amazon Personalize event trackers for Pulumi."""

from typing import TYPE_CHECKING

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
    NameTakenError,
    PersonalizeError,
    ServiceError,
    TransientError,
    UnreachableError,
    WaitTimeoutError,
)
from .event_tracker import EventTracker
from .get_event_tracker import (
    GetEventTrackerResult,
    get_event_tracker,
    get_event_tracker_output,
)

if TYPE_CHECKING:
    __version__: str

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
    "NameTakenError",
    "PersonalizeError",
    "ServiceError",
    "TransientError",
    "UnreachableError",
    "WaitTimeoutError",
    "get_event_tracker",
    "get_event_tracker_output",
]


def __getattr__(name: str) -> str:
    """The version, looked up only where it is asked for: it takes a millisecond of every run."""
    if name == "__version__":
        from importlib.metadata import version

        return version("pulumi-personalize")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
