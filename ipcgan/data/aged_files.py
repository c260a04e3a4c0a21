"""Finds faces that were aged earlier: which file shows whom at which age.

Named as test.py names them (NAME.jpg_1.jpg is NAME.jpg aged to group 1), or listed in
a CSV file.
"""

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.data.records import DataError, image_paths

AgedFiles = dict[Path, dict[int, Path]]  # source -> target group -> aged face.
_HEADER = ["source", "aged", "target_group"]
_AGED_NAME = re.compile(r"(?P<source>.+)_(?P<group>\d)\.[A-Za-z]+")


def read_aged_folder(
    aged_dir: Path, sources: Sequence[Path] | None = None, groups: AgeGroups = CACD
) -> AgedFiles:
    """Finds the aged faces of sources by their names.

    Args:
        aged_dir: holds NAME_0.jpg to NAME_4.jpg for a source NAME (ending included),
            of any image format.
        sources: their files; None: those in aged_dir itself, where test.py puts them.
        groups: that they were aged to.

    Raises:
        DataError: if the folder is missing or empty, if there is no aged face of any
            source, or two for one.
    """
    in_folder = image_paths(aged_dir)
    found: dict[str, dict[int, Path]] = {}  # name of the source -> group -> path
    for path in in_folder:
        match = _AGED_NAME.fullmatch(path.name)
        if match and int(match["group"]) < len(groups):
            faces = found.setdefault(match["source"], {})
            _add(faces, int(match["group"]), path, groups, where=str(aged_dir))
    if sources is None:
        sources = [path for path in in_folder if path.name in found]
    if not any(path.name in found for path in sources):
        raise DataError(
            f"{aged_dir}: expected faces named like NAME.jpg_1.jpg, which is NAME.jpg "
            f"aged to {groups.names[1]}; none belongs to any source."
        )
    return {path: found.get(path.name, {}) for path in sources}


def read_csv(path: Path, groups: AgeGroups = CACD) -> AgedFiles:
    """Reads a CSV file with the header source,aged,target_group.

    Raises:
        DataError: as from read_rows, or if it names an aged face twice.
    """
    result: AgedFiles = {}
    for where, (source, aged), group in read_rows(path, _HEADER, groups):
        _add(result.setdefault(source, {}), group, aged, groups, where)
    return result


def read_rows(
    path: Path, header: Sequence[str], groups: AgeGroups = CACD
) -> list[tuple[str, list[Path], int]]:
    """Reads a CSV file whose columns are files, and an age group as the last.

    Paths are relative to the file's folder; a group is a name of `groups`, such as
    21-30, or a number.

    Args:
        path: the CSV file.
        header: names of its columns.
        groups: whose names the last column has.

    Returns:
        Of each line (file:line, for messages; its files; its group).

    Raises:
        DataError: with the line, if it is not of that form or names a file that is
            missing.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read: {error}.") from error
    if not lines or [cell.strip() for cell in lines[0]] != list(header):
        raise DataError(f"{path}:1: expected the header {','.join(header)}.")
    rows = []
    for number, cells in enumerate(lines[1:], start=2):
        if not cells:
            continue
        where = f"{path}:{number}"
        if len(cells) != len(header):
            raise DataError(f"{where}: expected {len(header)} columns, got {cells}.")
        *names, group_name = (cell.strip() for cell in cells)
        group = groups.group_of_name(group_name)
        if group is None:
            raise DataError(
                f"{where}: expected a group of {', '.join(groups.names)} or 0 to "
                f"{len(groups) - 1}, got {group_name!r}."
            )
        files = [path.parent / name for name in names]
        for named in files:
            if not named.is_file():
                raise DataError(f"{where}: {named}: no such file.")
        rows.append((where, files, group))
    if not rows:
        raise DataError(f"{path}: has no line after the header.")
    return rows


def _add(faces, group, path, groups, where):
    if group in faces:
        raise DataError(
            f"{where}: two faces of one person aged to {groups.names[group]}: "
            f"{faces[group].name} and {path.name}."
        )
    faces[group] = path
