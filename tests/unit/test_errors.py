"""The errors: one line each, one tree, importable from the package."""

from __future__ import annotations

import copy
import pickle
from importlib import metadata

import dill  # type: ignore[import-untyped]
import pulumi_personalize
import pytest
from pulumi_personalize import errors

PARENTS = {
    "PersonalizeError": "Exception",
    "ConfigurationError": "PersonalizeError",
    "InputError": "PersonalizeError",
    "GroupTakenError": "PersonalizeError",
    "NameTakenError": "PersonalizeError",
    "DatasetGroupError": "PersonalizeError",
    "EventTrackerNotFoundError": "PersonalizeError",
    "CreateFailedError": "PersonalizeError",
    "WaitTimeoutError": "PersonalizeError",
    "CancelledError": "PersonalizeError",
    "ServiceError": "PersonalizeError",
    "CredentialsError": "ServiceError",
    "AccessDeniedError": "ServiceError",
    "UnreachableError": "ServiceError",
    "TransientError": "ServiceError",
}
KINDS = [getattr(errors, name) for name in PARENTS]


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"message": "it broke"}, "it broke."),
        ({"message": "it broke."}, "it broke."),
        ({"message": "it broke", "code": "SomeException"}, "SomeException: it broke."),
        ({"message": "it broke", "advice": "Run again."}, "it broke. Run again."),
        ({"message": "is gone", "resource": "dataset group x"}, "dataset group x is gone."),
        ({"message": "it broke", "operation": "creating"}, "creating: it broke."),
        (
            {"message": "it broke", "operation": "creating", "resource": "event tracker x"},
            "creating event tracker x: it broke.",
        ),
        (
            {
                "message": "it broke.",
                "operation": "creating",
                "resource": "event tracker x",
                "code": "SomeException",
                "advice": "Run again",
            },
            "creating event tracker x: SomeException: it broke. Run again.",
        ),
        (
            {"message": "", "operation": "reading", "resource": "x", "code": "SomeException"},
            "reading x: SomeException.",
        ),
        (
            {"message": "first\n  second\r\nthird", "advice": "Do\nthis"},
            "first second third. Do this.",
        ),
    ],
)
def test_text_is_one_line_of_all_parts(fields: dict[str, str], line: str) -> None:
    fields = dict(fields)
    assert str(errors.PersonalizeError(fields.pop("message"), **fields)) == line


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("advice", "both"),
    [
        ("", "It is left"),
        ("Run again", "Run again. It is left"),
        ("Run again.", "Run again. It is left"),
    ],
)
def test_note_comes_after_the_advice(
    kind: type[errors.PersonalizeError], advice: str, both: str
) -> None:
    error = kind("broke", operation="creating", resource="x", code="Code", advice=advice)
    noted = error.with_note("It is left")
    assert type(noted) is kind
    assert vars(noted) == {**vars(error), "advice": both}
    assert str(noted) == f"creating x: Code: broke. {both}."
    assert error.advice == advice


def test_tree_is_as_documented() -> None:
    kinds = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, Exception)
    ]
    assert {kind.__name__: kind.__bases__[0].__name__ for kind in kinds} == PARENTS
    for name in PARENTS:
        assert f" {name} " in (errors.__doc__ or "").replace("\n", " "), name


def test_every_public_name_is_exported() -> None:
    assert {*PARENTS, "EventTracker"} <= set(pulumi_personalize.__all__)
    assert pulumi_personalize.__all__ == sorted(pulumi_personalize.__all__)
    for name in pulumi_personalize.__all__:
        assert getattr(pulumi_personalize, name).__name__ == name
    for kind in KINDS:
        assert getattr(pulumi_personalize, kind.__name__) is kind


def test_version_is_the_packages() -> None:
    assert pulumi_personalize.__version__ == metadata.version("pulumi-personalize")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        pulumi_personalize.nothing  # noqa: B018


@pytest.mark.parametrize("kind", KINDS)
def test_shows_as_of_the_package(kind: type[errors.PersonalizeError]) -> None:
    # Pulumi shows "error: module.Class: text".
    assert f"{kind.__module__}.{kind.__qualname__}" == f"pulumi_personalize.{kind.__name__}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "copied",
    [
        lambda error: pickle.loads(pickle.dumps(error)),
        lambda error: dill.loads(dill.dumps(error)),
        copy.copy,
        copy.deepcopy,
    ],
    ids=["pickle", "dill", "copy", "deepcopy"],
)
def test_survives_being_copied(kind: type[errors.PersonalizeError], copied: object) -> None:
    assert callable(copied)
    error = kind("broke", operation="creating", resource="x", code="Code", advice="Run again")
    other = copied(error)
    assert type(other) is kind
    assert str(other) == str(error)
    assert vars(other) == vars(error)
