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
    """Deletes what a run has made, and waits until it is gone.

    Raises:
        AcceptanceError: Something is left.
    """
    began, empty_since, told = clock.now(), None, set[str]()
    refused: dict[str, str] = {}
    while True:
        found = find(clients, run)
        for one in found:
            if one.arn not in told and not _is_of(run, one):
                say(f"the service has made {one}")
            told.add(one.arn)
            if one.status not in _BUSY:
                answer = answer_of(
                    clients,
                    f"Delete{one.kind}",
                    {f"{one.kind[0].lower()}{one.kind[1:]}Arn": one.arn},
                )
                refused[one.arn] = answer.get("Error", {}).get("Code", "")
        if found:
            empty_since = None
        elif empty_since is None:
            empty_since = clock.now()
        elif clock.now() - empty_since >= _SETTLED:
            return
        if clock.now() - began > _LIMIT:
            left = "; ".join(f"{one}: {one.status} {refused.get(one.arn, '')}" for one in found)
            raise AcceptanceError(f"left after {_LIMIT:.0f} s: {left}")
        clock.sleep(POLL)


def _is_of(run: str, made: Made) -> bool:
    return made.name == run or made.name.startswith(f"{run}-")


def _list(clients: Clients, kind: str, **request: str) -> list[Made]:
    member = f"{kind[0].lower()}{kind[1:]}"
    found: list[Made] = []
    token: dict[str, str] = {}
    while True:
        answer = answer_of(clients, f"List{kind}s", {**request, **token})
        if error := answer.get("Error"):
            raise AcceptanceError(f"List{kind}s: {error.get('Code')}: {error.get('Message')}")
        for one in answer.get(f"{member}s", []):
            arn, name = one.get(f"{member}Arn", ""), one.get("name", "")
            found.append(Made(kind, arn, name, one.get("status", "")))
        token = {"nextToken": answer["nextToken"]} if answer.get("nextToken") else {}
        if not token:
            return found
