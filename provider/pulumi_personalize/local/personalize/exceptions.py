"""Exceptions raised by the personalize service.

Each is HTTP 400 and named as in the service model; see "Errors" on the page of each operation,
e.g. https://docs.aws.amazon.com/personalize/latest/dg/API_CreateEventTracker.html.
"""

from moto.core.exceptions import ServiceException


class InvalidInputException(ServiceException):
    """A value breaks a constraint, or the request makes no sense for the resource's state."""

    code = "InvalidInputException"


class InvalidNextTokenException(ServiceException):
    """The nextToken was not given out by this operation with the same filter."""

    code = "InvalidNextTokenException"
    message = "The token is not valid."


class LimitExceededException(ServiceException):
    """The account has as many resources of this type in this region as it may."""

    code = "LimitExceededException"


class ResourceAlreadyExistsException(ServiceException):
    """The name is taken, or the dataset group already has what is to be made."""

    code = "ResourceAlreadyExistsException"


class ResourceInUseException(ServiceException):
    """The resource is in a state, or has dependents, that do not allow the operation."""

    code = "ResourceInUseException"


class ResourceNotFoundException(ServiceException):
    """No resource has this ARN in this account and region."""

    code = "ResourceNotFoundException"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Resource Arn {arn} does not exist.")


class TooManyTagKeysException(ServiceException):
    """More tag keys to remove than a resource may have tags."""

    code = "TooManyTagKeysException"


class TooManyTagsException(ServiceException):
    """The resource would have more tags than it may."""

    code = "TooManyTagsException"
