import numpy as np
import pytest

from ipcgan.config import ConfigError
from ipcgan.evaluation import recognisers
from ipcgan.photos import MissingWeightsError


def test_missing_weights_are_one_line_with_file_and_place(tmp_path, monkeypatch):
    from deepface.commons import weight_utils

    def unreachable(url):
        raise OSError("no network")

    monkeypatch.setattr(weight_utils, "ensure_source_is_reachable", unreachable)
    with pytest.raises(MissingWeightsError) as caught:
        recognisers.DeepFaceRecogniser("SFace", tmp_path)
    message = str(caught.value)
    assert "\n" not in message
    place = tmp_path / ".deepface" / "weights" / "face_recognition_sface_2021dec.onnx"
    assert message.endswith(f"at {place}")


def test_unknown_recogniser_names_the_known_ones(tmp_path):
    with pytest.raises(ConfigError, match="--recogniser=Nobody: .*Dlib"):
        recognisers.DeepFaceRecogniser("Nobody", tmp_path)


def test_descriptors_of_deepface_models_have_length_1(tmp_path, monkeypatch):
    """With random weights: only the way through DeepFace is tested."""
    from deepface.commons import weight_utils
    from deepface.modules import modeling

    monkeypatch.setattr(
        weight_utils, "download_weights_if_necessary", lambda **_: "unused"
    )
    monkeypatch.setattr(
        weight_utils, "load_model_weights", lambda model, weight_file: model
    )
    recogniser = recognisers.DeepFaceRecogniser("DeepID", tmp_path)
    face = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    descriptor = recogniser.describe(face)
    assert descriptor.shape == (recogniser.length,)
    assert np.linalg.norm(descriptor) == pytest.approx(1.0)
    # DeepFace keeps the models that it built: this one is of no use to others.
    modeling.cached_models["facial_recognition"].pop("DeepID")
    assert recogniser.threshold == 0.17  # DeepFace's, for Euclidean distances of such.
