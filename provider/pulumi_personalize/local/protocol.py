"""How requests and answers go over the wire: the services' and the control interface's."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

TARGET = "AmazonPersonalize."
EVENT_PATHS = {
    "/events": "PutEvents",
    "/items": "PutItems",
    "/users": "PutUsers",
    "/action-interactions": "PutActionInteractions",
}
"""The operations of Personalize Events, by path."""

JSON_1_1 = "application/x-amz-json-1.1"


def operation_of(request: Request) -> str | None:
    """Returns the operation that a request is for; None if it is not for Personalize."""
    scope = credential_scope(request)
    if request.method != "POST" or (scope and scope[3] != "personalize"):
        return None
    target = request.headers.get("X-Amz-Target", "")
    if request.path == "/" and target.startswith(TARGET):
        return target.removeprefix(TARGET)
    return EVENT_PATHS.get(request.path)


def is_for_sts(request: Request) -> bool:
    """Returns whether a request is signed for STS, which tells whose credentials these are."""
    scope = credential_scope(request)
    return request.path == "/" and scope is not None and scope[3] == "sts"


def credential_scope(request: Request) -> list[str] | None:
    """Returns access key, date, region, service and "aws4_request"; None without a signature."""
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
    _, found, rest = request.headers.get("Authorization", "").partition("Credential=")
    scope = rest.split(",")[0].split("/")
    return scope if found and len(scope) == 5 else None


def parse(body: bytes) -> Any:
    """Reads JSON, an object without members if there is none.

    Args:
        body: What was sent.

    Raises:
        ValueError, RecursionError: It is not JSON.
    """
    return json.loads(body or b"{}", parse_constant=_refuse_constant, parse_float=_finite)


def json_response(content: Any, status: int = 200) -> Response:
    """Returns an answer of the control interface.

    Args:
        content: What is answered.
        status: The HTTP status.
    """
    return Response(json.dumps(content) + "\n", status, content_type="application/json")


def aws_error(status: int, code: str, message: str) -> Response:
    """Returns an error as AWS gives it (https://smithy.io/2.0/aws/protocols/).

    Args:
        status: The HTTP status.
        code: The error code.
        message: The text for people.
    """
    return Response(
        json.dumps({"__type": code, "message": message}),
        status,
        {"X-Amzn-ErrorType": code},
        content_type=JSON_1_1,
    )


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is too large")
    return number
