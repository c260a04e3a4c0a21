"""Atomic writes: a file or folder is written under a temporary name, then renamed."""

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yields a path to write to, which takes the place of `path` if all goes well.

    After an error the old file is unchanged, and the temporary one is removed.

    Raises:
        OSError: if the folder cannot be written to.
    """
    # A short name that no other thread or process uses.
    partial = path.with_name(f".{uuid.uuid4().hex[:8]}.partial")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 text with line feeds, whole or not at all.

    Raises:
        OSError: if the folder cannot be written to.
    """
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yields an empty folder, which takes the name `path` if all goes well.

    Until then it is called .NAME.partial; one that a killed process left is removed.

    Raises:
        OSError: if it cannot be made, or `path` is there and not an empty folder.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        yield partial
        os.replace(partial, path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def check_writable(folder: Path) -> None:
    """Writes a file and removes it again.

    Raises:
        OSError: if the folder cannot be written to.
    """
    probe = folder / f".{uuid.uuid4().hex[:8]}.partial"
    probe.touch()
    probe.unlink()
