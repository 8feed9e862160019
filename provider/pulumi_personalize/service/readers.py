"""Values of configuration: each as it may be written, and what is told of one that can't be used.

What is structured comes as JSON from a stack's configuration, and as it is from a provider's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from . import tags

_DAY = 86_400.0
_ACCOUNT = re.compile(r"\d{12}")
_ROLE_ARN = re.compile(r"arn:[a-z0-9-]+:iam::\d{12}:role/\S+")
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


class Role(NamedTuple):
    """A role to assume.

    Attributes:
        arn: Its ARN.
        arguments: The other arguments of AssumeRole, by the names that STS gives them.
    """

    arn: str
    arguments: Mapping[str, Any]


def error(key: str, problem: str, advice: str = "") -> ConfigurationError:
    """The error of one value."""
    return ConfigurationError(
        problem, operation="reading", resource=f"configuration {key}", advice=advice
    )


def text(key: str, value: Any) -> str:
    """A string that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise error(key, "must be a non-empty string", f"Run pulumi config set {key} VALUE")
    return value.strip()


def url(key: str, value: Any) -> str:
    """A URL without credentials in it."""
    given = text(key, value)
    try:
        parts = urlsplit(given)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise error(key, "must be a URL", "Set one, for example https://host:port")
    if parts.username or parts.password:
        raise error(key, "must not contain credentials", "Use the AWS credential chain")
    return given


def seconds(key: str, value: Any) -> float:
    """A number of seconds, at most a day."""
    try:
        number = float(value) if not isinstance(value, bool) else 0.0
    except (TypeError, ValueError):
        number = 0.0
    if not 0 < number <= _DAY:
        raise error(key, "must be a number of seconds", "Set more than 0 and at most 86400")
    return number


def attempts(key: str, value: Any) -> int:
    """A number of attempts."""
    try:
        # A number in a provider's own configuration comes as a float.
        whole = isinstance(value, float) and value.is_integer()
        number = int(value if whole else str(value)) if not isinstance(value, bool) else 0
    except ValueError:
        number = 0
    if not 1 <= number <= 100:
        raise error(key, "must be a number of attempts", "Set 1 to 100")
    return number


def flag(key: str, value: Any) -> bool:
    """A boolean."""
    word = str(value).lower()
    if word not in ("true", "false"):
        raise error(key, "must be a boolean", "Set true or false")
    return word == "true"


def accounts(key: str, value: Any) -> tuple[str, ...] | None:
    """A list of account IDs; ``None`` for an empty one."""
    given = _structure(value)
    # YAML takes an account ID for a number.
    ids = [_plain(item) or "" for item in given] if isinstance(given, list) else [""]
    if not all(_ACCOUNT.fullmatch(item) for item in ids):
        advice = f"Run pulumi config set --path '{key}[0]' 123456789012"
        raise error(key, "must be a list of account IDs", advice)
    return tuple(ids) or None


def default_tags(key: str, value: Any) -> Mapping[str, str] | None:
    """The tags in ``{"tags": {…}}``; ``None`` where there are none."""
    advice = f"Run pulumi config set --path {key}.tags.KEY VALUE"
    given = _structure(value)
    if not isinstance(given, Mapping) or given.keys() - {"tags"}:
        raise error(key, "must be a map with tags only", advice)
    found = given.get("tags") or {}
    if not isinstance(found, Mapping):
        raise error(key, "tags must be a map of strings", advice)
    read = {str(name): _plain(text) for name, text in found.items()}
    for name, text in read.items():
        problem = tags.problem_of_key(name)
        if not problem:
            problem = "is not a string" if text is None else tags.problem_of_value(text)
        if problem:
            raise error(key, f"tag {json.dumps(name)}: {problem}", advice)
    return {name: str(text) for name, text in read.items()} or None


def roles(key: str, value: Any) -> tuple[Role, ...] | None:
    """One role or a chain of them, each assumed by the one before; ``None`` where there is none."""
    given = _structure(value)
    chain = given if isinstance(given, list) else [given]
    return tuple(_role(key, item) for item in chain if item not in ({}, None)) or None


def _role(key: str, given: Any) -> Role:
    if not isinstance(given, Mapping):
        advice = f"Run pulumi config set --path {key}.roleArn ARN"
        raise error(key, "must be a map with a roleArn", advice)
    # Empty is what a tool writes that has nothing to say.
    members = {name: item for name, item in given.items() if item not in (None, "", [], {})}
    for name in members:
        if name not in _MEMBERS:
            import difflib

            close = difflib.get_close_matches(name, _MEMBERS, n=1)
            if close:
                raise error(key, f"unknown key {name} (did you mean {close[0]}?)")
            raise error(key, f"unknown key {name}", f"Expected one of {', '.join(_MEMBERS)}")
    arn = members.pop("roleArn", None)
    if not isinstance(arn, str) or not _ROLE_ARN.fullmatch(arn):
        advice = "Set one, for example arn:aws:iam::123456789012:role/NAME"
        raise error(key, "roleArn must be the ARN of a role", advice)
    arguments = {}
    for name, item in members.items():
        argument, read = _MEMBERS[name]
        arguments[argument] = read(item)
        if arguments[argument] is None:
            raise error(key, f"{name} is invalid", f"Set {_EXPECTED[read]}")
    return Role(arn, arguments)


def _session_name(value: Any) -> str | None:
    return value if isinstance(value, str) and _SESSION_NAME.fullmatch(value) else None


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _strings(value: Any) -> list[str] | None:
    good = isinstance(value, list) and all(isinstance(item, str) for item in value)
    return value if good else None


def _policies(value: Any) -> list[dict[str, str]] | None:
    arns = _strings(value)
    return None if arns is None else [{"arn": arn} for arn in arns]


def _session_tags(value: Any) -> list[dict[str, str | None]] | None:
    if not isinstance(value, Mapping):
        return None
    found = [{"Key": str(name), "Value": _plain(text)} for name, text in value.items()]
    return None if any(tag["Value"] is None for tag in found) else found


def _json(value: Any) -> str | None:
    """A policy, which Pulumi may have taken apart; botocore wants it to be good JSON."""
    given = _structure(value)
    return json.dumps(given) if isinstance(given, Mapping) else None


def _duration(value: Any) -> int | None:
    """Seconds, from a number or from a string as in ``1h30m``."""
    parts = _DURATION.fullmatch(_plain(value) or "-")
    if parts is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    total = hours * 3600 + minutes * 60 + seconds
    return total if 900 <= total <= 43_200 else None


#: The members of a role, as pulumi-aws names them, the same for AssumeRole, and how they are read.
_MEMBERS: dict[str, tuple[str, Any]] = {
    "roleArn": ("RoleArn", _string),
    "sessionName": ("RoleSessionName", _session_name),
    "externalId": ("ExternalId", _string),
    "duration": ("DurationSeconds", _duration),
    "durationSeconds": ("DurationSeconds", _duration),
    "policy": ("Policy", _json),
    "policyArns": ("PolicyArns", _policies),
    "sourceIdentity": ("SourceIdentity", _string),
    "tags": ("Tags", _session_tags),
    "transitiveTagKeys": ("TransitiveTagKeys", _strings),
}
_EXPECTED = {
    _session_name: "2 to 64 letters, digits and _ + = , . @ -",
    _string: "a string",
    _strings: "a list of strings",
    _policies: "a list of ARNs",
    _session_tags: "a map of strings",
    _json: "a policy as JSON",
    _duration: "15m to 12h, as in 1h30m, or the seconds",
}


def _structure(value: Any) -> Any:
    """A structured value, which may be JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _plain(value: Any) -> str | None:
    """The text of a single value; ``None`` for anything else."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, str | int | float) else None
