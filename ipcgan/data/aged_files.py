"""Faces that were aged before, on disk: which file shows whom at which age.

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
    found = {}  # name of the source -> group -> path
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

    Paths are relative to the file's folder; a group is a name of `groups`, such as
    21-30, or a number.

    Raises:
        DataError: with the line, if it is not of that form, names a file that is
            missing, or an aged face twice.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read: {error}.") from error
    if not lines or [cell.strip() for cell in lines[0]] != _HEADER:
        raise DataError(f"{path}:1: expected the header {','.join(_HEADER)}.")
    result = {}
    for number, cells in enumerate(lines[1:], start=2):
        if not cells:
            continue
        where = f"{path}:{number}"
        if len(cells) != len(_HEADER):
            raise DataError(f"{where}: expected {len(_HEADER)} columns, got {cells}.")
        source, aged, name = (cell.strip() for cell in cells)
        group = groups.group_of_name(name)
        if group is None:
            raise DataError(
                f"{where}: expected a group of {', '.join(groups.names)} or 0 to "
                f"{len(groups) - 1}, got {name!r}."
            )
        files = [path.parent / cell for cell in (source, aged)]
        for file in files:
            if not file.is_file():
                raise DataError(f"{where}: {file}: no such file.")
        _add(result.setdefault(files[0], {}), group, files[1], groups, where)
    if not result:
        raise DataError(f"{path}: has no line beside the header.")
    return result


def _add(faces, group, path, groups, where):
    if group in faces:
        raise DataError(
            f"{where}: two faces of one person aged to {groups.names[group]}: "
            f"{faces[group].name} and {path.name}."
        )
    faces[group] = path
