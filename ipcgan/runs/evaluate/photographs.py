"""Evaluation of ageing in whole photographs, from a config.

Photographs are aged and written as test.py does it, read again, and their faces found
and cut out again: the judges see what a reader of the files sees.
"""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ipcgan import config
from ipcgan.data import images, sources
from ipcgan.data.faces import evenly_spread
from ipcgan.data.records import DataError, Record
from ipcgan.evaluation.judges import Judges, Predictions
from ipcgan.evaluation.photographs import PhotographPredictions, measure
from ipcgan.inference import mixing
from ipcgan.inference.ager import FaceAger
from ipcgan.photos import FaceFinder, cut_again
from ipcgan.report.photographs import to_markdown
from ipcgan.runs.age.inputs import Reader, files_below, read_chunks
from ipcgan.runs.age.outputs import Writer
from ipcgan.runs.evaluate import evaluators, reports

REPORT = "photos"  # name of the report's files.
_FLAG = "--photos"
_THREADS = 4  # that read, write and find faces while the network works.
_TOGETHER = 32  # photographs whose faces are judged together.
_SHOWN = 5  # reasons in a message.
_UNTOUCHED = mixing.Target("untouched", "untouched", ())  # the control.


def evaluate_photographs(settings: config.EvaluateConfig) -> reports.Evaluation:
    """Ages whole photographs and evaluates how much of the ageing they keep.

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
    chosen = evenly_spread(paths, settings.num_faces)
    ager = FaceAger.from_checkpoint(
        settings.checkpoint_dir,
        engine="keras",
        inversion=settings.inversion,
    )
    judges, missing = evaluators.make_judges(settings)
    report_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ipcgan-photos-") as scratch:
        trip = _RoundTrip(settings, ager, judges, Path(scratch))
        trip.make(chosen)
    found = _with_a_face(trip.predictions(), trip.left_out)
    left_out = [f"{path}: {why}" for path, why in sorted(closed + trip.left_out)]
    if found is None:
        raise DataError(
            f"{_FLAG}={folder}: no face was found in any of {len(chosen)} files:\n"
            + "\n".join(left_out[:_SHOWN])
        )
    result = measure(found, ager.age_groups)
    result["title"] = (
        f"{len(chosen)} photographs of {folder}"
        f"{f' (of {len(paths)})' if len(chosen) < len(paths) else ''}: a face was "
        f"found in {len(found.records)}, the largest was aged by "
        f"{settings.checkpoint_dir}; {len(left_out)} left out; 95 % bootstrap "
        "intervals over people."
    )
    left_out += missing
    return reports.publish(report_dir, REPORT, result, left_out, to_markdown)


class _RoundTrip:
    """Photographs that are aged, written, read again and predicted."""

    def __init__(self, settings, ager: FaceAger, judges: Judges, scratch: Path):
        self._ager, self._judges, self._scratch = ager, judges, scratch
        self._dataset, self._source = settings.dataset, Path(settings.photos_dir)
        self._groups = tuple(range(len(ager.group_names)))
        self._finder = FaceFinder()
        asked = config.AgeConfig(
            settings.photos_dir,
            str(scratch),
            settings.checkpoint_dir,
            align="always",  # No file of the folder is taken for a crop.
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
            animate=asked.animate,
        )
        # Of people not yet judged: input, control, K crops and K photographs; None
        # where the face is not found.
        self._waiting: list[list] = []
        self._records: list = []
        self._predictions: list = []  # of each lot, as of PhotographPredictions.
        self.left_out: list[tuple[Path, str]] = []  # (file, reason).

    def make(self, paths):
        """Ages photographs and lets the judges predict the results, a few at a time."""
        with (
            ThreadPoolExecutor(_THREADS) as pool,
            tqdm(total=len(paths), unit="photograph", desc="photographs") as bar,
        ):
            for chunk in read_chunks(paths, self._reader, _TOGETHER, pool):
                self._age_chunk(chunk, pool)
                if len(self._waiting) >= _TOGETHER:
                    self._predict()
                bar.update(len(chunk))
            if self._waiting:
                self._predict()

    def predictions(self) -> PhotographPredictions | None:
        """Returns what the judges predicted; None: there was no face."""
        if not self._records:
            return None
        lots = zip(*self._predictions, strict=True)
        parts = [Predictions.concatenate(part) for part in lots]
        return PhotographPredictions(tuple(self._records), *parts)

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
        # An unchanged face adds nothing to the photograph.
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
            size, template = self._ager.image_size, self._ager.template
            return [
                cut_again(self._finder, photo, item.faces[0], size, template)
                for photo in written
            ]
        finally:
            for name in names.all:
                (self._scratch / name).unlink(missing_ok=True)

    def _predict(self):
        there = np.array([[p is not None for p in row] for row in self._waiting])
        pictures = [p for row in self._waiting for p in row if p is not None]
        rows = np.where(there, np.cumsum(there).reshape(there.shape) - 1, -1)
        found, count = self._judges.predict(pictures, "judging"), len(self._groups)
        crops, photographs = rows[:, 2 : 2 + count], rows[:, 2 + count :]
        parts = (rows[:, 0], rows[:, 1], crops, photographs)
        self._predictions.append([found.at(part) for part in parts])
        self._waiting.clear()


def _with_a_face(predictions, left_out):
    """Returns the people in whom a face is found before ageing; None: there is none."""
    if predictions is None:
        return None
    there = predictions.before.counts > 0
    for row in np.flatnonzero(~there):
        why = "the judges find no face in what was cut out of it"
        left_out.append((predictions.records[row].path, why))
    return predictions.at(np.flatnonzero(there)) if there.any() else None
