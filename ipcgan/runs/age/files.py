"""Lists the files to age: all below a folder, or those that are named."""

import os
from collections.abc import Sequence
from pathlib import Path

from ipcgan import config
from ipcgan.data.records import DataError

FLAG = "--test_data_dir"


def folder_and_names(given: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Returns the folder of what is to be aged, and which files below it.

    Args:
        given: a folder, or files.

    Returns:
        (folder, names below it); no names: all of it. Files of several folders are
        named from the folder that has them all, so that no two have one name.

    Raises:
        DataError: if there are several, and one is no file.
    """
    paths = [Path(name) for name in given]
    if len(paths) == 1 and not paths[0].is_file():
        return given[0], ()
    for path in paths:
        if path.is_dir():
            raise DataError(f"{FLAG}={path}: a folder comes alone; expected files.")
        if not path.is_file():
            raise DataError(f"{FLAG}={path}: no such file.")
    folder = paths[0].parent
    if any(path.parent != folder for path in paths):
        paths = [path.parent.resolve() / path.name for path in paths]
        folder = Path(os.path.commonpath([path.parent for path in paths]))
    names = dict.fromkeys(str(path.relative_to(folder)) for path in paths)
    return str(folder), tuple(names)


def files_of(settings: config.AgeConfig) -> tuple[list[Path], list[tuple[Path, str]]]:
    """Lists the files that the settings name; see files_below.

    Raises:
        DataError: if there are none.
    """
    source = Path(settings.test_data_dir)
    if settings.files:
        return [source / name for name in settings.files], []
    return files_below(source, FLAG, without=Path(settings.save_dir))


def files_below(
    folder: Path, flag: str, without: Path | None = None
) -> tuple[list[Path], list[tuple[Path, str]]]:
    """Lists the files below a folder, sorted; none hidden or in a hidden folder.

    Links to folders are not followed, so that no loop is endless.

    Args:
        folder: where to look.
        flag: that named it, for messages.
        without: a folder below that is not looked into.

    Returns:
        (files, (folder, reason) of each that could not be looked into).

    Raises:
        DataError: if the folder is missing or has no files.
    """
    if not folder.is_dir():
        raise DataError(f"{flag}={folder}: no such folder.")
    paths, closed = [], []
    without = without and without.resolve()  # However the two were named.

    def note(error):
        closed.append((Path(error.filename), f"cannot be listed: {error.strerror}"))

    for name, inner, files in os.walk(folder, onerror=note):
        here = Path(name)
        inner[:] = [n for n in inner if not n.startswith(".")]
        # os.path's functions, unlike Path's, raise nothing where a folder may not be
        # entered or a path is too long: what cannot be listed is noted when it is due.
        links = [n for n in inner if os.path.islink(here / n)]
        closed += [(here / n, "a link to a folder, not followed") for n in links]
        inner[:] = [
            n for n in inner if n not in links and (here / n).resolve() != without
        ]
        paths += [here / n for n in files if not n.startswith(".")]
    if not paths:
        raise DataError(f"{flag}={folder}: the folder has no files.")
    return sorted(paths), closed
