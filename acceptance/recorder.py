"""Calls of Amazon Personalize, each recorded with its answer under the name of a step."""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from typing import Any, NamedTuple

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.model import ServiceModel

#: Seconds between two reads of what is created or deleted, and of what a read shows of a change.
POLL, ROUND = 5.0, 1.0
#: Seconds for which a creation or a deletion, and for which a change is waited for.
LONG, SHORT = 480.0, 20.0
NOT_FOUND, IN_USE = "ResourceNotFoundException", "ResourceInUseException"
CREATE_FAILED = "CREATE FAILED"
_THROTTLED = ("ThrottlingException", "TooManyRequestsException")
_DENIED = re.compile(r"AccessDenied\w*|Unauthorized\w*")
_OF_CREDENTIALS = re.compile(
    r"ExpiredToken\w*|InvalidClientTokenId|UnrecognizedClient\w*|\w*Signature\w*"
)
_ATTEMPTS = 10
#: Words of messages that no description needs.
_COMMON = {"may", "might", "could", "cannot", "still", "already", "because", "based", "session"}


class AcceptanceError(Exception):
    """Ends the run: one line that says why, and what to do."""


class Interrupted(AcceptanceError):  # noqa: N818 - the user's wish
    """The user, or the system, ends the run."""


@dataclass
class Record:
    """A call and its answer, or a wait: its last call, and what each of its calls showed.

    Attributes:
        operation: The API operation.
        request: Its parameters.
        status: The HTTP status.
        code: The error code; empty if the call succeeded.
        message: The error's text.
        answer: The members of the answer.
        at: Seconds from the run's begin to the answer.
        has_date: Whether the answer has a Date header.
        ages: For each time in the answer, by member, the seconds from it to the Date header.
        forms: For each ARN in the answer, by member, its form, as ``arn:PARTITION:…/ID``.
        polls: For a wait, each change of what its calls showed, with the seconds since it began.
        has_ended: For a wait, whether its end was seen.
        repeated: How many attempts were throttled, or failed at the service, before.
    """

    operation: str
    request: dict[str, Any]
    status: int = 0
    code: str = ""
    message: str = ""
    answer: dict[str, Any] = field(default_factory=dict)
    at: float = 0.0
    has_date: bool = False
    ages: dict[str, float] = field(default_factory=dict)
    forms: dict[str, str] = field(default_factory=dict)
    polls: list[tuple[float, str]] = field(default_factory=list)
    has_ended: bool = False
    repeated: int = 0

    @property
    def state(self) -> str:
        """What the answer shows, in a word: an error code, a status, tag keys, or ``none``."""
        if self.code:
            return self.code
        for member, value in self.answer.items():
            if isinstance(value, Mapping):
                return str(value.get("status", "no status"))
            if isinstance(value, list):
                shown = [str(one.get("status", one.get("tagKey"))) for one in value]
                return ", ".join(sorted(shown)) or f"no {member}"
        return "done"

    @property
    def is_denied(self) -> bool:
        """Whether the caller lacks the permission."""
        return is_denied(self.code)

    @property
    def waited(self) -> float:
        """For a wait that has ended, the seconds until an answer showed its end."""
        return self.polls[-1][0] if self.polls else 0.0


def is_denied(code: str) -> bool:
    """Whether an error code says that the caller lacks the permission."""
    return bool(_DENIED.fullmatch(code))


class Clients(NamedTuple):
    """The clients of the services, by boto3."""

    personalize: Any
    events: Any


class Clock(NamedTuple):
    """The time in seconds, which only grows, and how to let it pass."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep


class Recorder:
    """Makes the calls and keeps their records, in order, by step.

    Args:
        clients: The clients; they must not repeat a call by themselves.
        run: The run's name, which begins the name of all that it makes.
        clock: The time.
        keep: Is called after each record.
        is_over: Whether the user has ended the run.
        say: Is told of each wait.
    """

    def __init__(
        self,
        clients: Clients,
        run: str,
        clock: Clock,
        keep: Callable[[Recorder], None] = lambda _: None,
        is_over: Callable[[], bool] = lambda: False,
        say: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.clients = clients
        self.run = run
        self.clock = clock
        self.records: dict[str, Record] = {}
        #: What the answers have named, by what stands for it in the recording.
        self.names: dict[str, str] = {"run": run}
        self._keep = keep
        self._is_over = is_over
        self._say = say
        self._began = clock.now()

    def call(self, step: str, operation: str, /, **request: Any) -> Record:
        """Makes a call, whatever the answer.

        Raises:
            AcceptanceError: There is no answer.
            Interrupted: The user has ended the run.
        """
        record = self._ask(operation, request)
        self._add(step, record)
        return record

    def make(self, step: str, name: str, operation: str, /, **request: Any) -> str:
        """Creates what the run needs, and returns its ARN, for which the name stands.

        Raises:
            AcceptanceError: The service refuses it.
        """
        record = self.call(step, operation, **request)
        if record.code:
            raise AcceptanceError(f"{operation} ({step}): {record.code}: {record.message}")
        return self.name(record, name)

    def name(self, record: Record, name: str) -> str:
        """Has names stand for the ARN and the tracking ID in an answer; returns the ARN.

        Raises:
            AcceptanceError: There is no ARN.
        """
        arn = next((value for key, value in record.answer.items() if key.endswith("Arn")), "")
        if not arn:
            raise AcceptanceError(f"{record.operation} ({name}): the answer has no ARN")
        self.names[name] = arn
        # Of a name of the run's, nothing else has to be hidden.
        if self.run not in (key := arn.rpartition("/")[2]):
            self.names[f"{name}-key"] = key
        if tracking_id := record.answer.get("trackingId"):
            self.names[f"{name}-id"] = tracking_id
        self._keep(self)
        return str(arn)

    def wait(
        self, step: str, is_done: Callable[[str], bool], operation: str, /, **request: Any
    ) -> Record:
        """Repeats a read until it shows an end, or for `LONG`; says so in a record of its own.

        Raises:
            AcceptanceError: The end does not come.
        """
        self._say(f"waiting for: {step}")
        record = self.trail({step: (operation, request, is_done)}, LONG, POLL)[step]
        if not record.has_ended:
            raise AcceptanceError(f"{step}: still {record.state} after {LONG:.0f} s")
        if record.state == CREATE_FAILED:
            raise AcceptanceError(f"{step}: {CREATE_FAILED}")
        return record

    def trail(
        self,
        reads: Mapping[str, tuple[str, dict[str, Any], Callable[[str], bool]]],
        limit: float = SHORT,
        every: float = ROUND,
    ) -> dict[str, Record]:
        """Repeats reads in rounds until each shows a change, or until the limit.

        Args:
            reads: Operation, parameters and how the end looks, by step.
            limit: In seconds.
            every: The seconds between two rounds.
        """
        began, left = self.clock.now(), dict(reads)
        found: dict[str, Record] = {}
        while left:
            for step, (operation, request, is_done) in list(left.items()):
                record = self._ask(operation, request)
                waited = round(self.clock.now() - began, 1)
                before = found[step].polls if step in found else []
                is_new = not before or before[-1][1] != record.state
                record.polls = [*before, *([(waited, record.state)] if is_new else [])]
                found[step] = record
                if record.is_denied or is_done(record.state):
                    record.has_ended = not record.is_denied
                    del left[step]
            if not left or self.clock.now() - began >= limit:
                break
            self.clock.sleep(every)
        for step, record in found.items():
            self._add(step, record)
        return found

    def _ask(self, operation: str, request: dict[str, Any]) -> Record:
        record = Record(operation, request)
        while True:
            if self._is_over():
                raise Interrupted("interrupted")
            answer, failure = answer_of(self.clients, operation, request)
            if not failure:
                break
            record.repeated += 1
            # A create that failed may have worked, so that its repetition would say nothing.
            is_safe = not operation.startswith("Create") or failure.startswith(_THROTTLED)
            if not is_safe or record.repeated == _ATTEMPTS:
                raise AcceptanceError(f"{operation}: {failure}")
            self.clock.sleep(ROUND * record.repeated)
        metadata = answer.pop("ResponseMetadata", {})
        error = answer.pop("Error", {})
        record.status = metadata.get("HTTPStatusCode", 0)
        record.code, record.message = error.get("Code", ""), error.get("Message", "")
        date = metadata.get("HTTPHeaders", {}).get("date")
        record.has_date, record.answer = bool(date), answer if not record.code else {}
        record.at = round(self.clock.now() - self._began, 1)
        for member, value in _leaves(record.answer):
            if isinstance(value, datetime) and date:
                age = email.utils.parsedate_to_datetime(date) - value.astimezone(timezone.utc)
                record.ages[member] = round(age.total_seconds(), 1)
            if member.endswith("Arn") and isinstance(value, str):
                record.forms[member] = re.sub(r"/.*", "/ID", value)
        return record

    def _add(self, step: str, record: Record) -> None:
        if step in self.records:
            raise AssertionError(f"two steps are called {step}")
        self.records[step] = record
        self._keep(self)


def answer_of(
    clients: Clients, operation: str, request: Mapping[str, Any]
) -> tuple[dict[str, Any], str]:
    """The answer to a call, as boto3 has it; of an error, too.

    Returns:
        The answer, and why it is none, if the call was throttled, failed at the service, or was not
        answered.

    Raises:
        AcceptanceError: The credentials can't be used.
    """
    client = clients.events if operation == "PutEvents" else clients.personalize
    try:
        return dict(getattr(client, xform_name(operation))(**request)), ""
    except ClientError as error:
        answer: dict[str, Any] = dict(error.response)
    except HTTPClientError as error:
        return {}, str(error)
    except BotoCoreError as error:
        raise AcceptanceError(f"{operation}: {error}") from error
    code, message = (answer["Error"].get(key, "") for key in ("Code", "Message"))
    if _OF_CREDENTIALS.fullmatch(code):
        raise AcceptanceError(f"{operation}: {code}: {message}")
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    has_failed = code in _THROTTLED or status >= 500
    return answer, f"{code}: {message}" if has_failed else ""


def names_of(model: ServiceModel) -> set[str]:
    """The names of a service's operations, errors and members, and the words that describe them."""
    found = {*model.operation_names, *model.shape_names}
    texts = [model.operation_model(name).documentation for name in model.operation_names]
    for name in model.shape_names:
        shape = model.shape_for(name)
        members = getattr(shape, "members", {})
        found |= members.keys()
        texts += [shape.documentation, *(one.documentation for one in members.values())]
    return (
        found | _COMMON | set(re.findall(r"[a-z]+", re.sub("<.*?>", " ", " ".join(texts)).lower()))
    )


def to_json(records: Mapping[str, Record]) -> list[dict[str, Any]]:
    """Converts records to what a recording holds, without what is empty."""
    return [
        {"step": step}
        | {key: it for key, it in asdict(record).items() if it not in ("", [], {}, False, 0)}
        for step, record in records.items()
    ]


def from_json(steps: list[dict[str, Any]]) -> dict[str, Record]:
    """Converts what `to_json` made back to records."""
    return {
        step["step"]: Record(**{key: it for key, it in step.items() if key != "step"})
        for step in steps
    }


def _leaves(value: Any, member: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _leaves(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, member)
    else:
        yield member, value
