"""What is asked of a create, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .. import errors
from .inputs import Inputs
from .model import EventTracker
from .ownership import Decision, Replaced
from .waiter import Limit, Report


class Created(NamedTuple):
    """What a create leaves behind.

    Attributes:
        tracker: The event tracker, ACTIVE, with all its tags.
        attempt: The attempt that its ownership tag tells; empty where it carries none.
        adopted: Whether it was there before this create.
    """

    tracker: EventTracker
    attempt: str
    adopted: bool = False


class UnfinishedError(Exception):
    """A create ended before its tracker was ready, for a caller that keeps it nevertheless.

    Attributes:
        error: Why it ended, and what to do.
        created: The tracker as it was seen last, and the attempt that its mark tells.
    """

    def __init__(self, error: errors.PersonalizeError, created: Created) -> None:
        self.error = error
        self.created = created
        super().__init__(str(error))


class Request(NamedTuple):
    """What is asked of a create.

    Attributes:
        inputs: What is wanted; group, name and tags are known by now.
        report: Is told how it stands, a line at a time.
        is_awaited: Whether anybody will keep the result. If not, the tracker stays marked as
            unfinished, so that the next create resumes it.
        expected: What the preview of this operation decided, where there was one.
        replaced: The tracker that the resource had, where this create replaces it.
        keeps_unfinished: Whether the caller can keep a tracker that is not ACTIVE yet; if so, a
            create that fails leaves it, and raises an `UnfinishedError`.
        limit: The time limit, in place of the configuration's.
    """

    inputs: Inputs
    report: Report
    is_awaited: Callable[[], bool] = lambda: True
    expected: Decision | None = None
    replaced: Replaced | None = None
    keeps_unfinished: bool = False
    limit: Limit | None = None
