"""Evaluation of faces that are aged to single years, from a config."""

import dataclasses
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ipcgan import config
from ipcgan.data import images
from ipcgan.data.faces import evenly_spread
from ipcgan.data.records import DataError
from ipcgan.evaluation import intervals
from ipcgan.evaluation.judges import Judges, Predictions
from ipcgan.evaluation.predicted_sample import PredictedSample
from ipcgan.evaluation.single_years import by_year, rise
from ipcgan.inference import ageing
from ipcgan.inference.ager import FaceAger
from ipcgan.photos import FaceFinder, cut_again
from ipcgan.report.single_years import to_markdown
from ipcgan.report.tables import notes_list, plain
from ipcgan.runs.age.files import files_below
from ipcgan.runs.age.photo_ager import PhotoAger
from ipcgan.runs.evaluate.evaluators import make_judges
from ipcgan.runs.evaluate.people import read_sample


def evaluate_single_years(settings: config.EvaluateConfig) -> str:
    """Ages faces to each of settings.ages, and lets the age judges predict them.

    With photos_dir the largest face of each photograph is aged, and cut out again of
    the aged photograph. People in whose own picture no face is found are left out.

    Returns:
        Markdown: what was measured, a line per asked year, and how judged age rises.

    Raises:
        DataError: if there are no faces, or none is found in any.
        config.ConfigError: if it is not clear which faces.
        checkpoints.CheckpointError: if the checkpoint cannot be used, or cannot age to
            one of the years.
    """
    years = sorted(settings.ages)
    measure = _in_photographs if settings.photos_dir else _of_crops
    own, aged, notes = measure(settings, years)
    parts = [
        plain(
            f"{len(own.counts)} people of {_where(settings)}, aged by "
            f"{settings.checkpoint_dir}; 95 % bootstrap intervals over people."
        )
    ]
    for judge, judged in aged.ages.items():
        source = intervals.mean_interval(own.ages[judge])
        figures = by_year(years, judged), rise(years, judged)
        parts.append(to_markdown(judge, source, *figures))
    parts.append(notes_list(notes))
    return "\n\n".join(part for part in parts if part)


def predict_own(
    settings: config.EvaluateConfig, ager: FaceAger
) -> tuple[PredictedSample, Judges, list[str]]:
    """Reads the people to age, and lets the age judges predict them.

    Returns:
        (the people in whose own picture a face is found, the judges, notes).

    Raises:
        DataError: if there are no faces, or none is found in any.
    """
    sample = read_sample(settings, ager.image_size, ager.age_groups)
    # No real faces or strangers are needed: nothing is compared with them.
    nobody = sample.sources.at(np.zeros(len(sample.sources), bool))
    sample = dataclasses.replace(sample, real=nobody, strangers=nobody)
    judges, missing = make_judges(dataclasses.replace(settings, recognisers=()))
    known = PredictedSample(sample, judges)
    left_out = [*sample.unreadable, *missing]
    return known, judges, [*known.notes, *(f"Left out: {why}" for why in left_out)]


def _of_crops(settings, years) -> tuple[Predictions, Predictions, list[str]]:
    """Returns what is predicted of N people, and of each at T years; notes."""
    ager = FaceAger.from_checkpoint(
        settings.checkpoint_dir,
        engine="keras",
        inversion=settings.inversion,
    )
    targets = ageing.year_targets(ager, years)
    known, judges, notes = predict_own(settings, ager)
    sources = known.sources
    aged = ageing.age_to_targets(
        ager, sources.pixels, targets, source_groups=sources.groups
    ).faces
    predicted = judges.predict(aged.reshape(-1, *aged.shape[2:]), "judging aged faces")
    rows = np.arange(len(aged) * len(years)).reshape(len(aged), -1)
    return known.own, predicted.at(rows), notes


def _in_photographs(settings, years):
    """As _of_crops, of faces that are cut out of aged photographs again."""
    ager = PhotoAger(settings.checkpoint_dir, engine="keras")
    ageing.year_targets(ager.ager, years)
    folder = Path(settings.photos_dir)
    paths, closed = files_below(folder, "--photos")
    judges, missing = make_judges(dataclasses.replace(settings, recognisers=()))
    finder, pictures, rows = FaceFinder(), [], []
    size, template = ager.ager.image_size, ager.ager.template
    notes = [*(f"{path}: {why}" for path, why in closed), *missing]
    for path in tqdm(evenly_spread(paths, settings.num_faces), desc="photographs"):
        try:
            result = ager(path, years)
        except (images.ImageError, DataError) as error:
            notes.append(f"Left out: {error}")
            continue
        row = [len(pictures)]
        pictures.append(result.crops[0])
        for photo in result.photographs:
            found = cut_again(finder, photo, result.faces[0], size, template)
            row.append(-1 if found is None else len(pictures))
            if found is not None:
                pictures.append(found)
        rows.append(row)
    if not rows:
        raise DataError(f"--photos={folder}: no face was found in any photograph.")
    found, who = judges.predict(pictures, "judging"), np.array(rows)
    who = who[found.counts[who[:, 0]] > 0]
    if not len(who):
        raise DataError(f"--photos={folder}: the judges find no face in any.")
    return found.at(who[:, 0]), found.at(who[:, 1:]), notes


def _where(settings):
    if settings.photos_dir:
        return f"the photographs of {settings.photos_dir}"
    if not settings.root_folder:
        return settings.source_dir
    return f"the {settings.split} split (seed {settings.seed})"
