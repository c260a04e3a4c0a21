"""Evaluation of aged faces by later pictures of the same people, from a config."""

import dataclasses
from pathlib import Path

import numpy as np

from ipcgan import config
from ipcgan.data import images
from ipcgan.data.faces import evenly_spread
from ipcgan.data.pairs import Pair, read_pairs
from ipcgan.data.records import DataError
from ipcgan.evaluation.judges import Predictions
from ipcgan.evaluation.pairs import measure
from ipcgan.inference import ageing
from ipcgan.inference.ager import FaceAger
from ipcgan.report.pairs import to_markdown
from ipcgan.runs.evaluate import evaluators, reports

REPORT = "pairs"  # name of the report's files.
_SHOWN = 5  # reasons in a message.


def evaluate_pairs(settings: config.EvaluateConfig) -> reports.Evaluation:
    """Ages people to the age of a later picture of theirs, and compares the two.

    Of settings.num_faces pairs, evenly spread over the lines; 0: of all. Writes
    pairs.json and pairs.md to report_dir, each whole or not at all.

    Raises:
        DataError: if the list cannot be used, or no pair has a face in both pictures.
        config.ConfigError: if there is no such judge.
        checkpoints.CheckpointError: if the checkpoint cannot be used.
        MissingWeightsError: if no age judge or no recogniser can be used.
    """
    path = Path(settings.pairs_file)
    ager = FaceAger.from_checkpoint(
        settings.checkpoint_dir,
        engine="keras",
        inversion=settings.inversion,
    )
    groups = ager.age_groups
    listed = read_pairs(path, settings.dataset, groups)
    chosen = evenly_spread(listed, settings.num_faces)
    judges, missing = evaluators.make_judges(settings)
    report_dir = Path(settings.report_dir)
    report_dir.mkdir(parents=True, exist_ok=True)

    known, left_out = _predict(chosen, ager.image_size, judges)
    if not known.pairs:
        raise DataError(
            f"{path}: none of {len(chosen)} pairs has a face in both pictures:\n"
            + "\n".join(left_out[:_SHOWN])
        )
    faces = ageing.age_each(
        ager,
        np.stack([known.pixels[pair.source] for pair in known.pairs]),
        [pair.group for pair in known.pairs],
        source_groups=[pair.own_group for pair in known.pairs],
    )
    aged = judges.predict(faces, "judging aged faces")

    result = measure(known.pairs, known.before, known.later, aged, groups)
    result["title"] = (
        f"{len(known.pairs)} pairs of pictures of {path}"
        f"{f' (of {len(listed)})' if len(chosen) < len(listed) else ''}, sources aged "
        f"to the age group of the later picture by {settings.checkpoint_dir}; "
        f"{len(left_out)} left out; 95 % bootstrap intervals over people."
    )
    left_out += missing
    return reports.publish(report_dir, REPORT, result, left_out, to_markdown)


@dataclasses.dataclass(frozen=True)
class _PredictedPairs:
    """Pairs with a face in both pictures, their files' pixels, and predictions."""

    pairs: list[Pair]
    pixels: dict[Path, np.ndarray]
    before: Predictions  # of the sources.
    later: Predictions


def _predict(pairs, size, judges):
    """Reads pairs and predicts them; returns (_PredictedPairs, what is left out)."""
    left_out = []
    pixels, reasons = _read(pairs, size)
    pairs = _without(pairs, reasons, left_out)
    files = list(dict.fromkeys(f for p in pairs for f in (p.source, p.later)))
    real = judges.predict([pixels[file] for file in files], "judging real faces")
    faceless = [f for f, n in zip(files, real.counts, strict=True) if n == 0]
    pairs = _without(pairs, dict.fromkeys(faceless, "no face was found"), left_out)
    rows = {file: row for row, file in enumerate(files)}
    before = real.at(np.array([rows[pair.source] for pair in pairs], int))
    later = real.at(np.array([rows[pair.later] for pair in pairs], int))
    return _PredictedPairs(pairs, pixels, before, later), left_out


def _read(pairs, size):
    """Returns ({file: pixels}, {file: why it cannot be read})."""
    pixels, reasons = {}, {}
    for file in dict.fromkeys(f for p in pairs for f in (p.source, p.later)):
        try:
            pixels[file] = images.resize(images.read_image(file), size)
        except images.ImageError as error:
            reasons[file] = str(error).removeprefix(f"{file}: ")
    return pixels, reasons


def _without(pairs, reasons, left_out):
    """Returns the pairs of whose files none has a reason; notes the others."""
    kept = []
    for pair in pairs:
        why = [f"{f}: {reasons[f]}" for f in (pair.source, pair.later) if f in reasons]
        if why:
            left_out.append("; ".join(why))
        else:
            kept.append(pair)
    return kept
