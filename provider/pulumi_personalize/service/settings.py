"""Configuration: what it may hold, and what it means where it is silent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from .names import snake

NAMESPACE = "personalize"
_DAY = 86_400.0


class Settings(NamedTuple):
    """How to reach Amazon Personalize, and how patient to be.

    Each attribute is the configuration key of the same name in camelCase, as in
    ``personalize:createTimeout``.

    Attributes:
        region: AWS region where an ARN names none; those of dataset groups and trackers all do, so
            this is for other resources to read. Behind it: ``aws:region``, then boto3's own chain.
        profile: Named profile of the AWS configuration files. Behind it: ``aws:profile``, then
            boto3's own chain.
        endpoint_url: URL of the Personalize endpoint, for a local or private one.
        events_endpoint_url: URL of the Personalize Events endpoint, for applications that take it
            from the stack's configuration; the provider itself sends no events.
        create_timeout: Seconds to wait for ACTIVE, more than 0, at most 86400.
        delete_timeout: Seconds to wait until a tracker is gone, more than 0, at most 86400.
        max_attempts: How often a call that is throttled or fails on the service's side is made,
            1 to 100.
        ownership_tag: Whether a tracker carries a tag that names the resource which made it.
    """

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    events_endpoint_url: str | None = None
    create_timeout: float = 1800.0
    delete_timeout: float = 1800.0
    max_attempts: int = 20
    ownership_tag: bool = True

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Settings:
        """Reads the ``personalize:`` keys of a flat configuration, and ``aws:`` ones behind them.

        Args:
            config: Keys as ``personalize:region``; values as strings, or already typed.

        Raises:
            ConfigurationError: A key is unknown, or a value can't be used.
        """
        given = {
            key.removeprefix(f"{NAMESPACE}:"): key
            for key in config
            if key.startswith(f"{NAMESPACE}:")
        }
        for name, key in given.items():
            if name not in _READERS:
                raise _unknown(name, key)
        for name, keys in _BEHIND.items():
            for key in keys:
                if key in config:
                    given.setdefault(name, key)
        return cls(**{snake(name): _READERS[name](key, config[key]) for name, key in given.items()})


def _unknown(name: str, key: str) -> ConfigurationError:
    import difflib

    close = difflib.get_close_matches(name, _READERS, n=1)
    if close:
        advice = f"Did you mean {NAMESPACE}:{close[0]}"
    else:
        advice = (
            f"Known are {', '.join(_READERS)}. In a project called {NAMESPACE}, keep your own "
            "values under another name, as in shop:KEY, and read them with pulumi.Config('shop')"
        )
    return _error(key, "is not a configuration key of this provider", advice)


def _error(key: str, problem: str, advice: str) -> ConfigurationError:
    return ConfigurationError(
        problem, operation="reading", resource=f"configuration {key}", advice=advice
    )


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _error(key, "is empty, or not a text", f"Run pulumi config set {key} VALUE")
    return value.strip()


def _url(key: str, value: Any) -> str:
    text = _text(key, value)
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise _error(key, "is not a URL", "Give one as in https://host:port")
    if parts.username or parts.password:
        raise _error(key, "holds credentials", "Leave them to AWS's own credential chain")
    return text


def _seconds(key: str, value: Any) -> float:
    try:
        number = float(value) if not isinstance(value, bool) else 0.0
    except (TypeError, ValueError):
        number = 0.0
    if not 0 < number <= _DAY:
        raise _error(key, "is not a number of seconds", "Give more than 0 and at most 86400")
    return number


def _attempts(key: str, value: Any) -> int:
    try:
        number = int(str(value)) if not isinstance(value, bool) else 0
    except ValueError:
        number = 0
    if not 1 <= number <= 100:
        raise _error(key, "is not a number of attempts", "Give 1 to 100")
    return number


def _flag(key: str, value: Any) -> bool:
    text = str(value).lower()
    if text not in ("true", "false"):
        raise _error(key, "is neither true nor false", "Give true or false")
    return text == "true"


_READERS: dict[str, Any] = {
    "region": _text,
    "profile": _text,
    "endpointUrl": _url,
    "eventsEndpointUrl": _url,
    "createTimeout": _seconds,
    "deleteTimeout": _seconds,
    "maxAttempts": _attempts,
    "ownershipTag": _flag,
}

#: The keys of pulumi-aws that count where ours are silent, the first of them that is there.
_BEHIND = {
    "region": ("aws:region",),
    "profile": ("aws:profile",),
}


def behind(config: Iterable[str]) -> list[str]:
    """The keys of a configuration that are pulumi-aws's, and count where ours are silent."""
    keys = [key for alternatives in _BEHIND.values() for key in alternatives]
    return [key for key in keys if key in config]


def lacking(names: Iterable[str], config: Mapping[str, Any]) -> str:
    """What a user is told whose keys of pulumi-aws do not reach the provider; empty for nothing.

    Args:
        names: Those that are set, as `behind` gives them.
        config: What does reach it.
    """
    set_there = set(names)
    told = []
    for name, alternatives in _BEHIND.items():
        key = next((key for key in alternatives if key in set_there), None)
        if key and f"{NAMESPACE}:{name}" not in config:
            told.append((key, f'pulumi config set {NAMESPACE}:{name} "$(pulumi config get {key})"'))
    if not told:
        return ""
    keys = ", ".join(key for key, _ in told)
    commands = "; ".join(command for _, command in told)
    return f"Pulumi does not pass {keys} to this provider. Run {commands}"


#: The configuration keys, without their namespace.
KEYS = tuple(_READERS)
