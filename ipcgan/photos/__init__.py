"""A photograph -> faces cut out as the training faces were, and back again.

detection finds faces and their landmarks (deepface_detection by other detectors than
dlib's, if asked to), alignment cuts them out upright, pasting
puts aged faces back.
"""

import numpy as np

from ipcgan.photos.alignment import DLIB_TEMPLATE, cut, to_crop
from ipcgan.photos.deepface_detection import DeepFaceDetector, DetectionError
from ipcgan.photos.detection import Face, FaceFinder, find_again
from ipcgan.photos.landmarks import landmark_finder
from ipcgan.photos.weights import (
    DLIB_RECOGNISER,
    MissingWeightsError,
    deepface_home,
    dlib_landmarks,
    dlib_models,
    dlib_tensors,
)

__all__ = [
    "DLIB_RECOGNISER",
    "DLIB_TEMPLATE",
    "DeepFaceDetector",
    "DetectionError",
    "Face",
    "FaceFinder",
    "MissingWeightsError",
    "cut_again",
    "cut_faces",
    "deepface_home",
    "dlib_landmarks",
    "dlib_models",
    "dlib_tensors",
    "find_again",
    "landmark_finder",
]

CHIP_SIZE = 200  # pixels; as UTKFace's files are.


def cut_faces(
    photo: np.ndarray, size: int = CHIP_SIZE, template: np.ndarray = DLIB_TEMPLATE
) -> list[np.ndarray]:
    """Finds the faces in a photograph and cuts them out, upright.

    Args:
        photo: [H, W, 3] uint8 RGB; faces of 40 pixels or more are found.
        size: side of the results, in pixels.
        template: [5, 2] where the landmarks come to lie, as shares of the side.

    Returns:
        [size, size, 3] uint8 each, the largest face first; none where none was found.

    Raises:
        MissingWeightsError: if dlib's landmarks are not installed.
    """
    return [
        cut(photo, to_crop(face.points, template, size), size)
        for face in FaceFinder()(photo)
    ]


def cut_again(
    finder: FaceFinder, photo: np.ndarray, face: Face, size: int, template: np.ndarray
) -> np.ndarray | None:
    """Cuts out the face of a photograph that lies where `face` lay in another.

    Args:
        finder: of faces.
        photo: [H, W, 3] uint8 RGB.
        face: found before, in a photograph of the same size.
        size: side of the result, in pixels.
        template: [5, 2] where the landmarks come to lie, as shares of the side.

    Returns:
        [size, size, 3] uint8; None: no face is found there.
    """
    found = find_again(finder, photo, face)
    if found is None:
        return None
    return cut(photo, to_crop(found.points, template, size), size)
