"""Evaluation of aged faces by independent judges, from a config."""

import os
from pathlib import Path

import numpy as np
from absl import logging

from ipcgan import checkpoints, config, report
from ipcgan.data import images, sources
from ipcgan.data.faces import read_faces, spread_over_groups
from ipcgan.data.records import DataError
from ipcgan.evaluation import identity
from ipcgan.evaluation.judging import Judges
from ipcgan.inference.ager import FaceAger
from ipcgan.runs import face_features
from ipcgan.runs.examination import Examination, Sample

RESULT = "report.json"
_SHEET_ROWS = 24  # people on faces.png.


def evaluate(settings: config.EvaluateConfig) -> str:
    """Ages unseen faces to every group and asks independent judges.

    Writes report.json, report.md and faces.png (the first people) to report_dir.

    Returns:
        The report as Markdown.

    Raises:
        DataError: if there are no faces to evaluate on.
        checkpoints.CheckpointError: if the checkpoint cannot be used.
        identity.MissingWeightsError: if a judge's weights are missing.
    """
    folder = Path(settings.report_dir)
    ager = FaceAger.from_checkpoint(settings.checkpoint_dir)
    sample = read_split_sample(settings, ager.image_size)
    examination = examine(sample, settings, folder)
    people = examination.sources
    logging.info("Ageing %d faces to %d groups.", len(people), len(ager.group_names))
    aged = ager(people.pixels, tuple(range(len(ager.group_names))))
    result = full_report(examination, aged, np.ones(aged.shape[:2], bool))
    result["checkpoint_dir"] = settings.checkpoint_dir
    text = report.to_markdown(result)

    rows = [[face, *row] for face, row in zip(people.pixels, aged, strict=True)]
    sheet = report.contact_sheet(
        rows[:_SHEET_ROWS], ["input", *ager.group_names], blocks=2
    )
    images.write_image(folder / "faces.png", sheet)
    partial = folder / ".report.md.partial"
    partial.write_text(text)
    os.replace(partial, folder / "report.md")
    checkpoints.write_json(folder / RESULT, _without_nan(result))
    return text


def read_split_sample(settings: config.EvaluateConfig, image_size: int) -> Sample:
    """Draws people from a split of a data set, alike from all age groups.

    Real faces, by which they are measured, are up to num_faces of each group.

    Raises:
        DataError: if there are fewer than two readable faces.
    """
    records = sources.read_split(
        settings.dataset, settings.root_folder, "", settings.split
    )
    order = spread_over_groups(records, np.random.default_rng(settings.seed))
    people, unreadable = read_faces(order, image_size, settings.num_faces)
    if len(people) < 2:
        raise DataError(
            f"{settings.root_folder}: {len(people)} readable faces in its "
            f"{settings.split} split of {len(records)}; expected at least two."
        )
    real_records = []
    for group in sorted({record.group for record in order}):
        of_group = [record for record in order if record.group == group]
        real_records += of_group[: settings.num_faces]
    real, unreadable_too = read_faces(real_records, image_size)
    notes = [
        f"Left out: {why}" for why in dict.fromkeys([*unreadable, *unreadable_too])
    ]
    title = (
        f"{len(people)} faces of the {settings.split} split, drawn alike from all age "
        f"groups (seed {settings.seed}), {image_size} pixels; 95 % bootstrap intervals "
        f"over people. Real faces: {len(real)} of the same split."
    )
    return Sample(title, people, real, strangers=real, notes=notes)


def examine(
    sample: Sample, settings: config.EvaluateConfig, folder: Path
) -> Examination:
    """Lets all judges look at a sample; weights of recognisers go below `folder`."""
    folder.mkdir(parents=True, exist_ok=True)

    def recognisers():
        return {"Dlib": identity.DlibRecogniser(folder / "deepface")}

    features = face_features.read_features(
        settings.alexnet_dir, sample.sources.pixels.shape[1]
    )
    return Examination(sample, Judges(recognisers), features)


def full_report(examination: Examination, aged: np.ndarray, made: np.ndarray) -> dict:
    """Returns the report of aged faces, with all baselines and labels.

    Args:
        examination: of the people.
        aged: [N, K, S, S, 3] uint8, of examination.sources.
        made: [N, K] bool, where there is such a face.
    """
    values = examination.measure(aged, made, "judging aged faces")
    tinted = examination.tinted()
    baselines = {
        "copy": examination.measure_copies(),
        "tint": examination.measure(tinted, np.ones_like(made), "judging tints"),
        "blur": examination.measure_blur(),
    }
    kid = examination.kid(aged, made)
    recogniser = next(iter(examination.thresholds))
    result = examination.report(values, kid, recogniser)
    for version, its_values in baselines.items():
        rows = examination.by_target(its_values)
        for row, target in zip(rows, result["targets"].values(), strict=True):
            target[version] = row
    real = examination.real_rows()
    for row, target in zip(real, result["targets"].values(), strict=True):
        target["real"] = row
    result["by_label"] = examination.by_label(values)
    result["title"], result["notes"] = examination.sample.title, examination.notes
    return result


def _without_nan(value):
    """Replaces NaN, which JSON does not know, by None, however deep."""
    if isinstance(value, dict):
        return {key: _without_nan(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(inner) for inner in value]
    return None if isinstance(value, float) and np.isnan(value) else value
