"""CACD: faces named AGE_First_Last_0001.jpg.

Source: Chen, Chen, Hsu, "Cross-Age Reference Coding", ECCV 2014.
"""

import re
from pathlib import Path

from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.data.records import DataError, Record, image_paths

_NAME = re.compile(r"(\d{1,3})_(.+)_(\d{4})\.(jpg|jpeg|png)", re.IGNORECASE)


def read_records(folder: Path, groups: AgeGroups = CACD) -> list[Record]:
    """Reads age and person of every file below `folder` from its name.

    Raises:
        DataError: for the first file whose name is not of that form.
    """
    return [read_record(path, folder, groups) for path in image_paths(folder)]


def read_record(path: Path, folder: Path, groups: AgeGroups = CACD) -> Record:
    """Reads the labels of one file below `folder` from its name, else: DataError."""
    match = _NAME.fullmatch(path.name)
    if not match:
        raise DataError(
            f"{path}: expected a name like 53_Robin_Williams_0001.jpg "
            "(age_person_number)."
        )
    age = int(match[1])
    return Record(path, groups.group_of_age(age), age=age, identity=match[2])
