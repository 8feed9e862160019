"""Handles incoming personalizeevents requests, invokes methods, returns responses."""

from __future__ import annotations

from moto.core.responses import ActionResult, EmptyResult

from ..personalize.responses import ValidatedResponse
from .models import PersonalizeEventsBackend, personalizeevents_backends


class PersonalizeEventsResponse(ValidatedResponse):
    """Handler for PersonalizeEvents requests and responses."""

    def __init__(self) -> None:
        super().__init__(service_name="personalize-events")

    @property
    def personalizeevents_backend(self) -> PersonalizeEventsBackend:
        """Return backend instance specific for this region."""
        return personalizeevents_backends[self.current_account][self.region]

    def _get_action(self) -> str:
        return self._get_action_from_method_and_request_uri(self.normalized_request)

    def put_events(self) -> ActionResult:
        """Answers PutEvents."""
        self.personalizeevents_backend.put_events(
            tracking_id=self._get_param("trackingId"),
            user_id=self._get_param("userId"),
            session_id=self._get_param("sessionId"),
            event_list=self._get_param("eventList"),
        )
        return EmptyResult()

    def put_items(self) -> ActionResult:
        """Answers PutItems."""
        return self._keep("PutItems")

    def put_users(self) -> ActionResult:
        """Answers PutUsers."""
        return self._keep("PutUsers")

    def put_action_interactions(self) -> ActionResult:
        """Answers PutActionInteractions."""
        return self._keep("PutActionInteractions")

    def _keep(self, operation: str) -> ActionResult:
        self.personalizeevents_backend.keep(operation, self.params)
        return EmptyResult()
