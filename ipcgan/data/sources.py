"""The one table of data sets."""

from pathlib import Path

from ipcgan.data import cacd, folder, list_file, utkface
from ipcgan.data.records import DataError, Record, select

READERS = {
    "utkface": utkface.read_records,
    "cacd": cacd.read_records,
    "folder": folder.read_records,
}


def read_split(
    dataset: str, root_folder: str, source_file: str, split: str
) -> list[Record]:
    """Reads the faces of one split of a data set.

    A list file names its faces itself: all of them are the training split, and every
    other split is empty.

    Args:
        dataset: a key of READERS; not looked at where there is a list file.
        root_folder: where the images lie.
        source_file: a list file, or "".
        split: "train", "validation" or "test".

    Raises:
        DataError: if the folder or list cannot be used.
    """
    root = Path(root_folder)
    if not root_folder or not root.is_dir():
        raise DataError(f"--root_folder={root_folder}: no such folder of faces.")
    if source_file:
        records = list_file.read_records(Path(source_file), root)
        return records if split == "train" else []
    return select(READERS[dataset](root), split)
