"""scores.jsonl beside a training run's checkpoints: a line for each that was scored."""

import json
from pathlib import Path

from ipcgan.data.records import DataError

SCORES = "scores.jsonl"


def read_scores(folder: Path) -> list[dict]:
    """Returns the entries of scores.jsonl; none where there is no such file.

    Raises:
        DataError: if a line is not JSON, with its number.
    """
    path = folder / SCORES
    if not path.is_file():
        return []
    entries = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        try:
            entries.append(json.loads(line))
        except ValueError as error:
            raise DataError(f"{path}:{number}: is not JSON: {error}.") from error
    return entries
