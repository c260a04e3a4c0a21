import h5py
import keras
import numpy as np
import pytest

from ipcgan.checkpoints import CheckpointError
from ipcgan.evaluation import inception


def tiny_inception(weights, include_top, pooling, input_shape):
    """Mean colours of the picture in InceptionV3's place: a 1x1 convolution."""
    image = keras.Input(input_shape)
    x = keras.layers.Conv2D(3, 1, use_bias=False, name="mixed10")(image)
    return keras.Model(image, keras.layers.GlobalAveragePooling2D()(x))


@pytest.fixture
def file(tmp_path, monkeypatch):
    """Where InceptionV3's weights would lie; the network is a tiny one."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(keras.applications, "InceptionV3", tiny_inception)
    (tmp_path / "models").mkdir()
    return inception.inception_path()


def test_there_are_none_without_weights_on_disk(file):
    assert inception.read_features() is None


def test_features_of_any_number_of_faces(file):
    with h5py.File(file, "w") as weights:  # the old format, as it is published.
        weights.attrs["layer_names"] = [b"mixed10"]
        layer = weights.create_group("mixed10")
        layer.attrs["weight_names"] = [b"kernel"]
        layer["kernel"] = np.eye(3, dtype=np.float32)[None, None]
    name, features = inception.read_features()
    assert name == "InceptionV3 pool, ImageNet"
    levels = np.arange(0, 198, 6, dtype=np.uint8)  # one more than a batch.
    faces = np.broadcast_to(levels[:, None, None, None], (33, 4, 4, 3))
    # A face of one level everywhere has it as its mean, in [-1, 1].
    expected = np.repeat(levels[:, None] / 127.5 - 1.0, 3, axis=1)
    # Float32 sums of 89,401 pixels; the next level is 0.05 away.
    np.testing.assert_allclose(features(faces, "faces"), expected, atol=1e-3)
    assert features(faces[:0], "nobody").shape == (0, 3)


def test_another_file_is_refused(file):
    file.write_bytes(b"not weights")
    with pytest.raises(CheckpointError, match="notop.h5: is not InceptionV3"):
        inception.read_features()
