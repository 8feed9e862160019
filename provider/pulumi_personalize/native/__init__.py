"""Amazon Personalize event trackers, served by a native provider of Pulumi.

The same arguments and outputs as in `pulumi_personalize`; in addition ``pulumi import``, all of
Pulumi's languages, ``custom_timeouts``, and previews that know which outputs stay.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .event_tracker import EventTracker, Provider, get_event_tracker, get_event_tracker_output

__all__ = [
    "EventTracker",
    "Provider",
    "get_event_tracker",
    "get_event_tracker_output",
]

#: The schema's token of the function.
GET_EVENT_TRACKER = "personalize:index:getEventTracker"
#: What the Python class tells the plugin of its program, beside the resource's own options.
VERSION, AWS_KEYS, SECRET_KEYS = "version", "aws", "secret"

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Imports what programs use on first use; the plugin needs none of it."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import event_tracker

        return getattr(event_tracker, name)
