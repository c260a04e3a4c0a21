"""Measures the alignment template of existing crops: their mean landmarks."""

from collections.abc import Iterable

import cv2
import numpy as np

from ipcgan.photos.detection import FaceFinder

_SIDE = 200  # pixels to which a crop is resized, and half of that around it.


def measure_template(crops: Iterable[np.ndarray]) -> tuple[np.ndarray, np.ndarray, int]:
    """Measures the five landmarks of training faces.

    Args:
        crops: [H, W, 3] uint8 each, square.

    Returns:
        (mean [5, 2] as shares of the side, standard deviation [5, 2], in how many
        crops a face was found).

    Raises:
        ValueError: if a face was found in none.
    """
    finder = FaceFinder()
    border = _SIDE // 2  # The detector wants some background around a face.
    shares = []
    for crop in crops:
        crop = cv2.resize(crop, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
        crop = cv2.copyMakeBorder(crop, *(border,) * 4, cv2.BORDER_REPLICATE)
        faces = finder(crop)
        if faces:
            shares.append((faces[0].points - border + 0.5) / _SIDE)
    if not shares:
        raise ValueError("No face was found in any of the crops.")
    return np.mean(shares, axis=0), np.std(shares, axis=0), len(shares)
