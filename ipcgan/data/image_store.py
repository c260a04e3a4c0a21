"""Decodes the faces of a training set once and keeps them where memory allows."""

import threading
from collections.abc import Sequence

import numpy as np
from absl import logging

from ipcgan.data import images, segmentation
from ipcgan.data.records import DataError, Record

UNREADABLE_SHARE = 0.01  # of all faces; more stop a run.


class ImageStore:
    """Gives the face of a record as uint8, from memory after the first time.

    Safe to call from several threads. An unreadable file is reported once.

    Args:
        records: the faces.
        image_size: side of the square that every face is resized to, in pixels.
        memory_bytes: how much to keep at most; the rest is decoded every time.
    """

    def __init__(self, records: Sequence[Record], image_size: int, memory_bytes: int):
        self.records = records
        self.image_size = image_size
        self.unreadable: dict[int, str] = {}  # position -> reason
        self._room = memory_bytes
        self._kept: dict[int, np.ndarray] = {}  # position -> face
        self._kept_masks: dict[int, np.ndarray] = {}
        self._lock = threading.Lock()

    def face(self, position: int) -> np.ndarray | None:
        """Returns [S, S, 3] uint8 RGB, or None where the file cannot be read.

        Raises:
            DataError: once more than UNREADABLE_SHARE of all files proved unreadable,
                with the list of them.
        """
        if position in self.unreadable:
            return None
        face = self._kept.get(position)
        if face is not None:
            return face
        try:
            face = images.read_image(self.records[position].path)
        except images.ImageError as error:
            self._report(position, str(error))
            return None
        face = images.resize(face, self.image_size)
        self._keep(self._kept, position, face)
        return face

    def mask(self, position: int) -> np.ndarray | None:
        """Returns [S, S] uint8, 255 where the face is; None where there is no map.

        Raises:
            DataError: if there is one that cannot be read.
        """
        path = self.records[position].segmentation
        if path is None:
            return None
        mask = self._kept_masks.get(position)
        if mask is None:
            mask = segmentation.read_mask(path, self.image_size)
            self._keep(self._kept_masks, position, mask)
        return mask

    def _keep(self, kept, position, array):
        with self._lock:
            if array.nbytes <= self._room and position not in kept:
                self._room -= array.nbytes
                kept[position] = array

    def _report(self, position, reason):
        with self._lock:
            if position not in self.unreadable:
                self.unreadable[position] = reason
                logging.warning("Left out, %d so far: %s", len(self.unreadable), reason)
        if len(self.unreadable) > UNREADABLE_SHARE * len(self.records):
            reasons = "\n".join(self.unreadable.values())
            raise DataError(
                f"{len(self.unreadable)} of {len(self.records)} images cannot be read "
                f"(at most {UNREADABLE_SHARE:.0%} may):\n{reasons}"
            )
