"""Amazon Personalize event trackers, served by a native provider of Pulumi.

The same arguments and outputs as of `pulumi_personalize`; beyond that, ``pulumi import``, every
language of Pulumi, ``custom_timeouts``, and a preview that knows what stays.
"""

from .event_tracker import EventTracker, Provider, get_event_tracker, get_event_tracker_output

__all__ = [
    "EventTracker",
    "Provider",
    "get_event_tracker",
    "get_event_tracker_output",
]
