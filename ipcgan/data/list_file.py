"""The reference's list file: one `image label` per line.

Source: the authors' `source_file` (label = age group, counted from 0).
"""

from pathlib import Path

from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.data.records import DataError, Record


def read_records(
    list_path: Path, root_folder: Path, groups: AgeGroups = CACD
) -> list[Record]:
    """Reads a list file; blank lines are skipped.

    Args:
        list_path: text file (UTF-8, with or without a byte order mark); the label is
            what follows the last space, so names may hold spaces.
        root_folder: what the names are relative to.
        groups: that the labels count.

    Raises:
        DataError: naming file and line, for a line without a label, with a label
            outside the groups, or with a name that leaves root_folder.
    """
    try:
        lines = list_path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{list_path}: cannot be read: {error}.") from error
    records = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            where = f"{list_path}:{number}"
            records.append(_record(line.strip(), root_folder, groups, where))
    if not records:
        raise DataError(f"{list_path}: the list is empty.")
    return records


def _record(line, root_folder, groups, where):
    name, _, label = line.rpartition(" ")
    highest = len(groups) - 1
    if not name:
        raise DataError(f"{where}: expected 'image label', got '{line}'.")
    if label not in map(str, range(highest + 1)):
        raise DataError(
            f"{where}: expected a label from 0 to {highest}, got '{label}'."
        )
    relative = Path(name.strip())
    if relative.is_absolute() or ".." in relative.parts:
        raise DataError(
            f"{where}: expected a name below the root folder, got '{name}'."
        )
    return Record(root_folder / relative, int(label))
