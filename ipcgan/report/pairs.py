"""Aged faces compared with later pictures of the same people -> Markdown."""

from ipcgan.evaluation import intervals
from ipcgan.evaluation.pairs import ALL
from ipcgan.report.tables import markdown_table, notes_list, plain, with_people


def to_markdown(result: dict) -> str:
    """Returns the figures of evaluation.pairs, with a title."""
    rows = {name: row for name, row in result["targets"].items() if row["people"]}
    keys = list(rows[ALL])
    recognisers = [k.removeprefix("nearer/") for k in keys if k.startswith("nearer/")]
    judges = [k.removeprefix("age/off/") for k in keys if k.startswith("age/off/")]
    sections = [
        plain(result["title"]),
        *(f"### Who it is: {r}\n\n{_identity_table(rows, r)}" for r in recognisers),
        *(f"### Judged age, years: {j}\n\n{_age_table(rows, j)}" for j in judges),
        "### Notes\n\n" + notes_list(result["notes"]),
    ]
    return "\n\n".join(sections) + "\n"


def _identity_table(rows, name):
    cells = []
    for target, row in rows.items():
        distances = [row[f"distance/{kind}/{name}"] for kind in ("aged", "input")]
        gain = intervals.text(row[f"distance/gain/{name}"], digits=3)
        nearer = intervals.text(row[f"nearer/{name}"], 100)
        cells.append(
            [
                *(target, str(row["people"]), str(row["pairs"])),
                *(intervals.text(distance, digits=3) for distance in distances),
                *(with_people(cell, row["people"]) for cell in (gain, nearer)),
                str(row["no_face"]),
            ]
        )
    header = ["target", "people", "pairs", "aged to later", "input to later"]
    header += ["aged minus input", "aged is nearer, %", "no face in the aged"]
    return markdown_table(header, cells)


def _age_table(rows, name):
    cells = []
    for target, row in rows.items():
        ages = [row[f"age/{kind}/{name}"] for kind in ("aged", "later", "input")]
        off = intervals.text(row[f"age/off/{name}"])
        cells.append(
            [
                *(target, str(row["people"]), *map(intervals.text, ages)),
                with_people(off, row["people"]),
            ]
        )
    header = ["target", "people", "aged", "later picture", "input"]
    return markdown_table([*header, "aged minus later"], cells)
