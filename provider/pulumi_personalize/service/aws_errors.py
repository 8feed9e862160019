"""What botocore raises, sorted and put into the user's words."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import (
    AccessDeniedError,
    CredentialsError,
    PersonalizeError,
    ServiceError,
    TransientError,
    UnreachableError,
)
from .tags import OWNER_KEY

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_THROTTLED = (
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "SlowDown",
)
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired")
_REFUSED = (
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "OptInRequired",
)
_DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_SIGN_IN = "Renew the credentials (aws sso login, or new keys) and run again"


def is_unreachable(error: BaseException) -> bool:
    """Whether no connection to the endpoint was had at all."""
    from botocore import exceptions

    return isinstance(error, exceptions.EndpointConnectionError | exceptions.ConnectTimeoutError)


def is_transient(error: BaseException) -> bool:
    """Whether the same call may succeed a little later."""
    from botocore import exceptions

    if isinstance(error, exceptions.ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or status == 429 or _code(error) in _THROTTLED
    if isinstance(error, exceptions.ProxyConnectionError | exceptions.SSLError):
        return False
    return isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError)


def may_have_worked(error: BaseException) -> bool:
    """Whether the call may have done its work all the same: its answer is lost, or says little."""
    from botocore import exceptions, parsers

    if isinstance(error, exceptions.ClientError):
        return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) >= 500
    unread = (exceptions.HTTPClientError, exceptions.IncompleteReadError)
    return isinstance(error, (*unread, parsers.ResponseParserError))


def translate(error: Exception, *, operation: str, resource: str) -> PersonalizeError:
    """Puts an error of a call into one of ours; one that is ours already stays as it is."""
    from botocore import exceptions

    if isinstance(error, PersonalizeError):
        return error

    def as_kind(
        kind: type[ServiceError], code: str, message: str, advice: str = ""
    ) -> ServiceError:
        return kind(message, operation=operation, resource=resource, code=code, advice=advice)

    name = type(error).__name__
    if isinstance(error, exceptions.ClientError):
        return _translate_answer(error, as_kind)
    if isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError):
        return as_kind(
            UnreachableError,
            name,
            str(error),
            "Check personalize:endpointUrl, the region, the network and the proxy",
        )
    if isinstance(error, exceptions.NoRegionError):
        advice = "Run pulumi config set personalize:region REGION, or set AWS_REGION"
        return as_kind(ServiceError, name, "no region is known", advice)
    if isinstance(error, exceptions.InvalidRegionError):
        return as_kind(ServiceError, name, str(error), "Check the region in the ARN")
    if isinstance(error, exceptions.ProfileNotFound):
        return as_kind(
            CredentialsError, name, str(error), "Check personalize:profile, or aws:profile"
        )
    if isinstance(error, _credential_errors()):
        advice = "Configure AWS credentials: environment variables, a profile, SSO or a role"
        return as_kind(CredentialsError, name, str(error), advice)
    return as_kind(ServiceError, name, str(error), "Check the configuration and the AWS profile")


def _translate_answer(error: ClientError, as_kind: Callable[..., ServiceError]) -> ServiceError:
    code, message = _code(error), error.response.get("Error", {}).get("Message", "")
    if code in _DENIED:
        sts = error.operation_name == "AssumeRole"
        advice = _ASSUME_ROLE if sts else _to_be_allowed(message, error.operation_name)
        return as_kind(AccessDeniedError, code, message, advice)
    if code in _EXPIRED:
        return as_kind(CredentialsError, code, message, _SIGN_IN)
    if code in _REFUSED:
        advice = "Check that the credentials are valid for the intended account and partition"
        return as_kind(CredentialsError, code, message, advice)
    if is_transient(error):
        advice = "Run again later; personalize:maxAttempts retries for longer"
        return as_kind(TransientError, code, message or "the service returned an error", advice)
    if error.operation_name == "AssumeRole":
        return as_kind(CredentialsError, code, message, _ASSUME_ROLE)
    advice = _ADVICE.get(code, f"See what AWS says of it: {_PAGES}API_{error.operation_name}.html")
    return as_kind(ServiceError, code, message, advice)


_ASSUME_ROLE = (
    "Check personalize:assumeRole or aws:assumeRoles, that the credentials before it may call "
    "sts:AssumeRole, and that the role trusts them"
)
_PAGES = "https://docs.aws.amazon.com/personalize/latest/dg/"
_ADVICE = {
    "InvalidInputException": "Change the input that Personalize names",
    "InvalidNextTokenException": "Run again",
    "LimitExceededException": (
        f"A quota is reached: delete what is not needed, or see which can be raised: {_PAGES}"
        "limits.html"
    ),
    "ResourceAlreadyExistsException": "Run again in a minute: one may be coming or going",
    "ResourceInUseException": "Run again once the resource is ACTIVE",
    "ResourceNotFoundException": "Check that it exists in this account and region, and run again",
    "TooManyTagKeysException": "Use at most 50 tags",
    "TooManyTagsException": "Use at most 50 tags",
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
_TAGGING = ("CreateEventTracker", "TagResource", "UntagResource")


def _to_be_allowed(message: str, operation: str) -> str:
    """What to do about a denied call, as far as AWS's words tell why.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    # A create with tags is refused for the lack of personalize:TagResource, which AWS names.
    named = re.search(r"to perform: personalize:(\w+)", message)
    action = named[1] if named else operation
    accounts = re.search(r"User: arn:[\w-]+:\w+::(\d{12}):.* on resource: \S+?:(\d{12}):", message)
    if accounts and accounts[1] != accounts[2]:
        return (
            f"The resource is in account {accounts[2]}, and these credentials are of account "
            f"{accounts[1]}: use credentials of {accounts[2]}, or check the ARN"
        )
    kind = re.search(
        r"(service control policy|resource control policy|permissions boundary)", message
    )
    if not kind:
        resource = RESOURCES.get(action, 'Resource "*"')
        return f"Allow the IAM action personalize:{action} for these credentials, on {resource}"
    advice = f"A {kind[1]} denies personalize:{action}: ask its owners to allow the action"
    if action in _TAGGING:
        advice += (
            f"; where it is about tag keys, to allow {OWNER_KEY}, or set "
            "personalize:ownershipTag to false"
        )
    return advice


def _credential_errors() -> tuple[type[Exception], ...]:
    from botocore import exceptions

    return (
        exceptions.NoCredentialsError,
        exceptions.PartialCredentialsError,
        exceptions.CredentialRetrievalError,
        exceptions.TokenRetrievalError,
        exceptions.SSOError,
        exceptions.NoAuthTokenError,
        # aws login: botocore 1.41 and later
        getattr(exceptions, "LoginError", exceptions.SSOError),
        exceptions.RefreshWithMFAUnsupportedError,
        exceptions.InvalidConfigError,
        exceptions.ConfigNotFound,
    )


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
