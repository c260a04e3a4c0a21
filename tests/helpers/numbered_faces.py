"""Stores of faces that tell their position, for tests of what is drawn."""

from pathlib import Path

import numpy as np

from ipcgan.data import images, pipeline
from ipcgan.data.labelled_batches import LabelledBatches
from ipcgan.data.records import Record

GROUP_SIZES = (3, 2, 4, 1, 5)
SIZE = 4  # pixels


class NumberedFaces:
    """Stands for an ImageStore: the face at a position is even, of that value."""

    def __init__(self, group_sizes=GROUP_SIZES):
        groups = np.repeat(np.arange(len(group_sizes)), group_sizes)
        self.records = [Record(Path("face.png"), int(group)) for group in groups]
        self.unreadable = {}

    def face(self, position):
        return np.full((SIZE, SIZE, 3), position, np.uint8)

    def positions(self, image):
        """The positions of the faces in [N, S, S, 3]."""
        return images.to_uint8(image)[:, 0, 0, 0].tolist()

    def groups(self, image):
        return [self.records[position].group for position in self.positions(image)]


class HalfWhiteFaces(NumberedFaces):
    """Faces that are black at left and white at right."""

    def face(self, position):
        return np.repeat(np.array([[0, 255]], np.uint8), 2, 0)[..., None].repeat(3, 2)


def face_batches(**options):
    options = {"store": NumberedFaces(), "batch_size": 7, "seed": 0, **options}
    return pipeline.FaceBatches(**options)


def labelled_batches(**options):
    options = {"store": NumberedFaces(), "batch_size": 7, "seed": 0, **options}
    return LabelledBatches(**options)
