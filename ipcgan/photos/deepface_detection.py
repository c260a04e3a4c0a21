"""Face boxes from one of DeepFace's detectors."""

import threading
from pathlib import Path

import cv2
import numpy as np

from ipcgan.config import ConfigError
from ipcgan.photos.weights import deepface_problem, prepare_deepface

_LONGEST = 1200  # pixels; the longer side of the copy that is searched.
_TRIAL = 64  # pixels; an empty picture on which a detector must work at all.


class DetectionError(RuntimeError):
    """A photograph that a detector could not look at; the message says why."""


class DeepFaceDetector:
    """One of DeepFace's detectors; any thread may call it.

    Args:
        name: as DeepFace calls it.
        home: folder for DeepFace's weights; see photos.weights.

    Raises:
        ConfigError: if DeepFace has no such detector.
        MissingWeightsError: if its package is not installed, or its weights are not
            there and cannot be downloaded.
    """

    def __init__(self, name: str, home: Path):
        prepare_deepface(home)
        from deepface.modules import modeling

        known = modeling.AVAILABLE_MODELS["face_detector"]
        if name not in known:
            raise ConfigError(f"--detector={name}: expected one of {', '.join(known)}.")
        self._name = name
        self._lock = threading.Lock()  # Their models are not for several threads.
        try:
            self._model = modeling.get_model_class("face_detector", name)()
            # Some read their weights only now.
            self._model.detect_faces(np.zeros((_TRIAL, _TRIAL, 3), np.uint8))
            if name == "opencv" and any(c.empty() for c in self._model.model.values()):
                # Without them it would silently find no face.
                raise ValueError("its haarcascade files cannot be read")
        except Exception as error:
            # A dozen packages, each with errors of its own for a broken file.
            raise deepface_problem(name, error, home) from error

    def boxes(self, photo: np.ndarray) -> list[tuple[float, float, float, float]]:
        """Finds faces.

        Args:
            photo: [H, W, 3] uint8 RGB.

        Returns:
            (left, top, right, bottom) of each in pixels; squares, as dlib's landmarks
            expect them.

        Raises:
            DetectionError: if the detector fails on this photograph.
        """
        height, width = photo.shape[:2]
        scale = min(1.0, _LONGEST / max(height, width))
        if scale < 1:
            size = (max(1, round(width * scale)), max(1, round(height * scale)))
            photo = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
        blue_first = np.ascontiguousarray(photo[..., ::-1])  # as DeepFace reads files.
        try:
            with self._lock:
                found = self._model.detect_faces(blue_first)
        except Exception as error:
            # Again any error; and one photograph must not end a whole folder.
            reason = " ".join(str(error).split())
            raise DetectionError(f"{self._name} failed: {reason}") from error
        areas = [(area.x, area.y, area.w, area.h) for area in found]
        return [_square(*(float(v) / scale for v in area)) for area in areas]


def _square(left, top, width, height):
    """Returns the square on the same chin: most boxes are higher, and have a forehead.

    dlib's boxes, on which its landmarks were trained, end at the brows.
    """
    side = (width + height) / 2
    middle, bottom = left + width / 2, top + height
    return (middle - side / 2, bottom - side, middle + side / 2, bottom)
