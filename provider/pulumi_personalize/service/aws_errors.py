"""Translates botocore exceptions into `PersonalizeError`s."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from ..errors import (
    AccessDeniedError,
    CredentialsError,
    PersonalizeError,
    ServiceError,
    TransientError,
    UnexpectedResponseError,
    UnreachableError,
)
from .tags import OWNER_KEY

#: What is wrong with an endpoint that is not Personalize's, and what to do.
NOT_AS_PERSONALIZE = "this endpoint does not answer as Amazon Personalize does"
NOT_PERSONALIZE = "Check personalize:endpointUrl, the proxy, and whether the network wants a login"
_PAGES = "https://docs.aws.amazon.com/personalize/latest/dg/"
_ASSUME_ROLE = (
    "Check the role that the configuration names, that the credentials before it may call "
    "sts:AssumeRole, and that the role trusts them"
)
#: By kind of error, what to do about error codes of AWS and exceptions of botocore.
_ADVICE: dict[type[ServiceError], dict[str, str]] = {
    AccessDeniedError: {_ASSUME_ROLE: "AccessDenied AccessDeniedException UnauthorizedOperation"},
    CredentialsError: {
        "Check the profile that the configuration or AWS_PROFILE names": "ProfileNotFound",
        "Check that the credentials are valid for the intended account and partition": (
            "IncompleteSignature InvalidClientTokenId InvalidSignatureException OptInRequired "
            "MissingAuthenticationToken MissingAuthenticationTokenException SignatureDoesNotMatch "
            "UnrecognizedClientException"
        ),
        "Configure AWS credentials: environment variables, a profile, SSO or a role": (
            "ConfigNotFound CredentialRetrievalError InvalidConfigError LoginError "
            "NoAuthTokenError NoCredentialsError PartialCredentialsError "
            "RefreshWithMFAUnsupportedError"
        ),
        "Run `aws sso login{profile}`": "SSOError TokenRetrievalError",
        "Check AWS_WEB_IDENTITY_TOKEN_FILE": "FileNotFoundError",
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
    UnexpectedResponseError: {NOT_PERSONALIZE: "PaginationError"},
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
        "Use at most 50 tags": "TooManyTagKeysException TooManyTagsException",
    },
}
_MEANINGS = {
    name: (kind, advice)
    for kind, advices in _ADVICE.items()
    for advice, names in advices.items()
    for name in names.split()
}
#: What is never masked: ARNs, actions, and where a request's member is.
_NAMES = r"arn:[^\s'\"]+|\b(?:personalize|sts|iam):[A-Z]\w+|\btags\.\d+\.member\.\w+"
_QUOTED = re.compile(r"(?<!\w)'[^']*'(?!\w)|\"[^\"]*\"")
_USER_OF_URL = re.compile(r"(\w+://)\S*@(?=[\w.\[-])")
#: Shorter values are masked within quotes only: they may be words of a message.
_MIN_LENGTH = 8
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
    if isinstance(error, ServiceError):
        return error.answer_lost
    names, status = _read(error)
    unread = ("HTTPClientError", "IncompleteReadError", "ResponseParserError")
    return status >= 500 or any(name in names for name in unread)


def translate(
    error: Exception,
    operation: str,
    resource: str,
    answer_lost: bool = False,
    *,
    hidden: Collection[str] = (),
    profile: str = "",
) -> PersonalizeError:
    """Translates the exception of a call; a `PersonalizeError` only gets operation and resource.

    Args:
        error: The exception.
        operation: The operation, for example ``creating``.
        resource: Its resource.
        answer_lost: Whether one of the attempts may have worked.
        hidden: Values that may be secret, which the message must not repeat.
        profile: The profile of the AWS configuration files.
    """
    from botocore.exceptions import ClientError

    if isinstance(error, PersonalizeError):
        # It may quote the program that gives the credentials.
        return error.with_message(masked(error.message, hidden)).about(operation, resource)
    names, _ = _read(error)
    kind, advice = _meaning(names)
    advice = advice.format(profile=f" --profile {profile}" if profile else "")
    code, message = type(error).__name__, str(error)
    if not names and not isinstance(error, OSError):
        # botocore could not parse the response.
        kind, advice = UnexpectedResponseError, NOT_PERSONALIZE
        code, message = "", f"{NOT_AS_PERSONALIZE} ({code}: {message})"
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
        masked(message, hidden),
        operation=operation,
        resource=resource,
        code=code,
        advice=advice,
        answer_lost=answer_lost,
    )


def masked(text: str, hidden: Collection[str]) -> str:
    """Returns a message of AWS without values that may be secret, and without URLs' users.

    Within quotes, all such values are masked, elsewhere those of at least 8 characters; never a
    part of an ARN, of an action or of a longer word, so that a tag ``dev`` garbles no message.
    """
    text = _USER_OF_URL.sub(r"\1***@", text)
    values = sorted(filter(None, hidden), key=len, reverse=True)
    for value in values:
        text = text.replace(f"'{value}'", "'***'").replace(f'"{value}"', '"***"')
    text = _QUOTED.sub(lambda quoted: _mask(quoted[0], values), text)
    return _mask(text, [value for value in values if len(value) >= _MIN_LENGTH])


def _mask(text: str, values: Sequence[str]) -> str:
    if not values:
        return text
    alternatives = "|".join(map(re.escape, values))
    pattern = rf"({_NAMES})|(?<![\w-])(?<!\w\.)(?:{alternatives})(?![\w-]|\.\w)"
    return re.sub(pattern, lambda found: found[1] or "***", text)


def _read(error: BaseException) -> tuple[list[str], int]:
    """Returns the error code and HTTP status, or the names of a botocore exception's classes."""
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        return [code], error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    kinds = [
        kind.__name__
        for kind in type(error).__mro__
        if kind.__module__.startswith("botocore.") or kind is FileNotFoundError
    ]
    return kinds, 0


def _meaning(names: list[str]) -> tuple[type[ServiceError], str]:
    default = (ServiceError, "Check the configuration and the AWS profile")
    return next((_MEANINGS[name] for name in names if name in _MEANINGS), default)


def _permission(call: str, message: str) -> str:
    """Returns the advice for a denied call, from AWS's message as far as that says more."""
    accounts = re.search(r"User: arn:[\w-]+:\w+::(\d{12}):.* on resource: \S+?:(\d{12}):", message)
    if accounts and accounts[1] != accounts[2]:
        return other_account(accounts[2], accounts[1])
    # A create with tags may lack personalize:TagResource, which AWS names.
    named = re.search(r"to perform: personalize:(\w+)", message)
    action = named[1] if named else call
    resource = RESOURCES.get(action, 'Resource "*"')
    advice = f"Allow the IAM action personalize:{action} for these credentials, on {resource}"
    if action == "TagResource":
        advice += f". If only the tag {OWNER_KEY} is denied, set personalize:ownershipTag to false"
    return advice


def other_account(owner: str, account: str) -> str:
    """Returns the advice for a resource of another account than that of the credentials."""
    return (
        f"The resource is in account {owner}, and these credentials are of account {account}: use "
        f"credentials of {owner}, or check the ARN"
    )
