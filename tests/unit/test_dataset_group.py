"""What users are told of a dataset group without an Item interactions dataset, word for word."""

from __future__ import annotations

import pytest
from kinds import GROUP
from pulumi_personalize import ServiceError
from pulumi_personalize.service import dataset_group
from pulumi_personalize.service.model import DatasetGroup


def test_create_that_was_refused() -> None:
    refused = ServiceError("Said so", code="InvalidInputException")
    assert str(dataset_group.without_interactions(GROUP, "event tracker clicks", refused)) == (
        f"creating event tracker clicks: InvalidInputException: dataset group {GROUP} has no Item "
        "interactions dataset, without which Personalize creates no event tracker: Said so. Create "
        "the dataset first; if this program does, name it in depends_on=[…] of the event tracker."
    )


def test_create_that_was_refused_where_datasets_can_not_be_listed() -> None:
    assert dataset_group.perhaps_without_interactions(GROUP) == (
        f"It may be that dataset group {GROUP} has no Item interactions dataset yet, which "
        "personalize:ListDatasets would tell: if this program creates it, name it in "
        "depends_on=[…] of the event tracker"
    )


def test_create_that_may_be_refused() -> None:
    assert dataset_group.warning_of(DatasetGroup(GROUP, "ACTIVE", False)) == (
        f"dataset group {GROUP} has no Item interactions dataset yet, and Personalize creates no "
        "event tracker without one: if this program creates it, name it in depends_on=[…] of the "
        "event tracker"
    )


@pytest.mark.parametrize("has_interactions", [True, None])
def test_group_that_may_have_one_is_not_warned_of(has_interactions: bool | None) -> None:
    assert dataset_group.warning_of(DatasetGroup(GROUP, "ACTIVE", has_interactions)) is None
