"""Names and ARNs: the service's rules, and the names that this package derives.

Sources: service model, shapes ``Name`` and ``Arn``;
https://docs.aws.amazon.com/personalize/latest/dg/API_CreateEventTracker.html
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

MAX_LENGTH = 63
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-_]{0,62}")
_SUFFIX_LENGTH = 7
_ARN = re.compile(
    r"arn:[a-z0-9-]+:personalize:(?P<region>[^:\s]+):(?P<account>[^:\s]+):(?P<kind>[^:/\s]+)/.+"
)


class Arn(NamedTuple):
    """Parts of an ARN, as in ``arn:aws:personalize:us-east-1:123456789012:dataset-group/x``."""

    region: str
    account: str
    kind: str


def parse_arn(text: str) -> Arn | None:
    """Parses the ARN of a Personalize resource; ``None`` if the text is not one."""
    found = _ARN.fullmatch(text) if len(text) <= 256 else None
    return Arn(**found.groupdict()) if found else None


def region_of(text: str) -> str | None:
    """The region in an ARN; ``None`` if there is none."""
    arn = parse_arn(text)
    return arn.region if arn else None


def problem_of(name: object) -> str | None:
    """Why the service would refuse a name; ``None`` if it would not."""
    if not isinstance(name, str):
        return "must be a string"
    if _NAME.fullmatch(name):
        return None
    return f"must be 1 to {MAX_LENGTH} letters, digits, '-' and '_', with a letter or digit first"


class Naming(NamedTuple):
    """What the configuration ``pulumi:autonaming`` says about a tracker without a name.

    Attributes:
        name: The name that it proposes; empty for none.
        is_enforced: Whether no other name will do.
        is_disabled: Whether there must be a name.
    """

    name: str = ""
    is_enforced: bool = False
    is_disabled: bool = False

    @property
    def problem(self) -> str | None:
        """Why the tracker is refused; ``None`` if it is not."""
        if self.is_disabled:
            return "required, because pulumi:autonaming is disabled"
        if self.is_enforced and (reason := problem_of(self.name)):
            return f"pulumi:autonaming makes it '{self.name}', but it {reason}"
        return None


def derive(resource: str, owner: str, group: str) -> str:
    """Derives an event tracker's name from its resource's; owner and group give a hash at the end.

    Characters that the service refuses become ``-``.
    """
    stem = re.sub(r"[^a-zA-Z0-9\-_]", "-", resource).lstrip("-_")
    stem = stem[: MAX_LENGTH - _SUFFIX_LENGTH - 1] or "tracker"
    digest = hashlib.sha256(f"{owner}\0{group}".encode()).hexdigest()
    return f"{stem}-{digest[:_SUFFIX_LENGTH]}"


def snake(name: str) -> str:
    """Converts a camelCase key of state or configuration to snake_case."""
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
