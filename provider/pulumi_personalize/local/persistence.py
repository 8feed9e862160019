"""The state file: everything that the endpoint holds, as JSON that a person can read."""

from __future__ import annotations

import json
import os
import secrets
import sys
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .personalize.models import (
    Dataset,
    DatasetGroup,
    EventTracker,
    Resource,
    Schema,
    StatefulResource,
    personalize_backends,
)
from .personalizeevents.models import personalizeevents_backends

if TYPE_CHECKING:
    from .personalize.models import PersonalizeBackend

VERSION = 1

KINDS: dict[str, type[Resource]] = {
    "schemas": Schema,
    "dataset_groups": DatasetGroup,
    "datasets": Dataset,
    "event_trackers": EventTracker,
}
"""The collections of a backend, by attribute name."""


class StateFileError(Exception):
    """The state file cannot be read or written; the text says which and why."""


def all_backends() -> list[tuple[str, str, PersonalizeBackend]]:
    """Returns account, region and backend of each place where resources may be."""
    found = list(personalize_backends.iter_backends())
    return cast("list[tuple[str, str, PersonalizeBackend]]", found)


def forget() -> None:
    """Empties all backends of this process."""
    for backends in (personalize_backends, personalizeevents_backends):
        for account in backends.values():
            account.reset()


def dump() -> dict[str, Any]:
    """Returns everything that the backends of this process hold, as JSON types."""
    accounts: dict[str, Any] = {}
    for account, region, backend in all_backends():
        backend.settle()
        content = {
            **{kind: [_dump(one) for one in getattr(backend, kind).values()] for kind in KINDS},
            "tags": {arn: tags for arn, tags in backend.tagger.tags.items() if tags},
            "events": personalizeevents_backends[account][region].events,
            "puts": personalizeevents_backends[account][region].puts,
        }
        if any(content.values()):
            accounts.setdefault(account, {})[region] = content
    return {"version": VERSION, "accounts": accounts}


def load(state: Any) -> None:
    """Fills the backends of this process, which must be empty.

    Args:
        state: What `dump` returned.

    Raises:
        AttributeError, KeyError, TypeError, ValueError: That is not what it returned.
    """
    if state["version"] != VERSION:
        raise ValueError(f"version {state['version']!r} is not {VERSION}")
    for account, regions in state["accounts"].items():
        for region, content in regions.items():
            backend = personalize_backends[account][region]
            for kind, model in KINDS.items():
                resources = [_load(model, one) for one in content[kind]]
                setattr(backend, kind, {one.arn: one for one in resources})
            backend.tagger.tags = {arn: dict(tags) for arn, tags in content["tags"].items()}
            events = personalizeevents_backends[account][region]
            events.events, events.puts = list(content["events"]), list(content.get("puts", []))


def _dump(resource: Resource) -> dict[str, Any]:
    values = {item.name: getattr(resource, item.name) for item in fields(resource)}
    values["creation_date_time"] = resource.creation_date_time.isoformat()
    if isinstance(resource, StatefulResource):
        values["state"] = resource.dump_state()
    return values


def _load(model: type[Resource], values: dict[str, Any]) -> Resource:
    values = dict(values)
    state = values.pop("state", None)
    if not all(value is None or isinstance(value, str) for value in values.values()):
        raise TypeError(f"a value of a {model.__name__} is not a string")
    values["creation_date_time"] = datetime.fromisoformat(values["creation_date_time"])
    resource = model(**values)
    if isinstance(resource, StatefulResource):
        resource.load_state(state or {})
    return resource


# A link that somebody else has put there is not followed.
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)  # not on Windows
_LOCK_FLAGS = os.O_RDWR | os.O_CREAT | _NO_LINK
_SCRATCH_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK


def _lock(descriptor: int) -> None:
    """Locks a file; raises BlockingIOError if another process has locked it."""
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError from error
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class StateFile:
    """The file in which the endpoint's contents are saved.

    Attributes:
        path: Where it is.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).resolve()
        self._written: str | None = None
        self._lock: int | None = None

    def lock(self) -> None:
        """Reserves the file for this process, until it ends or calls `unlock`.

        Raises:
            StateFileError: Another process has it, or it is no regular file.
        """
        try:
            if self.path.exists() and not self.path.is_file():
                raise StateFileError(f"the state file {self.path} is no regular file")
            self._lock = os.open(self.path.with_name(f"{self.path.name}.lock"), _LOCK_FLAGS, 0o600)
            _lock(self._lock)
        except BlockingIOError as error:
            self.unlock()
            used = f"another endpoint uses the state file {self.path}"
            raise StateFileError(used) from error
        except OSError as error:
            raise StateFileError(f"cannot lock the state file {self.path}: {error}") from error

    def unlock(self) -> None:
        """Lets other processes use the file."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def load(self) -> None:
        """Fills the backends, which must be empty, from the file; no file means nothing held.

        Raises:
            StateFileError: The file is broken or of another version, and was left as it is.
        """
        try:
            self._written = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError) as error:
            raise StateFileError(f"cannot read the state file {self.path}: {error}") from error
        try:
            load(json.loads(self._written))
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise StateFileError(f"cannot use the state file {self.path}: {reason}") from error

    def save(self) -> None:
        """Writes what the backends hold, so that the file has either the old or the new state.

        Raises:
            StateFileError: The file cannot be written.
        """
        text = json.dumps(dump(), indent=1) + "\n"
        if text == self._written:
            return
        scratch = self.path.with_name(f"{self.path.name}.{secrets.token_hex(8)}.tmp")
        try:
            descriptor = os.open(scratch, _SCRATCH_FLAGS, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            scratch.replace(self.path)
        except OSError as error:
            scratch.unlink(missing_ok=True)
            raise StateFileError(f"cannot write the state file {self.path}: {error}") from error
        self._written = text
