"""A checkpoint's JSON files, and the error that a broken one raises."""

import json
import reprlib
from pathlib import Path

from ipcgan import atomic

CONFIG = "config.json"  # what was trained, and how: read before any weights.
CHANGES = "changes"  # of CONFIG: settings that a resumed run changed.
BEGUN_WITH = "init_from"  # of CONFIG: the weights that training started from.


class CheckpointError(ValueError):
    """A checkpoint that is missing, broken, or of another training run."""


def write_json(path: Path, values: dict) -> None:
    """Writes JSON, whole or not at all."""
    atomic.write_text(path, json.dumps(values, indent=2, sort_keys=True) + "\n")


def read_json(path: Path) -> dict:
    """Reads a JSON object.

    Raises:
        CheckpointError: if the file is missing or not a JSON object.
    """
    try:
        values = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: cannot be read: {error}.") from error
    if not isinstance(values, dict):
        raise CheckpointError(f"{path}: expected a JSON object.")
    return values


def changes(values: dict, path: Path) -> list[dict]:
    """Returns the CHANGES of a config.json, by step: {"step": 7, KEY: [before, now]}.

    Args:
        values: the config.
        path: where it is from.

    Raises:
        CheckpointError: if they are not of that kind.
    """
    found = values.get(CHANGES, [])
    whole = isinstance(found, list) and all(map(_is_change, found))
    if not whole:
        raise CheckpointError(
            f"{path}: {CHANGES}: expected a list of objects with a whole step and "
            f"[before, now] by key, got {reprlib.repr(found)}."
        )
    return found


def _is_change(value):
    return (
        isinstance(value, dict)
        and type(value.get("step")) is int
        and all(
            isinstance(both, list) and len(both) == 2
            for key, both in value.items()
            if key != "step"
        )
    )
