"""Names: of event trackers, and of what is camelCase in the state.

Source: service model, shape ``Name``; https://docs.aws.amazon.com/personalize/latest/dg/API_CreateEventTracker.html
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable

MAX_LENGTH = 63
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-_]*")
_SUFFIX_LENGTH = 7


def problem_of(name: str) -> str | None:
    """What the service would say against a name; ``None`` where it is good."""
    if not 1 <= len(name) <= MAX_LENGTH:
        return f"a name has 1 to {MAX_LENGTH} characters, this one {len(name)}"
    if not _NAME.fullmatch(name):
        return "a name starts with a letter or digit and goes on with letters, digits, - and _"
    return None


def generate(resource: str, token: Callable[[], str] = lambda: secrets.token_hex(4)) -> str:
    """Makes a name from a resource's name and a short random suffix, within the limits.

    Args:
        resource: The resource's name; characters that the service refuses become ``-``.
        token: Gives at least seven random hexadecimal characters.
    """
    stem = re.sub(r"[^a-zA-Z0-9\-_]", "-", resource).lstrip("-_")
    stem = stem[: MAX_LENGTH - _SUFFIX_LENGTH - 1] or "tracker"
    return f"{stem}-{token()[:_SUFFIX_LENGTH]}"


def snake(name: str) -> str:
    """The name in Python of what is camelCase in state and configuration."""
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
