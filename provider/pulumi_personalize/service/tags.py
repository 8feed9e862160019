"""Tags: the service's rules, and the ownership tag.

Sources: service model, shapes ``Tag``, ``TagKey`` and ``TagValue``;
https://docs.aws.amazon.com/personalize/latest/dg/tagging-resources.html
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mypy_boto3_personalize.type_defs import TagTypeDef

NONE: Mapping[str, str] = MappingProxyType({})
MAX_TAGS = 50
_MAX_VALUE_LENGTH = 256
_RESERVED_PREFIX = "aws:"

#: The key of the ownership tag, which inputs and outputs leave out.
OWNER_KEY = "pulumi-personalize:owner"
_OWNER_VALUE = re.compile("(?P<state>creating|done)-(?P<attempt>[^:]+):(?P<owner>.+)")
#: The longest owner that fits into a tag's value after "creating-xxxxxxxx:".
_MAX_OWNER_LENGTH = _MAX_VALUE_LENGTH - 18


def _is_allowed(text: str) -> bool:
    r"""Whether a text matches the service's pattern ``^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$``."""
    return all(char in "_.:/=+-@" or unicodedata.category(char)[0] in "LZN" for char in text)


def is_whole(number: float) -> bool:
    """Whether a number is whole, and small enough for a float to hold every digit of it."""
    return number.is_integer() and abs(number) < 2**53


def problem_of_key(key: str) -> str | None:
    """Why a tag key cannot be used; ``None`` if it can."""
    if key == OWNER_KEY:
        return f"{OWNER_KEY} is reserved by this provider"
    return _problem_of("tag keys", key, 1, 128)


def problem_of_value(value: object) -> str | None:
    """Why a tag value cannot be used; ``None`` if it can."""
    if isinstance(value, float) and not is_whole(value):
        return "must be a string: quote it, because such a number arrives rounded, as 1.10 as 1.1"
    if not isinstance(value, str):
        return "must be a string"
    return _problem_of("tag values", value, 0, _MAX_VALUE_LENGTH)


def _problem_of(what: str, text: str, shortest: int, longest: int) -> str | None:
    if not shortest <= len(text) <= longest:
        return f"{what} must be {shortest} to {longest} characters long (got {len(text)})"
    if text.lower().startswith(_RESERVED_PREFIX):
        return f"{what} must not start with {_RESERVED_PREFIX}, which is reserved for AWS"
    if not _is_allowed(text):
        return f"{what} must contain only letters, digits, spaces and _ . : / = + - @"
    return None


def of_account(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that can be changed: all but AWS's own."""
    return {
        key: value for key, value in tags.items() if not key.lower().startswith(_RESERVED_PREFIX)
    }


def of_user(tags: Mapping[str, str]) -> dict[str, str]:
    """The user's tags: all but the ownership tag and AWS's own."""
    return {key: value for key, value in of_account(tags).items() if key != OWNER_KEY}


def as_list(tags: Mapping[str, str]) -> list[TagTypeDef]:
    """Converts tags to the service's form."""
    return [{"tagKey": key, "tagValue": value} for key, value in tags.items()]


class OwnershipTag(NamedTuple):
    """The ownership tag of an event tracker.

    Attributes:
        owner: The resource, as in ``project/stack/name``; a hash of that if a tag cannot hold it.
        attempt: Identifies one create or adoption; the stack's state keeps it.
        done: Whether the attempt completed, so that a state holds the tracker.
    """

    owner: str
    attempt: str
    done: bool = False

    @property
    def value(self) -> str:
        """The tag's value, ``creating-ATTEMPT:OWNER`` or ``done-ATTEMPT:OWNER``."""
        return f"{'done' if self.done else 'creating'}-{self.attempt}:{self.owner}"

    @classmethod
    def new(cls, owner: str) -> OwnershipTag:
        """The tag of an attempt that begins now."""
        return cls(owner, secrets.token_hex(4))

    @classmethod
    def derived(cls, owner: str, attempt: str) -> OwnershipTag:
        """The finished tag of an owner that takes over another owner's attempt.

        It is always the same one, so that a write whose answer was lost can be repeated.
        """
        digest = hashlib.sha256(f"{attempt}:{owner}".encode()).hexdigest()
        return cls(owner, digest[:8], done=True)

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> OwnershipTag | None:
        """Reads the ownership tag among an event tracker's tags; ``None`` if it has none."""
        found = _OWNER_VALUE.fullmatch(tags.get(OWNER_KEY, ""))
        return cls(found["owner"], found["attempt"], found["state"] == "done") if found else None


def owner_of(resource: str) -> str:
    """A resource, as in ``project/stack/name``, as a tag can hold it."""
    if len(resource) <= _MAX_OWNER_LENGTH and _is_allowed(resource):
        return resource
    return f"sha256:{hashlib.sha256(resource.encode()).hexdigest()[:32]}"
