"""How much ageing survives in photographs -> Markdown."""

import numpy as np

from ipcgan.evaluation import intervals
from ipcgan.report.tables import markdown_table, notes_list, plain, with_people

_ROWS = {"younger": "younger groups", "older": "older groups"}


def to_markdown(result: dict) -> str:
    """Returns the figures of evaluation.photographs, with a title."""
    rows = {_ROWS.get(n, n): r for n, r in result["targets"].items() if r["people"]}
    judges = [k.removeprefix("survival/") for k in _keys(rows, "survival/")]
    sections = [
        plain(result["title"]),
        *(f"### Judged age, years: {j}\n\n{_age_table(rows, j)}" for j in judges),
        f"### Retention, %\n\n{_retention_table(rows, judges)}",
        f"### Identity\n\n{_identity_table(rows, result['thresholds'])}",
        "### Notes\n\n" + notes_list(result["notes"]),
    ]
    return "\n\n".join(sections) + "\n"


def _keys(rows, start):
    return [key for key in next(iter(rows.values()), ()) if key.startswith(start)]


def _age_table(rows, judge):
    kinds = ("input", "crop", "photograph", "control")
    cells = [
        [name, str(row["people"])]
        + [intervals.text(row[f"{kind}/{judge}"]) for kind in kinds]
        for name, row in rows.items()
    ]
    return markdown_table(["target", "people", *kinds], cells)


def _retention_table(rows, judges):
    cells = []
    for name, row in rows.items():
        shares = [_share(row[f"survival/{j}"], row["people"]) for j in judges]
        counts = [f"{row['not_found']} of {row['pictures']}", str(row["no_crop"])]
        cells.append([name, *shares, *counts])
    header = ["target", *judges, "not found again", "no face in the crop"]
    return markdown_table(header, cells)


def _share(interval, people):
    text = intervals.text(interval, 100)
    if np.isfinite(interval[0]) and np.isnan(interval[1]):
        text = f"{100 * interval[0]:.1f} (no bounds)"
    return with_people(text, people)


def _identity_table(rows, recognisers):
    kinds = ("crop", "photograph", "control")
    cells = [
        [name, recogniser]
        + [intervals.text(row[f"distance/{k}/{recogniser}"], 1, 2) for k in kinds]
        + [_share(row[f"same/{k}/{recogniser}"], row["people"]) for k in kinds[:2]]
        for name, row in rows.items()
        for recogniser in recognisers
    ]
    header = ["target", "recogniser", *(f"input to {kind}" for kind in kinds)]
    header += [f"same person, %: {kind}" for kind in kinds[:2]]
    return markdown_table(header, cells)
