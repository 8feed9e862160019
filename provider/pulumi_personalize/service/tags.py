"""Tags: the service's rules, and the mark by which we know our own trackers again.

Sources: service model, shapes ``Tag``, ``TagKey`` and ``TagValue``;
https://docs.aws.amazon.com/personalize/latest/dg/tagging-resources.html
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mypy_boto3_personalize.type_defs import TagTypeDef

NONE: Mapping[str, str] = MappingProxyType({})
MAX_TAGS = 50
MAX_KEY_LENGTH = 128
MAX_VALUE_LENGTH = 256
RESERVED_PREFIX = "aws:"

#: The tag that names the resource which made a tracker; never shown to users.
OWNER_KEY = "pulumi-personalize:owner"
_DONE = "done"
_CREATING = "creating"


def _allowed(text: str) -> bool:
    r"""The service's pattern ``^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$``."""
    return all(char in "_.:/=+-@" or unicodedata.category(char)[0] in "LZN" for char in text)


def problem_of_key(key: str) -> str | None:
    """What the service would say against a tag's key; ``None`` where it is good."""
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        return f"tag keys must be 1 to {MAX_KEY_LENGTH} characters long (got {len(key)})"
    if key.lower().startswith(RESERVED_PREFIX):
        return f"tag keys must not start with {RESERVED_PREFIX}, which is reserved for AWS"
    if key == OWNER_KEY:
        return f"{OWNER_KEY} is reserved by this provider"
    if not _allowed(key):
        return "tag keys must contain only letters, digits, spaces and _ . : / = + - @"
    return None


def problem_of_value(value: str) -> str | None:
    """What the service would say against a tag's value; ``None`` where it is good."""
    if len(value) > MAX_VALUE_LENGTH:
        return f"tag values must be at most {MAX_VALUE_LENGTH} characters long (got {len(value)})"
    if value.lower().startswith(RESERVED_PREFIX):
        return f"tag values must not start with {RESERVED_PREFIX}, which is reserved for AWS"
    if not _allowed(value):
        return "tag values must contain only letters, digits, spaces and _ . : / = + - @"
    return None


def of_account(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that may be changed: all but AWS's own."""
    return {
        key: value for key, value in tags.items() if not key.lower().startswith(RESERVED_PREFIX)
    }


def of_user(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that belong to the user: neither our mark nor AWS's own."""
    return {key: value for key, value in of_account(tags).items() if key != OWNER_KEY}


def as_list(tags: Mapping[str, str]) -> list[TagTypeDef]:
    """The tags as the service takes them."""
    return [{"tagKey": key, "tagValue": value} for key, value in tags.items()]


class OwnershipTag(NamedTuple):
    """The ownership tag: who made a tracker, in which attempt, and whether that came to its end.

    Attributes:
        owner: ``project/stack/resource``, or a hash of it where a tag can't hold that.
        attempt: Tells one create or adoption from another; the stack's state holds it too.
        done: Whether the attempt came to its end, so that a state somewhere holds the tracker.
    """

    owner: str
    attempt: str
    done: bool = False

    @property
    def value(self) -> str:
        """The mark as a tag's value: ``creating-ATTEMPT:OWNER``, then ``done-ATTEMPT:OWNER``."""
        return f"{_DONE if self.done else _CREATING}-{self.attempt}:{self.owner}"

    def finished(self) -> OwnershipTag:
        """The mark of the same attempt once it is done."""
        return self._replace(done=True)

    @classmethod
    def beginning(cls, owner: str) -> OwnershipTag:
        """The mark of an attempt that begins now."""
        return cls(owner, secrets.token_hex(4))

    @classmethod
    def derived(cls, owner: str, attempt: str) -> OwnershipTag:
        """The finished mark of an owner that has it from another one's attempt."""
        digest = hashlib.sha256(f"{attempt}:{owner}".encode()).hexdigest()
        return cls(owner, digest[:8], done=True)

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> OwnershipTag | None:
        """The mark among a tracker's tags; ``None`` where it has none."""
        state, _, owner = tags.get(OWNER_KEY, "").partition(":")
        kind, _, attempt = state.partition("-")
        if kind not in (_CREATING, _DONE) or not owner or not attempt:
            return None
        return cls(owner, attempt, kind == _DONE)


def owner_of(project: str, stack: str, resource: str) -> str:
    """Who a resource is, as a mark names it: the same wherever and whenever it is asked for."""
    owner = f"{project}/{stack}/{resource}"
    # "creating-xxxxxxxx:" goes before it.
    if len(owner) <= MAX_VALUE_LENGTH - 18 and _allowed(owner):
        return owner
    return f"sha256:{hashlib.sha256(owner.encode()).hexdigest()[:32]}"
