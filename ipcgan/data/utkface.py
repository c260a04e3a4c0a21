"""UTKFace: faces named AGE_GENDER_RACE_DATE.jpg.chip.jpg, and collections alike.

Source: Zhang, Song, Qi, CVPR 2017 (https://susanqq.github.io/UTKFace/).
"""

import re
from pathlib import Path

from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.data.records import GENDERS, DataError, Record, image_paths

# Any rest: the collection itself has names that end in "272.pg", "657 .jpg" and
# "357jpg", and others give their faces numbers and endings of their own.
_NAME = re.compile(r"(\d{1,3})_([01])_([0-4])_\w.*\.\w+", re.DOTALL)
RACES = ("White", "Black", "Asian", "Indian", "Other")


def read_records(folder: Path, groups: AgeGroups = CACD) -> list[Record]:
    """Reads the labels of every file below `folder` from its name.

    Raises:
        DataError: for the first file whose name is not of that form (the original
            collection has three that lack a label: correct or remove them).
    """
    return [read_record(path, folder, groups) for path in image_paths(folder)]


def read_record(path: Path, folder: Path, groups: AgeGroups = CACD) -> Record:
    """Reads the labels of one file below `folder` from its name, else: DataError."""
    match = _NAME.fullmatch(path.name)
    if not match:
        raise DataError(
            f"{path}: expected a name like 25_0_2_20170116174525125.jpg.chip.jpg "
            "(age_gender_race_date). Faces whose names tell no age can lie in a folder "
            "for each age group (--dataset=folder), or be listed."
        )
    age, gender, race = (int(value) for value in match.groups()[:3])
    return Record(
        path=path,
        group=groups.group_of_age(age),
        age=age,
        gender=GENDERS[gender],
        race=RACES[race],
    )
