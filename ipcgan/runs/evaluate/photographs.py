"""What is left of ageing in the photographs that it went back into, as judged.

Photographs are aged and written as test.py does it, read again, and their faces found
and cut out again: what the judges see of them is what a reader of the files sees.
"""

import dataclasses
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ipcgan import config
from ipcgan.age_groups import AgeGroups
from ipcgan.data import images, sources
from ipcgan.data.records import DataError, Record
from ipcgan.evaluation import age, figures, identity, intervals, survival
from ipcgan.evaluation.judging import Judges, Opinions
from ipcgan.inference import mixing
from ipcgan.inference.ager import FaceAger
from ipcgan.photos import Face, FaceFinder, alignment
from ipcgan.report.tables import markdown_table
from ipcgan.runs.age.inputs import Reader, files_below, read_chunks
from ipcgan.runs.age.outputs import Writer
from ipcgan.runs.evaluate import reports

REPORT = "photos"  # name of the report's files.
_FLAG = "--photos"
_THREADS = 4  # that read, write and find faces while the network works.
_TOGETHER = 32  # photographs whose faces are judged together.
_SHOWN = 5  # reasons in a message.
_NEAR = 0.5  # share of a face's width within which it is found again.
_UNTOUCHED = mixing.Target("untouched", "untouched", ())  # the control.
_ROWS = {"younger": "younger groups", "older": "older groups"}


def evaluate_photographs(settings: config.EvaluateConfig) -> reports.Evaluation:
    """Ages whole photographs and asks the judges what of it can be seen in them.

    The largest face of each is aged to every age group. Of settings.num_faces
    photographs, evenly spread over the sorted files; 0: of all. Writes photos.json and
    photos.md to report_dir, each whole or not at all.

    Raises:
        DataError: if the folder is missing or empty, or no face is found in it.
        config.ConfigError: if there is no such judge.
        checkpoints.CheckpointError: if the checkpoint cannot be used.
        MissingWeightsError: if no age judge or no recogniser can be used.
    """
    folder = Path(settings.photos_dir)
    report_dir = Path(settings.report_dir)
    paths, closed = files_below(folder, _FLAG, without=report_dir)
    chosen = reports.spread(paths, settings.num_faces)
    ager = FaceAger.from_checkpoint(
        settings.checkpoint_dir, inversion=settings.inversion
    )
    judges, missing = reports.make_judges(settings)
    report_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ipcgan-photos-") as scratch:
        looking = _Looking(settings, ager, judges, Path(scratch))
        looking.look(chosen)
    seen = _with_a_face(looking.seen(), looking.left_out)
    left_out = [f"{path}: {why}" for path, why in sorted(closed + looking.left_out)]
    if seen is None:
        raise DataError(
            f"{_FLAG}={folder}: no face was found in any of {len(chosen)} files:\n"
            + "\n".join(left_out[:_SHOWN])
        )
    result = measure(seen, ager.age_groups)
    result["title"] = (
        f"{len(chosen)} photographs of {folder}"
        f"{f' (of {len(paths)})' if len(chosen) < len(paths) else ''}: a face was "
        f"found in {len(seen.records)}, the largest was aged by "
        f"{settings.checkpoint_dir}; {len(left_out)} left out; 95 % bootstrap "
        "intervals over people."
    )
    left_out += missing
    return reports.publish(report_dir, REPORT, result, left_out, to_markdown)


@dataclasses.dataclass(frozen=True)
class Seen:
    """What the judges say of N people in photographs, at K targets.

    Attributes:
        records: N people, as their files' names tell.
        before: [N], the faces as they are cut out of the photographs.
        control: [N], cut again out of untouched photographs that were written.
        crops: [N, K], the aged faces.
        photographs: [N, K], cut again out of the photographs that were written.
    """

    records: tuple[Record, ...]
    before: Opinions
    control: Opinions
    crops: Opinions
    photographs: Opinions


class _Looking:
    """Photographs on their way through ageing, files and judges."""

    def __init__(self, settings, ager: FaceAger, judges: Judges, scratch: Path):
        self._ager, self._judges, self._scratch = ager, judges, scratch
        self._dataset, self._source = settings.dataset, Path(settings.photos_dir)
        self._groups = tuple(range(len(ager.group_names)))
        self._finder = FaceFinder()
        asked = config.AgeConfig(
            settings.photos_dir,
            str(scratch),
            settings.checkpoint_dir,
            align="always",  # None of the folder is taken for a crop.
            dataset=settings.dataset,
            inversion=settings.inversion,
        )
        self._reader = Reader(asked, ager.image_size, ager.template, self._finder)
        targets = [mixing.group_target(g, ager.group_names) for g in self._groups]
        self._writer = Writer(
            self._source,
            scratch,
            [*targets, _UNTOUCHED],
            ager.template,
            ager.image_size,
            blend=asked.blend,
            animate=asked.animate,
        )
        # Of people not yet judged: input, control, K crops and K photographs; None
        # where the face is not found.
        self._waiting: list[list] = []
        self._records: list = []
        self._opinions: list = []  # of each lot, as of Seen.
        self.left_out: list[tuple[Path, str]] = []  # (file, reason).

    def look(self, paths):
        """Ages photographs and judges what came of them, a few at a time."""
        with (
            ThreadPoolExecutor(_THREADS) as pool,
            tqdm(total=len(paths), unit="photograph", desc="photographs") as bar,
        ):
            for chunk in read_chunks(paths, self._reader, _TOGETHER, pool):
                self._age_chunk(chunk, pool)
                if len(self._waiting) >= _TOGETHER:
                    self._judge()
                bar.update(len(chunk))
            if self._waiting:
                self._judge()

    def seen(self) -> Seen | None:
        """Returns what the judges said; None: there was nobody."""
        if not self._records:
            return None
        lots = zip(*self._opinions, strict=True)
        parts = [_combined(part, np.concatenate) for part in lots]
        return Seen(tuple(self._records), *parts)

    def _age_chunk(self, chunk, pool):
        items, names = [], []
        for path, found in chunk:
            if isinstance(found, str):
                self.left_out.append((path, found))
                continue
            its_names, clash = self._writer.claim(path, num_faces=1)
            if clash:
                self.left_out.append((path, clash))
            else:
                items.append(found)
                names.append(its_names)
        if not items:
            return
        records = [self._record(item.path) for item in items]
        own = [-1 if r is None or r.group is None else r.group for r in records]
        crops = np.concatenate([item.crops for item in items])
        aged = self._ager.age(crops, self._groups, source_groups=own).faces
        # Of a face that has not changed nothing is added to the photograph.
        shown = np.concatenate([aged, crops[:, None]], axis=1)
        again = pool.map(self._cut_again, items, names, shown)
        for item, record, crop, faces, cuts in zip(
            items, records, crops, aged, again, strict=True
        ):
            if isinstance(cuts, str):
                self.left_out.append((item.path, cuts))
                continue
            *photographs, control = cuts
            self._records.append(record or Record(item.path, None))
            self._waiting.append([crop, control, *faces, *photographs])

    def _record(self, path):
        groups = self._ager.age_groups
        return sources.read_name(self._dataset, path, self._source, groups)

    def _cut_again(self, item, names, faces):
        """Returns an item's face out of each photograph that it was written to.

        None where it is not found; instead of all a reason, if none can be written.
        """
        try:
            reason = self._writer.write(item, faces[None], names)
            if reason:
                return reason
            written = (images.read_image(self._scratch / n) for n in names.whole)
            return [self._cut(photo, item.faces[0]) for photo in written]
        finally:
            for name in names.all:
                (self._scratch / name).unlink(missing_ok=True)

    def _cut(self, photo, face):
        found = find_again(self._finder, photo, face)
        if found is None:
            return None
        size = self._ager.image_size
        transform = alignment.to_crop(found.points, self._ager.template, size)
        return alignment.cut(photo, transform, size)

    def _judge(self):
        there = np.array([[p is not None for p in row] for row in self._waiting])
        pictures = [p for row in self._waiting for p in row if p is not None]
        rows = np.where(there, np.cumsum(there).reshape(there.shape) - 1, -1)
        opinions, count = self._judges.look(pictures, "judging"), len(self._groups)
        crops, photographs = rows[:, 2 : 2 + count], rows[:, 2 + count :]
        parts = (rows[:, 0], rows[:, 1], crops, photographs)
        self._opinions.append([opinions.at(part) for part in parts])
        self._waiting.clear()


def find_again(finder: FaceFinder, photo: np.ndarray, face: Face) -> Face | None:
    """Returns the face of a photograph that lies where `face` lay, or None."""
    for every in (False, True):  # The quick search may show only others.
        found = finder(photo, every)
        away = [np.linalg.norm((f.points - face.points).mean(axis=0)) for f in found]
        if found and min(away) <= _NEAR * face.width:
            return found[int(np.argmin(away))]
    return None


def _combined(parts, combine):
    """Returns opinions of which every array is made of those of the parts."""

    def of_each(name):
        values = [getattr(part, name) for part in parts]
        return {key: combine([v[key] for v in values]) for key in values[0]}

    names = [field.name for field in dataclasses.fields(Opinions)]
    return Opinions(
        counts=combine([part.counts for part in parts]),
        **{name: of_each(name) for name in names if name != "counts"},
    )


def _with_a_face(seen, left_out):
    """Returns those in whom the judges find a face before anything; None: nobody."""
    if seen is None:
        return None
    found = seen.before.counts > 0
    for row in np.flatnonzero(~found):
        why = "the judges find no face in what was cut out of it"
        left_out.append((seen.records[row].path, why))
    rows = np.flatnonzero(found)
    if not len(rows):
        return None
    records = tuple(seen.records[row] for row in rows)
    parts = (seen.before, seen.control, seen.crops, seen.photographs)
    return Seen(records, *(_combined([p], lambda a: a[0][rows]) for p in parts))


def measure(seen: Seen, groups: AgeGroups) -> dict:
    """Returns the figures of people in photographs.

    Args:
        seen: N people at K targets, all with a face before they are aged.
        groups: K of them.

    Returns:
        thresholds: of each recogniser the distance at which figures.STRICT_RATE of
            pairs of the people pass, and the number of pairs.
        targets: of each group's name, and of "younger" and "older" (than the person,
            who counts once with the mean or sum of several targets): the number of
            people, of pictures, not_found (of these, in how many photographs) and
            no_crop (aged faces in which the judges find none, which are left out);
            and the intervals input/J, crop/J, photograph/J, control/J (years) and
            survival/J of each age judge J, and distance/crop/R, distance/photograph/R,
            distance/control/R, same/crop/R, same/photograph/R, same/control/R of each
            recogniser R.
        notes: what else a reader should know.
    """
    own, known = _own_groups(seen, groups)
    limits = _thresholds(seen)
    towards = survival.towards(own, len(groups))
    columns = np.arange(len(groups))
    parts = {n: towards * (columns == k) for k, n in enumerate(groups.names)}
    parts |= {"younger": np.minimum(towards, 0), "older": np.maximum(towards, 0)}
    rows = {name: _row(seen, part, limits) for name, part in parts.items()}
    return {
        "people": len(seen.records),
        "thresholds": limits,
        "targets": rows,
        "notes": _notes(seen, known, limits),
    }


def _own_groups(seen, groups):
    """Returns ([N] own age groups, how they are known, for people)."""
    judge, years = next(iter(seen.before.ages.items()))
    own = age.judged_groups(years, groups).astype(int)
    told = [r.group is not None or r.age is not None for r in seen.records]
    for row in np.flatnonzero(told):
        group = seen.records[row].group
        own[row] = age.TOO_YOUNG if group is None else group
    known = f"{sum(told)} told by files' names, {len(told) - sum(told)} judged by"
    return own, f"{known} {judge}"


def _thresholds(seen):
    names = [record.identity for record in seen.records]
    limits = {}
    for name, descriptors in seen.before.descriptors.items():
        pairs = identity.stranger_distances(descriptors, names)
        limit = identity.threshold_at(pairs, figures.STRICT_RATE)
        limits[name] = {"strict": float(limit), "num_pairs": len(pairs)}
    return limits


def _row(seen, towards, limits):
    """Returns the figures of the pictures for which `towards`, [N, K], is not 0."""
    no_crop = (towards != 0) & (seen.crops.counts <= 0)
    who = (towards != 0) & ~no_crop
    row = {
        "people": int(who.any(axis=1).sum()),
        "pictures": int(who.sum()),
        "not_found": int((who & (seen.photographs.counts <= 0)).sum()),
        "no_crop": int(no_crop.sum()),
    }

    def mean(values):
        chosen = np.where(who, values, np.nan)
        return intervals.mean_interval(figures.mean_of_person(chosen))

    for judge, before in seen.before.ages.items():
        crops, photographs = seen.crops.ages[judge], seen.photographs.ages[judge]
        control = seen.control.ages[judge][:, None]
        row |= {
            f"input/{judge}": mean(before[:, None]),
            f"crop/{judge}": mean(crops),
            f"photograph/{judge}": mean(survival.found_or_before(photographs, before)),
            f"control/{judge}": mean(survival.found_or_before(control, before)),
            f"survival/{judge}": survival.survival(before, crops, photographs, towards),
        }
    for name, limit in limits.items():
        for what, opinions in (
            ("crop", seen.crops.descriptors[name]),
            ("photograph", seen.photographs.descriptors[name]),
            ("control", seen.control.descriptors[name][:, None]),
        ):
            before = seen.before.descriptors[name][:, None]
            distance = identity.distances(opinions, before)
            same = identity.same_person(distance, limit["strict"])
            row[f"distance/{what}/{name}"] = mean(distance)
            row[f"same/{what}/{name}"] = mean(same)
    return row


def _notes(seen, known, limits):
    notes = [
        "Input: the face as it is cut out of the photograph. Crop: the aged face "
        "itself. Photograph: the face as it is found and cut out again of the written "
        "photograph that the aged face went back into. Control: the same of the "
        "untouched photograph, written alike.",
        "Survives: the sum over people of (photograph - input) by that of (crop - "
        "input), in judged years towards the target; no bounds: the crops' change may "
        "be none. Who is of a target's age group already is not in its figures; groups "
        f"of {len(seen.records)} people: {known}.",
        "A face that is not found again counts as one that did not age, and as nobody.",
    ]
    lost = int((seen.control.counts <= 0).sum())
    if lost:
        notes.append(f"In {lost} untouched photographs the face is not found again.")
    for name, limit in limits.items():
        if np.isnan(limit["strict"]):
            notes.append(
                f"{name}: {limit['num_pairs']} pairs of people are too few for a "
                "threshold that 1 in 1,000 pass."
            )
        else:
            notes.append(
                f"{name}: {limit['strict']:.3f} is the threshold that 1 in 1,000 of "
                f"{limit['num_pairs']} pairs of people pass, each photograph being "
                "taken for somebody else unless the names tell."
            )
    return notes


def to_markdown(result: dict) -> str:
    """Returns the figures of `measure`, with a title, as Markdown."""
    rows = {_ROWS.get(n, n): r for n, r in result["targets"].items() if r["people"]}
    judges = [k.removeprefix("survival/") for k in _keys(rows, "survival/")]
    sections = [
        result["title"],
        *(f"### Judged age, years: {j}\n\n{_age_table(rows, j)}" for j in judges),
        f"### What survives, %\n\n{_survival_table(rows, judges)}",
        f"### Identity\n\n{_identity_table(rows, result['thresholds'])}",
        "### Notes\n\n" + "\n".join(f"- {note}" for note in result["notes"]),
    ]
    return "\n\n".join(sections) + "\n"


def _keys(rows, start):
    return [key for key in next(iter(rows.values()), ()) if key.startswith(start)]


def _age_table(rows, judge):
    kinds = ("input", "crop", "photograph", "control")
    cells = [
        [name, str(row["people"])]
        + [intervals.text(row[f"{kind}/{judge}"]) for kind in kinds]
        for name, row in rows.items()
    ]
    return markdown_table(["target", "people", *kinds], cells)


def _survival_table(rows, judges):
    cells = []
    for name, row in rows.items():
        shares = [_share(row[f"survival/{j}"], row["people"]) for j in judges]
        counts = [f"{row['not_found']} of {row['pictures']}", str(row["no_crop"])]
        cells.append([name, *shares, *counts])
    header = ["target", *judges, "not found again", "no face in the crop"]
    return markdown_table(header, cells)


def _share(interval, people):
    text = intervals.text(interval, 100)
    if np.isfinite(interval[0]) and np.isnan(interval[1]):
        text = f"{100 * interval[0]:.1f} (no bounds)"
    return reports.with_people(text, people)


def _identity_table(rows, recognisers):
    kinds = ("crop", "photograph", "control")
    cells = [
        [name, recogniser]
        + [intervals.text(row[f"distance/{k}/{recogniser}"], 1, 2) for k in kinds]
        + [_share(row[f"same/{k}/{recogniser}"], row["people"]) for k in kinds[:2]]
        for name, row in rows.items()
        for recogniser in recognisers
    ]
    header = ["target", "recogniser", *(f"input to {kind}" for kind in kinds)]
    header += [f"same person, %: {kind}" for kind in kinds[:2]]
    return markdown_table(header, cells)
