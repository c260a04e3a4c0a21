"""SHA-256 sums of a checkpoint's files: written with it, checked before it is used.

They lie in SHA256SUMS, as `sha256sum --check` reads it. They tell damage from what was
written, not an attacker's files from ours: who can change one can change the other.
"""

import functools
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from ipcgan import atomic
from ipcgan.checkpoints.config_files import CheckpointError

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
    lines = [f"{sha256(folder / name)}  {name}\n" for name in sorted(names)]
    atomic.write_text(folder / SUMS, "".join(lines))


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
