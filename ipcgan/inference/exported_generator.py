"""A generator that another library than Keras computes, behind Keras' one call."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from ipcgan import checkpoints

_MAX_SIDE = 1024  # pixels; a file that asks for more is refused.
# Calls of one generator that are computed at a time; others wait for their turn. One
# call keeps several cores busy, and each takes memory of its own.
AT_ONCE = max(2, min(8, (os.cpu_count() or 2) // 2))


class ExportedGenerator:
    """A generator that another library computes; any number of threads may call it.

    Attributes:
        inputs: of [image, group], each with its `shape`, as a keras.Model has them.
        engine: the library, and the precision that it multiplies in.

    Args:
        predict: (images, groups) -> images; called by up to AT_ONCE threads at a time.
        side: S of the images, in pixels.
        engine: as the attribute.
    """

    def __init__(self, predict: Callable, side: int, engine: str):
        self._predict = predict
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self.engine = engine
        self.inputs = [
            SimpleNamespace(shape=(None, side, side, 3)),
            SimpleNamespace(shape=(None,)),
        ]

    def predict_on_batch(self, inputs: list[np.ndarray]) -> np.ndarray:
        """Ages faces.

        Args:
            inputs: images [N, S, S, 3] float32 in [-1, 1], and groups [N] int32.

        Returns:
            [N, S, S, 3] float32 in [-1, 1], no other caller's memory.

        Raises:
            checkpoints.CheckpointError: if the library cannot compute the network, or
                it makes something else of faces.
        """
        image, group = inputs
        try:
            with self._turns:
                made = self._predict(np.ascontiguousarray(image), group)
        except MemoryError:
            raise
        except Exception as error:  # The libraries have many kinds, some of no base.
            raise checkpoints.CheckpointError(
                f"{self.engine}: cannot compute the network: {_last_line(error)}"
            ) from error
        if made.shape != image.shape:
            raise checkpoints.CheckpointError(
                f"{self.engine}: the network made {made.shape} of {image.shape}."
            )
        return made


def checked_side(path: Path, side: object) -> int:
    """Returns the side of the faces that an export takes, in pixels.

    Raises:
        checkpoints.CheckpointError: if the file does not say, or asks for too much.
    """
    if not isinstance(side, int) or not 1 <= side <= _MAX_SIDE:
        raise checkpoints.CheckpointError(
            f"{path}: expected an input of up to {_MAX_SIDE} pixels, got {side}."
        )
    return side


def broken(path: Path, error: Exception) -> checkpoints.CheckpointError:
    """Returns the error of an export that its library cannot read, on one line."""
    return checkpoints.CheckpointError(f"{path}: cannot be read: {_last_line(error)}")


def _last_line(error):
    return (str(error).strip().splitlines() or ["no reason given"])[-1]
