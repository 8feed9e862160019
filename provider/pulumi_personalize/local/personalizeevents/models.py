"""PersonalizeEventsBackend class with methods for supported APIs."""

from __future__ import annotations

import json
from typing import Any

from moto.core.base_backend import BackendDict, BaseBackend

from ..personalize import lifecycle
from ..personalize.exceptions import ResourceNotFoundException
from ..personalize.models import PersonalizeBackend, personalize_backends
from .exceptions import InvalidInputException


class PersonalizeEventsBackend(BaseBackend):
    """Implementation of PersonalizeEvents APIs.

    Attributes:
        events: What was accepted, in order: dicts of trackingId, sessionId, userId (or None) and
            event, the latter as in the request. They outlive their tracker.
        puts: What the other operations were sent, in order: dicts of operation and request.
    """

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.events: list[dict[str, Any]] = []
        self.puts: list[dict[str, Any]] = []

    def put_events(
        self,
        tracking_id: str,
        user_id: str | None,
        session_id: str,
        event_list: list[dict[str, Any]],
    ) -> None:
        """Keeps events, each a dict as in the request, of an ACTIVE event tracker.

        https://docs.aws.amazon.com/personalize/latest/dg/API_UBS_PutEvents.html
        """
        self._check_tracker(tracking_id)
        for event in event_list:
            properties = event.get("properties")
            if properties is not None and not _is_json_object(properties):
                raise InvalidInputException("Error parsing properties json")
        self.events += [
            {
                "trackingId": tracking_id,
                "sessionId": session_id,
                "userId": user_id,
                "event": event,
            }
            for event in event_list
        ]

    def keep(self, operation: str, request: dict[str, Any]) -> None:
        """Keeps items, users or action interactions.

        https://docs.aws.amazon.com/personalize/latest/dg/API_Operations_Amazon_Personalize_Events.html
        """
        if "trackingId" in request:
            self._check_tracker(request["trackingId"])
        elif request["datasetArn"] not in self._personalize.datasets:
            raise ResourceNotFoundException(request["datasetArn"])
        self.puts.append({"operation": operation, "request": request})

    @property
    def _personalize(self) -> PersonalizeBackend:
        backend = personalize_backends[self.account_id][self.region_name]
        backend.settle()
        return backend

    def _check_tracker(self, tracking_id: str) -> None:
        trackers = self._personalize.event_trackers.values()
        tracker = next((one for one in trackers if one.tracking_id == tracking_id), None)
        if tracker is None:
            raise InvalidInputException("No event tracker has the given tracking ID.")
        if tracker.status != lifecycle.ACTIVE:
            raise InvalidInputException(
                f"The event tracker of the given tracking ID is in {tracker.status} state, "
                f"not {lifecycle.ACTIVE}."
            )


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


personalizeevents_backends = BackendDict(PersonalizeEventsBackend, "personalize-events")
