"""Runs as a program sees them: expected errors become one message and a status."""

import sys
from collections.abc import Callable

from absl import logging

from ipcgan.checkpoints import CheckpointError
from ipcgan.data.records import DataError
from ipcgan.evaluation.identity import MissingWeightsError
from ipcgan.training.trainer import NotFiniteError

EXPECTED = (CheckpointError, DataError, MissingWeightsError, NotFiniteError)


def run(function: Callable, *arguments):
    """Calls function(*arguments); an EXPECTED error ends the program with status 1."""
    logging.set_verbosity(logging.INFO)
    try:
        return function(*arguments)
    except EXPECTED as error:
        sys.exit(f"error: {error}")
