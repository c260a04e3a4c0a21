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
from ipcgan.evaluation import age as ages
from ipcgan.evaluation import figures, goals, intervals
from ipcgan.inference.ager import FaceAger
from ipcgan.models.ragan import head_mask
from ipcgan.runs.evaluate import frontier
from ipcgan.runs.evaluate.evaluate import strips_of
from ipcgan.runs.evaluate.measure import age, examine
from ipcgan.runs.evaluate.people import read_split_sample
from ipcgan.runs.evaluate.teachers import teachers_of

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
        same_person: of each recogniser, recognised where 1 of 1,000 strangers is, over
            all targets but the own group.
        one_away: the same, of targets one group from the own.
        off: of each age judge, judged years beside those of real faces of the target,
            mean over targets.
        rank_correlation: of each age judge, of the targets and the mean judged ages of
            everybody.
        never_steps_back: of each age judge, whose judged age rises from the second
            group to the last.
        gender_kept: of each age judge, judged gender, over all targets.
        kid: KID to real faces over that of copies; NaN: not measured.
        face_found: in how many of the aged faces a face is found.
        background: by how many levels of 255 a pixel outside the head changes.
        seconds: for one face at one age.
        judged: of each age judge, mean judged age of every target, years.
        teachers: recognisers that taught it, or by which it searches.
    """

    name: str
    family: str
    groups: tuple[str, ...]
    pixels: int
    same_person: dict[str, intervals.Interval]
    one_away: dict[str, intervals.Interval]
    off: dict[str, float]
    rank_correlation: dict[str, float]
    never_steps_back: dict[str, intervals.Interval]
    gender_kept: dict[str, intervals.Interval]
    kid: float
    face_found: intervals.Interval
    background: float
    seconds: float
    judged: dict[str, tuple[float, ...]]
    teachers: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class _Network:
    """One network's row, and what the page shows of it."""

    row: Row
    report: dict
    strips: dict


def compare(checkpoint_dirs: Sequence[str], settings: config.EvaluateConfig) -> str:
    """Ages the same people by several networks and judges them alike.

    The people are drawn alike from the groups of CACD, older than 10, whatever a
    network's groups; each network is judged at its own size of faces, with its own
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
        networks.append(_measure(folder, drawn, settings))
    rows = [network.row for network in networks]
    text = (
        f"{len(drawn)} faces of the {settings.split} split, drawn alike from "
        f"{', '.join(CACD.names)} (seed {settings.seed}); 95 % bootstrap intervals "
        f"over people.\n\n{table(rows)}"
    )
    target = Path(settings.report_dir)
    target.mkdir(parents=True, exist_ok=True)
    values = [report.without_nan(dataclasses.asdict(row)) for row in rows]
    checkpoints.write_json(target / RESULT, {"people": len(drawn), "networks": values})
    atomic.write_text(target / "comparison.md", text + "\n")
    atomic.write_text(target / "comparison.html", _page(text, networks))
    return text


def _page(text, networks):
    parts = [report.from_markdown(text)]
    for network in networks:
        columns = ["input", *network.row.groups]
        heading, rows = next(iter(network.strips.items()))
        parts.append(report.from_markdown(f"### {network.row.name}\n\n{heading}"))
        parts.append(report.picture(report.contact_sheet(rows, columns)))
    parts.append("<h3>Age against identity</h3>")
    parts.append(report.frontier_plots({n.row.name: n.report for n in networks}))
    return report.page("The same people by several networks", "\n".join(parts))


def table(rows: Sequence[Row]) -> str:
    """Returns the rows as Markdown, a column for each network."""
    percent = lambda interval: intervals.text(interval, 100)  # noqa: E731
    lines = [
        ("age groups", lambda r: f"{len(r.groups)}, {r.groups[0]} to {r.groups[-1]}"),
        ("pixels", lambda r: str(r.pixels)),
        *_by_judge(rows, "same_person", "identity: same person by {}, %", percent),
        *_by_judge(rows, "one_away", "identity: one group away by {}, %", percent),
        *_by_judge(rows, "off", "age: years beside real faces by {}", "{:.1f}".format),
        *_by_judge(
            rows,
            "rank_correlation",
            "order: rank correlation of means by {}",
            "{:.2f}".format,
        ),
        *_by_judge(
            rows, "never_steps_back", "order: never steps back by {}, %", percent
        ),
        *_by_judge(rows, "gender_kept", "gender kept by {}, %", percent),
        ("quality: KID / KID of copies", lambda r: f"{r.kid:.2f}"),
        ("a face is found, %", lambda r: percent(r.face_found)),
        ("background: change, levels of 255", lambda r: f"{r.background:.1f}"),
        ("seconds for a face at an age", lambda r: f"{r.seconds:.3f}"),
        *_by_judge(
            rows,
            "judged",
            "judged ages by {}",
            lambda years: " ".join(f"{year:.0f}" for year in years),
        ),
        ("taught or searched by", lambda r: ", ".join(r.teachers) or "none of these"),
    ]
    header = ["", *(f"{row.family} ({row.name})" for row in rows)]
    return report.markdown_table(
        header, [[name, *map(text, rows)] for name, text in lines]
    )


def _by_judge(rows, field, name, text):
    """Lines of a figure that several judges have."""

    def line(judge):
        def cell(row):
            values = getattr(row, field)
            return text(values[judge]) if judge in values else "-"

        return name.format(judge), cell

    return [line(judge) for judge in getattr(rows[0], field)] if rows else []


def _measure(folder, drawn, settings):
    ager = FaceAger.from_checkpoint(folder, inversion=settings.inversion)
    sample = _sample(ager, drawn, settings)
    examination, missing = examine(sample, settings)
    for why in (*sample.unreadable, *missing, *examination.notes):
        logging.warning("%s: %s", folder, why)
    people = examination.sources
    aged = age(ager, people)
    start = time.perf_counter()
    timed = age(ager, people.at(slice(_TIMED))).made.size
    seconds = (time.perf_counter() - start) / timed

    teachers = teachers_of(folder, settings.inversion)
    measured = examination.measure(aged, folder, teachers=teachers)
    measured.report["frontier"] = frontier.measure(examination, aged)
    behind = head_mask(ager.image_size, _CROPS) == 0
    change = np.abs(aged.faces.astype(np.float32) - people.pixels[:, None])
    other = {"background": float(change[:, :, behind].mean()), "seconds": seconds}
    return _Network(
        _row(folder, ager, examination, measured, other),
        measured.report,
        strips_of(examination, measured.values, aged),
    )


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


def _row(folder, ager, examination, measured, other):
    found = measured.report
    judges, names = found["age_judges"], list(found["thresholds"])
    summary, values = found["summary"], measured.values
    num_groups = len(ager.group_names)
    own = examination.groups[:, None] == np.arange(num_groups)
    means = {j: np.nanmean(values[f"judged_age/{j}"], axis=0) for j in judges}
    targets = [target["all"] for target in found["targets"].values()]
    kid = found["kid"].get(goals.QUALITY_JUDGE, {"targets": {}})["targets"]
    newest = checkpoints.resolve(folder)

    def over_targets(name):
        same = np.where(own, np.nan, values[f"same_strict/{name}"])
        return intervals.mean_interval(figures.mean_of_person(same))

    def off(judge):
        biases = [abs(target[f"age_bias/{judge}"][0]) for target in targets]
        return float(np.nanmean(biases)) if np.isfinite(biases).any() else np.nan

    return Row(
        name=Path(folder).name,
        family=checkpoints.read_json(newest / checkpoints.CONFIG)["family"],
        groups=ager.group_names,
        pixels=ager.image_size,
        same_person={name: over_targets(name) for name in names},
        one_away={n: summary[f"one_away/same_strict/{n}"] for n in names},
        off={judge: off(judge) for judge in judges},
        rank_correlation={
            j: float(ages.rank_correlation(means[j][None])[0]) for j in judges
        },
        never_steps_back={j: summary[f"never_steps_back/{j}"] for j in judges},
        gender_kept={j: summary[f"gender_kept/{j}"] for j in judges},
        kid=goals.kid_ratio(kid.values()) if kid else np.nan,
        face_found=summary["face_found"],
        **other,
        judged={j: tuple(float(mean) for mean in means[j]) for j in judges},
        teachers=tuple(found["teachers"]),
    )
