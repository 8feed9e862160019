"""The programs of the README and of the page about adoption, run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

from endpoints import Endpoint
from harness import Deployment

ROOT = Path(__file__).parents[2]


def program_of(page: str) -> str:
    """The one Python block of a page."""
    (found,) = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    return str(found)


def test_the_first_program(shop: Deployment, endpoint: Endpoint) -> None:
    shop.program(program_of("README.md"))
    shop.config({"datasetGroupArn": endpoint.group("movies")})
    run = shop.up()
    assert run.ok, run.text
    assert run.outputs == {"trackingId": shop.tracker()["outputs"]["trackingId"]}


def test_adoption_instead_of_import(shop: Deployment, endpoint: Endpoint) -> None:
    group = endpoint.group("movies")
    made = endpoint.client.create_event_tracker(name="by-hand", datasetGroupArn=group)
    shop.program(program_of("docs/howto/adoption.md"))
    shop.config({"datasetGroupArn": group})
    assert "adopting existing event tracker by-hand" in shop.preview().text
    run = shop.up()
    assert run.ok, run.text
    assert run.outputs == {"trackingId": made["trackingId"]}
    shop.program(program_of("docs/howto/adoption.md").replace(", adopt_existing=True", ""))
    assert shop.up(expect_no_changes=True).ok
