"""A labelled face of a data set, and the split it belongs to."""

import dataclasses
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from ipcgan.age_groups import CACD, AgeGroups

SPLITS = ("train", "validation", "test")
GENDERS = ("male", "female")  # as data sets label them.
# Of people where they are known, else of files: 90 % train, 5 % each else.
_UPPER_ENDS = (0.90, 0.95, 1.0)


class DataError(ValueError):
    """A data set that cannot be used; names the file, the value, what was expected."""


@dataclasses.dataclass(frozen=True)
class Record:
    """One face on disk."""

    path: Path
    group: int | None  # age group; None: in none, such as too young.
    age: int | None = None  # years.
    identity: str | None = None  # name of the person.
    gender: str | None = None  # of GENDERS, as the data set labels it.
    race: str | None = None  # as the data set labels it.
    segmentation: Path | None = None  # see data.segmentation.
    collection: int | None = None  # number of its folder, where there are several.


def split_of(record: Record) -> str:
    """Returns "train", "validation" or "test", the same on every machine.

    All faces of one person fall into one split; where people are not named, the file's
    name decides. New files never move old ones.
    """
    key = record.identity or record.path.name
    # "surrogateescape": Linux names may hold bytes that are not UTF-8.
    digest = hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
    position = int.from_bytes(digest[:8], "big") / 2**64
    return next(s for s, end in zip(SPLITS, _UPPER_ENDS, strict=True) if position < end)


def select(records: Iterable[Record], split: str) -> list[Record]:
    """Returns the records of a split that have an age group, sorted by path."""
    chosen = (r for r in records if r.group is not None and split_of(r) == split)
    return sorted(chosen, key=lambda record: record.path)


def by_group(records: Sequence[Record], groups: AgeGroups = CACD) -> list[list[int]]:
    """Returns for every age group the positions of its records.

    Raises:
        DataError: naming the groups that have no face.
    """
    positions: list[list[int]] = [[] for _ in groups.names]
    for position, record in enumerate(records):
        if record.group is not None:
            positions[record.group].append(position)
    empty = [n for n, p in zip(groups.names, positions, strict=True) if not p]
    if empty:
        raise DataError(
            f"No face of age group {', '.join(empty)} among {len(records)} faces; "
            "every group needs at least one."
        )
    return positions


def image_paths(folder: Path) -> list[Path]:
    """Returns the files below `folder`, sorted; none hidden or in a hidden folder.

    Raises:
        DataError: if the folder is missing or holds no file.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder.")
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not _hidden(path.relative_to(folder))
    )
    if not paths:
        raise DataError(f"{folder}: the folder has no files.")
    return paths


def _hidden(path):
    return any(part.startswith(".") for part in path.parts)
