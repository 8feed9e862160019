"""Calls to AWS: clients made when they are first needed, and retries within a time limit.

boto3 and tenacity are imported here, and only when a call is made: an update without changes makes
none, and avoids the cost.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

from ..credentials import AWS, Account, Sessions, place_of
from ..errors import (
    ConfigurationError,
    CredentialsError,
    PersonalizeError,
    UnexpectedResponseError,
    UnreachableError,
)
from ..settings import Settings
from . import aws_errors
from .aws_errors import NOT_PERSONALIZE
from .names import region_of
from .waiter import Clock, Wait

if TYPE_CHECKING:
    import boto3
    from botocore.awsrequest import AWSResponse
    from botocore.model import OperationModel
    from mypy_boto3_personalize import PersonalizeClient

Response = TypeVar("Response")

_LOG = logging.getLogger("pulumi_personalize")

#: Attempts at an endpoint that has never answered.
_UNREACHABLE_ATTEMPTS = 3
#: The members that responses must have. Of the others, some may be empty.
_REQUIRED = {
    "CreateEventTracker": "eventTrackerArn",
    "DescribeDatasetGroup": "datasetGroup",
    "DescribeEventTracker": "eventTracker",
}
_MAY_BE_EMPTY = ("DeleteEventTracker", "TagResource", "UntagResource")


class Calls:
    """Makes calls under one set of settings; thread-safe, with a client for each region.

    Attributes:
        hidden: Values that may be secret, which no error repeats.
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self._sessions = Sessions(settings)
        self._clients: dict[str | None, PersonalizeClient] = {}
        self._reached: set[str | None] = set()
        self._sessions_by_region: dict[str | None, boto3.Session] = {}
        self._own_account = Account()
        self.hidden = set((settings.default_tags or {}).values())
        for role in settings.assume_role or ():
            tags = (str(tag["Value"]) for tag in role.get("Tags", []))
            self.hidden.update(filter(None, (role.get("ExternalId"), *tags)))
        self._lock = threading.Lock()
        #: The service's time when the clock was at zero, going by its last response.
        self._time_at_zero: datetime | None = None

    def service_time(self) -> datetime | None:
        """The service's time, going by its last response; ``None`` if not known."""
        if self._time_at_zero is None:
            return None
        with contextlib.suppress(OverflowError):
            return self._time_at_zero + timedelta(seconds=self.clock.now())
        return None

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

        region = region_of(arn)
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
            failure = self._translated(error, operation, resource, answer_lost)
            raise self._with_hint(failure, region) from error

    def _translated(
        self, error: Exception, operation: str, resource: str, answer_lost: bool = False
    ) -> PersonalizeError:
        variables = ("AWS_DEFAULT_PROFILE", "AWS_PROFILE")  # botocore's order
        named = (os.environ[name] for name in variables if os.environ.get(name))
        profile = self.settings.profile or next(named, "")
        return aws_errors.translate(
            error, operation, resource, answer_lost, hidden=self.hidden, profile=profile
        )

    def _with_hint(self, error: PersonalizeError, region: str | None) -> PersonalizeError:
        """Adds to a failure to reach AWS that Personalize is not known to be in the region."""
        client = self._clients.get(region)
        if not isinstance(error, UnreachableError) or client is None:
            return error
        if place_of(client.meta.endpoint_url)[0] != AWS:
            return error
        session = self._session(region)
        partitions = session.get_available_partitions()
        if any(region in session.get_available_regions("personalize", one) for one in partitions):
            return error
        return error.with_note(f"This version of botocore knows no Personalize in {region}")

    def account(self, arn: str) -> str | None:
        """The account of the credentials; STS is asked in the ARN's region, see `Account`.

        ``None`` if STS is not where Personalize is, see `Account.ask`.

        Raises:
            CredentialsError: STS could not be asked.
        """
        region = region_of(arn)
        url = self._client(region).meta.endpoint_url
        return self._account(self._session(region), url)

    def endpoint(self, arn: str) -> str:
        """The URL of the endpoint that is called for an ARN."""
        url = self._client(region_of(arn)).meta.endpoint_url
        return aws_errors.masked(url, ())

    def _account(self, session: boto3.Session, personalize_url: str | None) -> str | None:
        try:
            return self._own_account.ask(session, personalize_url)
        except Exception as error:
            failure = self._translated(error, "checking", "the AWS credentials")
            if isinstance(failure, CredentialsError):
                raise failure from error
            raise CredentialsError(
                failure.message,
                operation=failure.operation,
                resource=failure.resource,
                code=failure.code,
                advice="Check the credentials, the network and AWS_ENDPOINT_URL_STS",
            ) from error

    def _check_account(self, session: boto3.Session, personalize_url: str) -> None:
        settings, roles = self.settings, self.settings.assume_role
        if not settings.allowed_account_ids and not settings.forbidden_account_ids:
            return
        # Roles are assumed at STS, wherever Personalize is; other credentials may be a stand-in's.
        account = self._account(session, None if roles else personalize_url)
        if account and (problem := settings.problem_of(account)):
            raise ConfigurationError(
                problem,
                operation="assuming" if roles else "checking",
                resource=roles[-1]["RoleArn"] if roles else "the AWS credentials",
                advice="Use credentials, or a role, of an account that is allowed",
            )

    def _session(self, region: str | None) -> boto3.Session:
        if region not in self._sessions_by_region:
            self._sessions_by_region[region] = self._sessions.new(region)
        return self._sessions_by_region[region]

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
        session = self._session(region)
        client = session.client(
            "personalize", endpoint_url=self.settings.endpoint_url, config=config
        )
        self._check_account(session, client.meta.endpoint_url)
        client.meta.events.register("after-call.personalize", self._after_call)
        client.meta.events.register("after-call-error.personalize", _log_failure)
        return client

    def _after_call(
        self, model: OperationModel, http_response: AWSResponse, parsed: dict[str, Any], **_: Any
    ) -> None:
        """Logs a response without its values, which may be secret; keeps its time; checks it."""
        _LOG.debug(
            "%s: HTTP %s %s (request %s)",
            model.name,
            http_response.status_code,
            parsed.get("Error", {}).get("Code", "ok"),
            parsed.get("ResponseMetadata", {}).get("RequestId", "unknown"),
        )
        with contextlib.suppress(ValueError, OverflowError):
            date = parsedate_to_datetime(http_response.headers.get("date", ""))
            date = date if date.tzinfo else date.replace(tzinfo=timezone.utc)
            self._time_at_zero = date - timedelta(seconds=self.clock.now())
        if http_response.status_code < 300 and not _is_whole(model.name, http_response.content):
            content = http_response.content.decode(errors="replace")
            words = " ".join(aws_errors.masked(content, self.hidden).split())[:60]
            raise UnexpectedResponseError(
                f"{aws_errors.NOT_AS_PERSONALIZE}: HTTP {http_response.status_code} '{words}'",
                advice=NOT_PERSONALIZE,
                answer_lost=model.name == "CreateEventTracker",
            )


def _is_whole(operation: str, body: bytes) -> bool:
    """Whether a response can be Personalize's: botocore reads HTML or nothing as ``{}``."""
    if not body:
        return operation in _MAY_BE_EMPTY
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return False
    required = _REQUIRED.get(operation)
    return isinstance(answer, dict) and (required is None or bool(answer.get(required)))


def _log_failure(event_name: str, exception: Exception, **_: Any) -> None:
    _LOG.debug("%s: %s", event_name.rpartition(".")[2], type(exception).__name__)
