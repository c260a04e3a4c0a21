"""Measures which ages a network's groups are judged at, and writes it beside it."""

import numpy as np

from ipcgan import checkpoints, config
from ipcgan.data.records import DataError
from ipcgan.evaluation import intervals
from ipcgan.inference import config_values
from ipcgan.inference.ager import FaceAger
from ipcgan.report.tables import markdown_table, notes_list
from ipcgan.runs.evaluate import people
from ipcgan.runs.evaluate.single_years import predict_own


def calibrate(settings: config.EvaluateConfig) -> str:
    """Ages people to all groups, and writes the mean judged ages to config.json.

    The judges are asked alike: a group's years are the mean of their means. Ages in
    years are mixed by them from then on; see mixing.YearScale.

    Returns:
        Markdown: the judged ages of every group.

    Raises:
        DataError: if there are no faces, none is found in any, or judged ages do not
            rise from group to group; then nothing is written.
        checkpoints.CheckpointError: if the checkpoint cannot be used.
    """
    folder = config_values.find(settings.checkpoint_dir)
    ager = FaceAger.from_checkpoint(
        folder, engine="keras", inversion=settings.inversion
    )
    known, judges, notes = predict_own(settings, ager)
    aged = people.age(ager, known.sources).faces
    faces = aged.reshape(-1, *aged.shape[2:])
    predicted = judges.predict(faces, "judging aged faces")
    judged = {
        judge: ages.reshape(aged.shape[:2]) for judge, ages in predicted.ages.items()
    }
    means = np.mean([np.nanmean(ages, axis=0) for ages in judged.values()], axis=0)
    years = [round(float(mean), 1) for mean in means]
    if min(np.diff(years), default=1.0) < config_values.LEAST_STEP:
        raise DataError(
            f"{settings.checkpoint_dir}: its groups are judged at "
            f"{', '.join(f'{y:g}' for y in years)} years, and must rise by "
            f"{config_values.LEAST_STEP} from each to the next; nothing was written."
        )
    path = folder / checkpoints.CONFIG
    values = checkpoints.read_json(path)
    checkpoints.rewrite_json(path, {**values, config_values.JUDGED_YEARS: years})
    rows = [
        [judge, *(intervals.text(intervals.mean_interval(a)) for a in ages.T)]
        for judge, ages in judged.items()
    ]
    rows.append(["mean, as written", *(f"{y:g}" for y in years)])
    header = ["judged age, years, of faces aged to", *ager.group_names]
    parts = [
        f"{len(aged)} people of the {settings.split} split (seed {settings.seed}), "
        f"aged by {settings.checkpoint_dir}; 95 % bootstrap intervals over people.",
        markdown_table(header, rows),
        f"Wrote {config_values.JUDGED_YEARS} to {path}.",
        notes_list(notes),
    ]
    return "\n\n".join(part for part in parts if part)
