"""Ageing of a folder of faces, from a config."""

import dataclasses
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ipcgan import config, report
from ipcgan.data import images
from ipcgan.data.records import DataError
from ipcgan.inference.ager import FaceAger

SHEET = "contact_sheet.jpg"
MAX_SHEET_ROWS = 200  # faces on the contact sheet; more are aged but not shown.
_KEPT_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
_COMPANIONS = 31  # that the authors' release put beside each face.
_THREADS = 4  # that read and write while the network works.


@dataclasses.dataclass(frozen=True)
class AgedFolder:
    """What became of a folder.

    Attributes:
        aged: input files that were aged.
        left_out: (input file, reason) of each that was not.
        sheet: the contact sheet; None where nothing was aged.
    """

    aged: list[Path]
    left_out: list[tuple[Path, str]]
    sheet: Path | None


def age_folder(settings: config.AgeConfig) -> AgedFolder:
    """Ages every face in a folder; see `test.py --help` for what it writes.

    A file that cannot be aged is left out and listed; the others are aged all the
    same. No input is changed, and no output is half written.

    Raises:
        DataError: if the folder is missing or empty, or nothing can be written.
        checkpoints.CheckpointError: if the checkpoint cannot be used.
    """
    source, target = Path(settings.test_data_dir), Path(settings.save_dir)
    paths = _files(source, "--test_data_dir")
    _make_writable(target, source)
    companions = _companions(settings)
    ager = FaceAger.from_checkpoint(settings.checkpoint_dir, settings.batch_size)
    bad = [g for g in settings.groups if g >= len(ager.group_names)]
    if bad:
        raise DataError(
            f"--groups={bad[0]}: {settings.checkpoint_dir} ages to groups 0 to "
            f"{len(ager.group_names) - 1}: {', '.join(ager.group_names)}."
        )

    names, left_out = _output_names(paths, settings.groups)
    rows, aged = [], []
    with (
        ThreadPoolExecutor(_THREADS) as pool,
        tqdm(total=len(names), unit="face", desc="ageing", dynamic_ncols=True) as bar,
    ):
        writes = []
        for chunk in _read_chunks(list(names), ager.image_size, settings, pool):
            good = [
                (path, face) for path, face in chunk if isinstance(face, np.ndarray)
            ]
            left_out += [(p, reason) for p, reason in chunk if isinstance(reason, str)]
            bar.update(len(chunk) - len(good))
            if not good:
                continue
            faces = np.stack([face for _, face in good])
            results = ager(faces, settings.groups, companions)
            _finish(writes, aged, left_out)  # At most two chunks are in memory.
            for (path, face), result in zip(good, results, strict=True):
                row = [face, *result]
                targets = [target / name for name in names[path]]
                writes.append((path, pool.submit(_write_row, targets, row)))
                if len(rows) < MAX_SHEET_ROWS:
                    rows.append(row)
            bar.update(len(good))
        _finish(writes, aged, left_out)

    return AgedFolder(
        aged, sorted(left_out), _write_sheet(target, rows, ager, settings.groups)
    )


def _write_row(targets, row):
    """Writes one face's images; returns why it could not, or None."""
    try:
        for path, image in zip(targets, row, strict=True):
            images.write_image(path, image)
    except OSError as error:
        return f"cannot be written: {error}"
    return None


def _finish(writes, aged, left_out):
    """Waits for the writes, books each face, and empties the list."""
    for path, write in writes:
        reason = write.result()
        if reason:
            left_out.append((path, reason))
        else:
            aged.append(path)
    writes.clear()


def _write_sheet(target, rows, ager, groups):
    if not rows:
        return None
    columns = ["input", *(ager.group_names[g] for g in groups)]
    blocks = report.blocks_for(len(rows), len(columns))
    sheet = target / SHEET
    try:
        images.write_image(sheet, report.contact_sheet(rows, columns, blocks))
    except OSError as error:
        raise DataError(f"{sheet}: cannot be written: {error}.") from error
    return sheet


def _files(folder, flag):
    if not folder.is_dir():
        raise DataError(f"{flag}={folder}: no such folder.")
    paths = sorted(
        p for p in folder.iterdir() if not p.is_dir() and not p.name.startswith(".")
    )
    if not paths:
        raise DataError(f"{flag}={folder}: the folder has no files.")
    return paths


def _make_writable(target, source):
    try:
        target.mkdir(parents=True, exist_ok=True)
        if target.samefile(source):
            raise DataError(
                f"--save_dir={target}: is the folder of the inputs, which are never "
                "changed; name another."
            )
        probe = target / f".ipcgan-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise DataError(
            f"--save_dir={target}: cannot be written to: {error}."
        ) from error


def _companions(settings):
    if not settings.companions_dir:
        return None
    paths = _files(Path(settings.companions_dir), "--train_data_dir")[:_COMPANIONS]
    try:
        # Of many sizes, perhaps: the ager wants one array.
        return np.stack([images.resize(images.read_image(p), 256) for p in paths])
    except images.ImageError as error:
        raise DataError(f"--train_data_dir: {error}") from error


def _output_names(paths, groups):
    """Returns {input: names of its outputs}, and the inputs that would collide."""
    names, left_out = {}, []
    taken = {SHEET: "the contact sheet"}
    for path in paths:
        first = path.name
        if path.suffix.lower() not in _KEPT_ENDINGS:
            first += ".jpg"
        wanted = [first, *(f"{path.name}_{group}.jpg" for group in groups)]
        clash = next((name for name in wanted if name in taken), None)
        if clash:
            reason = f"its output {clash} would overwrite that of {taken[clash]}"
            left_out.append((path, reason))
            continue
        taken |= dict.fromkeys(wanted, path.name)
        names[path] = wanted
    return names, left_out


def _read_chunks(paths, size, settings, pool) -> Iterator[list]:
    """Yields lists of (path, face or reason); the next list is read meanwhile."""

    def read(path):
        try:
            return images.resize(images.read_image(path), size)
        except images.ImageError as error:
            return str(error).removeprefix(f"{path}: ")

    def submit(start):
        chunk = paths[start : start + settings.batch_size]
        return [(path, pool.submit(read, path)) for path in chunk]

    pending = submit(0)
    for start in range(
        settings.batch_size, len(paths) + settings.batch_size, settings.batch_size
    ):
        following = submit(start)
        yield [(path, future.result()) for path, future in pending]
        pending = following
