"""Names: of event trackers, and of what is camelCase in the state.

Source: service model, shape ``Name``; https://docs.aws.amazon.com/personalize/latest/dg/API_CreateEventTracker.html
"""

from __future__ import annotations

import hashlib
import re

MAX_LENGTH = 63
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-_]*")
_SUFFIX_LENGTH = 7


def problem_of(name: str) -> str | None:
    """What the service would say against a name; ``None`` where it is good."""
    if not 1 <= len(name) <= MAX_LENGTH:
        return f"must be 1 to {MAX_LENGTH} characters long (got {len(name)})"
    if not _NAME.fullmatch(name):
        return "must start with a letter or digit and contain only letters, digits, '-' and '_'"
    return None


def derive(resource: str, *identity: str) -> str:
    """Derives a name from a resource's name, within the limits: the same whenever it is asked for.

    Args:
        resource: The resource's name; characters that the service refuses become ``-``.
        identity: What tells the tracker from others that are called so: a hash of it is appended.
    """
    stem = re.sub(r"[^a-zA-Z0-9\-_]", "-", resource).lstrip("-_")
    stem = stem[: MAX_LENGTH - _SUFFIX_LENGTH - 1] or "tracker"
    digest = hashlib.sha256("\0".join(identity).encode()).hexdigest()
    return f"{stem}-{digest[:_SUFFIX_LENGTH]}"


def snake(name: str) -> str:
    """The name in Python of what is camelCase in state and configuration."""
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
