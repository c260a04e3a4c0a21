"""Rows -> Markdown tables; figures -> what JSON can hold."""

import math
from collections.abc import Sequence
from typing import Any

from ipcgan.evaluation import goals


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a Markdown table, columns padded to line up."""
    table = [header, *rows]
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
    """Returns notes as a Markdown list."""
    return "\n".join(f"- {note}" for note in notes)
