"""Detects whether an aligned crop shows a face at all."""

import cv2
import numpy as np

# The detector wants some background around a face, and aligned crops have none.
_SIZE = 128  # pixels to which a crop is resized; the smallest face it knows has 80.
_BORDER = 32  # pixels around it.
# Lower than the detector's usual 0, which misses faces that look aside.
_LEAST_SCORE = -0.5


class FaceFinder:
    """dlib's detector of frontal faces, on aligned crops."""

    def __init__(self):
        import dlib

        self._detector = dlib.get_frontal_face_detector()

    def count(self, face: np.ndarray) -> int:
        """Returns how many faces are in a [H, W, 3] uint8 RGB crop."""
        method = cv2.INTER_AREA if face.shape[0] > _SIZE else cv2.INTER_LINEAR
        face = cv2.resize(face, (_SIZE, _SIZE), interpolation=method)
        borders = (_BORDER,) * 4
        face = cv2.copyMakeBorder(face, *borders, cv2.BORDER_REPLICATE)
        found, _, _ = self._detector.run(face, 0, _LEAST_SCORE)
        return len(found)
