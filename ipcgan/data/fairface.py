"""FairFace: train/1.jpg, val/1.jpg and so on, and a CSV file of labels for each.

Ages are known as ranges only, such as 20-29. The images with padding 0.25 are cut much
as UTKFace's. CC BY 4.0: whoever names the source may use them, and what they train.

Source: Karkkainen, Joo, "FairFace: Face Attribute Dataset for Balanced Race, Gender,
and Age for Bias Measurement and Mitigation", WACV 2021
(https://github.com/joojs/fairface).
"""

import collections
import dataclasses
import functools
from pathlib import Path, PurePosixPath

from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.data import label_file
from ipcgan.data.records import GENDERS, DataError, Record, image_paths

LABELS = ("fairface_label_train.csv", "fairface_label_val.csv")
COLUMNS = ("file", "age", "gender", "race")  # service_test tells nothing of a face.
# The years of each range; "more than 70" follows on 60-69.
AGES = {
    "0-2": range(0, 3),
    "3-9": range(3, 10),
    "10-19": range(10, 20),
    "20-29": range(20, 30),
    "30-39": range(30, 40),
    "40-49": range(40, 50),
    "50-59": range(50, 60),
    "60-69": range(60, 70),
    "more than 70": range(70, 100),
}
RACES = (
    "White",
    "Black",
    "Latino_Hispanic",
    "East Asian",
    "Southeast Asian",
    "Indian",
    "Middle Eastern",
)
_GENDERS = {name.capitalize(): name for name in GENDERS}
_LEAST_SHARE = 0.8  # of a range's years that lie in an age group.
_SHOWN = 60  # characters of a value, in a message.


@dataclasses.dataclass(frozen=True)
class Labels:
    """One line of a CSV file."""

    ages: range  # years.
    gender: str
    race: str
    where: str  # file and line.


def read_records(folder: Path, groups: AgeGroups = CACD) -> list[Record]:
    """Reads the labelled faces; images that are listed but missing are left out.

    A range belongs to the age group that holds most of its years, if these are at
    least 80 %: 10-19 to 11-20 and 50-59 to 51+, with nine of ten. A range that no group
    holds to that extent has no group (0-2 and 3-9; of FFHQ-Aging's ten groups 3-9 and
    10-19, which span several). No face has an exact age.

    Args:
        folder: of train/ and val/; it, or the folder above, holds
            fairface_label_train.csv, fairface_label_val.csv or both. One of train/
            and val/ does as well.
        groups: that the ranges fall into.

    Raises:
        DataError: if the folder cannot be used or, with its number, for the first
            line of labels that is not as expected.
    """
    paths = image_paths(folder)
    labels = read_labels(folder)
    found = ((path, _find(labels, path, folder)) for path in paths)
    records = [_record(path, of_it, groups) for path, of_it in found if of_it]
    if not records:
        raise DataError(
            f"{folder}: none of {len(labels)} labelled images is there; expected "
            "train/1.jpg and so on."
        )
    return records


def read_record(path: Path, folder: Path, groups: AgeGroups = CACD) -> Record:
    """Reads the labels of one file below `folder`, as read_records; else: DataError."""
    labels = _find(read_labels(folder), path, folder)
    if labels is None:
        raise DataError(f"{path}: expected an image that {' or '.join(LABELS)} lists.")
    return _record(path, labels, groups)


def read_labels(folder: Path) -> dict[str, Labels]:
    """Reads the CSV files in `folder`, or else above it: name of an image -> labels.

    Raises:
        DataError: if there is none, if one cannot be read or, with the line's number,
            for the first line that is not as expected: with a name that leaves the
            folder, say, or one that was there before.
    """
    for place in (folder, folder.parent):
        paths = [place / name for name in LABELS if (place / name).is_file()]
        if paths:
            found = [path.stat() for path in paths]
            stamps = tuple((status.st_mtime_ns, status.st_size) for status in found)
            return _read_labels(tuple(paths), stamps)
    raise DataError(
        f"{folder}: expected {' or '.join(LABELS)} in it, or in the folder above."
    )


@functools.lru_cache(maxsize=1)  # read_record is asked about many files of one folder.
def _read_labels(paths, changed):
    result = {}
    for path in paths:
        for where, row in label_file.read_rows(path, COLUMNS):
            name, labels = _parse(row, where)
            if name in result:
                raise DataError(
                    f"{where}: {name} is there twice; before in {result[name].where}."
                )
            result[name] = labels
    return result


def _parse(row, where):
    """Returns (name of the image, Labels) of a line."""

    def refuse(name, expected):
        raise DataError(
            f"{where}: {name} is {row[name][:_SHOWN]!r}, expected {expected}."
        )

    file = PurePosixPath(row["file"])
    if file.is_absolute() or ".." in file.parts or not file.name:
        refuse("file", "a name below the folder, such as train/1.jpg")
    if row["age"] not in AGES:
        refuse("age", f"one of {', '.join(AGES)}")
    if row["gender"] not in _GENDERS:
        refuse("gender", " or ".join(_GENDERS))
    if row["race"] not in RACES:
        refuse("race", f"one of {', '.join(RACES)}")
    ages, gender = AGES[row["age"]], _GENDERS[row["gender"]]
    return file.as_posix(), Labels(ages, gender, row["race"], where)


def _find(labels, path, folder):
    """Returns the labels of an image: names are relative to `folder`, or above it."""
    for root in (folder, folder.parent):
        found = labels.get(path.relative_to(root).as_posix())
        if found:
            return found
    return None


def _record(path, labels, groups):
    group = _group(labels.ages, groups)
    return Record(path, group, gender=labels.gender, race=labels.race)


def _group(ages, groups):
    """Returns the group of at least _LEAST_SHARE of the years; None: there is none."""
    counts = collections.Counter(map(groups.group_of_age, ages))
    group, years = counts.most_common(1)[0]
    return group if years >= _LEAST_SHARE * len(ages) else None
