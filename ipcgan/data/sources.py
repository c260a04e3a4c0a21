"""The table of data sets, by the name that --dataset takes."""

import dataclasses
from pathlib import Path

from ipcgan.age_groups import CACD, AgeGroups
from ipcgan.data import (
    all_age_faces,
    cacd,
    fairface,
    ffhq_aging,
    folder,
    list_file,
    utkface,
)
from ipcgan.data.records import DataError, Record, image_paths, select

READERS = {
    "utkface": utkface.read_records,
    "cacd": cacd.read_records,
    "ffhq_aging": ffhq_aging.read_records,
    "fairface": fairface.read_records,
    "all_age_faces": all_age_faces.read_records,
    "folder": folder.read_records,
}
_READ_RECORD = {
    "utkface": utkface.read_record,
    "cacd": cacd.read_record,
    "ffhq_aging": ffhq_aging.read_record,
    "fairface": fairface.read_record,
    "all_age_faces": all_age_faces.read_record,
    "folder": folder.read_record,
}


def read_split(
    dataset: str,
    root_folder: str,
    source_file: str,
    split: str,
    groups: AgeGroups = CACD,
) -> list[Record]:
    """Reads the faces of one split of a data set.

    A list file names its faces itself: all of them are the training split, and every
    other split is empty.

    Args:
        dataset: a key of READERS; ignored where there is a list file.
        root_folder: where the images lie; several folders, separated by commas, are
            one collection.
        source_file: a list file of a single folder, or "".
        split: "train", "validation" or "test".
        groups: that the faces' ages fall into.

    Raises:
        DataError: if the folder or list cannot be used.
    """
    roots = folders(root_folder)
    if source_file:
        if len(roots) > 1:
            raise DataError(
                f"--root_folder={root_folder}: a list file is of one folder, these are "
                f"{len(roots)}."
            )
        records = list_file.read_records(Path(source_file), roots[0], groups)
        return records if split == "train" else []
    if len(roots) == 1:
        return select(READERS[dataset](roots[0], groups), split)
    records = [
        dataclasses.replace(record, collection=number)
        for number, root in enumerate(roots)
        for record in READERS[dataset](root, groups)
    ]
    return select(records, split)


def folders(root_folder: str) -> list[Path]:
    """Returns the folders that --root_folder names, each once.

    Raises:
        DataError: if one is missing.
    """
    # A folder's own name may have a comma.
    names = [root_folder] if Path(root_folder).is_dir() else root_folder.split(",")
    for name in names:
        if not name or not Path(name).is_dir():
            raise DataError(f"--root_folder={name}: no such folder of faces.")
    return [Path(name) for name in dict.fromkeys(names)]


def read_any_names(
    dataset: str, root: Path, groups: AgeGroups = CACD
) -> tuple[list[Record], int]:
    """Reads a folder whose file names need not carry labels.

    Args:
        dataset: a key of READERS: how labels are read from names that have them.
        root: the folder.
        groups: that the faces' ages fall into.

    Returns:
        (a record of every file, how many names carry no labels).

    Raises:
        DataError: if the folder is missing or empty.
    """
    records, silent = [], 0
    for path in image_paths(root):
        record = read_name(dataset, path, root, groups)
        silent += record is None
        records.append(record or Record(path, None))
    return records, silent


def read_name(
    dataset: str, path: Path, root: Path, groups: AgeGroups = CACD
) -> Record | None:
    """Returns the labels in a file's name; None where it carries none."""
    try:
        return _READ_RECORD[dataset](path, root, groups)
    except DataError:
        return None
