"""SHA-256 sums of a checkpoint's files: written with it, checked before it is used.

They lie in SHA256SUMS, as `sha256sum --check` reads it. They tell damage from what was
written, not an attacker's files from ours: who can change one can change the other.
"""

import contextlib
import functools
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ipcgan import atomic
from ipcgan.checkpoints.config_files import CheckpointError, write_json

SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  ([^/\\]+)")


def sha256(path: Path) -> str:
    """Returns the SHA-256 sum of a file, as hexadecimal digits.

    Raises:
        OSError: if it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_sums(folder: Path, names: Iterable[str]) -> None:
    """Writes the sums of some of a folder's files.

    Raises:
        OSError: if one cannot be read, or the folder cannot be written to.
    """
    _write(folder, {name: sha256(folder / name) for name in names})


@contextlib.contextmanager
def summed_anew(path: Path) -> Iterator[None]:
    """Adds a file's sum to those of its folder after the file was written.

    Until then its folder has none of it: a kill must not make a whole file a damaged
    one.

    Raises:
        CheckpointError: if the sums cannot be read.
        OSError: if the folder cannot be written to.
    """
    sums = _read(path.parent)
    if path.name in sums:
        _write(path.parent, {n: s for n, s in sums.items() if n != path.name})
    yield
    _write(path.parent, {**sums, path.name: sha256(path)})


def rewrite_json(path: Path, values: dict) -> None:
    """Writes a JSON file anew; where its folder has its sum, that too.

    Raises:
        CheckpointError: if the sums cannot be read.
        OSError: if the folder cannot be written to.
    """
    has_sum = path.name in _read(path.parent)
    with summed_anew(path) if has_sum else contextlib.nullcontext():
        write_json(path, values)


def check_sum(path: Path) -> None:
    """Compares a file with the sum that its folder has of it; none is right.

    Raises:
        CheckpointError: if it differs.
    """
    expected = _read(path.parent).get(path.name)
    if expected:
        _check(path, expected)


def check_sums(folder: Path) -> None:
    """Compares all files of which a folder has sums.

    Raises:
        CheckpointError: naming the first that differs or is missing.
    """
    for name, expected in _read(folder).items():
        _check(folder / name, expected)


def _write(folder, sums):
    lines = [f"{found}  {name}\n" for name, found in sorted(sums.items())]
    atomic.write_text(folder / SUMS, "".join(lines))


def _check(path, expected):
    try:
        status = path.stat()
        found = _known_sum(path, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise CheckpointError(f"{path}: cannot be read: {error}.") from error
    if found != expected:
        raise CheckpointError(
            f"{path}: is damaged: its SHA-256 sum is not that in {SUMS}."
        )


@functools.lru_cache(maxsize=256)
def _known_sum(path, size, modified):
    """A file's sum, computed once: a program asks for a folder several times."""
    return sha256(path)


def _read(folder):
    path = folder / SUMS
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}  # Of a version that wrote none.
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path}: cannot be read: {error}.") from error
    matches = [_LINE.fullmatch(line) for line in lines]
    if not all(matches):
        raise CheckpointError(f"{path}: expected a SHA-256 sum and a name a line.")
    return {match[2]: match[1] for match in matches if match}
