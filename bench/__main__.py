"""Measures everything, prints the table, and keeps it in results.md; all numbers beside it."""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import byhand, distance, growth, memory, plot, shares, waits
from .rows import Row, table
from .stacks import HERE, forget_surroundings

PARTS = ("shares", "memory", "waits", "byhand", "distance", "growth")


def main() -> None:
    """Measures the parts asked for; only a full run replaces what is kept."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, help="these parts only")
    parser.add_argument("--quick", action="store_true", help="each once, for trying out")
    arguments = parser.parse_args()
    forget_surroundings()
    begun = time.monotonic()
    rows: list[Row] = []
    results: dict[str, Any] = {}
    for part in arguments.only:
        with tempfile.TemporaryDirectory() as folder:
            found, results[part] = _measure(part, Path(folder), quick=arguments.quick)
        rows += found
        print(f"\n{table(found)}\n", flush=True)
    minutes = (time.monotonic() - begun) / 60
    print(f"All of it, in {minutes:.0f} minutes:\n\n{table(rows)}")
    if arguments.quick or len(arguments.only) < len(PARTS):
        return
    python = platform.python_version()
    results = {
        "when": time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime()),
        "minutes": round(minutes),
        "machine": f"{os.cpu_count()} processors, {platform.system()}, Python {python}",
        "rows": [row.as_json() for row in rows],
        **results,
    }
    keep(results, rows)


def keep(results: dict[str, Any], rows: Sequence[Row]) -> None:
    """Writes the results for machines, for readers and as a picture."""
    (HERE / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    (HERE / "results.md").write_text(
        f"{results['when']}, {results['machine']}, {results['minutes']} minutes.\n\n{table(rows)}\n"
    )
    plot.draw(results, HERE / "results.svg")


def _measure(part: str, folder: Path, *, quick: bool) -> tuple[list[Row], Any]:
    match part:
        case "shares":
            return shares.measure(folder, quick=quick)
        case "memory":
            return memory.measure(folder, quick=quick)
        case "waits":
            rows, waited = waits.measure(folder, quick=quick)
            return rows, waits.as_json(waited)
        case "byhand":
            rows, jobs = byhand.measure(folder, quick=quick)
            return rows, byhand.as_json(jobs)
        case "distance":
            return distance.measure(folder, quick=quick)
        case _:
            rows, runs = growth.measure(folder, quick=quick)
            return rows, runs.as_json()


if __name__ == "__main__":
    main()
