"""Calls to AWS: clients made when first needed, and retries within a time limit.

boto3 and tenacity are imported here only, and only when a call is made: an update that changes
nothing makes none, and should not pay for them.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

from . import aws_errors
from .clock import Clock
from .credentials import Sessions
from .settings import Settings

if TYPE_CHECKING:
    import tenacity
    from botocore.awsrequest import AWSResponse
    from botocore.model import OperationModel
    from mypy_boto3_personalize import PersonalizeClient

Result = TypeVar("Result")

_LOG = logging.getLogger("pulumi_personalize")

#: An endpoint that never answered is given up on sooner than one that returns errors.
_UNREACHABLE_ATTEMPTS = 3


class Calls:
    """Makes the calls of one set of settings; thread-safe, with a client for each region.

    Attributes:
        settings: How to reach the service.
        clock: Tells the time and lets it pass.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self._sessions = Sessions(settings)
        self._clients: dict[str | None, PersonalizeClient] = {}
        self._answered: set[str | None] = set()
        self._lock = threading.Lock()
        #: The service's clock against ours: what it said last, and when that was here.
        self._told_time: tuple[datetime, float] | None = None

    def service_time(self) -> datetime | None:
        """The service's own time, by its last answer; ``None`` as long as it gave none.

        Clocks here may differ from it. To the second, and never ahead of it.
        """
        if self._told_time is None:
            return None
        said, here = self._told_time
        now = said + timedelta(seconds=self.clock.now() - here)
        return now.replace(microsecond=0)

    def age(self, created: str) -> float | None:
        """The seconds since a moment (ISO 8601) by the service's clock; ``None`` if not known."""
        now = self.service_time()
        if now is None or not created:
            return None
        return (now - datetime.fromisoformat(created.replace("Z", "+00:00"))).total_seconds()

    def make(
        self,
        region: str | None,
        act: Callable[[PersonalizeClient], Result],
        *,
        operation: str,
        resource: str,
        deadline: float | None = None,
        attempts: int | None = None,
    ) -> Result:
        """Makes one call, again while it is throttled or the service fails.

        Args:
            region: The region to call; ``None`` for the configured one.
            act: Makes the call with the client that it is given.
            operation: What is being done, for the error: ``creating``.
            resource: To what it is done, for the error: ``event tracker clicks``.
            deadline: The clock's time after which no further attempt is made.
            attempts: How often it is made at most; if left out, as the settings say.

        Raises:
            ServiceError: The call failed; its ``code`` is the service's.
        """
        import tenacity

        backoff = tenacity.wait_random_exponential(multiplier=0.2, max=20)
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(aws_errors.is_transient),
            wait=lambda state: self._until(deadline, backoff(state)),
            stop=lambda state: (
                state.attempt_number >= self._attempts(region, attempts, state)
                or self._until(deadline, 1) == 0
            ),
            sleep=self.clock.sleep,
            reraise=True,
        )
        try:
            answer: Result = retrying(self._attempt, region, act)
        except Exception as error:
            raise aws_errors.translate(error, operation=operation, resource=resource) from error
        return answer

    def _attempt(self, region: str | None, act: Callable[[PersonalizeClient], Result]) -> Result:
        answer = act(self._client(region))
        self._answered.add(region)
        return answer

    def _attempts(
        self, region: str | None, most: int | None, state: tenacity.RetryCallState
    ) -> int:
        """How often a call is made at most, by how the last attempt ended."""
        error = state.outcome.exception() if state.outcome else None
        if error is None or not aws_errors.is_unreachable(error):
            self._answered.add(region)
        most = most or self.settings.max_attempts
        return most if region in self._answered else min(most, _UNREACHABLE_ATTEMPTS)

    def _until(self, deadline: float | None, seconds: float) -> float:
        """So many seconds, or those that are left until the deadline, from 0."""
        if deadline is None:
            return seconds
        return max(0.0, min(seconds, deadline - self.clock.now()))

    def _client(self, region: str | None) -> PersonalizeClient:
        region = region or self.settings.region
        with self._lock:
            if region not in self._clients:
                self._clients[region] = self._new_client(region)
            return self._clients[region]

    def _new_client(self, region: str | None) -> PersonalizeClient:
        from botocore.config import Config

        # Retries are made above, where the time limit is known and the sleep is injected; adaptive
        # mode still holds the rate of calls to what the service takes.
        config = Config(
            retries={"mode": "adaptive", "total_max_attempts": 1},
            max_pool_connections=64,
            connect_timeout=5,
            read_timeout=60,
            user_agent_extra="pulumi-personalize",
        )
        client = self._sessions.new(region).client(
            "personalize", endpoint_url=self.settings.endpoint_url, config=config
        )
        client.meta.events.register("after-call.personalize", self._note_time)
        client.meta.events.register("after-call.personalize", _log_answer)
        client.meta.events.register("after-call-error.personalize", _log_failure)
        return client

    def _note_time(self, http_response: AWSResponse, **_: Any) -> None:
        date = http_response.headers.get("date")
        if date:
            with contextlib.suppress(ValueError, TypeError):
                self._told_time = parsedate_to_datetime(date), self.clock.now()


def _log_answer(
    model: OperationModel, http_response: AWSResponse, parsed: dict[str, Any], **_: Any
) -> None:
    """Logs a call without its values, which may be secret."""
    _LOG.debug(
        "%s: HTTP %s %s (request %s)",
        model.name,
        http_response.status_code,
        parsed.get("Error", {}).get("Code", "ok"),
        parsed.get("ResponseMetadata", {}).get("RequestId", "unknown"),
    )


def _log_failure(event_name: str, exception: Exception, **_: Any) -> None:
    _LOG.debug("%s: %s", event_name.rpartition(".")[2], type(exception).__name__)
