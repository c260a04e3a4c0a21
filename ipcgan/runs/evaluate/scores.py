"""Scores every checkpoint of a training run, also while it runs.

The rule is evaluation.goals; scores are kept, checkpoints are not.
"""

import dataclasses
import json
from pathlib import Path

from absl import logging

from ipcgan import atomic, checkpoints, config
from ipcgan.data.records import DataError
from ipcgan.evaluation import goals, scores
from ipcgan.inference.ager import FaceAger
from ipcgan.report import scores as report_scores
from ipcgan.runs.evaluate.evaluators import make_evaluator
from ipcgan.runs.evaluate.people import age, read_split_sample
from ipcgan.runs.evaluate.teachers import teachers_of
from ipcgan.runs.score_files import SCORES, read_scores

PLOT = "scores.svg"


def score(settings: config.EvaluateConfig) -> str:
    """Scores the checkpoints in settings.checkpoint_dir that have no score yet.

    Source faces are predicted once for all. Each score is written to scores.jsonl as
    soon as it is known; at the end scores.svg is drawn. A checkpoint that a training
    run removes meanwhile is left out.

    Returns:
        A Markdown table of all scores so far, and which checkpoint is the best.

    Raises:
        DataError: if there are no faces to evaluate on.
        checkpoints.CheckpointError: if there are no checkpoints and no scores.
        MissingWeightsError: if a judge's weights are missing.
    """
    folder = Path(settings.checkpoint_dir)
    found = checkpoints.complete(folder)
    measured_on = _measured_on(settings)
    entries = [e for e in read_scores(folder) if _alike(e, measured_on)]
    scored = {entry["step"] for entry in entries}
    new = [(step, path) for step, path in found if step not in scored]
    if not found and not entries:
        raise checkpoints.CheckpointError(
            f"{folder}: expected checkpoints named step-00001000."
        )
    if new:
        ager = FaceAger.from_checkpoint(
            new[-1][1], engine="keras", inversion=settings.inversion
        )
        sample = read_split_sample(settings, ager.image_size, ager.age_groups)
        evaluator, _ = make_evaluator(sample, settings)
    for step, path in new:
        try:
            ager.load(path)
        except checkpoints.CheckpointError as error:
            if path.exists():
                raise
            logging.warning("Removed before it was scored: %s", error)
            continue
        teachers = teachers_of(path, settings.inversion)
        aged = age(ager, evaluator.sample.sources)
        result = evaluator.evaluate(aged, f"step {step}", teachers=teachers).report
        entry = scores.entry_of(result, ager.age_groups.names, step)
        entries.append({**entry, "measured_on": measured_on})
        _append(folder, entries[-1])
    entries.sort(key=lambda entry: entry["step"])
    if not entries:
        raise DataError(f"{folder}: all checkpoints were removed before being scored.")
    report_scores.draw(entries, folder / PLOT)
    return report_scores.to_markdown(entries)


def _measured_on(settings):
    """Scores on other faces, or by other judges, cannot be compared."""
    return {
        "dataset": settings.dataset,
        "split": settings.split,
        "num_faces": settings.num_faces,
        "seed": settings.seed,
        "age_judges": list(settings.age_judges),
        "recognisers": list(settings.recognisers),
        "goals": [list(dataclasses.astuple(goal)) for goal in goals.GOALS],
    }


def _alike(entry, measured_on):
    """Earlier entries also name a network that no score depends on."""
    before = entry["measured_on"]
    return all(before.get(key) == value for key, value in measured_on.items())


def _append(folder, entry):
    """Writes the scores so far and one more."""
    entries = [*read_scores(folder), entry]
    text = "".join(f"{json.dumps(e)}\n" for e in entries)
    atomic.write_text(folder / SCORES, text)
