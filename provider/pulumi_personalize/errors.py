"""The errors of this package, one tree.

::

    PersonalizeError
    ├── ConfigurationError            a configuration value can't be used
    ├── InputError                    an input can't be used
    ├── GroupTakenError               the dataset group has an event tracker already
    ├── NameTakenError                refused; an event tracker of another group has the name
    ├── DatasetGroupError             the dataset group can't take an event tracker
    ├── EventTrackerNotFoundError     the event tracker does not exist (any more)
    ├── CreateFailedError             Personalize reported CREATE FAILED
    ├── WaitTimeoutError              a state was not reached within the time limit
    ├── CancelledError                Ctrl-C ended the operation
    └── ServiceError                  a call to AWS failed
        ├── CredentialsError          no, wrong or expired credentials
        ├── AccessDeniedError         an IAM action is not allowed
        ├── UnreachableError          no answer from the endpoint
        └── TransientError            throttled or failing for longer than was allowed

Every error is one line for the user: operation, resource, code, message, what to do next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self


class PersonalizeError(Exception):
    """Base of all errors of this package.

    Attributes:
        operation: What was being done, for example ``creating``; may be empty.
        resource: What it was done to, for example ``event tracker clicks``; may be empty.
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
        # Where nothing was being done yet, the message is said of the resource.
        separator = ": " if self.operation else " "
        line = separator.join(part for part in (subject, cause) if part).rstrip(".")
        if self.advice:
            line = f"{line}. {self.advice.rstrip('.')}"
        return " ".join(line.split()) + "."

    def with_note(self, *notes: str) -> Self:
        """The same error, with more sentences of what to do or to know."""
        advice = ". ".join(part.rstrip(".") for part in (self.advice, *notes) if part)
        return type(self)(**{**vars(self), "advice": advice})

    def without_advice(self) -> Self:
        """The same error, for somebody whom its advice does not help."""
        return type(self)(**{**vars(self), "advice": ""})

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions pickle by their positional arguments only; ours are keywords.
        return (_rebuild, (type(self), dict(self.__dict__)))


def _rebuild(kind: type[PersonalizeError], fields: dict[str, str]) -> PersonalizeError:
    return kind(**fields)


class ConfigurationError(PersonalizeError):
    """A configuration value can't be used."""


class InputError(PersonalizeError):
    """An input can't be used."""


class GroupTakenError(PersonalizeError):
    """The dataset group has an event tracker already, or another run has claimed its tracker."""


class NameTakenError(PersonalizeError):
    """The create was refused, and an event tracker of another dataset group has the name.

    Whether names have to be unique is for the service to say; AWS does not document it.
    """


class DatasetGroupError(PersonalizeError):
    """The dataset group does not exist, is not ACTIVE, or has no Item interactions dataset."""


class EventTrackerNotFoundError(PersonalizeError):
    """The event tracker does not exist, was deleted, or did not show after its creation."""


class CreateFailedError(PersonalizeError):
    """Personalize reported CREATE FAILED."""


class WaitTimeoutError(PersonalizeError):
    """A state was not reached within the time limit."""


class CancelledError(PersonalizeError):
    """Ctrl-C, or whatever else cancels an update, ended the operation while it waited."""


class ServiceError(PersonalizeError):
    """A call to AWS failed."""


class CredentialsError(ServiceError):
    """There are no credentials, or AWS does not accept them."""


class AccessDeniedError(ServiceError):
    """An IAM action is not allowed for these credentials, or a policy denies it."""


class UnreachableError(ServiceError):
    """The endpoint gives no answer."""


class TransientError(ServiceError):
    """Throttled, or failing on the service's side, for longer than was allowed."""


# Pulumi shows "error: module.Class: text"; users import these from the package itself.
for _kind in [value for value in globals().values() if isinstance(value, type)]:
    _kind.__module__ = "pulumi_personalize"
