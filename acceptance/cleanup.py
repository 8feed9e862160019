"""Deletes all that a run has made, by the run's name, after whatever has happened."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import datetime, timezone
from typing import NamedTuple

from .recorder import POLL, AcceptanceError, Clients, Clock, answer_of

#: The names of runs; nothing of another name is ever deleted.
RUN = re.compile(r"pulumi-personalize-\d{8}-[0-9a-f]{6}")
#: Seconds between two listings that both have to be empty: they may lag.
_SETTLED = 30.0
#: Seconds for which it is deleted at most.
_LIMIT = 1800.0
_BUSY = ("CREATE PENDING", "CREATE IN_PROGRESS", "DELETE PENDING", "DELETE IN_PROGRESS")


class UnansweredError(AcceptanceError):
    """Raised for a list that can't be read."""


class Made(NamedTuple):
    """What a run has made, or the service in the run's groups."""

    kind: str
    arn: str
    name: str
    status: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name} ({self.arn})"


def new_run() -> str:
    """Returns a name for a run."""
    return f"pulumi-personalize-{datetime.now(timezone.utc):%Y%m%d}-{secrets.token_hex(3)}"


def find(clients: Clients, run: str) -> list[Made]:
    """Lists what a run has made, in the order in which it can be deleted.

    Trackers and datasets inside the run's groups count, whoever made them.
    """
    groups = [one for one in _list(clients, "DatasetGroup") if _is_of(run, one)]
    inside: list[Made] = []
    for group in groups:
        inside += _list(clients, "EventTracker", datasetGroupArn=group.arn)
    # Others may have outlived their group.
    inside += [one for one in _list(clients, "EventTracker") if _is_of(run, one)]
    for group in groups:
        inside += _list(clients, "Dataset", datasetGroupArn=group.arn)
    schemas = [one for one in _list(clients, "Schema") if _is_of(run, one)]
    return list(dict.fromkeys([*inside, *groups, *schemas]))


def clean(clients: Clients, run: str, clock: Clock, say: Callable[[str], None]) -> None:
    """Deletes what a run has made, and waits until it is gone; what fails is repeated.

    Raises:
        AcceptanceError: Something is left, or the credentials can't be used.
    """
    began, empty_since, told = clock.now(), None, set[str]()
    while True:
        found, reasons = [], dict[str, str]()
        try:
            found = find(clients, run)
        except UnansweredError as error:
            reasons["listing"] = str(error)
        for one in found:
            if one.arn not in told and not re.fullmatch(f"{run}(-[a-z0-9])?", one.name):
                say(f"the service has made {one}")
            told.add(one.arn)
            if one.status not in _BUSY:
                reasons[str(one)] = _delete(clients, one)
        if found or reasons:
            empty_since = None
        elif empty_since is None:
            empty_since = clock.now()
        elif clock.now() - empty_since >= _SETTLED:
            return
        if clock.now() - began > _LIMIT:
            states = {str(one): one.status for one in found} | reasons
            left = "; ".join(f"{one} ({state})" for one, state in states.items())
            raise AcceptanceError(f"left after {_LIMIT:.0f} s: {left}")
        clock.sleep(POLL)


def schemas(clients: Clients) -> set[str]:
    """Lists the ARNs of all schemas.

    Raises:
        AcceptanceError: They can't be listed.
    """
    return {one.arn for one in _list(clients, "Schema")}


def member_of(kind: str) -> str:
    """Returns how the members of a kind begin, as ``eventTracker`` in ``eventTrackerArn``."""
    return f"{kind[0].lower()}{kind[1:]}"


def _delete(clients: Clients, made: Made) -> str:
    """Requests a deletion; returns why it was refused, if it was."""
    request = {f"{member_of(made.kind)}Arn": made.arn}
    answer, failure = answer_of(clients, f"Delete{made.kind}", request)
    return failure or str(answer.get("Error", {}).get("Code", made.status))


def _is_of(run: str, made: Made) -> bool:
    return made.name == run or made.name.startswith(f"{run}-")


def _list(clients: Clients, kind: str, **request: str) -> list[Made]:
    member = member_of(kind)
    found: list[Made] = []
    token: dict[str, str] = {}
    while True:
        answer, failure = answer_of(clients, f"List{kind}s", {**request, **token})
        error = answer.get("Error", {})
        if failure or error:
            reason = failure or f"{error.get('Code')}: {error.get('Message')}"
            raise UnansweredError(f"List{kind}s: {reason}")
        for one in answer.get(f"{member}s", []):
            arn, name = one.get(f"{member}Arn", ""), one.get("name", "")
            found.append(Made(kind, arn, name, one.get("status", "")))
        token = {"nextToken": answer["nextToken"]} if answer.get("nextToken") else {}
        if not token:
            return found
