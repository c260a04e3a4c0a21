"""Evaluation of aged faces by independent judges, from a config."""

from pathlib import Path

import numpy as np
from absl import logging

from ipcgan import atomic, config, report
from ipcgan.age_groups import GROUPINGS
from ipcgan.inference.ager import FaceAger
from ipcgan.runs.evaluate import frontier
from ipcgan.runs.evaluate.measure import Aged, age, examine
from ipcgan.runs.evaluate.people import read_aged, read_sample
from ipcgan.runs.evaluate.reports import Evaluation, spread, write_report
from ipcgan.runs.evaluate.teachers import teachers_of

REPORT = "report"  # name of the report's files.


def evaluate(settings: config.EvaluateConfig) -> Evaluation:
    """Asks independent judges about faces of every age group.

    Writes report.json, report.md and report.html to report_dir, each whole or not at
    all; an older report stays until then.

    Raises:
        DataError: if there are no faces to evaluate on.
        config.ConfigError: if it is not clear which, or a judge is unknown.
        checkpoints.CheckpointError: if the checkpoint cannot be used.
        MissingWeightsError: if no age judge or no recogniser can be used.
    """
    ager = None
    if not (settings.aged_dir or settings.csv_file):
        ager = FaceAger.from_checkpoint(
            settings.checkpoint_dir, inversion=settings.inversion
        )
    sample = read_sample(
        settings,
        ager.image_size if ager else None,
        ager.age_groups if ager else GROUPINGS[settings.age_groups],
    )
    folder = Path(settings.report_dir)
    folder.mkdir(parents=True, exist_ok=True)
    examination, missing = examine(sample, settings)
    aged, teachers, unreadable = _aged(ager, examination.sources, sample, settings)
    measured = examination.measure(
        aged, "aged faces", teachers=teachers, with_baselines=True
    )
    result, left_out = measured.report, [*sample.unreadable, *missing, *unreadable]
    result["made_by"] = settings.checkpoint_dir if ager else "others"
    result["title"] += f" Aged by {result['made_by']}."
    result["notes"] += [*aged.notes, *(f"Left out: {why}" for why in left_out)]
    result["frontier"] = frontier.measure(examination, aged)
    text = report.to_markdown(result)
    strips = strips_of(examination, measured.values, aged)
    atomic.write_text(folder / "report.html", report.to_html(result, strips))
    write_report(folder, REPORT, text, result)
    return Evaluation(text, left_out)


def _aged(ager, people, sample, settings):
    """Returns (aged faces, who taught their network, why files could not be read)."""
    if ager:
        logging.info("Ageing %d faces.", len(people))
        teachers = teachers_of(settings.checkpoint_dir, settings.inversion)
        return age(ager, people), teachers, []
    faces, made, unreadable = read_aged(people, sample.aged, len(sample.groups))
    return Aged(faces, made), (), unreadable


_STRIPS = 20  # people of each kind in report.html.


def strips_of(examination, values, aged: Aged) -> dict[str, list]:
    """Returns {heading: (rows of faces)}: people of all ages, and the least alike."""
    recogniser = list(examination.thresholds)[-1]
    distance = np.nan_to_num(values[f"distance/{recogniser}"], nan=np.inf)
    farthest = np.where(aged.made, distance, -np.inf).max(axis=1)
    blank = np.full_like(examination.sources.pixels[0], 255)

    def rows(chosen):
        return [
            [
                examination.sources.pixels[i],
                *np.where(aged.made[i][:, None, None, None], aged.faces[i], blank),
            ]
            for i in chosen
        ]

    # Not the first in order, who are all of one age: spread over the people.
    some = spread(range(len(aged.faces)), _STRIPS)
    worst = np.argsort(-farthest, kind="stable")[:_STRIPS]
    return {
        "Some of the faces, not chosen": rows(some),
        f"Farthest from their source, by {recogniser}": rows(worst),
    }
