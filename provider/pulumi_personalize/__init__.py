"""Amazon Personalize event trackers for Pulumi."""

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
from .lookup import GetEventTrackerResult, get_event_tracker, get_event_tracker_output
from .resource import EventTracker

__all__ = [
    "AccessDeniedError",
    "CancelledError",
    "ConfigurationError",
    "CreateFailedError",
    "CredentialsError",
    "DatasetGroupError",
    "EventTracker",
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
