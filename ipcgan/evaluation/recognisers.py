"""Any of DeepFace's recognisers."""

import threading
from pathlib import Path

import numpy as np

from ipcgan.config import ConfigError
from ipcgan.evaluation.identity import prepare_weights
from ipcgan.photos.weights import deepface_problem


class DeepFaceRecogniser:
    """Descriptors of aligned crops through one of DeepFace's models.

    The crop is taken as it is, without a detector: it is aligned. Descriptors have
    length 1, so that Euclidean distances order pairs as the cosine does.

    Args:
        name: as DeepFace calls the model.
        home: folder for DeepFace's weights.

    Raises:
        ConfigError: if DeepFace has no such model.
        MissingWeightsError: if its weights are not there and cannot be downloaded.
    """

    def __init__(self, name: str, home: Path):
        prepare_weights(home)
        from deepface import DeepFace
        from deepface.config.threshold import thresholds

        if name not in thresholds:
            raise ConfigError(
                f"--recogniser={name}: expected HSE or one of {', '.join(thresholds)}."
            )
        try:
            self.length = DeepFace.build_model(name).output_shape
        except (ValueError, ImportError, OSError) as error:
            raise deepface_problem(name, error, home) from error
        self.threshold = thresholds[name]["euclidean_l2"]
        self._represent = DeepFace.represent
        self._name = name
        self._lock = threading.Lock()  # The model is one for all threads.

    def describe(self, face: np.ndarray) -> np.ndarray:
        """Returns the [D] float32 descriptor of a [H, W, 3] uint8 RGB crop."""
        with self._lock:
            answer = self._represent(
                np.ascontiguousarray(face[..., ::-1]),  # BGR, as DeepFace reads files.
                model_name=self._name,
                detector_backend="skip",
                enforce_detection=False,
                align=False,
            )
        descriptor = np.asarray(answer[0]["embedding"], np.float32)
        return descriptor / max(float(np.linalg.norm(descriptor)), 1e-12)
