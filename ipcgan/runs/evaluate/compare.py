"""The same people aged by several networks, in one table."""

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from absl import logging

from ipcgan import atomic, checkpoints, config, report
from ipcgan.age_groups import CACD
from ipcgan.data import sources
from ipcgan.data.faces import read_faces, spread_over_groups
from ipcgan.data.records import DataError
from ipcgan.evaluation import comparison, frontier
from ipcgan.inference.ager import FaceAger
from ipcgan.models.ragan import head_mask
from ipcgan.report.comparison import to_html, to_markdown
from ipcgan.report.strips import strips_of
from ipcgan.runs.evaluate.evaluators import make_evaluator
from ipcgan.runs.evaluate.people import age, read_split_sample
from ipcgan.runs.evaluate.teachers import teachers_of

RESULT = "comparison.json"
_CROPS = "dlib"  # as UTKFace's: where the head is, and what is behind it.
_TIMED = 16  # people whose ageing is timed, once everything is compiled.


def compare(checkpoint_dirs: Sequence[str], settings: config.EvaluateConfig) -> str:
    """Ages the same people by several networks and evaluates them alike.

    The people are drawn alike from the groups of CACD, older than 10, whatever a
    network's groups; each network is evaluated at its own size of faces, with its own
    threshold for strangers. Writes comparison.json, comparison.md and, with faces and
    plots, comparison.html to report_dir.

    Args:
        checkpoint_dirs: folders of the networks.
        settings: on which faces, by which judges.

    Returns:
        Markdown: the table.

    Raises:
        DataError: if there are no faces.
        checkpoints.CheckpointError: if a checkpoint cannot be used.
        MissingWeightsError: if no age judge or no recogniser can be used.
    """
    records = sources.read_split(
        settings.dataset, settings.root_folder, "", settings.split, CACD
    )
    order = spread_over_groups(records, np.random.default_rng(settings.seed))
    drawn = [record.path for record in order[: settings.num_faces]]
    networks = []
    for folder in checkpoint_dirs:
        logging.info("Ageing by %s.", folder)
        networks.append(_evaluate(folder, drawn, settings))
    rows, reports, strips = zip(*networks, strict=True)
    text = (
        f"{len(drawn)} faces of the {settings.split} split, drawn alike from "
        f"{', '.join(CACD.names)} (seed {settings.seed}); 95 % bootstrap intervals "
        f"over people.\n\n{to_markdown(rows)}"
    )
    target = Path(settings.report_dir)
    target.mkdir(parents=True, exist_ok=True)
    values = [report.without_nan(dataclasses.asdict(row)) for row in rows]
    checkpoints.write_json(target / RESULT, {"people": len(drawn), "networks": values})
    atomic.write_text(target / "comparison.md", text + "\n")
    atomic.write_text(target / "comparison.html", to_html(text, rows, reports, strips))
    return text


def _evaluate(folder, drawn, settings):
    """Returns a network's (row, report, strips of faces)."""
    ager = FaceAger.from_checkpoint(
        folder, engine="keras", inversion=settings.inversion
    )
    sample = _sample(ager, drawn, settings)
    evaluator, missing = make_evaluator(sample, settings)
    for why in (*sample.unreadable, *missing, *evaluator.sample.notes):
        logging.warning("%s: %s", folder, why)
    people = evaluator.sample.sources
    aged = age(ager, people)
    start = time.perf_counter()
    timed = age(ager, people.at(slice(_TIMED))).made.size
    seconds = (time.perf_counter() - start) / timed

    teachers = teachers_of(folder, settings.inversion)
    result = evaluator.evaluate(aged, folder, teachers=teachers)
    result.report["frontier"] = frontier.measure(evaluator, aged)
    behind = head_mask(ager.image_size, _CROPS) == 0
    values = checkpoints.read_json(checkpoints.resolve(folder) / checkpoints.CONFIG)
    row = comparison.make_row(
        result,
        evaluator.sample.groups,
        name=Path(folder).name,
        family=str(values.get("family")),
        groups=ager.group_names,
        pixels=ager.image_size,
        background=comparison.change_behind(people.pixels, aged.faces, behind),
        seconds=seconds,
    )
    return row, result.report, strips_of(people.pixels, aged, result)


def _sample(ager, drawn, settings):
    """The same people for every network, in its groups and its size."""
    groups = ager.age_groups
    # Real faces of its groups come as they would alone; the people are exchanged.
    sample = read_split_sample(settings, ager.image_size, groups)
    records = sources.read_split(
        settings.dataset, settings.root_folder, "", settings.split, groups
    )
    known = {record.path: record for record in records}
    missing = [path for path in drawn if path not in known]
    if missing:
        raise DataError(
            f"{missing[0]}: of none of the groups {', '.join(groups.names)}."
        )
    people, unreadable = read_faces([known[p] for p in drawn], ager.image_size)
    return dataclasses.replace(sample, sources=people, unreadable=unreadable)
