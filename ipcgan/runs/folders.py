"""Checks the folders that flags name, before anything slow is loaded."""

from pathlib import Path

from ipcgan import atomic
from ipcgan.data import sources
from ipcgan.data.records import DataError


def check_writable(folder: str, flag: str) -> None:
    """Makes a folder, and writes a file there for a moment.

    Raises:
        DataError: naming the flag, if that cannot be done.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        atomic.check_writable(Path(folder))
    except OSError as error:
        raise DataError(f"--{flag}={folder}: cannot be written to: {error}.") from error


def check_there(folder: str, flag: str) -> None:
    """Refuses a folder that is not there; "" is none.

    Raises:
        DataError: naming the flag.
    """
    if folder and not Path(folder).is_dir():
        raise DataError(f"--{flag}={folder}: no such folder.")


def check_faces(root_folder: str, source_file: str = "") -> None:
    """Refuses a data set that is not there.

    Args:
        root_folder: its folders.
        source_file: its list, or "".

    Raises:
        DataError: naming the flag.
    """
    sources.folders(root_folder)
    if source_file and not Path(source_file).is_file():
        raise DataError(f"--source_file={source_file}: no such file.")
