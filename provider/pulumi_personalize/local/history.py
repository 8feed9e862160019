"""What the endpoint held a while ago, for reads that lag."""

from __future__ import annotations

from contextlib import contextmanager
from copy import copy
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from moto.core.utils import utcnow
from moto.moto_api import state_manager

from .faults import MAX_LAG
from .persistence import KINDS, all_backends
from .personalize import lifecycle
from .personalize.models import StatefulResource, personalize_backends

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from .personalize.models import PersonalizeBackend

COLLECTIONS = {model: kind for kind, model in KINDS.items() if issubclass(model, StatefulResource)}
"""The collection of a backend, by attribute name, for each model that reads may lag for."""


class Version(NamedTuple):
    """How a resource was from some moment on.

    Attributes:
        time: The moment (UTC, without a time zone).
        model: Its class; None if it was gone.
        values: Its attributes.
        tags: Its tags.
        transition: How it went on from there by itself, as moto's state manager says it.
    """

    time: datetime
    model: type[StatefulResource] | None
    values: dict[str, Any]
    tags: dict[str, str | None]
    transition: dict[str, Any]

    def resource(self, then: datetime) -> StatefulResource | None:
        """Returns a copy frozen at the given moment; None if it did not exist then.

        Args:
            then: The moment.
        """
        if self.model is None:
            return None
        # Moto keeps all instances that are made in the usual way.
        resource: StatefulResource = object.__new__(self.model)
        vars(resource).update(self.values)
        resource.hold = resource.settle(then, self.transition)
        return None if resource.hold == lifecycle.GONE else resource


class History:
    """What the backends of this process held in the last `MAX_LAG` seconds, by versions."""

    def __init__(self) -> None:
        self._versions: dict[str, list[Version]] = {}

    def restart(self) -> None:
        """Forgets older versions; the present contents count as unchanged."""
        self._versions.clear()
        self._note(utcnow() - timedelta(seconds=MAX_LAG), None)

    def note(self, arns: Collection[str] | None = None) -> None:
        """Takes down what has changed, other than by itself.

        Args:
            arns: The resources that may have changed, and others; None for all.
        """
        self._note(utcnow(), arns)

    def forget(self, arn: str) -> None:
        """Drops a resource as if it had never been there.

        Args:
            arn: The resource.
        """
        self._versions.pop(arn, None)

    @contextmanager
    def as_of(self, then: datetime) -> Iterator[None]:
        """Temporarily restores the backends to a past moment, for reading only.

        Args:
            then: The moment (UTC, without a time zone).
        """
        past = list(self._past(then))
        present = [(backend, dict(vars(backend))) for *_, backend in all_backends()]
        for backend, _ in present:
            vars(backend).update({kind: {} for kind in COLLECTIONS.values()})
            backend.tagger = copy(backend.tagger)
            backend.tagger.tags = {}
        for backend, resource, tags in past:
            getattr(backend, COLLECTIONS[type(resource)])[resource.arn] = resource
            backend.tagger.tags[resource.arn] = tags
        try:
            yield
        finally:
            for backend, values in present:
                vars(backend).update(values)

    def _past(
        self, then: datetime
    ) -> Iterator[tuple[PersonalizeBackend, StatefulResource, dict[str, str | None]]]:
        for arn, versions in self._versions.items():
            version = next((one for one in reversed(versions) if one.time <= then), None)
            resource = version.resource(then) if version else None
            if version and resource:
                region, account = arn.split(":")[3:5]
                yield personalize_backends[account][region], resource, version.tags

    def _note(self, now: datetime, arns: Collection[str] | None) -> None:
        gone = set(self._versions)
        for *_, backend in all_backends():
            there = backend.stateful()
            gone.difference_update(there)
            for arn in there if arns is None else there.keys() & arns:
                transition = state_manager.get_transition(there[arn].model_name)
                tags = backend.tagger.tags.get(arn, {})
                self._add(arn, Version(now, type(there[arn]), vars(there[arn]), tags, transition))
        for arn in gone:
            self._add(arn, Version(now, None, {}, {}, {}))
        self._drop_before(now - timedelta(seconds=MAX_LAG))

    def _add(self, arn: str, version: Version) -> None:
        versions = self._versions.setdefault(arn, [])
        if not versions or versions[-1][1:] != version[1:]:
            kept = version._replace(values=dict(version.values), tags=dict(version.tags))
            versions.append(kept)

    def _drop_before(self, horizon: datetime) -> None:
        for arn, versions in list(self._versions.items()):
            while len(versions) > 1 and versions[1].time <= horizon:
                del versions[0]
            if versions[-1].model is None and versions[-1].time <= horizon:
                del self._versions[arn]
