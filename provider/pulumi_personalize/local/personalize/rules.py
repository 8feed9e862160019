"""Rules of the service that can be switched off, because AWS does not document them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """What the service refuses or shows, where two readings of its documentation are possible.

    Attributes:
        interactions_dataset: Whether a dataset group needs an Interactions dataset before it gets
            an event tracker, see https://docs.aws.amazon.com/personalize/latest/dg/recording-events.html.
        unique_names: Whether an event tracker's name is unique in an account and region.
        list_shows_going: Whether ListEventTrackers shows event trackers that are being deleted.
    """

    interactions_dataset: bool = True
    unique_names: bool = True
    list_shows_going: bool = True
