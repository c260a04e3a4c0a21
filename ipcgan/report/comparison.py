"""A comparison of networks that aged the same people -> Markdown and HTML."""

from collections.abc import Mapping, Sequence

from ipcgan.evaluation import intervals, resampling
from ipcgan.evaluation.comparison import Row
from ipcgan.report.html import from_markdown, frontier_plots, page, picture
from ipcgan.report.pictures import contact_sheet
from ipcgan.report.tables import markdown_table, plain


def to_markdown(rows: Sequence[Row]) -> str:
    """Returns the rows as Markdown, a column for each network."""
    percent = lambda interval: intervals.text(interval, 100)  # noqa: E731
    lines = [
        *_scores(rows),
        ("age groups", lambda r: f"{len(r.groups)}, {r.groups[0]} to {r.groups[-1]}"),
        ("pixels", lambda r: str(r.pixels)),
        *_by_judge(rows, "same_person", "identity: same person by {}, %", percent),
        *_by_judge(rows, "one_away", "identity: one group away by {}, %", percent),
        *_by_judge(rows, "off", "age: years off real faces by {}", "{:.1f}".format),
        *_by_judge(
            rows,
            "rank_correlation",
            "order: rank correlation of means by {}",
            "{:.2f}".format,
        ),
        *_by_judge(
            rows, "never_steps_back", "order: never steps back by {}, %", percent
        ),
        *_by_judge(rows, "gender_kept", "gender kept by {}, %", percent),
        ("quality: KID / KID of copies", lambda r: f"{r.kid:.2f}"),
        ("a face is found, %", lambda r: percent(r.face_found)),
        ("background: change, levels of 255", lambda r: f"{r.background:.1f}"),
        ("seconds for a face at an age", lambda r: f"{r.seconds:.3f}"),
        *_by_judge(
            rows,
            "judged",
            "judged ages by {}",
            lambda years: " ".join(f"{year:.0f}" for year in years),
        ),
        (
            "used in training or search",
            lambda r: ", ".join(r.teachers) or "none of these",
        ),
    ]
    header = ["", *(f"{row.family} ({row.name})" for row in rows)]
    return markdown_table(header, [[name, *map(text, rows)] for name, text in lines])


def _scores(rows):
    """Lines of the scores, and of how they differ, where there are any."""
    lines = []
    if any(row.score[0] == row.score[0] for row in rows):
        name = "score (0: all its goals reached)"
        lines.append((name, lambda row: intervals.text(row.score, digits=2)))
    if any(_behind(row, rows[0]) != "-" for row in rows):
        name = "score minus that of the first"
        lines.append((name, lambda row: _behind(row, rows[0])))
    return lines


def _behind(row, first):
    """Of networks with the same goals; "-" of others, and where there is no score."""
    if row is first or row.groups != first.groups:
        return "-"
    ends = resampling.difference(row.resampled, first.resampled)
    return intervals.text((row.score[0] - first.score[0], *ends), digits=2)


def _by_judge(rows, field, name, text):
    """Lines of a figure that several judges have."""

    def line(judge):
        def cell(row):
            values = getattr(row, field)
            return text(values[judge]) if judge in values else "-"

        return name.format(judge), cell

    return [line(judge) for judge in getattr(rows[0], field)] if rows else []


def to_html(
    text: str,
    rows: Sequence[Row],
    reports: Sequence[dict],
    strips: Sequence[Mapping[str, list]],
) -> str:
    """Returns the table, faces of every network, and age against identity.

    Args:
        text: the table, and what it is of, as Markdown.
        rows: of the networks.
        reports: of each network, as the Evaluator makes it.
        strips: of each network, as from strips.strips_of.
    """
    parts = [from_markdown(text)]
    for row, of_network in zip(rows, strips, strict=True):
        columns = ["input", *row.groups]
        heading, faces = next(iter(of_network.items()))
        parts.append(from_markdown(f"### {plain(row.name)}\n\n{plain(heading)}"))
        parts.append(picture(contact_sheet(faces, columns)))
    parts.append("<h3>Age against identity</h3>")
    by_name = {row.name: report for row, report in zip(rows, reports, strict=True)}
    parts.append(frontier_plots(by_name))
    return page("The same people by several networks", "\n".join(parts))
