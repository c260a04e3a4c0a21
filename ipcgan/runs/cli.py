"""Runs as a program sees them: expected errors become one message and a status."""

import os
import sys
from collections.abc import Callable

from absl import logging

from ipcgan.checkpoints import CheckpointError
from ipcgan.config import ConfigError
from ipcgan.data.records import DataError
from ipcgan.photos import MissingWeightsError

EXPECTED = (
    CheckpointError,
    ConfigError,
    DataError,
    MissingWeightsError,
    OSError,  # A full disk, a folder that cannot be written to.
)
_TRAINER = "ipcgan.training.trainer"


def run(function: Callable, *arguments):
    """Calls function(*arguments); an EXPECTED error ends the program with status 1."""
    logging.set_verbosity(logging.INFO)
    try:
        return function(*arguments)
    except (*EXPECTED, *_of_training()) as error:
        sys.exit(f"error: {error}")


def _of_training():
    # Where nobody trains, its modules are not loaded, for they load the backend.
    trainer = sys.modules.get(_TRAINER)
    return (trainer.NotFiniteError,) if trainer else ()


def printable(path: str | os.PathLike) -> str:
    """Returns a file's name as it can be printed on one line of any terminal."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
