"""All-Age-Faces (AAF): faces named 00000A02.jpg, person and age; whole heads.

Source: Cheng, Li, Wang, Yu, Wang, "Exploiting effective facial patches for robust
gender recognition", Tsinghua Science and Technology, 2019
(https://github.com/JingchunCheng/All-Age-Faces-Dataset).
"""

import re
from pathlib import Path

from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.data.records import GENDERS, DataError, Record, image_paths

# Each has every person once. "aglined" is what the published archive says.
FOLDERS = ("aglined faces", "aligned faces", "original images")
_NAME = re.compile(r"([0-9]{5})A([0-9]{2})\.\w+")
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
# By the data set's own page persons 0 to 7,380 are women, 7,381 to 13,321 men; `image
# sets/train.txt` and `val.txt` say it once more, as 0 and 1.
_FIRST_MAN, _LAST_MAN = 7_381, 13_321


def read_records(folder: Path, groups: AgeGroups = CACD) -> list[Record]:
    """Reads age and gender of every face from its name.

    Args:
        folder: of the images; or the data set's, of which the aligned images are read
            where it has them, else the original ones, so that no face is read twice.
            Its other files (landmarks, lists, an example) are ignored, and so is every
            file without an image's ending.
        groups: that the ages fall into.

    Raises:
        DataError: if there is no image, and for the first whose name is not of that
            form.
    """
    image_paths(folder)  # Missing and empty folders are refused as everywhere.
    inside = [folder / name for name in FOLDERS if (folder / name).is_dir()]
    images = inside[0] if inside else folder
    paths = [p for p in image_paths(images) if p.suffix.lower() in _ENDINGS]
    if not paths:
        raise DataError(f"{images}: has no image; expected 00000A02.jpg and so on.")
    return [read_record(path, folder, groups) for path in paths]


def read_record(path: Path, folder: Path, groups: AgeGroups = CACD) -> Record:
    """Reads age and gender of one file below `folder` from its name, else: DataError.

    No two files show one person, so the number is not read as an identity.
    """
    match = _NAME.fullmatch(path.name)
    if not match or int(match[1]) > _LAST_MAN:
        raise DataError(
            f"{path}: expected a name like 00000A02.jpg: the person's number, up to "
            f"{_LAST_MAN}, and the age."
        )
    male, female = GENDERS
    person, age = int(match[1]), int(match[2])
    return Record(
        path,
        groups.group_of_age(age),
        age=age,
        gender=male if person >= _FIRST_MAN else female,
    )
