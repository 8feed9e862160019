"""Calls to AWS: clients made when they are first needed, and retries within a time limit.

boto3 and tenacity are imported here, and only when a call is made: an update without changes makes
none, and avoids the cost.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

from ..credentials import Sessions
from ..settings import Settings
from . import aws_errors
from .names import region_of
from .waiter import Clock, Wait

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.model import OperationModel
    from mypy_boto3_personalize import PersonalizeClient

Response = TypeVar("Response")

_LOG = logging.getLogger("pulumi_personalize")

#: Attempts at an endpoint that has never answered.
_UNREACHABLE_ATTEMPTS = 3


class Calls:
    """Makes calls under one set of settings; thread-safe, with a client for each region."""

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self._sessions = Sessions(settings)
        self._clients: dict[str | None, PersonalizeClient] = {}
        self._reached: set[str | None] = set()
        self._lock = threading.Lock()
        #: The service's time when the clock was at zero, going by its last response.
        self._time_at_zero: datetime | None = None

    def service_time(self) -> datetime | None:
        """The service's time, going by its last response; ``None`` if not known."""
        if self._time_at_zero is None:
            return None
        return self._time_at_zero + timedelta(seconds=self.clock.now())

    def make(
        self,
        arn: str,
        call: Callable[[PersonalizeClient], Response],
        operation: str,
        resource: str,
        wait: Wait,
        *,
        attempts: int | None = None,
    ) -> Response:
        """Makes a call in an ARN's region; repeats it while it is throttled or the service fails.

        By default, it makes as many attempts as the settings allow. Errors name the operation, as
        in ``creating``, and the resource, as in ``event tracker clicks``.
        """
        import tenacity

        region = region_of(arn) or self.settings.region
        answer_lost = False

        def attempt() -> Response:
            nonlocal answer_lost
            try:
                response = call(self._client(region))
            except Exception as error:
                answer_lost = answer_lost or aws_errors.may_have_worked(error)
                if not aws_errors.is_unreachable(error):
                    self._reached.add(region)
                raise
            self._reached.add(region)
            return response

        def is_last(state: tenacity.RetryCallState) -> bool:
            maximum = attempts or self.settings.max_attempts
            if region not in self._reached:
                maximum = min(maximum, _UNREACHABLE_ATTEMPTS)
            return wait.is_over or state.attempt_number >= maximum

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(aws_errors.is_transient),
            wait=tenacity.wait_random_exponential(multiplier=0.2, max=20),
            stop=is_last,
            sleep=wait.sleep,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except Exception as error:
            raise aws_errors.translate(error, operation, resource, answer_lost) from error

    def _client(self, region: str | None) -> PersonalizeClient:
        with self._lock:
            if region not in self._clients:
                self._clients[region] = self._new_client(region)
            return self._clients[region]

    def _new_client(self, region: str | None) -> PersonalizeClient:
        from botocore.config import Config

        # botocore makes one attempt: its own retries would sleep past the time limit, Ctrl-C and
        # the tests' clock. Its adaptive mode still limits the rate of calls.
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
        client.meta.events.register("after-call.personalize", self._after_call)
        client.meta.events.register("after-call-error.personalize", _log_failure)
        return client

    def _after_call(
        self, model: OperationModel, http_response: AWSResponse, parsed: dict[str, Any], **_: Any
    ) -> None:
        """Logs a response without its values, which may be secret, and keeps its time."""
        _LOG.debug(
            "%s: HTTP %s %s (request %s)",
            model.name,
            http_response.status_code,
            parsed.get("Error", {}).get("Code", "ok"),
            parsed.get("ResponseMetadata", {}).get("RequestId", "unknown"),
        )
        with contextlib.suppress(ValueError):
            date = parsedate_to_datetime(http_response.headers.get("date", ""))
            self._time_at_zero = date - timedelta(seconds=self.clock.now())


def _log_failure(event_name: str, exception: Exception, **_: Any) -> None:
    _LOG.debug("%s: %s", event_name.rpartition(".")[2], type(exception).__name__)
