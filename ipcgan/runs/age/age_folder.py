"""Ageing of a folder of photographs or cut-out faces, from a config."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ipcgan import age_groups, config
from ipcgan.data import sources
from ipcgan.inference import ageing
from ipcgan.inference.ager import FaceAger
from ipcgan.inference.generators import FACES
from ipcgan.inference.own_ages import OwnAges
from ipcgan.runs.age.checks import mark_of
from ipcgan.runs.age.files import files_of
from ipcgan.runs.age.folder_report import AgedFolder, FolderReport
from ipcgan.runs.age.inputs import (
    Reader,
    other_finder,
    read_chunks,
    read_companions,
)
from ipcgan.runs.age.outputs import Writer
from ipcgan.runs.age.targets import read_targets

_THREADS = 4  # that read and write while the network works.


def age_folder(settings: config.AgeConfig) -> AgedFolder:
    """Ages every face in a folder, or in some of its files; see `test.py --help`.

    A file that cannot be aged is left out and listed; the others are aged all the
    same. No input is changed, and no output is half written.

    Raises:
        DataError: if the folder is missing or empty, or nothing can be written.
        checkpoints.CheckpointError: if the checkpoint cannot be used.
        config.ConfigError: if there is no such detector, or credentials cannot sign.
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
    if companions is not None and ager.reads != FACES:
        raise config.ConfigError(
            f"--train_data_dir: {settings.checkpoint_dir} ages by latent vectors, and "
            "takes no companions."
        )
    targets = read_targets(settings, ager.group_names, ager.year_scale)
    reader = Reader(settings, ager.image_size, ager.template, finder)
    run = _Run(settings, ager, companions, targets, reader, paths)
    run.result.left_out += closed
    run.age(paths)
    return run.report.write(Path(settings.save_dir))


class _Run:
    """What all files of one folder share while it is aged."""

    def __init__(self, settings, ager, companions, targets, reader, paths):
        self._settings, self._ager, self._companions = settings, ager, companions
        self._reader = reader
        self._source = Path(settings.test_data_dir)
        self._targets = targets
        mark = mark_of(settings)
        self._writer = Writer(
            self._source,
            Path(settings.save_dir),
            targets,
            ager.template,
            ager.image_size,
            settings.animate,
            mark,
            settings.label,
            paths,
        )
        self._writes = []
        self._own_ages = OwnAges(
            settings.source_age,
            settings.age_pretrained_model,
            ager.image_size,
            settings.batch_size,
        )
        self.report = FolderReport(settings, ager, targets, self._own_ages.source, mark)
        self.result = self.report.result

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
            names, clash = self._writer.claim(path, len(found.faces), len(found.found))
            if clash:
                self.result.left_out.append((path, clash))
            else:
                items.append((found, names))
        if not items:
            return
        crops = np.concatenate([item.crops for item, _ in items])
        aged = ageing.age_to_targets(
            self._ager,
            crops,
            self._targets,
            strength=self._settings.strength,
            own_ages=self._own_ages,
            companions=self._companions,
            source_groups=[g for item, _ in items for g in self._own_groups(item)],
        )
        self._book_writes()  # At most three chunks are in memory.
        start = 0
        for item, names in items:
            rows = range(start, start + len(item.crops))
            start = rows.stop
            faces = aged.faces[rows.start : rows.stop]
            write = pool.submit(self._writer.write, item, faces, names)
            self._writes.append((item.path, write))
            self.report.add(item, names, aged, rows)

    def _own_groups(self, item):
        """The own age group of each of a file's faces; -1: its name does not tell."""
        groups = age_groups.with_names(self._ager.group_names)
        if groups is not None and len(item.crops) == 1:
            record = sources.read_name(
                self._settings.dataset, item.path, self._source, groups
            )
            if record and record.group is not None:
                return [record.group]
        return [-1] * len(item.crops)

    def _book_writes(self):
        """Waits for the writes, and records each file."""
        for path, write in self._writes:
            self.report.book(path, write.result())
        self._writes.clear()
