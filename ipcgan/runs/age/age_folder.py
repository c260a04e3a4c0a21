"""Ageing of a folder of photographs or cut-out faces, from a config."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ipcgan import checkpoints, config, report
from ipcgan.data import images, sources
from ipcgan.inference import mixing
from ipcgan.inference.ager import FaceAger
from ipcgan.photos import alignment
from ipcgan.runs.age.files import files_of
from ipcgan.runs.age.inputs import (
    Reader,
    other_finder,
    read_chunks,
    read_companions,
)
from ipcgan.runs.age.outputs import REPORT, SHEET, Writer
from ipcgan.runs.age.targets import read_targets

MAX_SHEET_ROWS = 200  # faces on the contact sheet; more are aged but not shown.
_THREADS = 4  # that read and write while the network works.
_JUDGE = "face AlexNet"  # of a face's own age group.
# Columns of the sheet, of the faces as they are made of latent vectors.
_AGAIN_LABELS = {
    "none": "z0",
    "pixelwise": "pixelwise",
    "identity_preserving": "identity",
}


@dataclasses.dataclass
class AgedFolder:
    """What became of a folder.

    Attributes:
        aged: input files that were aged.
        left_out: (input file, reason) of each that was not.
        skipped: input files whose outputs were there already.
        decisions: what each file that was read was taken for, and why.
        faces: number of faces that were aged.
        judged: of how many of them the face AlexNet judged the own age group; None
            where the network does not ask for it.
        engine: what computed the network.
        sheet: the contact sheet; None where nothing was aged.
        unwritten: (contact sheet or report, reason) of each that could not be written.
    """

    aged: list[Path] = dataclasses.field(default_factory=list)
    left_out: list[tuple[Path, str]] = dataclasses.field(default_factory=list)
    skipped: list[Path] = dataclasses.field(default_factory=list)
    decisions: dict[Path, str] = dataclasses.field(default_factory=dict)
    faces: int = 0
    judged: int | None = None
    engine: str = ""
    sheet: Path | None = None
    unwritten: list[tuple[Path, str]] = dataclasses.field(default_factory=list)


def age_folder(settings: config.AgeConfig) -> AgedFolder:
    """Ages every face in a folder, or in some of its files; see `test.py --help`.

    A file that cannot be aged is left out and listed; the others are aged all the
    same. No input is changed, and no output is half written.

    Raises:
        DataError: if the folder is missing or empty, or nothing can be written.
        checkpoints.CheckpointError: if the checkpoint cannot be used.
        config.ConfigError: if there is no such detector.
        photos.MissingWeightsError: if there is a photograph, and no detector.
    """
    paths, closed = files_of(settings)
    companions = read_companions(settings)
    # Before Keras: retinaface needs an older one, and takes it only if it comes first.
    finder = other_finder(settings)
    engine = "keras" if settings.companions_dir else settings.engine
    ager = FaceAger.from_checkpoint(
        settings.checkpoint_dir, settings.batch_size, engine, settings.inversion
    )
    if ager.inverter and companions is not None:
        raise config.ConfigError(
            f"--train_data_dir: {settings.checkpoint_dir} ages by latent vectors, and "
            "takes no companions."
        )
    targets = read_targets(settings, ager.group_names)
    reader = Reader(settings, ager.image_size, ager.template, finder)
    run = _Run(settings, ager, companions, targets, reader)
    run.result.left_out += closed
    run.age(paths)
    return run.finish(Path(settings.save_dir))


class _Run:
    """One ageing of a folder: what all of its files share."""

    def __init__(self, settings, ager, companions, targets, reader):
        self._settings, self._ager, self._companions = settings, ager, companions
        self._reader = reader
        self._source = Path(settings.test_data_dir)
        self._targets = targets
        self._writer = Writer(
            self._source,
            Path(settings.save_dir),
            targets,
            ager.template,
            ager.image_size,
            settings.blend,
            settings.animate,
        )
        self._rows, self._entries, self._writes = [], {}, []
        self._again = ()  # methods by which faces are made anew.
        self.result = AgedFolder(engine=ager.engine)

    def age(self, paths):
        """Ages the files: reading, the network and writing overlap."""
        if self._settings.skip_existing:
            self.result.skipped = [p for p in paths if self._writer.exist(p)]
            for path in self.result.skipped:
                self._writer.keep(path)
            skipped = set(self.result.skipped)
            paths = [path for path in paths if path not in skipped]
        with (
            ThreadPoolExecutor(_THREADS) as pool,
            tqdm(total=len(paths), unit="file", desc="ageing") as bar,
        ):
            batch_size = self._settings.batch_size
            for chunk in read_chunks(paths, self._reader, batch_size, pool):
                self._age_chunk(chunk, pool)
                bar.update(len(chunk))
            self._book_writes()

    def _age_chunk(self, chunk, pool):
        items = []
        for path, found in chunk:
            if isinstance(found, str):
                self.result.left_out.append((path, found))
                continue
            names, clash = self._writer.claim(path, len(found.faces))
            if clash:
                self.result.left_out.append((path, clash))
            else:
                items.append((found, names))
        if not items:
            return
        crops = np.concatenate([item.crops for item, _ in items])
        groups = mixing.groups_of(self._targets)
        own = [group for item, _ in items for group in self._own_groups(item)]
        result = self._ager.age(crops, groups, self._companions, own)
        aged = mixing.mix(result.faces, groups, self._targets)
        self._book_writes()  # At most three chunks are in memory.
        self._again = tuple(result.again)
        start = 0
        for item, names in items:
            rows = range(start, start + len(item.crops))
            faces = aged[rows.start : rows.stop]
            start = rows.stop
            write = pool.submit(self._writer.write, item, faces, names)
            self._writes.append((item.path, write))
            self._note(item, names)
            if result.judged is not None:
                self._entries[item.path]["own_groups"] = [
                    self._own(result, row) for row in rows
                ]
            if len(self._rows) < MAX_SHEET_ROWS:
                self._rows += [
                    [
                        crops[row],
                        *(again[row] for again in result.again.values()),
                        *face,
                    ]
                    for row, face in zip(rows, faces, strict=True)
                ]

    def _own_groups(self, item):
        """The own age group of each of a file's faces; -1: its name does not tell."""
        if self._ager.inverter and len(item.crops) == 1:
            groups = self._ager.age_groups
            record = sources.read_name(
                self._settings.dataset, item.path, self._source, groups
            )
            if record and record.group is not None:
                return [record.group]
        return [-1] * len(item.crops)

    def _own(self, result, row):
        name = self._ager.group_names[result.source_groups[row]]
        return {"group": name, "by": _JUDGE if result.judged[row] else "file name"}

    def _note(self, item, names):
        self.result.decisions[item.path] = item.decision
        size = self._ager.image_size
        faces = [
            {
                "box": [round(edge) for edge in face.box],
                "landmarks": face.points.round().astype(int).tolist(),
                "share_inside": round(
                    alignment.share_inside(transform, size, item.photo.shape), 3
                ),
            }
            for face, transform in zip(item.faces, item.transforms, strict=True)
        ]
        self._entries[item.path] = {
            "decision": item.decision,
            "faces": faces,
            "written": [str(name) for name in names.all],
        }

    def _book_writes(self):
        """Waits for the writes, and books each file."""
        for path, write in self._writes:
            reason = write.result()
            if reason:
                self.result.left_out.append((path, reason))
                del self._entries[path]
            else:
                self.result.aged.append(path)
                # A crop is one face, and has none listed.
                self.result.faces += max(1, len(self._entries[path]["faces"]))
                if self._ager.inverter:
                    own = self._entries[path]["own_groups"]
                    judged = sum(face["by"] == _JUDGE for face in own)
                    self.result.judged = (self.result.judged or 0) + judged
        self._writes.clear()

    def finish(self, target):
        """Writes the contact sheet and the report; returns what became of all."""
        self.result.left_out.sort()
        rows = self._rows[:MAX_SHEET_ROWS]
        if rows and self._try(target / SHEET, lambda path: self._sheet(path, rows)):
            self.result.sheet = target / SHEET
        self._try(
            target / REPORT, lambda path: checkpoints.write_json(path, self._report())
        )
        return self.result

    def _try(self, path, write):
        """Writes a file; where it cannot, notes why, for the faces are there."""
        try:
            write(path)
        except OSError as error:
            self.result.unwritten.append((path, f"cannot be written: {error}"))
            return False
        return True

    def _sheet(self, path, rows):
        again = [_AGAIN_LABELS[name] for name in self._again]
        columns = ["input", *again, *(t.label for t in self._targets)]
        blocks = report.blocks_for(len(rows), len(columns))
        images.write_image(path, report.contact_sheet(rows, columns, blocks))

    def _report(self):
        def name(path):
            return str(path.relative_to(self._source))

        return {
            "engine": self.result.engine,
            "targets": [t.label for t in self._targets],
            "settings": dataclasses.asdict(self._settings),
            "aged": {name(p): self._entries[p] for p in self.result.aged},
            "left_out": {name(p): reason for p, reason in self.result.left_out},
            "skipped": [name(path) for path in self.result.skipped],
        }
