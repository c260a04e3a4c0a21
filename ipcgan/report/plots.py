"""Numbers -> SVG plots, for people to look at."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ipcgan import atomic

_MOST_POINTS = 400  # of a curve; more are averaged, or the file would be large.
_COLUMNS = 3  # of plots.


def draw_curves(log: Sequence[dict[str, float]], path: Path) -> None:
    """Draws every term of a run's log against the step, a small plot each.

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


def draw_plots(plots: dict, path: Path, **how) -> None:
    """Writes what `svg` draws, whole or not at all."""
    atomic.write_text(path, svg(plots, **how))


def draw_trade_off(series: dict, path: Path, **how) -> None:
    """Writes what `trade_off_svg` draws, whole or not at all."""
    atomic.write_text(path, trade_off_svg(series, **how))


def trade_off_svg(
    series: dict[str, dict[str, tuple[float, float]]],
    *,
    x_label: str,
    y_label: str,
    lines: Mapping[str, float] | None = None,
) -> str:
    """Draws labelled points, of two figures each.

    Args:
        series: of each kind (a colour) the points (x, y) by label; where there are
            `lines` they are joined, in order.
        x_label: of the first figure.
        y_label: of the second.
        lines: of each label an x to compare with, as an upright line; None: no lines
            at all.

    Returns:
        An <svg> element; the same for the same numbers.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.add_subplot()
    for kind, points in series.items():
        if not points:
            continue
        across, up = zip(*points.values(), strict=True)
        drawn = axes.scatter(across, up, s=30, label=kind or None)
        if lines is not None:
            colour = drawn.get_facecolor()[0]
            axes.plot(*zip(*points.values(), strict=True), color=colour, linewidth=0.8)
        for label, point in points.items():
            axes.annotate(label, point, (5, 4), textcoords="offset points", fontsize=8)
    for label, x in (lines or {}).items():
        axes.axvline(x, color="grey", linestyle="--", linewidth=0.9, label=label)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(alpha=0.3)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8)
    return _svg_of(figure)


def svg(
    plots: dict[str, dict[str, Sequence[tuple[float, ...]]]],
    *,
    x_label: str = "step",
    ticks: Sequence[str] = (),
    marker: str = "o",
) -> str:
    """Draws small plots in a grid.

    Args:
        plots: of each title the curves by label, each a list of (x, y) or of (x, y,
            low, high), an interval around y. A label that starts with "goal" is a
            dashed line.
        x_label: under every plot.
        ticks: names of x = 0, 1, ...; none: numbers.
        marker: of a point; "" for a line alone.

    Returns:
        An <svg> element; the same for the same numbers.
    """
    from matplotlib.figure import Figure

    rows = max(1, -(-len(plots) // _COLUMNS))
    figure = Figure(figsize=(12, 2.8 * rows), layout="constrained")
    for index, (title, curves) in enumerate(plots.items()):
        axes = figure.add_subplot(rows, _COLUMNS, index + 1)
        for label, points in curves.items():
            _draw_curve(axes, label, points, marker)
        axes.set_title(title, fontsize=9)
        axes.set_xlabel(x_label, fontsize=8)
        if ticks:
            axes.set_xticks(range(len(ticks)), ticks)
        axes.tick_params(labelsize=7)
        axes.grid(alpha=0.3)
        if any(curves):
            axes.legend(fontsize=7)
    return _svg_of(figure)


def _svg_of(figure):
    from matplotlib import rc_context

    buffer = io.StringIO()
    # Without the date and with a fixed salt the same numbers give the same text.
    with rc_context({"svg.hashsalt": "ipcgan", "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def _draw_curve(axes, label, points, marker):
    is_goal = label.startswith("goal")
    style = {"linestyle": "--", "color": "grey"} if is_goal else {}
    columns = _thinned(points)
    (line,) = axes.plot(
        *columns[:2],
        label=label or None,
        linewidth=0.9,
        marker="" if is_goal else marker,
        markersize=2.5,
        **style,
    )
    if len(columns) == 4:
        x, _, low, high = columns
        axes.fill_between(x, low, high, color=line.get_color(), alpha=0.15)


def _thinned(points):
    """Columns of at most _MOST_POINTS points, means of neighbours."""
    columns = np.array(points, float).T if len(points) else np.zeros((2, 0))
    count = columns.shape[1]
    if count <= _MOST_POINTS:
        return columns
    ends = np.linspace(0, count, _MOST_POINTS + 1).astype(int)[:-1]
    return np.add.reduceat(columns, ends, axis=1) / np.diff([*ends, count])
