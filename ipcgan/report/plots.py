"""Numbers -> SVG plots, for people to look at."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

_MOST_POINTS = 400  # of a curve; more are averaged, or the file would be large.
_COLUMNS = 3  # of plots.


def draw_curves(log: Sequence[dict[str, float]], path: Path) -> None:
    """Draws every term of a training's log against the step, a small plot each.

    Args:
        log: entries with "step" and "phase/term" keys, as in log.jsonl.
        path: SVG file to write.
    """
    names = sorted({key for entry in log for key in entry if "/" in key})
    curves = {
        name: [(entry["step"], entry[name]) for entry in log if name in entry]
        for name in names
    }
    draw_plots({name: {"": points} for name, points in curves.items()}, path, marker="")


def draw_plots(
    plots: dict[str, dict[str, Sequence[tuple[float, float]]]],
    path: Path,
    *,
    x_label: str = "step",
    marker: str = "o",
) -> None:
    """Draws small plots in a grid.

    Args:
        plots: of each title the curves by label, each a list of (x, y). A label that
            starts with "goal" is a dashed line.
        path: SVG file to write; beside, then renamed.
        x_label: under every plot.
        marker: of a point; "" for a line alone.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    rows = max(1, -(-len(plots) // _COLUMNS))
    figure = Figure(figsize=(12, 2.8 * rows), layout="constrained")
    for index, (title, curves) in enumerate(plots.items()):
        axes = figure.add_subplot(rows, _COLUMNS, index + 1)
        for label, points in curves.items():
            is_goal = label.startswith("goal")
            style = {"linestyle": "--", "color": "grey"} if is_goal else {}
            x, y = _thinned(points)
            axes.plot(
                x,
                y,
                label=label or None,
                linewidth=0.9,
                marker="" if is_goal else marker,
                markersize=2.5,
                **style,
            )
        axes.set_title(title, fontsize=9)
        axes.set_xlabel(x_label, fontsize=8)
        axes.tick_params(labelsize=7)
        axes.grid(alpha=0.3)
        if any(curves):
            axes.legend(fontsize=7)
    partial = path.with_name(f".{path.name}.partial")
    # Without the date and with a fixed salt the same numbers give the same file.
    with rc_context({"svg.hashsalt": "ipcgan", "svg.fonttype": "none"}):
        figure.savefig(partial, format="svg", metadata={"Date": None})
    os.replace(partial, path)


def _thinned(points):
    """Returns x and y of at most _MOST_POINTS points, means of neighbours."""
    x, y = np.array(points, float).reshape(-1, 2).T
    if len(x) <= _MOST_POINTS:
        return x, y
    ends = np.linspace(0, len(x), _MOST_POINTS + 1).astype(int)[:-1]
    counts = np.diff([*ends, len(x)])
    return np.add.reduceat(x, ends) / counts, np.add.reduceat(y, ends) / counts
