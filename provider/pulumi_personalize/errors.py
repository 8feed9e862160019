"""Errors of this package, in one tree.

::

    PersonalizeError
    ├── ConfigurationError            a configuration value can't be used
    ├── InputError                    an input can't be used
    ├── GroupTakenError               the dataset group has an event tracker already
    ├── DatasetGroupError             the dataset group can't take an event tracker
    ├── EventTrackerNotFoundError     the event tracker does not exist
    ├── CreateFailedError             Personalize reported CREATE FAILED
    ├── WaitTimeoutError              a wait reached its time limit
    ├── CancelledError                Ctrl-C ended the operation
    └── ServiceError                  a call to AWS failed
        ├── CredentialsError          no, wrong or expired credentials
        ├── AccessDeniedError         an IAM action is not allowed
        ├── UnreachableError          the endpoint did not respond
        ├── UnexpectedResponseError   the endpoint does not answer as Personalize does
        └── TransientError            calls were throttled or failed until the last attempt

The text of an error is one line: operation, resource, code, message, and what to do next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self


class PersonalizeError(Exception):
    """Base of all errors of this package.

    Attributes:
        operation: The operation that failed, for example ``creating``; may be empty.
        resource: Its resource, for example ``event tracker clicks``; may be empty.
        code: The service's error code, for example ``ResourceInUseException``; may be empty.
        message: What went wrong.
        advice: What to do next; may be empty.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str = "",
        resource: str = "",
        code: str = "",
        advice: str = "",
    ) -> None:
        self.operation = operation
        self.resource = resource
        self.code = code
        self.message = message
        self.advice = advice
        super().__init__(self._line())

    def _line(self) -> str:
        cause = ": ".join(part for part in (self.code, self.message) if part)
        subject = " ".join(part for part in (self.operation, self.resource) if part)
        # Without an operation, the message's subject is the resource.
        separator = ": " if self.operation else " "
        line = separator.join(part for part in (subject, cause) if part).rstrip(".")
        if self.advice:
            line = f"{line}. {self.advice.rstrip('.')}"
        return " ".join(line.split()) + "."

    @property
    def reason(self) -> str:
        """The error's line without operation and resource, which the reader knows."""
        return str(self._copy(operation="", resource=""))

    def with_note(self, *notes: str) -> Self:
        """Returns a copy of the error with further sentences after its advice."""
        advice = ". ".join(part.rstrip(".") for part in (self.advice, *notes) if part)
        return self._copy(advice=advice)

    def with_message(self, message: str) -> Self:
        """Returns the error, or a copy of it if its message is another one."""
        return self if message == self.message else self._copy(message=message)

    def with_advice(self, advice: str) -> Self:
        """Returns a copy of the error with other advice."""
        return self._copy(advice=advice)

    def about(self, operation: str, resource: str) -> Self:
        """Returns a copy that names operation and resource; one that names a resource stays."""
        return self if self.resource else self._copy(operation=operation, resource=resource)

    def _copy(self, **changes: str) -> Self:
        # Without the notes that Python's `add_note` keeps among the attributes.
        fields = {key: value for key, value in vars(self).items() if not key.startswith("__")}
        return type(self)(**{**fields, **changes})


class ConfigurationError(PersonalizeError):
    """A configuration value can't be used."""


class InputError(PersonalizeError):
    """An input can't be used."""


class GroupTakenError(PersonalizeError):
    """The dataset group has an event tracker already, or another run adopted its tracker."""


class DatasetGroupError(PersonalizeError):
    """The dataset group does not exist, is not ACTIVE, or has no Item interactions dataset."""


class EventTrackerNotFoundError(PersonalizeError):
    """The event tracker does not exist, was deleted, or can't be read after its creation."""


class CreateFailedError(PersonalizeError):
    """Personalize reported CREATE FAILED."""


class WaitTimeoutError(PersonalizeError):
    """A wait reached its time limit."""


class CancelledError(PersonalizeError):
    """The update was cancelled, for example with Ctrl-C, while the operation waited."""


class ServiceError(PersonalizeError):
    """A call to AWS failed.

    Attributes:
        answer_lost: Whether one of the attempts may have worked though its answer was lost.
    """

    def __init__(self, message: str, *, answer_lost: bool = False, **fields: str) -> None:
        self.answer_lost = answer_lost
        super().__init__(message, **fields)


class CredentialsError(ServiceError):
    """There are no credentials, or AWS rejects them."""


class AccessDeniedError(ServiceError):
    """An IAM action is not allowed for these credentials."""


class UnreachableError(ServiceError):
    """The endpoint did not respond."""


class UnexpectedResponseError(ServiceError):
    """The endpoint does not answer as Amazon Personalize does, or not to what was asked."""


class TransientError(ServiceError):
    """Calls were throttled, or failed at AWS, until the last attempt."""


# Pulumi shows "error: module.Class: text", and users import the classes from the package.
for _kind in [PersonalizeError, *PersonalizeError.__subclasses__(), *ServiceError.__subclasses__()]:
    _kind.__module__ = "pulumi_personalize"
