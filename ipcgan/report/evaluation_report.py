"""The report of an evaluation -> Markdown."""

from collections.abc import Iterator

from ipcgan.report.evaluation_sentences import sentences
from ipcgan.report.evaluation_tables import (
    age_table,
    frontier_table,
    gender_table,
    identity_table,
    identity_words,
    judges_table,
    label_tables,
    overview,
    reconstruction_table,
)
from ipcgan.report.goals_table import goals_table
from ipcgan.report.quality_tables import quality_tables
from ipcgan.report.tables import notes_list, plain

_AGE = (
    "Judged ages, compared with those that the same judge predicts for real faces of "
    "the target group, because judges err on real faces, too. A copy is the untouched "
    "source."
)
_GENDER = (
    "Share of faces that are judged to be of the gender that the same judge sees in "
    "the source. An aged face that is not detected counts as not kept."
)
_JUDGES = (
    "The error of each age judge on the untouched sources: judged minus true years, "
    "and how often the gender is right."
)


def to_markdown(report: dict) -> str:
    """Returns the report as Markdown: what to read first, then the rest."""
    return "\n\n".join(block for _, block in sections(report)) + "\n"


def sections(report: dict) -> Iterator[tuple[str, str]]:
    """Yields (name, Markdown) of each part of the report, the most important first."""
    parts = {
        "title": plain(report["title"]),
        "summary": "### In short\n\n" + notes_list(sentences(report)),
        "overview": overview(report),
        "goals": "### Goals\n\n" + goals_table(report),
        "age": f"### Age\n\n{_AGE}\n\n{age_table(report)}",
        "identity": f"### Identity\n\n{identity_words(report)}\n\n"
        + identity_table(report),
        "gender": f"### Gender\n\n{_GENDER}\n\n{gender_table(report)}",
        "again": reconstruction_table(report),
        "quality": "### Quality\n\n" + quality_tables(report),
        "frontier": frontier_table(report),
        "judges": f"### The judges on untouched faces\n\n{_JUDGES}\n\n"
        + judges_table(report),
    }
    for kind, table in label_tables(report):
        parts[kind] = f"### By {kind}\n\n{table}"
    if report["notes"]:
        parts["notes"] = "### Notes\n\n" + notes_list(report["notes"])
    yield from ((name, text) for name, text in parts.items() if text)
