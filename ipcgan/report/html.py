"""The report of an evaluation -> one HTML file that needs no other."""

import base64
import html
import io
import re
from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from ipcgan.evaluation import quality
from ipcgan.report.evaluation_tables import VERSIONS
from ipcgan.report.pictures import contact_sheet
from ipcgan.report.plots import svg

_STYLE = """body { font-family: sans-serif; margin: 2em auto; max-width: 72em; }
table { border-collapse: collapse; margin: 1em 0; font-size: 85%; }
th, td { border: 1px solid #ccc; padding: .25em .6em; text-align: left; }
th { background: #eee; } img, svg { max-width: 100%; height: auto; }"""
_JPEG_QUALITY = 88


def to_html(
    report: dict, markdown: str, strips: Mapping[str, Sequence[Sequence[np.ndarray]]]
) -> str:
    """Returns the report as HTML, with plots and pictures inside.

    Args:
        report: the figures, for the plots.
        markdown: the report's text; headings, lists, tables and paragraphs.
        strips: of each heading rows of faces [S, S, 3] uint8: a source, then its face
            at every target.
    """
    columns = ["input", *report["targets"]]
    pictures = "".join(
        f"<h3>{html.escape(heading)}</h3>\n{_picture(contact_sheet(rows, columns, 2))}"
        for heading, rows in strips.items()
    )
    title = "How the faces were aged"
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{title}</title>\n<style>{_STYLE}</style></head>\n<body>\n"
        f"<h1>{title}</h1>\n{_blocks(markdown)}\n<h3>Plots</h3>\n{_plots(report)}\n"
        f"{pictures}\n</body>\n</html>\n"
    )


def _picture(sheet):
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, "JPEG", quality=_JPEG_QUALITY)
    encoded = base64.b64encode(buffer.getvalue()).decode("ascii")
    return f'<p><img alt="faces" src="data:image/jpeg;base64,{encoded}"></p>\n'


def _plots(report):
    def curve(version, figure, scale=1.0):
        rows = [target.get(version) for target in report["targets"].values()]
        return [
            (x, *(scale * value for value in row[figure]))
            for x, row in enumerate(rows)
            if row and row["people"] and np.isfinite(row[figure][0])
        ]

    def versions(figure, scale=1.0):
        return {
            VERSIONS[version]: curve(version, figure, scale)
            for version in ("all", "copy", "tint", "blur")
        }

    recogniser = next(iter(report["thresholds"]))
    plots = {
        "judged age, years": {
            "aged, from younger": curve("younger", "judged_age"),
            "aged, from older": curve("older", "judged_age"),
            "copy": curve("copy", "judged_age"),
            "real faces": curve("real", "judged_age"),
        },
        f"same person, {recogniser}, 1 stranger in 1,000, %": versions(
            f"same_strict/{recogniser}", 100
        ),
        "gender kept, %": versions("gender_kept", 100),
    }
    kid = {}
    for x, target in enumerate(report["targets"]):
        for name, (value, error) in report["kid"]["targets"].get(target, {}).items():
            ends = (value, value - error, value + error)
            points = (x, *(quality.SCALE * end for end in ends))
            kid.setdefault(name, []).append(points)
    if kid:
        plots[f"KID x {quality.SCALE:.0f}"] = kid
    return svg(plots, x_label="target", ticks=list(report["targets"]))


def _blocks(markdown):
    return "\n".join(_block(block) for block in markdown.strip().split("\n\n"))


def _block(block):
    lines = block.split("\n")
    if lines[0].startswith("### "):
        return f"<h3>{html.escape(lines[0][4:])}</h3>"
    if lines[0].startswith("|"):
        return _table(lines)
    if lines[0].startswith("- "):
        items = "".join(f"<li>{html.escape(line[2:])}</li>" for line in lines)
        return f"<ul>{items}</ul>"
    return f"<p>{'<br>'.join(html.escape(line) for line in lines)}</p>"


def _table(lines):
    cells = [re.split(r"\s*\|\s*", line.strip().strip("|").strip()) for line in lines]
    header, *rows = [cells[0], *cells[2:]]  # the line of dashes between is dropped.

    def row(values, tag):
        inner = "".join(f"<{tag}>{html.escape(value)}</{tag}>" for value in values)
        return f"<tr>{inner}</tr>"

    body = "\n".join(row(values, "td") for values in rows)
    return f"<table>\n{row(header, 'th')}\n{body}\n</table>"
