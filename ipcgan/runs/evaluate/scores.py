"""The score of every checkpoint of a training, also while it runs.

The rule is evaluation.goals; scores are kept, checkpoints are not.
"""

import dataclasses
import json
from pathlib import Path

import numpy as np
from absl import logging

from ipcgan import age_groups, atomic, checkpoints, config, report
from ipcgan.data.records import DataError
from ipcgan.evaluation import goals
from ipcgan.inference.ager import FaceAger
from ipcgan.runs.evaluate.measure import age, examine
from ipcgan.runs.evaluate.people import read_split_sample
from ipcgan.runs.evaluate.teachers import teachers_of

SCORES = "scores.jsonl"
PLOT = "scores.svg"


def score(settings: config.EvaluateConfig) -> str:
    """Scores the checkpoints in settings.checkpoint_dir that have no score yet.

    Source faces are judged once for all. Each score is written to scores.jsonl as
    soon as it is known; at the end scores.svg is drawn. A checkpoint that a running
    training removes meanwhile is left out.

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
        ager = FaceAger.from_checkpoint(new[-1][1], inversion=settings.inversion)
        sample = read_split_sample(settings, ager.image_size, ager.age_groups)
        examination, _ = examine(sample, settings)
    for step, path in new:
        try:
            ager.load(path)
        except checkpoints.CheckpointError as error:
            if path.exists():
                raise
            logging.warning("Removed before it was scored: %s", error)
            continue
        teachers = teachers_of(path, settings.inversion)
        aged = age(ager, examination.sources)
        result = examination.measure(aged, f"step {step}", teachers=teachers).report
        entry = _entry(result, ager.age_groups.names, step)
        entries.append({**entry, "measured_on": measured_on})
        _append(folder, entries[-1])
    entries.sort(key=lambda entry: entry["step"])
    if not entries:
        raise DataError(f"{folder}: all checkpoints were removed before being scored.")
    _draw(entries, folder / PLOT)
    return _table(entries)


def best(entries: list[dict]) -> dict | None:
    """Returns the entry with the lowest score; of equal ones the latest.

    None where none has a score: something was not measured.
    """
    scored = [entry for entry in entries if entry["score"] is not None]
    if not scored:
        return None
    return min(scored, key=lambda entry: (entry["score"], -entry["step"]))


def read_scores(folder: Path) -> list[dict]:
    """Returns the entries of scores.jsonl; none where there is no such file."""
    path = folder / SCORES
    if not path.is_file():
        return []
    entries = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        try:
            entries.append(json.loads(line))
        except ValueError as error:
            raise DataError(f"{path}:{number}: is not JSON: {error}.") from error
    return entries


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
    """Earlier entries say more, of a network that no score depends on."""
    before = entry["measured_on"]
    return all(before.get(key) == value for key, value in measured_on.items())


def _entry(result, names, step):
    named = zip(goals.goals_of(names), result["goals"], strict=True)
    return {
        "step": step,
        "score": _rounded(result["score"]),
        "missing": result["missing"],
        "parts": {axis: _rounded(v) for axis, v in result["score_parts"].items()},
        "figures": {f"{g.axis}: {g.name}": _rounded(f["value"]) for g, f in named},
    }


def _rounded(value):
    """Four digits; None where nothing was measured, as JSON knows no NaN."""
    return None if np.isnan(value) else round(value, 4)


def _append(folder, entry):
    """Writes the scores so far and one more."""
    entries = [*read_scores(folder), entry]
    text = "".join(f"{json.dumps(e)}\n" for e in entries)
    atomic.write_text(folder / SCORES, text)


def _draw(entries, path):
    def curve(read):
        points = ((entry["step"], read(entry)) for entry in entries)
        return [(step, value) for step, value in points if value is not None]

    plots = {"score": {"": curve(lambda e: e["score"])}}
    for axis in goals.AXES:
        chosen = [goal for goal in _goals_of(entries) if goal.axis == axis]
        curves = {
            goal.name: curve(lambda e, key=f"{axis}: {goal.name}": e["figures"][key])
            for goal in chosen
        }
        for wanted in sorted({goal.goal for goal in chosen}):
            curves[f"goal {wanted:g}"] = curve(lambda e, wanted=wanted: wanted)
        plots[axis] = curves
    report.draw_plots(plots, path)


def _goals_of(entries):
    """Returns the goals that entries have figures of: those of their age groups."""
    for groups in age_groups.GROUPINGS.values():
        wanted = goals.goals_of(groups.names)
        if {f"{g.axis}: {g.name}" for g in wanted} == entries[0]["figures"].keys():
            return wanted
    raise DataError(f"{SCORES}: has figures of age groups that are not known here.")


def _table(entries):
    names = [f"{g.axis}: {g.name}" for g in _goals_of(entries) if g.axis in _SHOWN]
    header = ["step", "score", *goals.AXES, *names]
    rows = [
        [
            str(entry["step"]),
            _text(entry["score"], 1, 2),
            *(_text(entry["parts"][axis], 1, 2) for axis in goals.AXES),
            *(_text(entry["figures"][name], 100, 1) for name in names),
        ]
        for entry in entries
    ]
    return f"{report.markdown_table(header, rows)}\n\n{_choice(entries)}"


def _choice(entries):
    chosen = best(entries)
    if chosen is None:
        missing = "\n".join(f"- {why}" for why in entries[-1]["missing"])
        return f"No score, and so no choice:\n{missing}"
    return (
        "The lowest score, and so the best by the rule in ipcgan/evaluation/goals.py: "
        f"step {chosen['step']}, {chosen['score']:.2f}."
    )


def _text(value, scale, digits):
    return "-" if value is None else f"{scale * value:.{digits}f}"


_SHOWN = ("order", "identity", "gender")  # axes whose figures stand in the table.
