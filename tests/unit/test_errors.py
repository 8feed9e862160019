"""Errors: their tree, text and copies, and what botocore's exceptions become."""

import copy
import pickle
import re
from importlib import metadata
from typing import Any

import dill  # type: ignore[import-untyped]
import pulumi_personalize
import pytest
from botocore import exceptions, parsers
from pulumi_personalize import errors
from pulumi_personalize.service import aws_errors

#: The tree as documented: each class, indented under its base.
TREE = re.findall(r"^ {4}( {4})?[├└]── (\w+)", errors.__doc__ or "", re.MULTILINE)
PARENTS = {name: "ServiceError" if indented else "PersonalizeError" for indented, name in TREE}
PARENTS["PersonalizeError"] = "Exception"


def test_tree_is_documented_and_exported() -> None:
    kinds = [value for value in vars(errors).values() if isinstance(value, type)]
    assert {kind.__name__: kind.__bases__[0].__name__ for kind in kinds} == PARENTS
    exported = pulumi_personalize.__all__
    assert {*PARENTS, "EventTracker"} <= {*exported}
    assert exported == sorted(exported)
    assert {getattr(pulumi_personalize, name).__name__ for name in exported} == {*exported}
    installed = metadata.version("pulumi-personalize").removesuffix("+local")
    assert pulumi_personalize.__version__ == installed


@pytest.mark.parametrize("name", ["GroupTakenError", "ServiceError", "TransientError"])
def test_copies_keep_all_fields(name: str) -> None:
    kind = getattr(errors, name)
    # Pulumi shows "error: module.Class: text".
    assert kind.__module__ == "pulumi_personalize"
    error = kind("broke", operation="creating", resource="x", code="Code", advice="Run again.")
    copies = [copy.copy(error), copy.deepcopy(error), error.with_note()]
    copies += [pickle.loads(pickle.dumps(error)), dill.loads(dill.dumps(error))]
    for other in copies:
        assert type(other) is kind
        assert str(other) == str(error) == "creating x: Code: broke. Run again."
    assert str(kind("a\n  b\r\nc", resource="x")) == "x a b c."
    noted = error.with_note("It is left", "").with_note("So what")
    assert str(noted) == "creating x: Code: broke. Run again. It is left. So what."
    assert (type(noted), error.reason) == (kind, "Code: broke. Run again.")


AT: Any = {"endpoint_url": "http://127.0.0.1:1"}
STS, CREATE = "AssumeRole", "CreateEventTracker"
NET = "Check personalize:endpointUrl"
NO_CONNECTION = "transient unreachable"


def response(code: str, status: int = 400, message: str = "No.", call: str = CREATE) -> Exception:
    metadata = {"HTTPStatusCode": status}
    body: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}
    return exceptions.ClientError(body, call)


def translated(error: Exception) -> errors.PersonalizeError:
    return aws_errors.translate(error, operation="creating", resource="x")


@pytest.mark.parametrize(
    ("error", "kind", "advice", "repeat"),
    [
        (response("ExpiredToken", 500), "Credentials", "Renew the cred", "transient worked"),
        (response("AccessDenied", call=STS), "AccessDenied", "Check the role that ", ""),
        (response("x", 500), "Transient", "Run again later, ", "transient worked"),
        (response("InvalidInputException", 499), "Service", "Change the input", ""),
        (response("New", call="TagResource"), "Service", "See https://docs.aws.", ""),
        (exceptions.ReadTimeoutError(**AT), "Unreachable", NET, "transient worked"),
        (exceptions.ConnectTimeoutError(**AT), "Unreachable", NET, NO_CONNECTION),
        (exceptions.ProxyConnectionError(proxy_url="x"), "Unreachable", NET, NO_CONNECTION),
        (exceptions.SSOTokenLoadError(error_msg="x"), "Credentials", "Run `aws sso login`", ""),
        (parsers.ResponseParserError("x"), "Service", "Check the configuration", "worked"),
        (ConnectionError("Not of botocore"), "Service", "Check the configuration", ""),
        (FileNotFoundError("token"), "Credentials", "Check AWS_WEB_IDENTITY_TOKEN_FILE", ""),
    ],
)
def test_answer_of_the_service(error: Exception, kind: str, advice: str, repeat: str) -> None:
    found = translated(error)
    assert type(found).__name__ == f"{kind}Error"
    assert found.advice.startswith(advice)
    facts = (type(error).__name__, str(error))
    if isinstance(error, exceptions.ClientError):
        facts = (error.response["Error"]["Code"], "No.")
    assert (found.code, found.message) == facts
    assert aws_errors.is_transient(error) is ("transient" in repeat)
    assert aws_errors.is_unreachable(error) is ("unreachable" in repeat)
    assert aws_errors.may_have_worked(error) is ("worked" in repeat)


def test_missing_permission_names_the_iam_action_and_its_resource() -> None:
    found = translated(response("AccessDeniedException", 403))
    actions = "personalize:CreateEventTracker for these credentials, on the dataset group and"
    assert found.advice == f"Allow the IAM action {actions} event-tracker/*"
    action = "User: arn:aws:iam::2:user/x is not authorized to perform: personalize:TagResource"
    assert "ownershipTag to false" in translated(response("AccessDenied", 403, action)).advice
    # A response without a message, or without anything.
    assert translated(response("503", 503, "")).message == "the service returned an error"
    empty: Any = {}
    assert translated(exceptions.ClientError(empty, "CreateEventTracker")).code == ""
    unreadable = translated(AttributeError("get"))
    assert isinstance(unreadable, errors.UnexpectedResponseError)
    assert "does not answer as Amazon Personalize does (AttributeError: get)" in str(unreadable)
    error = errors.InputError("broken", resource="y")
    assert translated(error) is error
    assert str(translated(errors.InputError("broken"))) == "creating x: broken."


def test_masked() -> None:
    sent = {"dev", "a-secret-value", "arn:aws:iam::1:role/x", "", "1", "p'w", "user:Password1"}
    role = "arn:aws:iam::1:role/dev"
    for message, shown in (
        ("Value 'dev' at 'tags.1.member.tagValue'", "Value '***' at 'tags.1.member.tagValue'"),
        ('Values "[dev, other]"', 'Values "[***, other]"'),
        ("Value 'arn:aws:iam::1:role/x'", "Value '***'"),
        ("it has a-secret-value here", "it has *** here"),
        # No message is garbled.
        (f"dev may not do personalize:TagResource on '{role}'", None),
        ("developers of 'devices' on 'shop-dev'", None),
        ("no a-secret-value-2 at a-secret-value.example.com", None),
        ("at http://me:sec@ret'x@host:1/x", "at http://***@host:1/x"),
        ("Value 'p'w' at 'tags.1.member.tagValue'", "Value '***' at 'tags.1.member.tagValue'"),
        ("it is user:Password1", "it is ***"),
        ("The tracker's stage is dev and can't be used", None),
    ):
        assert aws_errors.masked(message, sent) == (shown or message)
