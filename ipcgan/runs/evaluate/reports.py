"""What a run that evaluates leaves: a report on disk, and its text."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

from ipcgan import atomic, checkpoints, report


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """A report, and what could not be part of it.

    Attributes:
        text: the report as Markdown.
        left_out: why files were left out, and which judges.
    """

    text: str
    left_out: list[str]


def publish(
    folder: Path, name: str, result: dict, left_out: list[str], to_markdown: Callable
) -> Evaluation:
    """Writes figures and their text, with what was left out among the notes."""
    result["notes"] += [f"Left out: {why}" for why in left_out]
    result["left_out"] = left_out
    text = to_markdown(result)
    write_report(folder, name, text, result)
    return Evaluation(text, left_out)


def write_report(folder: Path, name: str, text: str, figures: dict) -> None:
    """Writes NAME.md and NAME.json, each whole or not at all."""
    atomic.write_text(folder / f"{name}.md", text)
    checkpoints.write_json(folder / f"{name}.json", report.without_nan(figures))
