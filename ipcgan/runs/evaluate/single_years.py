"""Evaluation of faces that are aged to single years, from a config."""

import dataclasses

import numpy as np

from ipcgan import config
from ipcgan.evaluation import intervals
from ipcgan.evaluation.predicted_sample import PredictedSample
from ipcgan.evaluation.single_years import by_year, rise
from ipcgan.inference import ageing
from ipcgan.inference.ager import FaceAger
from ipcgan.report.single_years import to_markdown
from ipcgan.report.tables import notes_list, plain
from ipcgan.runs.evaluate.evaluators import make_judges
from ipcgan.runs.evaluate.people import read_sample


def evaluate_single_years(settings: config.EvaluateConfig) -> str:
    """Ages faces to each of settings.ages, and lets the age judges predict them.

    People in whose own picture no face is found are left out.

    Returns:
        Markdown: what was measured, a line per asked year, and how judged age rises.

    Raises:
        DataError: if there are no faces, or none is found in any.
        config.ConfigError: if it is not clear which faces.
        checkpoints.CheckpointError: if the checkpoint cannot be used.
    """
    years = sorted(settings.ages)
    ager = FaceAger.from_checkpoint(
        settings.checkpoint_dir, inversion=settings.inversion
    )
    sample = read_sample(settings, ager.image_size, ager.age_groups)
    # No real faces or strangers are needed: nothing is compared with them.
    nobody = sample.sources.at(np.zeros(len(sample.sources), bool))
    sample = dataclasses.replace(sample, real=nobody, strangers=nobody)
    judges, missing = make_judges(dataclasses.replace(settings, recognisers=()))
    known = PredictedSample(sample, judges)

    aged = ageing.age_to_years(ager, known.sources.pixels, years, known.sources.groups)
    faces = aged.reshape(-1, *aged.shape[2:])
    predictions = judges.predict(faces, "judging aged faces")

    left_out = [*sample.unreadable, *missing]
    notes = [*known.notes, *(f"Left out: {why}" for why in left_out)]
    parts = [
        plain(
            f"{len(aged)} people of {_where(settings)}, aged by "
            f"{settings.checkpoint_dir}; 95 % bootstrap intervals over people."
        )
    ]
    for judge, ages in predictions.ages.items():
        judged = ages.reshape(aged.shape[:2])
        source = intervals.mean_interval(known.own.ages[judge])
        figures = by_year(years, judged), rise(years, judged)
        parts.append(to_markdown(judge, source, *figures))
    parts.append(notes_list(notes))
    return "\n\n".join(part for part in parts if part)


def _where(settings):
    if not settings.root_folder:
        return settings.source_dir
    return f"the {settings.split} split (seed {settings.seed})"
