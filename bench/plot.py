"""The results as one picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams |= {"svg.hashsalt": "bench", "font.size": 9, "axes.grid": True, "grid.alpha": 0.3}

from matplotlib import pyplot  # noqa: E402 - after the choice of what draws
from matplotlib.axes import Axes  # noqa: E402

from .stacks import LEAST  # noqa: E402

COLOURS = {
    "ours": "#0b6e4f",
    "native": "#3d7ea6",
    "empty": "#888888",
    "naive": "#d1495b",
    "AWS CLI": "#edae49",
}
NAMES = {"pulumi_personalize": "ours", "pulumi_personalize.native": "native"}


def draw(results: dict[str, Any], path: Path) -> None:
    """Draws the curves of growth, the waits, the jobs by hand and the memory."""
    figure, axes = pyplot.subplots(2, 4, figsize=(15, 7), layout="constrained")
    panels = list(axes.flat)
    operations = list(dict.fromkeys(run["operation"] for run in results["growth"]))
    for panel, operation in zip(panels, operations, strict=False):
        _growth(panel, operation, results["growth"])
    _waits(panels[5], results["waits"])
    _by_hand(panels[6], results["byhand"])
    _memory(panels[7], results["memory"])
    figure.savefig(path, metadata={"Date": None})


def _growth(panel: Axes, operation: str, runs: Sequence[dict[str, Any]]) -> None:
    lines: dict[str, list[tuple[int, float]]] = {}
    for run in runs:
        if run["operation"] == operation and run["provider"] != LEAST:
            name = NAMES.get(run["provider"], run["provider"])
            lines.setdefault(name, []).append((run["trackers"], run["median"]))
    for name, points in lines.items():
        xs, ys = zip(*sorted(points), strict=True)
        panel.plot(xs, ys, marker="o", label=name, color=COLOURS[name])
        for x, y in points:
            above = (0, 5) if name == "ours" else (0, -12)
            panel.annotate(f"{y:.1f}", (x, y), above, textcoords="offset points", ha="center")
    panel.set(title=f"{operation}, by number of trackers", xscale="log", yscale="log", ylabel="s")
    panel.set_xticks(sorted({run["trackers"] for run in runs}))
    panel.xaxis.set_major_formatter("{x:.0f}")
    panel.yaxis.set_major_formatter("{x:.0f}")
    panel.yaxis.set_minor_formatter("")
    panel.margins(y=0.2)
    panel.legend()


def _waits(panel: Axes, waits: dict[str, Any]) -> None:
    curve = waits["by duration"]
    after = [point["after"] for point in curve]
    for name, style in (("worst", ":"), ("mean", "-")):
        ys = [point[name] for point in curve]
        panel.plot(after, ys, style, color=COLOURS["ours"], label=f"{name} between two reads")
    panel.plot(after, [point["goal"] for point in curve], color="black", label="the goal")
    for name, marker in (("returned", "o"), ("ended", "x")):
        label = {"returned": "the create's return", "ended": "the end of pulumi up"}[name]
        xs = [one["pace"] for one in waits["creates"]]
        ys = [one[name] for one in waits["creates"]]
        panel.scatter(xs, ys, marker=marker, color=COLOURS["naive"], label=label, zorder=3, s=18)
    panel.set(title="seconds from ACTIVE to …, by seconds to ACTIVE", xscale="log", yscale="log")
    panel.legend(fontsize=7)


def _by_hand(panel: Axes, jobs: Sequence[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(job["job"] for job in jobs))
    for place, way in enumerate(("ours", "naive", "AWS CLI")):
        found = {
            job["job"]: job["median"] for job in jobs if NAMES.get(job["way"], job["way"]) == way
        }
        ys = [number + 0.27 * (place - 1) for number in range(len(names))]
        panel.barh(ys, [found[name] for name in names], 0.25, label=way, color=COLOURS[way])
    panel.set_yticks(range(len(names)), names)
    panel.invert_yaxis()
    panel.set(title="the job by hand", xlabel="s")
    panel.legend()


def _memory(panel: Axes, peaks: dict[str, list[int]]) -> None:
    labels = [
        key.replace("pulumi_personalize.native", "native")
        .replace("pulumi_personalize", "ours")
        .replace(", ", "\n")
        .replace("with ", "")
        for key in peaks
    ]
    heights = [sorted(kib)[len(kib) // 2] / 1024 for kib in peaks.values()]
    colours = [COLOURS.get(label.partition("\n")[0], "#4f6d9a") for label in labels]
    bars = panel.bar(labels, heights, color=colours)
    panel.bar_label(bars, fmt="%.0f")
    panel.set(title="memory of the provider's process", ylabel="MiB")
    panel.tick_params(axis="x", labelsize=7)
