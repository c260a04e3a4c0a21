"""The pretrained networks that teach a generator."""

import numpy as np
import pytest
from helpers import one_step
from keras import ops

from ipcgan import face_networks
from ipcgan.checkpoints import CheckpointError
from ipcgan.config import ConfigError
from ipcgan.models import face_resnet as face_resnet_models


@pytest.fixture(scope="module")
def resnet_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("resnet")
    network, sizes = one_step.tiny_face_resnet()
    face_networks.write(network, sizes, folder, {})
    return folder


def faces(count=2):
    random = np.random.default_rng(0)
    return random.uniform(-1, 1, (count, 32, 32, 3)).astype("float32")


def test_a_face_resnet_says_what_its_sizes_say():
    network, _ = one_step.tiny_face_resnet()
    said = network(faces())
    assert {name: tuple(value.shape) for name, value in said.items()} == {
        "age_logits": (2, 5),
        "age_years": (2,),
        "gender_logits": (2, 2),
        "descriptor": (2, 3),
    }
    ages_alone = face_resnet_models.build_face_resnet(
        face_resnet_models.FaceResNetSizes(image_size=32, trunk_size=32, filters=4)
    )
    assert list(ages_alone.output) == ["age_logits"]


def test_a_face_resnet_has_basic_blocks_with_shortcuts():
    network = face_resnet_models.build_face_resnet(
        face_resnet_models.FaceResNetSizes(filters=16)
    )
    shapes = {layer.name: layer.output.shape[1:] for layer in network.layers}
    assert shapes["stem"] == (64, 64, 16)
    assert shapes["stage1_block0_add"] == (32, 32, 32)
    assert shapes["stage4_block0_add"] == (4, 4, 64)
    # Two convolutions of 3 x 3, a shortcut of 1 x 1, each normalized: by hand.
    counts = {layer.name: layer.count_params() for layer in network.layers}
    block = [n for name, n in counts.items() if name.startswith("stage2_block0")]
    assert sum(block) == 9 * 32 * 32 + 9 * 32 * 32 + 32 * 32 + 3 * 4 * 32


def test_a_face_resnet_refuses_sizes_that_it_cannot_halve_five_times():
    with pytest.raises(ConfigError, match="multiple of 32: 48"):
        face_resnet_models.FaceResNetSizes(trunk_size=48)


def test_a_face_resnet_refuses_a_descriptor_beyond_measure():
    with pytest.raises(ConfigError, match="descriptor_size out of range: 0, 9000"):
        face_resnet_models.FaceResNetSizes(descriptor_size=9000)


def test_a_face_network_survives_its_folder(resnet_folder):
    network, sizes = one_step.tiny_face_resnet()
    again, same = face_networks.read(resnet_folder, image_size=32, kind="face_resnet")
    assert same == sizes
    for name, value in network(faces()).items():
        np.testing.assert_array_equal(value, again(faces())[name])


def test_a_face_resnet_sees_faces_of_any_size_at_its_own(resnet_folder):
    own, _ = face_networks.read(resnet_folder, image_size=32, kind="face_resnet")
    small, _ = face_networks.read(resnet_folder, image_size=16, kind="face_resnet")
    little = np.random.default_rng(1).uniform(-1, 1, (2, 16, 16, 3)).astype("float32")
    enlarged = ops.image.resize(little, (32, 32), interpolation="bilinear")
    expected = own(enlarged)
    for name, value in small(little).items():
        np.testing.assert_allclose(value, expected[name], atol=1e-5)


def test_a_face_network_of_another_kind_is_refused(resnet_folder):
    with pytest.raises(CheckpointError, match="'face_resnet', expected alexnet"):
        face_networks.read(resnet_folder, image_size=32)


def test_a_face_resnet_gives_its_predictions_and_leaves_the_features(
    alexnet_folder, resnet_folder
):
    alone = face_networks.read_frozen(str(alexnet_folder), "", 32)
    both = face_networks.read_frozen(str(alexnet_folder), str(resnet_folder), 32)
    assert not both.trainable_weights
    resnet, _ = face_networks.read(resnet_folder, image_size=32, kind="")
    before, said, predictions = (net(faces()) for net in (alone, both, resnet))
    assert said.keys() == before.keys()
    for name, value in said.items():
        expected = predictions.get(name, before[name])
        np.testing.assert_allclose(
            ops.convert_to_numpy(value), ops.convert_to_numpy(expected), atol=1e-6
        )


def test_a_reader_has_what_the_heads_of_its_face_resnet_read(tmp_path):
    sizes = face_resnet_models.FaceResNetSizes(
        image_size=32, num_groups=3, reads_years=True, reads_gender=True
    )
    network = face_resnet_models.build_face_resnet(sizes)
    one_step.draw_weights(network, seed=3)
    face_networks.write(network, sizes, tmp_path, {})
    reader = face_resnet_models.build_reader(32)
    face_networks.load_reader(reader, str(tmp_path))
    read = ops.convert_to_numpy(reader(faces()))
    said = network(faces())
    for name, hidden in (("age_groups", read[:, :256]), ("gender", read[:, 256:])):
        kernel, bias = network.get_layer(name).get_weights()
        logits = "age_logits" if name == "age_groups" else "gender_logits"
        np.testing.assert_allclose(hidden @ kernel + bias, said[logits], rtol=1e-4)


def test_a_reader_of_another_size_is_refused(resnet_folder):
    reader = face_resnet_models.build_reader(32)
    with pytest.raises(CheckpointError, match="--templates needs .* default sizes"):
        face_networks.load_reader(reader, str(resnet_folder))
