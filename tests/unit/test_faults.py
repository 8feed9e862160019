"""What botocore raises, and what the user is told instead."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions
from pulumi_personalize import (
    AccessDeniedError,
    CredentialsError,
    InputError,
    ServiceError,
    TransientError,
    UnreachableError,
)
from pulumi_personalize.service import faults

URL = "http://127.0.0.1:1"
SIGN_IN = "Renew the credentials (aws sso login, or new keys) and run again"
CHECK = "Check the credentials, and that they are of the account and partition meant"
GIVE = "Give AWS credentials: environment variables, a profile, SSO or a role"
LATER = "Run again later; personalize:maxAttempts lets it try for longer"
NETWORK = "Check personalize:endpointUrl, the region, the network and the proxy"
DENIED = (
    "User: arn:aws:iam::1:user/x is not authorized to perform: personalize:TagResource "
    "on resource: arn:aws:personalize:us-east-1:1:event-tracker/*"
)


def answer(
    code: str, status: int = 400, message: str = "Said so.", operation: str = "CreateEventTracker"
) -> exceptions.ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return exceptions.ClientError(response, operation)


def translated(error: Exception) -> ServiceError:
    found = faults.translate(error, operation="creating", resource="event tracker clicks")
    assert isinstance(found, ServiceError)
    assert "\n" not in str(found)
    return found


@pytest.mark.parametrize(
    ("error", "kind", "advice"),
    [
        (answer("ThrottlingException"), TransientError, LATER),
        (answer("Throttling"), TransientError, LATER),
        (answer("TooManyRequestsException", 429), TransientError, LATER),
        (answer("SomethingElse", 429), TransientError, LATER),
        (answer("InternalServerError", 500), TransientError, LATER),
        (answer("ServiceUnavailable", 503), TransientError, LATER),
        (answer("ExpiredTokenException"), CredentialsError, SIGN_IN),
        (answer("ExpiredToken", 403), CredentialsError, SIGN_IN),
        (answer("RequestExpired"), CredentialsError, SIGN_IN),
        (answer("UnrecognizedClientException", 403), CredentialsError, CHECK),
        (answer("InvalidSignatureException", 403), CredentialsError, CHECK),
        (answer("InvalidClientTokenId", 403), CredentialsError, CHECK),
        (answer("InvalidInputException"), ServiceError, ""),
        (answer("ResourceInUseException"), ServiceError, ""),
        (
            answer("LimitExceededException"),
            ServiceError,
            "Ask for a higher quota of event trackers in AWS Service Quotas",
        ),
        (answer("TooManyTagsException"), ServiceError, "Use at most 50 tags"),
    ],
    ids=lambda value: getattr(value, "__name__", None) or str(value)[:40],
)
def test_answer_of_the_service(
    error: exceptions.ClientError, kind: type[ServiceError], advice: str
) -> None:
    found = translated(error)
    assert type(found) is kind
    assert (found.operation, found.resource) == ("creating", "event tracker clicks")
    assert (found.code, found.message) == (error.response["Error"]["Code"], "Said so.")
    assert found.advice == advice


@pytest.mark.parametrize("code", ["AccessDeniedException", "AccessDenied", "UnauthorizedOperation"])
@pytest.mark.parametrize(
    ("message", "action"),
    [
        ("User is not authorized.", "personalize:CreateEventTracker"),
        ("", "personalize:CreateEventTracker"),
        (DENIED, "personalize:TagResource"),
    ],
)
def test_lacking_permission_names_the_iam_action(code: str, message: str, action: str) -> None:
    found = translated(answer(code, 403, message))
    assert type(found) is AccessDeniedError
    assert found.advice == f"Allow the IAM action {action} for these credentials"


def test_exact_line() -> None:
    assert str(translated(answer("AccessDeniedException", 400, DENIED))) == (
        "creating event tracker clicks: AccessDeniedException: User: arn:aws:iam::1:user/x is not "
        "authorized to perform: personalize:TagResource on resource: "
        "arn:aws:personalize:us-east-1:1:event-tracker/*. "
        "Allow the IAM action personalize:TagResource for these credentials."
    )


@pytest.mark.parametrize(
    ("error", "kind", "advice"),
    [
        (exceptions.EndpointConnectionError(endpoint_url=URL), UnreachableError, NETWORK),
        (exceptions.ConnectTimeoutError(endpoint_url=URL), UnreachableError, NETWORK),
        (exceptions.ReadTimeoutError(endpoint_url=URL), UnreachableError, NETWORK),
        (exceptions.ConnectionClosedError(endpoint_url=URL), UnreachableError, NETWORK),
        (exceptions.ProxyConnectionError(proxy_url=URL), UnreachableError, NETWORK),
        (exceptions.SSLError(endpoint_url=URL, error=OSError("bad")), UnreachableError, NETWORK),
        (exceptions.HTTPClientError(error="broken\npipe"), UnreachableError, NETWORK),
        (exceptions.NoCredentialsError(), CredentialsError, GIVE),
        (
            exceptions.PartialCredentialsError(provider="env", cred_var="secret"),
            CredentialsError,
            GIVE,
        ),
        (
            exceptions.CredentialRetrievalError(provider="process", error_msg="exit 1\nbad"),
            CredentialsError,
            GIVE,
        ),
        (exceptions.TokenRetrievalError(provider="sso", error_msg="x"), CredentialsError, GIVE),
        (exceptions.UnauthorizedSSOTokenError(), CredentialsError, GIVE),
        (exceptions.SSOTokenLoadError(error_msg="x"), CredentialsError, GIVE),
        (exceptions.LoginRefreshRequired(), CredentialsError, GIVE),
        (exceptions.NoAuthTokenError(), CredentialsError, GIVE),
        (
            exceptions.ProfileNotFound(profile="work"),
            CredentialsError,
            "Check personalize:profile, or aws:profile",
        ),
        (
            exceptions.InvalidRegionError(region_name="no where"),
            ServiceError,
            "Check the region in the ARN",
        ),
        (exceptions.DataNotFoundError(data_path="x"), ServiceError, ""),
        (ValueError("Invalid endpoint: http://a b"), ServiceError, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_no_answer(error: Exception, kind: type[ServiceError], advice: str) -> None:
    found = translated(error)
    assert type(found) is kind
    assert (found.operation, found.resource) == ("creating", "event tracker clicks")
    assert (found.code, found.message) == (type(error).__name__, str(error))
    assert found.advice == advice


def test_no_region() -> None:
    assert str(translated(exceptions.NoRegionError())) == (
        "creating event tracker clicks: NoRegionError: no region is known. "
        "Run pulumi config set personalize:region REGION, or set AWS_REGION."
    )


def test_answer_without_words_still_says_something() -> None:
    assert str(translated(answer("503", 503, ""))) == (
        "creating event tracker clicks: 503: the service falters. " + LATER + "."
    )


def test_answer_of_another_make_is_taken() -> None:
    empty: Any = {}
    found = translated(exceptions.ClientError(empty, "CreateEventTracker"))
    assert (found.code, found.message) == ("", "")
    assert not faults.is_transient(exceptions.ClientError(empty, "CreateEventTracker"))


def test_error_of_ours_stays_as_it_is() -> None:
    error = InputError("broken")
    assert faults.translate(error, operation="creating", resource="x") is error


@pytest.mark.parametrize(
    ("error", "transient", "unreachable", "worked"),
    [
        (answer("ThrottlingException"), True, False, False),
        (answer("RequestLimitExceeded"), True, False, False),
        (answer("x", 429), True, False, False),
        (answer("x", 500), True, False, True),
        (answer("x", 503), True, False, True),
        (answer("InvalidInputException"), False, False, False),
        (answer("ResourceNotFoundException", 404), False, False, False),
        (answer("ExpiredTokenException"), False, False, False),
        (answer("AccessDeniedException", 403), False, False, False),
        (exceptions.EndpointConnectionError(endpoint_url=URL), True, True, False),
        (exceptions.ConnectTimeoutError(endpoint_url=URL), True, True, False),
        (exceptions.ReadTimeoutError(endpoint_url=URL), True, False, True),
        (exceptions.ConnectionClosedError(endpoint_url=URL), True, False, True),
        (exceptions.HTTPClientError(error="broken pipe"), True, False, True),
        (
            exceptions.SSLError(endpoint_url=URL, error=OSError("bad certificate")),
            False,
            False,
            False,
        ),
        (exceptions.ProxyConnectionError(proxy_url=URL), False, False, False),
        (exceptions.NoCredentialsError(), False, False, False),
        (ValueError("x"), False, False, False),
    ],
    ids=lambda value: None if isinstance(value, bool) else str(value)[:40],
)
def test_what_is_worth_another_attempt(
    error: Exception, transient: bool, unreachable: bool, worked: bool
) -> None:
    assert faults.is_transient(error) is transient
    assert faults.is_unreachable(error) is unreachable
    assert faults.may_have_worked(error) is worked
