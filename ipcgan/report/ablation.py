"""Results of an ablation -> a plot and a Markdown table."""

from collections.abc import Mapping
from pathlib import Path

from ipcgan.evaluation import intervals
from ipcgan.report.plots import draw_trade_off
from ipcgan.report.tables import markdown_table


def draw(results: Mapping[str, dict], judge: str, recogniser: str, path: Path) -> None:
    """Draws the age that is gained against the identity kept.

    Args:
        results: figures.summary of each training run, by what it changes: FLAG=VALUE,
            or "the flags as given".
        judge: the age judge whose figures are shown.
        recogniser: the recogniser whose figures are shown.
        path: SVG file to write.
    """
    series: dict[str, dict] = {"": {}}
    for label, row in results.items():
        flag, _, value = label.partition("=")
        point = row[f"rise/{judge}"][0], row[f"to_oldest/distance/{recogniser}"][0]
        series.setdefault(flag if value else "", {})[value or label] = point
    draw_trade_off(
        series,
        path,
        x_label=f"ageing: judged years ({judge}), 51+ minus 21-30",
        y_label=f"identity: {recogniser}'s distance of 51+ from the source",
    )


def to_markdown(results: Mapping[str, dict], judge: str, recogniser: str) -> str:
    """Returns a line for each training run; arguments are those of `draw`."""
    columns = {
        f"51+ minus 21-30, years ({judge})": (f"rise/{judge}", 1),
        "no step back, %": (f"never_steps_back/{judge}", 100),
        f"{recogniser} distance to 51+": (f"to_oldest/distance/{recogniser}", 1),
        "same person to 51+, %": (f"to_oldest/same_strict/{recogniser}", 100),
        "gender kept, %": (f"gender_kept/{judge}", 100),
    }
    rows = [
        [label, *(intervals.text(row[key], scale) for key, scale in columns.values())]
        for label, row in results.items()
    ]
    return markdown_table(["changed", *columns], rows)
