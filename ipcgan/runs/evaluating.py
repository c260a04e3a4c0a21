"""Evaluation of aged faces by independent judges, from a config."""

import dataclasses
import os
from pathlib import Path

import numpy as np
from absl import logging

from ipcgan import checkpoints, config, report
from ipcgan.age_groups import GROUPINGS
from ipcgan.evaluation.judging import Judges
from ipcgan.evaluation.recognisers import make_recogniser
from ipcgan.inference.ager import FaceAger
from ipcgan.photos.weights import MissingWeightsError, deepface_home
from ipcgan.runs import face_features
from ipcgan.runs.examination import Examination
from ipcgan.runs.samples import Sample, read_aged, read_sample

RESULT = "report.json"


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """A report, and what could not be part of it.

    Attributes:
        text: the report as Markdown.
        left_out: why files were left out, and which recognisers.
    """

    text: str
    left_out: list[str]


def evaluate(settings: config.EvaluateConfig) -> Evaluation:
    """Asks independent judges about faces of every age group.

    Writes report.json, report.md and report.html to report_dir, each whole or not at
    all; an older report stays until then.

    Raises:
        DataError: if there are no faces to evaluate on.
        config.ConfigError: if it is not clear which, or a recogniser is unknown.
        checkpoints.CheckpointError: if the checkpoint cannot be used.
        MissingWeightsError: if no recogniser can be used.
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
    people = examination.sources
    left_out = [*sample.unreadable, *missing]
    if ager:
        logging.info("Ageing %d faces.", len(people))
        targets = tuple(range(len(ager.group_names)))
        result = ager.age(people.pixels, targets, source_groups=people.groups)
        aged, again = result.faces, result.again
        made = np.ones(aged.shape[:2], bool)
        if result.judged is not None:
            examination.notes.append(
                f"Latent vectors were searched by the sources' own age groups: "
                f"{(~result.judged).sum()} told by their names, {result.judged.sum()} "
                "judged by the face AlexNet's age head."
            )
    else:
        again = {}
        aged, made, unreadable = read_aged(people, sample.aged, len(sample.groups))
        left_out += unreadable

    result, values = _full_report(examination, aged, made)
    result["again"] = examination.measure_again(again)
    result["made_by"] = settings.checkpoint_dir if ager else "others"
    result["title"] += f" Aged by {result['made_by']}."
    result["notes"] = [*examination.notes, *(f"Left out: {why}" for why in left_out)]
    text = report.to_markdown(result)
    strips = _strips(examination, values, aged, made)
    _write(folder / "report.md", text)
    _write(folder / "report.html", report.to_html(result, text, strips))
    checkpoints.write_json(folder / RESULT, report.without_nan(result))
    return Evaluation(text, left_out)


def examine(
    sample: Sample, settings: config.EvaluateConfig
) -> tuple[Examination, list[str]]:
    """Lets all judges look at a sample.

    Returns:
        (the examination, why recognisers are missing).

    Raises:
        MissingWeightsError: if none of the recognisers can be used.
    """
    home = deepface_home()
    usable, missing = [], []
    for name in settings.recognisers:
        try:
            make_recogniser(name, home)
            usable.append(name)
        except MissingWeightsError as error:
            logging.error("%s", error)
            missing.append(str(error))
    if not usable:
        raise MissingWeightsError("No recogniser can be used. " + " ".join(missing))
    judges = Judges(lambda: {name: make_recogniser(name, home) for name in usable})
    features = face_features.read_features(
        settings.alexnet_dir, sample.sources.pixels.shape[1]
    )
    return Examination(sample, judges, features), missing


def _full_report(examination, aged, made):
    """Returns the report with all baselines and labels, and figures.measure's."""
    values = examination.measure(aged, made, "judging aged faces")
    tinted = examination.tinted()
    baselines = {"copy": examination.measure_copies()}
    if tinted is not None:
        some = examination.baseline_people()[:, None].repeat(made.shape[1], axis=1)
        baselines["tint"] = examination.measure(tinted, some, "judging tints")
    baselines["blur"] = examination.measure_blur()
    kid = examination.kid(aged, made, tinted)
    recogniser = next(iter(examination.thresholds))
    result = examination.report(values, kid, recogniser)
    for version, its_values in baselines.items():
        rows = examination.by_target(its_values)
        for row, target in zip(rows, result["targets"].values(), strict=True):
            target[version] = row
    rows = examination.real_rows()
    for row, target in zip(rows, result["targets"].values(), strict=True):
        target["real"] = row
    result["by_label"] = examination.by_label(values)
    result["title"] = examination.sample.title
    return result, values


_STRIPS = 20  # people of each kind in report.html.


def _strips(examination, values, aged, made):
    """Returns {heading: (rows of faces)}: the first people, and the least alike."""
    recogniser = next(iter(examination.thresholds))
    distance = np.nan_to_num(values[f"distance/{recogniser}"], nan=np.inf)
    farthest = np.where(made, distance, -np.inf).max(axis=1)
    blank = np.full_like(examination.sources.pixels[0], 255)

    def rows(chosen):
        return [
            [
                examination.sources.pixels[i],
                *(a if m else blank for a, m in zip(aged[i], made[i], strict=True)),
            ]
            for i in chosen
        ]

    worst = np.argsort(-farthest, kind="stable")[:_STRIPS]
    return {
        "The first faces": rows(range(min(_STRIPS, len(aged)))),
        f"Farthest from their source, by {recogniser}": rows(worst),
    }


def _write(path, text):
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
