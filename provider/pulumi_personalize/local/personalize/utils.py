"""Checks of tags and schemas, and the pages of a list."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.paginate import TokenDecoder, TokenEncoder

from .exceptions import (
    InvalidInputException,
    InvalidNextTokenException,
    TooManyTagsException,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

MAX_TAGS = 50
"""Tags of one resource. https://docs.aws.amazon.com/personalize/latest/dg/tagging-resources.html"""

PAGE_SIZE = 100
"""Resources on a page when the caller sets no maxResults, and at most."""


def page(
    resources: Iterable[T], listing: str, token: str | None, size: int | None
) -> tuple[list[T], str | None]:
    """Returns one page of a list, oldest first.

    The token says after which resource the page starts, so it stays good when that one is deleted
    (moto's own Paginator names the first of the page, and fails when that is gone).

    Args:
        resources: All resources, each with `creation_date_time` and `arn`.
        listing: What is listed, with the filter; a token is good for one listing only.
        token: The token that the page before came with; None for the first page.
        size: Resources on the page, 1 to 100; None for 100.

    Returns:
        The page, and the token for the next one or None if this is the last.

    Raises:
        InvalidNextTokenException: The token is invalid, or of another listing.
    """

    def position(resource: Any) -> list[str]:
        return [resource.creation_date_time.isoformat(timespec="microseconds"), resource.arn]

    rest = sorted(resources, key=position)
    if token is not None:
        after = _decode(token, listing)
        rest = [resource for resource in rest if position(resource) > after]
    size = size or PAGE_SIZE
    following = None
    if len(rest) > size:
        following = TokenEncoder().encode({"listing": listing, "after": position(rest[size - 1])})
    return rest[:size], following


def _decode(token: str, listing: str) -> list[str]:
    try:
        content = TokenDecoder().decode(token)
        moment, arn = content["after"]
        if content["listing"] == listing:
            return [str(moment), str(arn)]
    except (ValueError, TypeError, KeyError, AttributeError):
        pass
    raise InvalidNextTokenException


def check_avro_record(schema: str) -> None:
    """Refuses a schema that is not the JSON of an Avro record.

    https://docs.aws.amazon.com/personalize/latest/dg/how-it-works-dataset-schema.html

    Args:
        schema: The schema.

    Raises:
        InvalidInputException: It is not.
    """
    try:
        record = json.loads(schema)
    except (ValueError, RecursionError):
        record = None
    if not (
        isinstance(record, dict)
        and record.get("type") == "record"
        and isinstance(record.get("name"), str)
        and isinstance(record.get("fields"), list)
        and all(
            isinstance(field, dict) and {"name", "type"} <= set(field) for field in record["fields"]
        )
    ):
        raise InvalidInputException("The schema is not the JSON of an Avro record.")


def check_tags(tags: list[dict[str, str]], existing: dict[str, str] | None = None) -> None:
    """Refuses tags that a resource cannot have. No tag is repeated in the message.

    https://docs.aws.amazon.com/personalize/latest/dg/tagging-resources.html

    Args:
        tags: The tags to add, dicts of tagKey and tagValue.
        existing: The values that the resource has, by key.

    Raises:
        InvalidInputException: A key comes twice, or a key or value starts with aws: in any case.
        TooManyTagsException: The resource would have more than `MAX_TAGS`.
    """
    keys = {tag["tagKey"] for tag in tags}
    if len(keys) < len(tags):
        raise InvalidInputException("Tag keys must be unique.")
    for part, texts in (("keys", keys), ("values", [tag["tagValue"] for tag in tags])):
        if any(text.lower().startswith("aws:") for text in texts):
            raise InvalidInputException(f"Tag {part} must not start with aws:.")
    if len(keys | set(existing or {})) > MAX_TAGS:
        raise TooManyTagsException(f"A resource may have at most {MAX_TAGS} tags.")
