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
from pulumi_personalize.service import aws_errors

URL = "http://127.0.0.1:1"
SIGN_IN = "Renew the credentials (aws sso login, or new keys) and run again"
CHECK = "Check that the credentials are valid for the intended account and partition"
GIVE = "Configure AWS credentials: environment variables, a profile, SSO or a role"
LATER = "Run again later; personalize:maxAttempts retries for longer"
ROLE = (
    "Check personalize:assumeRole or aws:assumeRoles, that the credentials before it may call "
    "sts:AssumeRole, and that the role trusts them"
)
NETWORK = "Check personalize:endpointUrl, the region, the network and the proxy"
CONFIGURATION = "Check the configuration and the AWS profile"
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
    found = aws_errors.translate(error, operation="creating", resource="event tracker clicks")
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
        (answer("InvalidClientTokenId", 403, operation="AssumeRole"), CredentialsError, CHECK),
        (answer("AccessDenied", 403, operation="AssumeRole"), AccessDeniedError, ROLE),
        (answer("ValidationError", operation="AssumeRole"), CredentialsError, ROLE),
        (answer("Throttling", operation="AssumeRole"), TransientError, LATER),
        (
            answer("InvalidInputException"),
            ServiceError,
            "Change the input that Personalize names",
        ),
        (answer("InvalidNextTokenException"), ServiceError, "Run again"),
        (
            answer("ResourceInUseException"),
            ServiceError,
            "Run again once the resource is ACTIVE",
        ),
        (
            answer("ResourceAlreadyExistsException"),
            ServiceError,
            "Run again in a minute: one may be coming or going",
        ),
        (
            answer("ResourceNotFoundException"),
            ServiceError,
            "Check that it exists in this account and region, and run again",
        ),
        (
            answer("SomethingNewException", operation="DeleteEventTracker"),
            ServiceError,
            "See what AWS says of it: "
            "https://docs.aws.amazon.com/personalize/latest/dg/API_DeleteEventTracker.html",
        ),
        (answer("TooManyTagKeysException"), ServiceError, "Use at most 50 tags"),
        (
            answer("LimitExceededException"),
            ServiceError,
            "A quota is reached: delete what is not needed, or see which can be raised: "
            "https://docs.aws.amazon.com/personalize/latest/dg/limits.html",
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
    ("operation", "message", "action", "resource"),
    [
        (
            "CreateEventTracker",
            "User is not authorized.",
            "CreateEventTracker",
            "the dataset group and event-tracker/*",
        ),
        ("CreateEventTracker", "", "CreateEventTracker", "the dataset group and event-tracker/*"),
        ("CreateEventTracker", DENIED, "TagResource", "event-tracker/*"),
        ("ListEventTrackers", "", "ListEventTrackers", 'Resource "*"'),
        ("DescribeDatasetGroup", "", "DescribeDatasetGroup", "the dataset group"),
        ("SomethingNew", "", "SomethingNew", 'Resource "*"'),
    ],
)
def test_lacking_permission_names_the_iam_action_and_its_resource(
    code: str, operation: str, message: str, action: str, resource: str
) -> None:
    found = translated(answer(code, 403, message, operation))
    assert type(found) is AccessDeniedError
    assert found.advice == (
        f"Allow the IAM action personalize:{action} for these credentials, on {resource}"
    )


def test_resource_of_another_account_is_told() -> None:
    message = (
        "User: arn:aws:sts::111111111111:assumed-role/ci/x is not authorized to perform: "
        "personalize:ListEventTrackers on resource: "
        "arn:aws:personalize:us-east-1:222222222222:dataset-group/shop because no identity-based "
        "policy allows the personalize:ListEventTrackers action"
    )
    assert translated(answer("AccessDeniedException", 400, message)).advice == (
        "The resource is in account 222222222222, and these credentials are of account "
        "111111111111: use credentials of 222222222222, or check the ARN"
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("service control policy", "a service control policy"),
        ("resource control policy", "a resource control policy"),
        ("permissions boundary", "a permissions boundary"),
    ],
)
@pytest.mark.parametrize(
    ("action", "tagging"), [("TagResource", True), ("DeleteEventTracker", False)]
)
def test_policy_that_denies_is_told(kind: str, words: str, action: str, tagging: bool) -> None:
    message = (
        "User: arn:aws:iam::111111111111:user/x is not authorized to perform: "
        f"personalize:{action} on resource: "
        "arn:aws:personalize:us-east-1:111111111111:event-tracker/1 "
        f"with an explicit deny in {words}"
    )
    about_tags = (
        "; where it is about tag keys, to allow pulumi-personalize:owner, or set "
        "personalize:ownershipTag to false"
    )
    assert translated(answer("AccessDeniedException", 400, message)).advice == (
        f"A {kind} denies personalize:{action}: ask its owners to allow the action"
        + about_tags * tagging
    )


def test_line_says_what_failed_with_which_code_and_what_to_do() -> None:
    assert str(translated(answer("AccessDeniedException", 400, DENIED))) == (
        "creating event tracker clicks: AccessDeniedException: User: arn:aws:iam::1:user/x is not "
        "authorized to perform: personalize:TagResource on resource: "
        "arn:aws:personalize:us-east-1:1:event-tracker/*. "
        "Allow the IAM action personalize:TagResource for these credentials, on event-tracker/*."
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
        (exceptions.DataNotFoundError(data_path="x"), ServiceError, CONFIGURATION),
        (ValueError("Invalid endpoint: http://a b"), ServiceError, CONFIGURATION),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_call_that_got_no_answer_says_why(
    error: Exception, kind: type[ServiceError], advice: str
) -> None:
    found = translated(error)
    assert type(found) is kind
    assert (found.operation, found.resource) == ("creating", "event tracker clicks")
    assert (found.code, found.message) == (type(error).__name__, str(error))
    assert found.advice == advice


def test_no_region_says_how_to_set_one() -> None:
    assert str(translated(exceptions.NoRegionError())) == (
        "creating event tracker clicks: NoRegionError: no region is known. "
        "Run pulumi config set personalize:region REGION, or set AWS_REGION."
    )


def test_answer_without_words_still_says_something() -> None:
    assert str(translated(answer("503", 503, ""))) == (
        "creating event tracker clicks: 503: the service returned an error. " + LATER + "."
    )


def test_answer_of_another_make_is_taken() -> None:
    empty: Any = {}
    found = translated(exceptions.ClientError(empty, "CreateEventTracker"))
    assert (found.code, found.message) == ("", "")
    assert not aws_errors.is_transient(exceptions.ClientError(empty, "CreateEventTracker"))


def test_error_of_ours_stays_as_it_is() -> None:
    error = InputError("broken")
    assert aws_errors.translate(error, operation="creating", resource="x") is error


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
    assert aws_errors.is_transient(error) is transient
    assert aws_errors.is_unreachable(error) is unreachable
    assert aws_errors.may_have_worked(error) is worked
