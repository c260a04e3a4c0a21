"""How old a face in a photograph looks, and whether two of them are one person's.

The judge is HSE's face network, which taught no generator.
"""

from pathlib import Path

import numpy as np

from ipcgan.checkpoints import shipped
from ipcgan.evaluation import hse
from ipcgan.photos import DLIB_TEMPLATE, Face, alignment

FOLDER = "checkpoints/judges/hse_face"
# Distances that 1 and 10 in 1,000 pairs of strangers are below; see its model card.
SAME, UNSURE = 0.867, 0.950


def weights() -> Path:
    """Returns the file of the shipped judge's network."""
    return Path(shipped.located(FOLDER)) / hse.FILE


class Judge:
    """Judges faces where they are in photographs; one thread may use it at a time.

    Args:
        folder: of the network.

    Raises:
        MissingWeightsError: if it is not there.
    """

    def __init__(self, folder: str | Path = FOLDER):
        self._network = hse.HSEFaceNetwork(shipped.located(folder))

    def __call__(self, photo: np.ndarray, face: Face) -> tuple[float, np.ndarray]:
        """Returns (years, descriptor [D]) of a face.

        Args:
            photo: [H, W, 3] uint8 RGB.
            face: in it.
        """
        transform = alignment.to_crop(face.points, DLIB_TEMPLATE, hse.SIZE)
        crop = alignment.cut(photo, transform, hse.SIZE)
        years, _ = self._network.judge(crop)
        return years, self._network.describe(crop)


def verdict(distance: float) -> str:
    """Returns "same", "unsure" or "other" person at a distance of descriptors."""
    if distance <= SAME:
        return "same"
    return "unsure" if distance <= UNSURE else "other"
