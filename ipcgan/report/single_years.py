"""Judged ages of faces that were aged to single years -> Markdown."""

from collections.abc import Sequence

from ipcgan.evaluation.intervals import Interval, text
from ipcgan.evaluation.single_years import Rise, Year
from ipcgan.report.tables import markdown_table


def to_markdown(
    judge: str, sources: Interval, years: Sequence[Year], rise: Rise | None
) -> str:
    """Returns what an age judge says: a line per asked year, and how judged age rises.

    Args:
        judge: its name.
        sources: judged age of the sources.
        years: of each asked year.
        rise: None: there is one year only.
    """
    parts = [f"{judge} judges the sources {text(sources)} years old.", _table(years)]
    return "\n\n".join(parts if rise is None else [*parts, _sentence(rise)])


def _table(years):
    rows = [
        [str(y.asked), text(y.judged), text(y.off), f"{100 * y.no_face:.1f}"]
        for y in years
    ]
    header = ["asked", "judged age, years", "minus asked", "no face, %"]
    return markdown_table(header, rows)


def _sentence(rise):
    return (
        f"Judged age rises from {rise.first} to {rise.last} for "
        f"{text(rise.rises, 100)} % of people, by {text(rise.years)} years in the "
        f"mean; it never steps back in between for {text(rise.never_steps_back, 100)} "
        "%. Rank correlation (Spearman, person by person) of asked and judged age "
        f"{text(rise.rank_correlation, digits=2)}."
    )
