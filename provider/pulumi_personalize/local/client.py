"""A client for the control interface of the local endpoint."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from urllib3 import PoolManager
from urllib3.exceptions import HTTPError


class ControlClient:
    """Talks to the control interface of a local endpoint.

    All methods raise ValueError with the endpoint's words when it refuses a request, and
    ConnectionError when it does not answer. Threads may share one.

    Attributes:
        url: The endpoint's URL.
    """

    def __init__(self, url: str) -> None:
        """Makes a client; nothing is sent.

        Args:
            url: The endpoint's URL, http://127.0.0.1:PORT.
        """
        self.url = url.rstrip("/")
        # It goes through no proxy, and keeps its connection.
        self._pool = PoolManager(timeout=30, retries=False)

    def health(self) -> dict[str, Any]:
        """Returns pid, state (the state file's path or None) and pace (seconds)."""
        return dict(self._send("GET", "health"))

    def calls(self) -> list[dict[str, Any]]:
        """Returns the service calls: operation, region, about, time, status, error, seconds."""
        return list(self._send("GET", "calls"))

    def clear_calls(self) -> None:
        """Empties the list of calls."""
        self._send("DELETE", "calls")

    def events(self, tracking_id: str) -> list[dict[str, Any]]:
        """Returns the accepted events: trackingId, sessionId, userId, event.

        Args:
            tracking_id: Of which tracker.
        """
        return list(self._send("GET", f"events?trackingId={quote(tracking_id, safe='')}"))

    def puts(self) -> list[dict[str, Any]]:
        """Returns the accepted items, users and action interactions: operation, request."""
        return list(self._send("GET", "puts"))

    def pace(self, seconds: float, models: list[str] | None = None) -> None:
        """Sets how long a creation or deletion takes, from now on.

        Args:
            seconds: From the call to the end; 0 for at once.
            models: Of "personalize::dataset_group", "personalize::dataset" and
                "personalize::event_tracker"; None for all.
        """
        self._send("PUT", "pace", {"seconds": seconds} | ({"models": models} if models else {}))

    def rules(self, **rules: bool) -> dict[str, bool]:
        """Switches rules of the service on or off; all are on at first.

        Args:
            rules: Any of interactionsDataset (a dataset group needs an Interactions dataset before
                it gets an event tracker), uniqueNames (an event tracker's name is unique in an
                account and region) and listShowsGoing (ListEventTrackers shows event trackers that
                are being deleted).

        Returns:
            All rules as they are now.
        """
        return dict(self._send("PUT", "rules", rules) if rules else self._send("GET", "rules"))

    def fault(self, operation: str, kind: str, **options: Any) -> None:
        """Adds a fault rule.

        Args:
            operation: The operation, or "*".
            kind: "delay", "error", "close", "stay", "fail", "lag", "recode" or "omit".
            options: times, skip, about, and those of the kind; see ``faults.Fault``.
        """
        self._send("POST", "faults", {"operation": operation, "kind": kind, **options})

    def faults(self) -> list[dict[str, Any]]:
        """Returns the fault rules, with how often each fired ("fired")."""
        return list(self._send("GET", "faults"))

    def clear_faults(self) -> None:
        """Removes all fault rules."""
        self._send("DELETE", "faults")

    def release(self, arn: str | None = None) -> None:
        """Lets resources go on that a fault of kind "stay" holds in a state.

        Args:
            arn: The event tracker (or other resource); None for all.
        """
        self._send("POST", "release", {"eventTrackerArn": arn})

    def forget(self, arn: str) -> None:
        """Drops an event tracker as if it had been deleted long ago.

        Args:
            arn: The event tracker.
        """
        self._send("POST", "forget", {"eventTrackerArn": arn})

    def reset(self) -> None:
        """Drops all resources, tags, events, fault rules and calls; all rules are on again."""
        self._send("POST", "reset")

    def _send(self, method: str, path: str, content: dict[str, Any] | None = None) -> Any:
        body = None if content is None else json.dumps(content)
        place = f"{self.url}/_local/{path}"
        try:
            response = self._pool.request(
                method, place, body=body, headers={"Content-Type": "application/json"}
            )
        except HTTPError as error:
            raise ConnectionError(f"{place}: {error}") from error
        said = json.loads(response.data)
        if response.status >= 400:
            raise ValueError(said.get("error") or said)
        return said
