"""Runs as a program sees them: expected errors become one message and a status."""

import sys
from collections.abc import Callable

from absl import logging

from ipcgan.checkpoints import CheckpointError
from ipcgan.config import ConfigError
from ipcgan.data.records import DataError
from ipcgan.photos import MissingWeightsError
from ipcgan.training.trainer import NotFiniteError

EXPECTED = (
    CheckpointError,
    ConfigError,
    DataError,
    MissingWeightsError,
    NotFiniteError,
    OSError,  # A full disk, a folder that cannot be written to.
)


def run(function: Callable, *arguments):
    """Calls function(*arguments); an EXPECTED error ends the program with status 1."""
    logging.set_verbosity(logging.INFO)
    try:
        return function(*arguments)
    except EXPECTED as error:
        sys.exit(f"error: {error}")
