"""Ageing of a folder of photographs or cut-out faces, from a config."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
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
    run = FilesRun(Loaded(settings), settings, paths)
    run.report.result.left_out += closed
    run.age(paths)
    return run.report.write(Path(settings.save_dir))


class Loaded:
    """What files are aged by, loaded once for any number of folders.

    Args:
        settings: of the run; which files, and where to, does not matter.
        threads: that the network may use; 0: all cores.

    Raises:
        DataError, CheckpointError, ConfigError, MissingWeightsError: as age_folder.
    """

    def __init__(self, settings: config.AgeConfig, threads: int = 0):
        self.companions = read_companions(settings)
        # Before Keras: retinaface needs an older one, and takes it only if it comes
        # first.
        finder = other_finder(settings)
        engine = "keras" if settings.companions_dir else settings.engine
        self.ager = FaceAger.from_checkpoint(
            settings.checkpoint_dir,
            settings.batch_size,
            engine,
            settings.inversion,
            threads,
        )
        if self.companions is not None and self.ager.reads != FACES:
            raise config.ConfigError(
                f"--train_data_dir: {settings.checkpoint_dir} ages by latent vectors, "
                "and takes no companions."
            )
        names, scale = self.ager.group_names, self.ager.year_scale
        self.targets = read_targets(settings, names, scale)
        size = self.ager.image_size
        self.reader = Reader(settings, size, self.ager.template, finder)
        self.own_ages = OwnAges(
            settings.source_age,
            settings.age_pretrained_model,
            size,
            settings.batch_size,
        )
        self.mark = mark_of(settings)


class FilesRun:
    """Ages files of one folder into another.

    Attributes:
        report: of what became of them.

    Args:
        loaded: by what.
        settings: from where to where, and all that `loaded` was made of.
        inputs: files that are never overwritten.

    Raises:
        DataError: if nothing can be written.
    """

    def __init__(
        self, loaded: Loaded, settings: config.AgeConfig, inputs: Sequence[Path]
    ):
        self._settings, self._loaded = settings, loaded
        self._source = Path(settings.test_data_dir)
        self._writer = Writer(
            self._source,
            Path(settings.save_dir),
            loaded.targets,
            loaded.ager.template,
            loaded.ager.image_size,
            settings.animate,
            loaded.mark,
            settings.label,
            inputs,
        )
        self._writes: list[tuple[Path, Future]] = []
        self.report = FolderReport(
            settings, loaded.ager, loaded.targets, loaded.own_ages.source, loaded.mark
        )

    def age(self, paths: Sequence[Path]) -> None:
        """Ages the files: reading, the network and writing overlap."""
        result = self.report.result
        if self._settings.skip_existing:
            result.skipped = [p for p in paths if self._writer.exist(p)]
            for path in result.skipped:
                self._writer.keep(path)
            skipped = set(result.skipped)
            paths = [path for path in paths if path not in skipped]
        with (
            ThreadPoolExecutor(_THREADS) as pool,
            tqdm(total=len(paths), unit="file", desc="ageing") as bar,
        ):
            self.age_with(paths, pool, bar.update)

    def age_with(
        self, paths: Sequence[Path], pool: Executor, progress: Callable[[int], object]
    ) -> None:
        """Ages the files.

        Args:
            paths: the files.
            pool: reads and writes.
            progress: called with how many were done, for each chunk of them.
        """
        batch_size = self._settings.batch_size
        for chunk in read_chunks(paths, self._loaded.reader, batch_size, pool):
            self._age_chunk(chunk, pool)
            progress(len(chunk))
        self._book_writes()

    def _age_chunk(self, chunk, pool):
        items = []
        for path, found in chunk:
            if isinstance(found, str):
                self.report.result.left_out.append((path, found))
                continue
            names, clash = self._writer.claim(path, len(found.faces), len(found.found))
            if clash:
                self.report.result.left_out.append((path, clash))
            else:
                items.append((found, names))
        if not items:
            return
        crops = np.concatenate([item.crops for item, _ in items])
        aged = ageing.age_to_targets(
            self._loaded.ager,
            crops,
            self._loaded.targets,
            strength=self._settings.strength,
            own_ages=self._loaded.own_ages,
            companions=self._loaded.companions,
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
        groups = age_groups.with_names(self._loaded.ager.group_names)
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
