"""What users are told of a name that another event tracker has, word for word."""

from __future__ import annotations

import pytest
from kinds import GROUP
from pulumi_personalize import ServiceError
from pulumi_personalize.service.inputs import Context, Inputs
from pulumi_personalize.service.model import EventTracker
from pulumi_personalize.service.ownership import Replaced
from pulumi_personalize.service.taken_name import (
    name_taken,
    perhaps_kept_name,
    warning_of_kept_name,
)

TRACKER = "arn:aws:personalize:us-east-1:123456789012:event-tracker/1"
OWN = Replaced(GROUP, "clicks", TRACKER)
FIRST = Context(delete_before_replace=True)
RETAINED = Context(delete_before_replace=True, retain_on_delete=True)


@pytest.mark.parametrize(
    ("status", "replaced", "context", "whose", "advice"),
    [
        ("ACTIVE", None, Context(), f"of {GROUP}", ""),
        (
            "DELETE PENDING",
            None,
            Context(),
            f"of {GROUP}",
            "; or run `pulumi up` again once that tracker is gone (DELETE PENDING)",
        ),
        (
            "ACTIVE",
            OWN,
            Context(),
            "this resource's own old tracker, which stays",
            "; or set delete_before_replace=True, which deletes the old tracker first",
        ),
        (
            "ACTIVE",
            OWN,
            RETAINED,
            "this resource's own old tracker, which stays",
            "; or remove retain_on_delete=True, which deletes the old tracker first",
        ),
        ("ACTIVE", OWN, FIRST, "this resource's own old tracker, which stays", ""),
    ],
)
def test_refusal_names_who_has_it_and_the_ways_out(
    status: str, replaced: Replaced | None, context: Context, whose: str, advice: str
) -> None:
    other = EventTracker(TRACKER, "clicks", status, dataset_group_arn=GROUP)
    refused = ServiceError("", code="ResourceAlreadyExistsException")
    assert str(name_taken(other, replaced, context, refused)) == (
        "creating event tracker clicks: ResourceAlreadyExistsException: name already in use by "
        f"event tracker clicks ({TRACKER}), {whose}. Set another name, or omit it{advice}."
    )


def test_move_that_keeps_it_is_warned_of() -> None:
    assert warning_of_kept_name(Inputs(f"{GROUP}-2", "clicks"), GROUP) == (
        "the move keeps the name 'clicks', which Personalize may refuse while the old event "
        "tracker exists: set delete_before_replace=True, or another name, or omit it"
    )


def test_refusal_of_another_kind_may_be_about_the_name_that_a_move_keeps() -> None:
    assert perhaps_kept_name(Inputs(f"{GROUP}-2", "clicks"), OWN) == (
        "It may be that this resource's own old event tracker, which stays, still has the name "
        "'clicks': set delete_before_replace=True, or another name, or omit it"
    )


@pytest.mark.parametrize(
    ("inputs", "replaced"),
    [
        (Inputs(f"{GROUP}-2", "clicks"), None),
        (Inputs(f"{GROUP}-2", "clicks"), OWN._replace(arn="")),
        (Inputs(f"{GROUP}-2", "clicks", context=FIRST), OWN),
        (Inputs(f"{GROUP}-2", "views"), OWN),
        (Inputs(GROUP, "clicks"), OWN),
    ],
)
def test_any_other_create_is_not_about_a_kept_name(
    inputs: Inputs, replaced: Replaced | None
) -> None:
    assert perhaps_kept_name(inputs, replaced) == ""
