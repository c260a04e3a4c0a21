"""Tells the files that earlier runs wrote into a folder from the user's own.

Every name is noted before its file is written, so that a run that was killed may be
run again. A file of the user's is never overwritten, nor an input beside it.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from ipcgan.data.records import DataError

SHEET = "contact_sheet.jpg"
REPORT = "report.json"
NOTES = ".written.jsonl"  # names in the folder, one JSON string a line.
_REASON = "is there already, and no earlier run wrote it"


class OwnFiles:
    """The files of one --save_dir.

    Args:
        target: the folder.
        inputs: files that are never overwritten, whoever wrote them.

    Raises:
        DataError: if a report or contact sheet is there that no run wrote.
    """

    def __init__(self, target: Path, inputs: Iterable[Path] = ()):
        self._target = target
        self._inputs = {_identity(path) for path in inputs} - {None}
        self._names = _noted(target / NOTES) | _reported(target / REPORT)
        for name in (SHEET, REPORT):
            if self.refusal(Path(name)):
                raise DataError(
                    f"--save_dir={target}: its {name} {_REASON}; it would be "
                    "overwritten. Name another folder."
                )

    def refusal(self, name: Path) -> str | None:
        """Returns why a file must not be written, or None.

        Args:
            name: of the file, below the folder.
        """
        path = self._target / name
        if not os.path.lexists(path):
            return None
        if _identity(path) in self._inputs:
            return f"its output {name} would overwrite an input"
        return None if str(name) in self._names else f"its output {name} {_REASON}"

    def note(self, names: Iterable[Path]) -> None:
        """Notes files that are about to be written.

        Raises:
            OSError: if that cannot be done.
        """
        new = [str(name) for name in names if str(name) not in self._names]
        if not new:
            return
        # No link is followed to another file.
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        handle = os.open(self._target / NOTES, flags, 0o666)
        with open(handle, "a", encoding="ascii", newline="\n") as file:
            file.writelines(f"{json.dumps(name)}\n" for name in new)
        self._names.update(new)


def _identity(path):
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _noted(path):
    """The names in the notes; a line that a kill cut off is none."""
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return set()
    return {name for name in map(_parsed, lines) if isinstance(name, str)}


def _reported(path):
    """The names in a report, from before there were notes."""
    try:
        report = _parsed(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return set()
    if not isinstance(report, dict) or not isinstance(report.get("aged"), dict):
        return set()
    lists = [
        entry["written"]
        for entry in report["aged"].values()
        if isinstance(entry, dict) and isinstance(entry.get("written"), list)
    ]
    return {SHEET, REPORT, *(str(name) for names in lists for name in names)}


def _parsed(text):
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
