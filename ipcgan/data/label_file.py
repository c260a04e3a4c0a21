"""Reads CSV files of labels: a header, and a line for each image."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from ipcgan.data.records import DataError

MOST_BYTES = 64 * 2**20  # of a file; FFHQ-Aging's, the largest, has a sixth of it.


def read_rows(path: Path, columns: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
    """Reads a CSV file (UTF-8, with or without a byte order mark).

    Args:
        path: the file.
        columns: that it must have; other columns and blank lines are allowed.

    Returns:
        Of each line (file:line, for messages; column -> cell, without blanks around).

    Raises:
        DataError: if the file cannot be read, has more than MOST_BYTES, lacks a column
            or has no line after the header; naming the first line that has more or
            fewer cells than the header.
    """
    lines = _read_lines(path)
    number, header = lines[0] if lines else (1, [])
    missing = [name for name in columns if name not in header]
    if missing:
        raise DataError(
            f"{path}:{number}: expected the columns {', '.join(columns)}; "
            f"{', '.join(missing)} is missing."
        )
    rows = []
    for number, cells in lines[1:]:
        where = f"{path}:{number}"
        if len(cells) != len(header):
            raise DataError(
                f"{where}: expected {len(header)} columns, got {len(cells)}."
            )
        rows.append((where, dict(zip(header, cells, strict=True))))
    if not rows:
        raise DataError(f"{path}: has no line after the header.")
    return rows


def _read_lines(path):
    """Returns (number, cells) of every line that is not blank."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise DataError(f"{path}: expected at most {MOST_BYTES} bytes, has more.")
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        return [
            (reader.line_num, [cell.strip() for cell in cells])
            for cells in reader
            if cells
        ]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: cannot be read: {error}.") from error
