"""The same people aged by several networks, in one table."""

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from absl import logging

from ipcgan import checkpoints, config, report
from ipcgan.age_groups import CACD
from ipcgan.data import sources
from ipcgan.data.faces import read_faces, spread_over_groups
from ipcgan.data.records import DataError
from ipcgan.evaluation import age, figures, goals, intervals
from ipcgan.inference.ager import FaceAger
from ipcgan.models.ragan import head_mask
from ipcgan.runs.evaluating import examine
from ipcgan.runs.samples import read_split_sample

RESULT = "comparison.json"
_CROPS = "dlib"  # as UTKFace's: where the head is, and what is behind it.
_TIMED = 16  # people by whom the time is taken, once everything is compiled.


@dataclasses.dataclass(frozen=True)
class Row:
    """What is measured of one network; intervals are of means over people.

    Attributes:
        name: the checkpoint's folder.
        family: whose network it is.
        groups: names of the age groups, youngest first.
        pixels: side of its faces.
        same_person: recognised where 1 of 1,000 strangers is, over all targets but the
            own group.
        one_away: the same, of targets one group from the own.
        off: judged years beside those of real faces of the target, mean over targets.
        rank_correlation: of the targets and the mean judged ages of everybody.
        never_steps_back: whose judged age rises from the second group to the last.
        gender_kept: judged gender, over all targets.
        kid: mean over targets of KID to real faces, over that of a blur of them.
        background: by how many levels of 255 a pixel outside the head changes.
        seconds: for one face at one age.
        judged: mean judged age of every target, years.
    """

    name: str
    family: str
    groups: tuple[str, ...]
    pixels: int
    same_person: intervals.Interval
    one_away: intervals.Interval
    off: float
    rank_correlation: float
    never_steps_back: intervals.Interval
    gender_kept: intervals.Interval
    kid: float
    background: float
    seconds: float
    judged: tuple[float, ...]


def compare(checkpoint_dirs: Sequence[str], settings: config.EvaluateConfig) -> str:
    """Ages the same people by several networks and judges them alike.

    The people are drawn alike from the groups of CACD, older than 10, whatever a
    network's groups; each network is judged at its own size of faces, with its own
    threshold for strangers. Writes comparison.json to report_dir.

    Args:
        checkpoint_dirs: of the networks.
        settings: on which faces, by which recogniser (the first counts).

    Returns:
        A Markdown table.

    Raises:
        DataError: if there are no faces.
        checkpoints.CheckpointError: if a checkpoint cannot be used.
        MissingWeightsError: if the recogniser cannot be used.
    """
    records = sources.read_split(
        settings.dataset, settings.root_folder, "", settings.split, CACD
    )
    order = spread_over_groups(records, np.random.default_rng(settings.seed))
    drawn = [record.path for record in order[: settings.num_faces]]
    rows = []
    for folder in checkpoint_dirs:
        logging.info("Ageing by %s.", folder)
        rows.append(_measure(folder, drawn, settings))
    target = Path(settings.report_dir)
    target.mkdir(parents=True, exist_ok=True)
    values = [report.without_nan(dataclasses.asdict(row)) for row in rows]
    checkpoints.write_json(target / RESULT, {"people": len(drawn), "networks": values})
    return (
        f"{len(drawn)} faces of the {settings.split} split, drawn alike from "
        f"{', '.join(CACD.names)} (seed {settings.seed}); 95 % bootstrap intervals "
        f"over people.\n\n{table(rows)}"
    )


def table(rows: Sequence[Row]) -> str:
    """Returns the rows as Markdown, a column for each network."""
    lines = {
        "age groups": lambda r: f"{len(r.groups)}, {r.groups[0]} to {r.groups[-1]}",
        "pixels": lambda r: str(r.pixels),
        "identity: same person, %": lambda r: intervals.text(r.same_person, 100),
        "identity: one group away, %": lambda r: intervals.text(r.one_away, 100),
        "age: years beside real faces": lambda r: f"{r.off:.1f}",
        "order: rank correlation of means": lambda r: f"{r.rank_correlation:.2f}",
        "order: never steps back, %": (
            lambda r: intervals.text(r.never_steps_back, 100)
        ),
        "gender kept, %": lambda r: intervals.text(r.gender_kept, 100),
        "quality: KID / KID of a blur": lambda r: f"{r.kid:.2f}",
        "background: change, levels of 255": lambda r: f"{r.background:.1f}",
        "seconds for a face at an age": lambda r: f"{r.seconds:.3f}",
        "judged ages": lambda r: " ".join(f"{years:.0f}" for years in r.judged),
    }
    header = ["", *(f"{row.family} ({row.name})" for row in rows)]
    return report.markdown_table(
        header, [[name, *map(text, rows)] for name, text in lines.items()]
    )


def _measure(folder, drawn, settings):
    ager = FaceAger.from_checkpoint(folder, inversion=settings.inversion)
    sample = _sample(ager, drawn, settings)
    examination, _ = examine(sample, settings)
    for why in (*sample.unreadable, *examination.notes):
        logging.warning("%s: %s", folder, why)
    people, targets = examination.sources, tuple(range(len(ager.group_names)))

    def aged_of(rows):
        some = people.at(rows)
        return ager(some.pixels, targets, source_groups=some.groups)

    aged = aged_of(slice(None))
    start = time.perf_counter()
    timed = aged_of(slice(_TIMED))
    seconds = (time.perf_counter() - start) / (timed.shape[0] * timed.shape[1])

    made = np.ones(aged.shape[:2], bool)
    values = examination.measure(aged, made, f"judging {folder}")
    result = examination.report(
        values, examination.kid(aged, made), next(iter(examination.thresholds))
    )
    behind = head_mask(ager.image_size, _CROPS) == 0
    change = np.abs(aged.astype(np.float32) - people.pixels[:, None])[:, :, behind]
    measured = {"background": float(change.mean()), "seconds": seconds}
    return _row(folder, ager, examination, values, result, measured)


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


def _row(folder, ager, examination, values, result, measured):
    name = next(iter(examination.thresholds))
    same = values[f"same_strict/{name}"]
    own = examination.groups[:, None] == np.arange(same.shape[1])
    means = np.nanmean(values["judged_age"], axis=0)
    summary = result["summary"]
    versions = [target["all"] for target in result["targets"].values()]
    off = [abs(version["age_bias"][0]) for version in versions]
    ratios = [goals.kid_ratio(t) for t in result["kid"]["targets"].values()]
    newest = checkpoints.newest(Path(folder)) or Path(folder)
    return Row(
        name=Path(folder).name,
        family=checkpoints.read_json(newest / checkpoints.CONFIG)["family"],
        groups=ager.group_names,
        pixels=ager.image_size,
        same_person=intervals.mean_interval(
            figures.mean_of_person(np.where(own, np.nan, same))
        ),
        one_away=summary[f"one_away/same_strict/{name}"],
        off=float(np.nanmean(off)),
        rank_correlation=float(age.rank_correlation(means[None])[0]),
        never_steps_back=summary["never_steps_back"],
        gender_kept=summary["gender_kept"],
        kid=float(np.nanmean(ratios)) if np.isfinite(ratios).any() else np.nan,
        **measured,
        judged=tuple(float(mean) for mean in means),
    )
