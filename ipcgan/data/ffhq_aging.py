"""FFHQ-Aging: 00000/00000.png, 00000/parsings/00000.png, and a CSV file of labels.

Source: Or-El, Sengupta, Fried, Shechtman, Kemelmacher-Shlizerman, "Lifespan Age
Transformation Synthesis" (LATS), ECCV 2020
(https://github.com/royorel/FFHQ-Aging-Dataset).
"""

import dataclasses
import functools
import math
import re
from pathlib import Path

from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.data import label_file
from ipcgan.data.records import GENDERS, DataError, Record, image_paths

LABELS = "ffhq_aging_labels.csv"
COLUMNS = (
    "image_number",
    "age_group",
    "age_group_confidence",
    "gender",
    "gender_confidence",
    "head_pitch",
    "head_roll",
    "head_yaw",
    "left_eye_occluded",
    "right_eye_occluded",
    "glasses",
)
_AGES = re.compile(r"(\d{1,3})-(\d{1,3})")
_ENDINGS = (".png", ".jpg")
_IN_A_FOLDER = 1000  # images.
# What LATS trains on: labels that people agreed on, faces that can be seen.
_LEAST_AGE_CONFIDENCE = 0.6
_LEAST_GENDER_CONFIDENCE = 0.66
_MOST_PITCH, _MOST_YAW = 30.0, 40.0  # degrees.
_MOST_OCCLUDED = (50.0, 90.0)  # percent, of the better and of the worse eye.


@dataclasses.dataclass(frozen=True)
class Labels:
    """One line of the CSV file."""

    ages: tuple[int, int]  # youngest and oldest age of the group, in years.
    gender: str
    usable: bool  # whether LATS would train on it.
    where: str  # file and line.


def read_records(folder: Path, groups: AgeGroups = CACD) -> list[Record]:
    """Reads the faces that are there and pass LATS's pruning.

    Of the labelled faces those are left out whose age group's confidence is not above
    0.6 or whose gender's not above 0.66, whose head is turned by 40 degrees or more or
    nods by 30 or more, whose eyes are covered, or who wear dark glasses.

    Args:
        folder: of the folders 00000, 01000 and so on, or the one above it; either holds
            ffhq_aging_labels.csv, or the folder above does.
        groups: that the data set's ten fall into.

    Raises:
        DataError: if the folder cannot be used or, with its number, for the first line
            that is not as expected.
    """
    image_paths(folder)  # Missing and empty folders are refused as everywhere.
    images = _folder_of_images(folder)
    records, found = [], 0
    for number, labels in read_labels(_labels_file(folder)).items():
        path = _image(images, number)
        found += path is not None
        if path and labels.usable:
            records.append(_record(path, labels, groups))
    if not found:
        raise DataError(
            f"{images}: none of the labelled images is there; expected "
            f"00000/00000.png and so on."
        )
    if not records:
        raise DataError(
            f"{images}: none of {found} images has labels that are sure enough."
        )
    return records


def read_record(path: Path, folder: Path, groups: AgeGroups = CACD) -> Record:
    """Reads the labels of one file below `folder`, pruned or not, else: DataError."""
    numbered = path.stem.isascii() and path.stem.isdecimal()
    number = int(path.stem) if numbered else -1  # No file has that one.
    labels = read_labels(_labels_file(folder)).get(number)
    if labels is None:
        raise DataError(
            f"{path}: expected a name like 00000.png, of an image in {LABELS}."
        )
    return _record(path, labels, groups)


def read_labels(path: Path) -> dict[int, Labels]:
    """Reads the CSV file: number of an image -> its labels.

    Raises:
        DataError: if it cannot be read or, with the line's number, for the first that
            is not as expected.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error}.") from error
    return _read_labels(path, status.st_mtime_ns, status.st_size)


@functools.lru_cache(maxsize=1)  # read_record is asked about many files of one folder.
def _read_labels(path, changed, size):
    result = {}
    for where, row in label_file.read_rows(path, COLUMNS):
        number, labels = _parse(row, where)
        if number in result:
            raise DataError(
                f"{where}: image_number {number} is there twice; before in "
                f"{result[number].where}."
            )
        result[number] = labels
    return result


def _parse(row, where):
    """Returns (number of the image, Labels) of a line."""

    def refuse(name, expected):
        raise DataError(f"{where}: {name} is {row[name]!r}, expected {expected}.")

    def number_in(name, low, high, expected):
        try:
            value = float(row[name])
        except ValueError:
            value = math.nan
        if not low <= value <= high:  # NaN is refused too.
            refuse(name, expected)
        return value

    image = row["image_number"]
    if not (image.isascii() and image.isdecimal() and len(image) < 10):
        refuse("image_number", "a whole number")
    ages = _AGES.fullmatch(row["age_group"])
    if not ages or int(ages[1]) > int(ages[2]):
        refuse("age_group", "two ages, such as 20-29")
    if row["gender"] not in GENDERS:
        refuse("gender", " or ".join(GENDERS))
    age_confidence, gender_confidence = (
        number_in(f"{name}_confidence", 0.0, 1.0, "a share from 0 to 1")
        for name in ("age_group", "gender")
    )
    # -1 where no face was found to measure.
    pitch, _, yaw = (
        number_in(f"head_{name}", -180.0, 180.0, "degrees from -180 to 180")
        for name in ("pitch", "roll", "yaw")
    )
    occluded = sorted(
        number_in(f"{side}_eye_occluded", -1.0, 100.0, "percent from 0 to 100, or -1")
        for side in ("left", "right")
    )
    if not row["glasses"]:
        refuse("glasses", "None, Normal or Dark")
    usable = (
        age_confidence > _LEAST_AGE_CONFIDENCE
        and gender_confidence > _LEAST_GENDER_CONFIDENCE
        and abs(pitch) < _MOST_PITCH
        and abs(yaw) < _MOST_YAW
        and all(o < most for o, most in zip(occluded, _MOST_OCCLUDED, strict=True))
        and row["glasses"] != "Dark"
    )
    labels = Labels((int(ages[1]), int(ages[2])), row["gender"], usable, where)
    return int(image), labels


def _record(path, labels, groups):
    low, high = labels.ages
    group = groups.group_of_age(low)
    if group != groups.group_of_age(high):
        raise DataError(
            f"{labels.where}: no age group of {', '.join(groups.names)} holds "
            f"{low}-{high}; expected --age_groups=ffhq_aging."
        )
    parsed = path.parent / "parsings" / f"{path.stem}.png"
    return Record(
        path,
        group,
        gender=labels.gender,
        segmentation=parsed if parsed.is_file() else None,
    )


def _labels_file(folder):
    for path in (folder / LABELS, folder.parent / LABELS):
        if path.is_file():
            return path
    raise DataError(f"{folder}: expected {LABELS} in it, or in the folder above.")


def _folder_of_images(folder):
    """Returns the folder of the folders 00000, 01000, ...: itself, or one in it."""
    inside = sorted(folder.glob("ffhq_aging*x*"))
    if len(inside) > 1:
        names = ", ".join(path.name for path in inside)
        raise DataError(f"{folder}: has {names}; name one of them as --root_folder.")
    return inside[0] if inside else folder


def _image(folder, number):
    name = f"{number:05d}"
    within = folder / f"{number - number % _IN_A_FOLDER:05d}"
    for ending in _ENDINGS:
        path = within / f"{name}{ending}"
        if path.is_file():
            return path
    return None
