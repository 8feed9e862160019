"""Readers of configuration values.

Lists and maps are JSON in a stack's configuration and Python objects in a provider's own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .errors import ConfigurationError
from .service import tags

Role = Mapping[str, Any]

_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


class Kind(NamedTuple):
    """A kind of value: its converter, and the error for a value that this refuses.

    In the advice, ``{}`` stands for the configuration key.
    """

    convert: Callable[[Any], Any]
    problem: str
    advice: str

    def read(self, key: str, value: Any) -> Any:
        """Converts the value of a configuration key, or raises `ConfigurationError`."""
        try:
            return self.convert(value)
        except ConfigurationError as specific:
            raise error(key, specific.message, specific.advice) from None
        except (ValueError, TypeError, LookupError):
            raise error(key, self.problem, self.advice.format(key)) from None


def error(key: str, problem: str, advice: str = "") -> ConfigurationError:
    """Returns the error of a configuration key."""
    return ConfigurationError(
        problem, operation="reading", resource=f"configuration {key}", advice=advice
    )


def _text(value: Any, pattern: str = ".+") -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value.strip()):
        raise ValueError
    return value.strip()


def _url(value: Any) -> str:
    return _text(value, r"https?://[^\s/?#@]+([/?#]\S*)?")


def _seconds(value: Any) -> float:
    number = float(str(value))
    if not 0 < number <= 86_400:
        raise ValueError
    return number


def _attempts(value: Any) -> int:
    number = float(str(value))
    if number not in range(1, 101):
        raise ValueError
    return int(number)


def _boolean(value: Any) -> bool:
    return {"true": True, "false": False}[str(value).lower()]


def _accounts(value: Any) -> tuple[str, ...] | None:
    return tuple(_text(item, r"\d{12}") for item in _scalars(_parsed(value))) or None


def _tags(value: Any) -> dict[str, str] | None:
    given = _map(_parsed(value))
    if given.keys() - {"tags"}:
        raise ValueError
    items = _map(given.get("tags") or {}).items()
    found = {key: _scalar(item) for key, item in items}
    for key, item in items:
        value = item if isinstance(item, float) and not tags.is_whole(item) else found[key]
        if problem := tags.problem_of_key(key) or tags.problem_of_value(value):
            raise ConfigurationError(f"tag {json.dumps(key)}: {problem}")
    return found or None


def _roles(value: Any) -> tuple[Role, ...] | None:
    given = _parsed(value)
    chain = given if isinstance(given, list) else [given]
    return tuple(_role(_map(role)) for role in chain if role not in ({}, None)) or None


def _role(members: Mapping[str, Any]) -> Role:
    """Converts a role's members to the arguments of AssumeRole, whose values STS judges."""
    role = {"RoleArn": _text(members["roleArn"])}
    for name, value in members.items():
        if name not in _MEMBERS:
            advice = f"Expected one of {', '.join(_MEMBERS)}"
            raise ConfigurationError(f"unknown key {name}", advice=advice)
        # Some tools write an empty value for a member that is not set.
        if value not in (None, "", [], {}):
            argument, convert = _MEMBERS[name]
            try:
                role[argument] = convert(value)
            except (TypeError, ValueError):
                raise ConfigurationError(f"{name} can't be used") from None
    return role


def _duration(value: Any) -> str | int:
    text = _scalar(value)
    parts = _DURATION.fullmatch(text)
    if parts is None:
        return text
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return hours * 3600 + minutes * 60 + seconds


def _session_tags(value: Any) -> list[dict[str, str]]:
    return [{"Key": key, "Value": _scalar(item)} for key, item in _map(value).items()]


def _parsed(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return value


def _map(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _scalar(value: Any) -> str:
    """Returns a single value as text; YAML, for one, reads an account ID as a number."""
    if isinstance(value, dict | list | None):
        raise TypeError
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else json.dumps(value)


def _scalars(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise TypeError
    return [_scalar(item) for item in value]


#: A role's members as in pulumi-aws: the argument of AssumeRole, and its converter.
_MEMBERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "roleArn": ("RoleArn", _text),
    "sessionName": ("RoleSessionName", _scalar),
    "externalId": ("ExternalId", _scalar),
    "duration": ("DurationSeconds", _duration),
    "durationSeconds": ("DurationSeconds", _duration),
    "policy": ("Policy", lambda value: json.dumps(_parsed(value))),
    "policyArns": ("PolicyArns", lambda value: [{"arn": arn} for arn in _scalars(value)]),
    "sourceIdentity": ("SourceIdentity", _scalar),
    "tags": ("Tags", _session_tags),
    "transitiveTagKeys": ("TransitiveTagKeys", _scalars),
}

TEXT = Kind(_text, "must be a non-empty string", "Run pulumi config set {} VALUE")
URL = Kind(
    _url, "must be an http or https URL without credentials", "Set one, as https://host:port"
)
SECONDS = Kind(_seconds, "must be a number of seconds, more than 0 and at most 86400", "")
ATTEMPTS = Kind(_attempts, "must be a number of attempts, 1 to 100", "")
BOOLEAN = Kind(_boolean, "must be a boolean", "Set true or false")
ACCOUNTS = Kind(
    _accounts,
    "must be a list of account IDs, 12 digits in quotes",
    "Run pulumi config set --path '{}[0]' 123456789012",
)
TAGS = Kind(_tags, "must be a map with tags only", "Run pulumi config set --path {}.tags.KEY VALUE")
ROLES = Kind(_roles, "must be a map with a roleArn", "Run pulumi config set --path {}.roleArn ARN")
