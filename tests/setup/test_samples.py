"""What is left to `make situations`: each is named by a test that there is."""

from __future__ import annotations

import re
from pathlib import Path

import native.conftest
import provider.conftest
import pytest
from e2e.conftest import VARIANTS, VARIANTS_OF_BOTH

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("folder", "named"),
    [
        ("provider", provider.conftest.ONE_OF),
        ("provider", native.conftest.ONE_OF),
        ("e2e", VARIANTS),
        ("e2e", VARIANTS_OF_BOTH),
    ],
)
def test_all_of_them_exist(folder: str, named: tuple[str, ...]) -> None:
    text = "".join(file.read_text() for file in (TESTS / folder).glob("test_*.py"))
    there = set(re.findall(r"def (test_\w+)\(", text))
    assert {re.split(r"[\[*]", name)[0] for name in named} <= there
