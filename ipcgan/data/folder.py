"""A folder per age group: 11-20/, 21-30/, ... or 0/, 1/, ...; any file names."""

from pathlib import Path

from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.data.records import DataError, Record, image_paths


def read_records(folder: Path, groups: AgeGroups = CACD) -> list[Record]:
    """Reads the group of every file from the folder that it lies in.

    Raises:
        DataError: for the first file that lies in no group's folder.
    """
    return [read_record(path, folder, groups) for path in image_paths(folder)]


def read_record(path: Path, folder: Path, groups: AgeGroups = CACD) -> Record:
    """Reads the group of one file below `folder`, else: DataError."""
    name = path.relative_to(folder).parts[0]
    group = groups.group_of_name(name)
    if group is None or path.parent == folder:
        raise DataError(
            f"{path}: expected to lie in a folder named after its age group, one of "
            f"{', '.join(groups.names)} or 0 to {len(groups.names) - 1}."
        )
    return Record(path, group)
