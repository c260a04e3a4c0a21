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
        recognisers.make_recogniser("SFace", tmp_path)
    message = str(caught.value)
    assert "\n" not in message
    place = tmp_path / ".deepface" / "weights" / "face_recognition_sface_2021dec.onnx"
    assert message.endswith(f"at {place}")


def test_unknown_recogniser_names_the_known_ones(tmp_path):
    with pytest.raises(ConfigError, match="--recogniser=Nobody: .*Dlib"):
        recognisers.make_recogniser("Nobody", tmp_path)
