"""Translates botocore exceptions into `PersonalizeError`s."""

from __future__ import annotations

import re

from ..errors import (
    AccessDeniedError,
    CredentialsError,
    PersonalizeError,
    ServiceError,
    TransientError,
    UnreachableError,
)
from .tags import OWNER_KEY

_PAGES = "https://docs.aws.amazon.com/personalize/latest/dg/"
_ASSUME_ROLE = (
    "Check personalize:assumeRole or aws:assumeRoles, that the credentials before it may call "
    "sts:AssumeRole, and that the role trusts them"
)
#: By kind of error, what to do about error codes of AWS and exceptions of botocore.
_ADVICE: dict[type[ServiceError], dict[str, str]] = {
    AccessDeniedError: {_ASSUME_ROLE: "AccessDenied AccessDeniedException UnauthorizedOperation"},
    CredentialsError: {
        "Check personalize:profile, or aws:profile": "ProfileNotFound",
        "Check that the credentials are valid for the intended account and partition": (
            "IncompleteSignature InvalidClientTokenId InvalidSignatureException OptInRequired "
            "MissingAuthenticationToken MissingAuthenticationTokenException SignatureDoesNotMatch "
            "UnrecognizedClientException"
        ),
        "Configure AWS credentials: environment variables, a profile, SSO or a role": (
            "ConfigNotFound CredentialRetrievalError InvalidConfigError LoginError "
            "NoAuthTokenError NoCredentialsError PartialCredentialsError "
            "RefreshWithMFAUnsupportedError SSOError TokenRetrievalError"
        ),
        "Renew the credentials (aws sso login, or new keys) and run again": (
            "ExpiredToken ExpiredTokenException RequestExpired TokenRefreshRequired"
        ),
    },
    TransientError: {
        "Run again later, or increase personalize:maxAttempts": (
            "RequestLimitExceeded RequestThrottled RequestThrottledException SlowDown Throttling "
            "ThrottledException ThrottlingException TooManyRequestsException"
        ),
    },
    UnreachableError: {
        "Check personalize:endpointUrl, the region, the network and the proxy": (
            "ConnectionError HTTPClientError"
        ),
    },
    ServiceError: {
        "Change the input that Personalize names": "InvalidInputException",
        "Check that it exists in this account and region": "ResourceNotFoundException",
        "Check the region in the ARN": "InvalidRegionError",
        f"Delete what is unused, or raise the quota: {_PAGES}limits.html": "LimitExceededException",
        "Run again: one may be in creation or deletion": "ResourceAlreadyExistsException",
        "Run again once the resource is ACTIVE": "ResourceInUseException",
        "Run pulumi config set personalize:region REGION, or set AWS_REGION": "NoRegionError",
        "Use at most 50 tags": "TooManyTagKeysException TooManyTagsException",
    },
}
_MEANINGS = {
    name: (kind, advice)
    for kind, advices in _ADVICE.items()
    for advice, names in advices.items()
    for name in names.split()
}
#: The ``Resource`` that a policy needs for an action. Source: Service Authorization Reference,
#: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonpersonalize.html
RESOURCES = {
    "CreateEventTracker": "the dataset group and event-tracker/*",
    "DeleteEventTracker": "event-tracker/*",
    "DescribeDatasetGroup": "the dataset group",
    "DescribeEventTracker": "event-tracker/*",
    "ListDatasets": 'Resource "*"',
    "ListEventTrackers": 'Resource "*"',
    "ListTagsForResource": "event-tracker/*",
    "TagResource": "event-tracker/*",
    "UntagResource": "event-tracker/*",
}


def is_unreachable(error: BaseException) -> bool:
    """Returns whether no connection to the endpoint was made."""
    names, _ = _read(error)
    return "ConnectionError" in names


def is_transient(error: BaseException) -> bool:
    """Returns whether the same call may succeed later."""
    names, status = _read(error)
    kind, _ = _meaning(names)
    return status == 429 or status >= 500 or kind in (TransientError, UnreachableError)


def may_have_worked(error: BaseException) -> bool:
    """Returns whether AWS may have done what a failed call requested."""
    names, status = _read(error)
    unread = ("HTTPClientError", "IncompleteReadError", "ResponseParserError")
    return status >= 500 or any(name in names for name in unread)


def translate(
    error: Exception, operation: str, resource: str, answer_lost: bool = False
) -> PersonalizeError:
    """Translates the exception of a call; a `PersonalizeError` stays as it is."""
    from botocore.exceptions import ClientError

    if isinstance(error, PersonalizeError):
        return error
    names, _ = _read(error)
    kind, advice = _meaning(names)
    code, message = type(error).__name__, str(error)
    if isinstance(error, ClientError):
        code, call = names[0], error.operation_name
        message = error.response.get("Error", {}).get("Message") or "the service returned an error"
        if kind is AccessDeniedError and call != "AssumeRole":
            advice = _permission(call, message)
        elif kind is ServiceError and is_transient(error):
            kind, advice = _MEANINGS["Throttling"]
        elif kind is ServiceError and call == "AssumeRole":
            kind, advice = CredentialsError, _ASSUME_ROLE
        elif code not in _MEANINGS:
            advice = f"See {_PAGES}API_{call}.html"
    return kind(
        message,
        operation=operation,
        resource=resource,
        code=code,
        advice=advice,
        answer_lost=answer_lost,
    )


def _read(error: BaseException) -> tuple[list[str], int]:
    """Returns the error code and HTTP status, or the names of a botocore exception's classes."""
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        return [code], error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kinds = type(error).__mro__
    return [kind.__name__ for kind in kinds if kind.__module__.startswith("botocore.")], 0


def _meaning(names: list[str]) -> tuple[type[ServiceError], str]:
    default = (ServiceError, "Check the configuration and the AWS profile")
    return next((_MEANINGS[name] for name in names if name in _MEANINGS), default)


def _permission(call: str, message: str) -> str:
    """Returns the advice for a denied call, from AWS's message as far as that says more."""
    accounts = re.search(r"User: arn:[\w-]+:\w+::(\d{12}):.* on resource: \S+?:(\d{12}):", message)
    if accounts and accounts[1] != accounts[2]:
        return (
            f"The resource is in account {accounts[2]}, and these credentials are of account "
            f"{accounts[1]}: use credentials of {accounts[2]}, or check the ARN"
        )
    # A create with tags may lack personalize:TagResource, which AWS names.
    named = re.search(r"to perform: personalize:(\w+)", message)
    action = named[1] if named else call
    resource = RESOURCES.get(action, 'Resource "*"')
    advice = f"Allow the IAM action personalize:{action} for these credentials, on {resource}"
    if action == "TagResource":
        advice += f". If only the tag {OWNER_KEY} is denied, set personalize:ownershipTag to false"
    return advice
