"""ARNs of Amazon Personalize."""

from __future__ import annotations

import re
from typing import NamedTuple

_ARN = re.compile(
    r"arn:(?P<partition>[a-z0-9-]+):(?P<service>[^:\s]+):(?P<region>[^:\s]*):"
    r"(?P<account>[^:\s]*):(?P<kind>[^:/\s]+)/(?P<name>.+)"
)
#: Service model, shape ``Arn``: at most this many characters.
MAX_LENGTH = 256


class Arn(NamedTuple):
    """The parts of an ARN, as in ``arn:aws:personalize:us-east-1:123456789012:dataset-group/x``."""

    partition: str
    service: str
    region: str
    account: str
    kind: str
    name: str


def parse(text: str) -> Arn | None:
    """Takes an ARN apart; ``None`` where the text is not one."""
    found = _ARN.fullmatch(text) if len(text) <= MAX_LENGTH else None
    return Arn(**found.groupdict()) if found else None


def region_of(text: str) -> str | None:
    """The region that an ARN names; ``None`` where it names none."""
    arn = parse(text)
    return arn.region or None if arn else None
