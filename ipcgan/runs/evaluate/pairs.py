"""Aged faces beside pictures of the same people years later, as judged.

The only measurement in which it shows whether somebody looks in fact as foretold.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ipcgan import config
from ipcgan.age_groups import AgeGroups
from ipcgan.data import images, sources
from ipcgan.data.aged_files import read_rows
from ipcgan.data.records import DataError
from ipcgan.evaluation import identity, intervals
from ipcgan.evaluation.judging import Opinions
from ipcgan.inference.ager import FaceAger
from ipcgan.report.tables import markdown_table
from ipcgan.runs.evaluate import reports

REPORT = "pairs"  # name of the report's files.
_HEADER = ["source", "later", "target_group"]
_ALL = "all"  # targets.
_SHOWN = 5  # reasons in a message.


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two pictures of one person.

    Attributes:
        source: the younger or older self, to be aged; an aligned crop.
        later: what it is compared with; an aligned crop.
        group: age group of `later`.
        person: who it is; pairs of one person count as one.
        own_group: age group of `source`; -1: not known.
    """

    source: Path
    later: Path
    group: int
    person: str
    own_group: int = -1


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
        settings.checkpoint_dir, inversion=settings.inversion
    )
    groups = ager.age_groups
    listed = read_pairs(path, settings.dataset, groups)
    chosen = reports.spread(listed, settings.num_faces)
    judges, missing = reports.make_judges(settings)
    report_dir = Path(settings.report_dir)
    report_dir.mkdir(parents=True, exist_ok=True)

    seen, left_out = _see(chosen, ager.image_size, judges)
    if not seen.pairs:
        raise DataError(
            f"{path}: none of {len(chosen)} pairs has a face in both pictures:\n"
            + "\n".join(left_out[:_SHOWN])
        )
    faces = _age(ager, seen.pairs, seen.pixels)
    aged = judges.look(faces, "judging aged faces")

    result = measure(seen.pairs, seen.before, seen.later, aged, groups)
    result["title"] = (
        f"{len(seen.pairs)} pairs of pictures of {path}"
        f"{f' (of {len(listed)})' if len(chosen) < len(listed) else ''}, sources aged "
        f"to the age group of the later picture by {settings.checkpoint_dir}; "
        f"{len(left_out)} left out; 95 % bootstrap intervals over people."
    )
    left_out += missing
    return reports.publish(report_dir, REPORT, result, left_out, to_markdown)


def read_pairs(path: Path, dataset: str, groups: AgeGroups) -> list[Pair]:
    """Reads a CSV file with the header source,later,target_group.

    Paths are relative to the file's folder; a group is a name of `groups`, such as
    21-30, or a number. Who a source is tells its name, where `dataset` knows such
    names; else every file is somebody else.

    Raises:
        DataError: with the line, if it is not of that form, names a file that is
            missing, or a pair twice.
    """
    pairs = {}
    for where, (source, later), group in read_rows(path, _HEADER, groups):
        if (source, later) in pairs:
            raise DataError(f"{where}: a pair twice: {source}, {later}.")
        pairs[source, later] = _pair(source, later, group, dataset, groups)
    return list(pairs.values())


def _pair(source, later, group, dataset, groups):
    record = sources.read_name(dataset, source, source.parent.parent, groups)
    person = (record and record.identity) or str(source)
    known = record is not None and record.group is not None
    return Pair(source, later, group, person, record.group if known else -1)


@dataclasses.dataclass(frozen=True)
class _Seen:
    """Pairs with a face in both pictures, their files' pixels, and the opinions."""

    pairs: list[Pair]
    pixels: dict[Path, np.ndarray]
    before: Opinions  # of the sources.
    later: Opinions


def _see(pairs, size, judges):
    """Reads and judges the pictures of pairs; returns (_Seen, what is left out)."""
    left_out = []
    pixels, reasons = _read(pairs, size)
    pairs = _without(pairs, reasons, left_out)
    files = list(dict.fromkeys(f for p in pairs for f in (p.source, p.later)))
    real = judges.look([pixels[file] for file in files], "judging real faces")
    faceless = [f for f, n in zip(files, real.counts, strict=True) if n == 0]
    pairs = _without(pairs, dict.fromkeys(faceless, "no face was found"), left_out)
    rows = {file: row for row, file in enumerate(files)}
    before = real.at(np.array([rows[pair.source] for pair in pairs], int))
    later = real.at(np.array([rows[pair.later] for pair in pairs], int))
    return _Seen(pairs, pixels, before, later), left_out


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


def _age(ager, pairs, pixels):
    """Returns the sources aged to their pairs' groups, [P, S, S, 3] uint8."""
    size = ager.image_size
    result = np.empty((len(pairs), size, size, 3), np.uint8)
    groups = np.array([pair.group for pair in pairs])
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        faces = np.stack([pixels[pairs[row].source] for row in rows])
        own = [pairs[row].own_group for row in rows]
        result[rows] = ager(faces, (int(group),), source_groups=own)[:, 0]
    return result


def measure(
    pairs: Sequence[Pair],
    before: Opinions,
    later: Opinions,
    aged: Opinions,
    groups: AgeGroups,
) -> dict:
    """Returns the figures of P pairs, with a face in both pictures.

    Args:
        pairs: P of them.
        before: [P], of the sources.
        later: [P], of the later pictures.
        aged: [P], of the aged sources.
        groups: K age groups.

    Returns:
        targets: of each group's name, and of "all": the number of people, of pairs and
            of those with no_face in the aged source, and intervals over people: of each
            recogniser R distance/aged/R and distance/input/R (to the later picture),
            distance/gain/R (the former minus the latter), nearer/R (share for whom the
            aged source is nearer than the source); of each age judge J age/aged/J,
            age/later/J, age/input/J and age/off/J (aged minus later), in years.
        notes: what else a reader should know.
    """
    values = _values(before, later, aged)
    numbers = {name: n for n, name in enumerate(dict.fromkeys(p.person for p in pairs))}
    people = np.array([numbers[pair.person] for pair in pairs])
    of_pair = np.array([pair.group for pair in pairs])
    masks = {name: of_pair == group for group, name in enumerate(groups.names)}
    rows: dict[str, dict] = {}
    for name, who in {**masks, _ALL: np.ones(len(pairs), bool)}.items():
        rows[name] = {
            "people": len(np.unique(people[who])),
            "pairs": int(who.sum()),
            "no_face": int((aged.counts[who] == 0).sum()),
        }
        for figure, of_pairs in values.items():
            means = _mean_by_person(of_pairs[who], people[who])
            rows[name][figure] = intervals.mean_interval(means)
    notes = [
        "Distances are to the later picture: of the aged source, and of the source as "
        "it is. Nearer: for how many people the aged source's is the smaller one. A "
        "person of several pairs counts once, with their mean.",
        "An aged source in which no face is found is not nearer, and in no other "
        "figure.",
    ]
    return {"people": len(numbers), "targets": rows, "notes": notes}


def _values(before, later, aged):
    """Returns the figures of each pair, [P] float; NaN without a face in the aged."""
    found = aged.counts > 0
    values = {}
    for name, wanted in later.descriptors.items():
        own = identity.distances(before.descriptors[name], wanted)
        its = identity.distances(aged.descriptors[name], wanted)
        values |= {
            f"distance/aged/{name}": its,
            f"distance/input/{name}": np.where(found, own, np.nan),
            f"distance/gain/{name}": its - own,
            f"nearer/{name}": (its < own).astype(float),
        }
    for name, wanted in later.ages.items():
        its = aged.ages[name]
        values |= {
            f"age/aged/{name}": its,
            f"age/later/{name}": np.where(found, wanted, np.nan),
            f"age/input/{name}": np.where(found, before.ages[name], np.nan),
            f"age/off/{name}": its - wanted,
        }
    return values


def _mean_by_person(values, people):
    """Returns the mean of each person's [P] values; people without any are left out."""
    known = np.isfinite(values)
    _, numbers = np.unique(people[known], return_inverse=True)
    return np.bincount(numbers, values[known]) / np.bincount(numbers)


def to_markdown(result: dict) -> str:
    """Returns the figures of `measure`, with a title, as Markdown."""
    rows = {name: row for name, row in result["targets"].items() if row["people"]}
    keys = list(rows[_ALL])
    recognisers = [k.removeprefix("nearer/") for k in keys if k.startswith("nearer/")]
    judges = [k.removeprefix("age/off/") for k in keys if k.startswith("age/off/")]
    sections = [
        result["title"],
        *(f"### Who it is: {r}\n\n{_identity_table(rows, r)}" for r in recognisers),
        *(f"### Judged age, years: {j}\n\n{_age_table(rows, j)}" for j in judges),
        "### Notes\n\n" + "\n".join(f"- {note}" for note in result["notes"]),
    ]
    return "\n\n".join(sections) + "\n"


def _identity_table(rows, name):
    cells = []
    for target, row in rows.items():
        distances = [row[f"distance/{kind}/{name}"] for kind in ("aged", "input")]
        gain = intervals.text(row[f"distance/gain/{name}"], digits=3)
        nearer = intervals.text(row[f"nearer/{name}"], 100)
        cells.append(
            [
                *(target, str(row["people"]), str(row["pairs"])),
                *(intervals.text(distance, digits=3) for distance in distances),
                *(reports.with_people(cell, row["people"]) for cell in (gain, nearer)),
                str(row["no_face"]),
            ]
        )
    header = ["target", "people", "pairs", "aged to later", "input to later"]
    header += ["aged minus input", "aged is nearer, %", "no face in the aged"]
    return markdown_table(header, cells)


def _age_table(rows, name):
    cells = []
    for target, row in rows.items():
        ages = [row[f"age/{kind}/{name}"] for kind in ("aged", "later", "input")]
        off = intervals.text(row[f"age/off/{name}"])
        cells.append(
            [
                *(target, str(row["people"]), *map(intervals.text, ages)),
                reports.with_people(off, row["people"]),
            ]
        )
    header = ["target", "people", "aged", "later picture", "input"]
    return markdown_table([*header, "aged minus later"], cells)
