"""The scores of a run's checkpoints -> plots and a Markdown table."""

from collections.abc import Sequence
from pathlib import Path

from ipcgan.evaluation import goals, resampling, scores
from ipcgan.report.plots import draw_plots
from ipcgan.report.tables import markdown_table

_SHOWN = ("order", "identity", "gender")  # axes whose figures stand in the table.


def draw(entries: Sequence[dict], path: Path) -> None:
    """Draws the score and every axis against the step.

    Args:
        entries: as from scores.entry_of, by step, at least one.
        path: SVG file to write.
    """

    def curve(read):
        points = ((entry["step"], read(entry)) for entry in entries)
        return [(step, value) for step, value in points if value is not None]

    plots = {"score": {"": curve(lambda e: e["score"])}}
    for axis in goals.AXES:
        chosen = [goal for goal in scores.goals_of(entries) if goal.axis == axis]
        curves = {
            goal.name: curve(lambda e, key=f"{axis}: {goal.name}": e["figures"][key])
            for goal in chosen
        }
        for wanted in sorted({goal.goal for goal in chosen}):
            curves[f"goal {wanted:g}"] = curve(lambda e, wanted=wanted: wanted)
        plots[axis] = curves
    draw_plots(plots, path)


def to_markdown(entries: Sequence[dict]) -> str:
    """Returns a line for each checkpoint, and which is the best; see `draw`."""
    names = [
        f"{g.axis}: {g.name}" for g in scores.goals_of(entries) if g.axis in _SHOWN
    ]
    header = ["step", "score", *goals.AXES, *names]
    rows = [
        [
            str(entry["step"]),
            _score(entry),
            *(_text(entry["parts"][axis], 1, 2) for axis in goals.AXES),
            *(_text(entry["figures"][name], 100, 1) for name in names),
        ]
        for entry in entries
    ]
    return f"{markdown_table(header, rows)}\n\n{_choice(entries)}"


def _choice(entries):
    chosen = scores.best(entries)
    if chosen is None:
        missing = "\n".join(f"- {why}" for why in entries[-1]["missing"])
        return f"No score, and so no choice:\n{missing}"
    text = (
        "The lowest score, and so the best by the rule in ipcgan/evaluation/goals.py: "
        f"step {chosen['step']}, {chosen['score']:.2f}."
    )
    others = [str(entry["step"]) for entry in scores.alike(entries, chosen)]
    if others:
        text += (
            " These people do not tell it from others: the 95 % interval of the "
            f"difference holds 0 for step {', '.join(others)}."
        )
    return text


def _score(entry):
    low, high = resampling.interval(entry.get("resampled", []))
    return _text(entry["score"], 1, 2) + (
        f" ({low:.2f} to {high:.2f})" if low == low else ""
    )


def _text(value, scale, digits):
    return "-" if value is None else f"{scale * value:.{digits}f}"
