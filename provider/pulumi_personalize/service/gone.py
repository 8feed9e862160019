"""Makes sure that an event tracker that is not found is gone, and not looked for elsewhere.

With other credentials, or at another endpoint, every tracker is "not found".
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..errors import AccessDeniedError, EventTrackerNotFoundError, PersonalizeError, ServiceError
from .aws import Personalize
from .aws_errors import other_account
from .model import EventTracker
from .names import parse_arn
from .waiter import Wait


@contextlib.contextmanager
def explained(personalize: Personalize, tracker: EventTracker, operation: str) -> Iterator[None]:
    """Names operation and tracker in an error.

    If a call is denied to the credentials of another account, it names both accounts.
    """
    try:
        yield
    except PersonalizeError as error:
        if isinstance(error, AccessDeniedError):
            owner, account, _ = _accounts(personalize, tracker)
            if account and account != owner:
                error = error.with_advice(other_account(owner, account))
        raise error.about(operation, str(tracker)) from error.__cause__


def check_gone(personalize: Personalize, tracker: EventTracker, wait: Wait, urn: str = "") -> None:
    """Raises an error unless an event tracker that was not found is certainly gone.

    It is gone if this operation has seen it before, if its dataset group is found, or if STS says
    that the credentials are of the tracker's account.

    Args:
        personalize: Where it was not found.
        tracker: The event tracker.
        wait: The wait that reading the dataset group is a part of.
        urn: Its URN; empty if the caller only knows the one in the state, which a rename of the
            stack may have made wrong.

    Raises:
        EventTrackerNotFoundError: It may exist in another account, or at another endpoint.
    """
    if tracker.arn in personalize.seen:
        return
    reason = "and neither is its dataset group"
    try:
        if personalize.finds_group(tracker.dataset_group_arn, wait):
            return
    except ServiceError as error:
        reason = f"and its dataset group can't be read ({error.code or error.message})"
    owner, account, failure = _accounts(personalize, tracker)
    if account and account == owner:
        return
    if account:
        message = f"is not found by credentials of account {account}, but is of account {owner}"
        advice = f"Use credentials of account {owner}"
    else:
        message = f"is not found, {reason}, at {personalize.endpoint(tracker.arn)}"
        advice = "Check the credentials and personalize:endpointUrl"
        if failure:
            advice = f"{advice}. STS can't be asked: {failure}"
    command = f"pulumi state delete '{urn}'" if urn else "pulumi state delete URN"
    raise EventTrackerNotFoundError(
        message,
        advice=(
            f"{advice}. If it was deleted with its dataset group, run `{command}` "
            "(`pulumi stack --show-urns` shows URNs)"
        ),
    )


def _accounts(personalize: Personalize, tracker: EventTracker) -> tuple[str, str, str]:
    """The accounts of a tracker and of the credentials, empty if not known; and why."""
    parts = parse_arn(tracker.arn)
    if not parts:
        return "", "", ""
    try:
        return parts.account, personalize.account(tracker.arn) or "", ""
    except ServiceError as error:
        return parts.account, "", error.reason
