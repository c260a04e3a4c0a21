"""Rows -> Markdown tables; figures -> what JSON can hold."""

import math
import re
from collections.abc import Sequence
from typing import Any

from ipcgan.evaluation import goals

# What begins a tag, an entity or a link's address, and what ends a cell.
_MARKUP = re.compile(r"<(?=[\w/!?])|&(?=#?\w+;)|(?<=\])\(|\|")


def plain(text: str) -> str:
    """Returns text that Markdown and HTML show as it is, on one line.

    Names of files, folders and age groups may have anything in them: tags, links,
    pictures of other hosts, line breaks, and what terminals obey.
    """
    text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return _MARKUP.sub(lambda match: f"&#{ord(match[0])};", text)


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a Markdown table, columns padded to line up; cells are text."""
    table = [[plain(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(header))]
    lines = [
        "| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |"
        for row in table
    ]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(lines)


def without_nan(value: Any) -> Any:
    """Returns figures with None for NaN, which JSON does not know, however deep."""
    if isinstance(value, dict):
        return {key: without_nan(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(inner) for inner in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def with_people(text: str, people: int) -> str:
    """Adds the number of people to a figure where they are too few."""
    if text == "-" or people >= goals.FEWEST:
        return text
    return f"{text} (too few: {people})"


def notes_list(notes: Sequence[str]) -> str:
    """Returns notes as a Markdown list; they are text."""
    return "\n".join(f"- {plain(note)}" for note in notes)
