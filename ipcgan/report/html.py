"""The report of an evaluation -> one HTML file that needs no other."""

import base64
import html
import io
import re
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from ipcgan.data import marks
from ipcgan.evaluation import goals, quality
from ipcgan.report.evaluation_report import sections
from ipcgan.report.evaluation_tables import VERSIONS
from ipcgan.report.pictures import contact_sheet
from ipcgan.report.plots import svg, trade_off_svg

_STYLE = """body { font-family: sans-serif; line-height: 1.45; margin: 0 auto;
  max-width: 72em; padding: 1em; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: 1em 0;
  font-size: 85%; } th, td { border: 1px solid #ccc; padding: .25em .6em;
  text-align: left; white-space: nowrap; } th { background: #eee; }
tr > :first-child { position: sticky; left: 0; background: #eee; }
img, svg { max-width: 100%; height: auto; }
.summary { background: #f4f6fa; border-left: .3em solid #47a; padding: .2em 1em; }
details { margin: 1em 0; } summary { cursor: pointer; font-weight: bold;
  font-size: 117%; } h3 + p { max-width: 50em; }"""
_JPEG_QUALITY = 88
_SUMMARY_ROWS = 4  # people of the picture under the summary.
_OPEN = ("overview", "goals")  # tables that are shown at once; the others unfold.


def page(title: str, body: str) -> str:
    """Returns a whole HTML page that reads on a phone, too."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style></head>\n<body>\n"
        f"<h1>{html.escape(title)}</h1>\n{body}\n</body>\n</html>\n"
    )


def to_html(report: dict, strips: Mapping[str, Sequence[Sequence[np.ndarray]]]) -> str:
    """Returns the report as HTML: a summary, faces, plots, and then the tables.

    Args:
        report: the figures.
        strips: of each heading rows of faces [S, S, 3] uint8: a source, then its face
            at every target.
    """
    blocks = dict(sections(report))
    columns = ["input", *report["targets"]]
    first = next(iter(strips.values()))
    rows = np.linspace(0, len(first) - 1, min(_SUMMARY_ROWS, len(first))).astype(int)
    parts = [
        from_markdown(blocks.pop("title")),
        f'<div class="summary">{from_markdown(blocks.pop("summary"))}</div>',
        picture(contact_sheet([first[row] for row in rows], columns)),
        "<h3>Faces</h3>",
        *(
            f"<details{' open' * (number == 0)}><summary>{html.escape(heading)}"
            f"</summary>\n{picture(contact_sheet(some, columns, 2))}</details>"
            for number, (heading, some) in enumerate(strips.items())
        ),
        *(from_markdown(blocks.pop(name)) for name in _OPEN),
        f"<h3>Plots</h3>\n{_plots(report)}",
        *(_unfolding(block) for block in blocks.values()),
    ]
    return page("How the faces were aged", "\n".join(parts))


def picture(sheet: np.ndarray) -> str:
    """Returns an <img> that holds [H, W, 3] uint8."""
    buffer = io.BytesIO()
    xmp = marks.packet(marks.COMPOSITE)  # Faces in it are aged.
    Image.fromarray(sheet).save(buffer, "JPEG", quality=_JPEG_QUALITY, xmp=xmp)
    encoded = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f'<p><img alt="faces" src="data:image/jpeg;base64,{encoded}"></p>\n'


def _unfolding(markdown):
    heading, _, rest = markdown.partition("\n\n")
    title = _text(heading.removeprefix("### "))
    return f"<details><summary>{title}</summary>\n{from_markdown(rest)}</details>"


def _plots(report):
    """Plots of what was measured; nothing of what was not."""

    def curve(version, figure, scale=1.0):
        rows = [target.get(version) for target in report["targets"].values()]
        return [
            (x, *(scale * value for value in row[figure]))
            for x, row in enumerate(rows)
            if row and row["people"] and np.isfinite(row[figure][0])
        ]

    def versions(figure):
        wanted = ("all", "copy", "tint", "blur")
        return {VERSIONS[version]: curve(version, figure, 100) for version in wanted}

    plots = {}
    for judge in report["age_judges"]:
        figure = f"judged_age/{judge}"
        plots[f"judged age, years, by {judge}"] = {
            VERSIONS[version]: curve(version, figure)
            for version in ("younger", "older", "copy", "real")
        }
    for name in report["thresholds"]:
        title = f"same person, {name}, 1 stranger in 1,000, %"
        plots[title] = versions(f"same_strict/{name}")
    for judge in report["age_judges"]:
        plots[f"gender kept, {judge}, %"] = versions(f"gender_kept/{judge}")
    for name, kid in report["kid"].items():
        plots[f"KID x {quality.SCALE:.0f}, {name}"] = _kid_curves(report, kid)
    drawn = {
        title: {label: points for label, points in curves.items() if points}
        for title, curves in plots.items()
        if any(curves.values())
    }
    grid = svg(drawn, x_label="target", ticks=list(report["targets"])) if drawn else ""
    return grid + frontier_plots({"": report})


def _kid_curves(report, kid):
    curves = {}
    for x, target in enumerate(report["targets"]):
        for name, value in kid["targets"].get(target, {}).items():
            if name != "faces" and np.isfinite(value[0]):
                ends = (value[0], value[0] - value[1], value[0] + value[1])
                points = (x, *(quality.SCALE * end for end in ends))
                curves.setdefault(name, []).append(points)
    return curves


def frontier_plots(reports: Mapping[str, dict]) -> str:
    """Returns how identity falls while judged age rises, a plot for each age judge.

    Args:
        reports: by the network's name; those without a "frontier" are left out.
    """
    known = {name: r for name, r in reports.items() if r.get("frontier")}
    if not known:
        return ""
    some = next(iter(known.values()))
    result = []
    for judge in some["age_judges"]:
        recogniser = judge_of_identity(some)
        series, real = {}, {}
        for name, report in known.items():
            found = report["frontier"]
            label = f"{name} to {found['target']}".strip()
            series[label] = {
                "copy" if not point["blend"] else f"{point['blend']:g}": (
                    point[f"judged_age/{judge}"][0],
                    point[f"distance/{recogniser}"][0],
                )
                for point in found["points"]
            }
            real[f"real faces of {found['target']}"] = found["real"][judge]
        result.append(
            trade_off_svg(
                series,
                lines={label: x for label, x in real.items() if np.isfinite(x)},
                x_label=f"judged age, years ({judge})",
                y_label=f"distance from the source ({recogniser})",
            )
        )
    return "\n".join(result)


def judge_of_identity(report: dict) -> str:
    """Returns a recogniser that is no teacher; the last one where all are."""
    names = list(report["thresholds"])
    pupils = [name for name in names if name not in report["teachers"]]
    if goals.QUALITY_JUDGE in pupils:
        return goals.QUALITY_JUDGE
    return pupils[0] if pupils else names[-1]


def from_markdown(markdown: str) -> str:
    """Returns headings, lists, tables and paragraphs as HTML; text is escaped."""
    return "\n".join(_block(block) for block in markdown.strip().split("\n\n"))


def _block(block):
    lines = block.split("\n")
    if lines[0].startswith("### "):
        return f"<h3>{_text(lines[0][4:])}</h3>"
    if lines[0].startswith("|"):
        return f'<div class="wide">{_table(lines)}</div>'
    if lines[0].startswith("- "):
        items = "".join(f"<li>{_text(line[2:])}</li>" for line in lines)
        return f"<ul>{items}</ul>"
    return f"<p>{'<br>'.join(map(_text, lines))}</p>"


def _text(markdown):
    """Text with the entities of tables.plain -> HTML."""
    return html.escape(html.unescape(markdown))


def _table(lines):
    cells = [re.split(r"\s*\|\s*", line.strip().strip("|").strip()) for line in lines]
    header, rows = cells[0], cells[2:]  # the line of dashes between is dropped.

    def row(values, tag):
        inner = "".join(f"<{tag}>{_text(value)}</{tag}>" for value in values)
        return f"<tr>{inner}</tr>"

    body = "\n".join(row(values, "td") for values in rows)
    return f"<table>\n{row(header, 'th')}\n{body}\n</table>"
