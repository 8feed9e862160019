"""The README's programs, run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

from harness import Deployment, Endpoint

README = (Path(__file__).parents[2] / "README.md").read_text()


def program_with(words: str) -> str:
    """The one Python block of the README that holds these words."""
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (found,) = [block for block in blocks if words in block]
    return str(found)


def test_the_first_program(shop: Deployment, endpoint: Endpoint) -> None:
    shop.program(program_with('tags={"team": "search"}'))
    shop.config({"datasetGroupArn": endpoint.group("movies")})
    run = shop.up()
    assert run.ok, run.text
    assert run.outputs == {"trackingId": shop.tracker()["outputs"]["trackingId"]}


def test_adoption_instead_of_import(shop: Deployment, endpoint: Endpoint) -> None:
    group = endpoint.group("movies")
    made = endpoint.client.create_event_tracker(name="by-hand", datasetGroupArn=group)
    shop.program(program_with("adopt_existing=True"))
    shop.config({"datasetGroupArn": group})
    assert "adopting existing event tracker by-hand" in shop.preview().text
    run = shop.up()
    assert run.ok, run.text
    assert run.outputs == {"trackingId": made["trackingId"]}
    shop.program(program_with("adopt_existing=True").replace(", adopt_existing=True", ""))
    assert shop.up(expect_no_changes=True).ok
