"""What runs that ask judges have in common: the judges, and a report on disk."""

import dataclasses
import functools
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from absl import logging

from ipcgan import checkpoints, config, report
from ipcgan.evaluation import goals, panel
from ipcgan.evaluation.judging import Judges


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """A report, and what could not be part of it.

    Attributes:
        text: the report as Markdown.
        left_out: why files were left out, and which judges.
    """

    text: str
    left_out: list[str]


def make_judges(settings: config.EvaluateConfig) -> tuple[Judges, list[str]]:
    """Makes those of the settings' judges that can be used here.

    Returns:
        (the judges, why others are missing).

    Raises:
        config.ConfigError: if there is no such judge.
        MissingWeightsError: if no age judge or no recogniser can be used.
    """
    age_judges, recognisers, missing = panel.usable(
        settings.age_judges, settings.recognisers, settings.hse_dir
    )
    for why in missing:
        logging.error("%s", why)
    make_panel = functools.partial(
        panel.make_panel, age_judges, recognisers, settings.hse_dir
    )
    return Judges(make_panel), missing


def spread(items: Sequence, at_most: int) -> list:
    """Returns at most so many items, evenly spread from first to last; 0: all."""
    if not at_most or len(items) <= at_most:
        return list(items)
    rows = np.linspace(0, len(items) - 1, at_most).round().astype(int)
    return [items[row] for row in rows]


def with_people(text: str, people: int) -> str:
    """Adds to a figure of how many people it is, where they are too few."""
    if text == "-" or people >= goals.FEWEST:
        return text
    return f"{text} (too few: {people})"


def write_text(path: Path, text: str) -> None:
    """Writes beside `path`, then renames.

    Raises:
        OSError: if the folder cannot be written to.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


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
    write_text(folder / f"{name}.md", text)
    checkpoints.write_json(folder / f"{name}.json", report.without_nan(figures))
