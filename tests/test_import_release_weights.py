import dataclasses
import json

import keras
import numpy as np
import pytest
from helpers import authors_release
from helpers.authors_release import TINY, TINY_ALEXNET, made, write_bundle

from ipcgan import face_networks
from ipcgan.checkpoints import CheckpointError
from ipcgan.inference.ager import FaceAger
from ipcgan.models import ipcgan as ipcgan_models
from ipcgan.models.alexnet import build_alexnet
from ipcgan.runs.weights import import_release as weights


@pytest.fixture(scope="module")
def release():
    return made(
        authors_release.generator_shapes() | authors_release.discriminator_shapes()
    )


@pytest.fixture(scope="module")
def imported(release, tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    prefix = write_bundle(folder / "acgan.model-399999", release)
    weights.import_generator(prefix, str(folder / "ours"), TINY)
    return folder / "ours"


def read_network(build, folder, name):
    network = build(TINY)
    network.load_weights(folder / f"{name}.weights.h5")
    return network


def faces(count, side, seed=1):
    shape = (count, side, side, 3)
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.float32)


# The ageing network.


def test_tables_name_every_variable_of_the_networks_once():
    for network, pairs in (
        (ipcgan_models.build_generator(TINY), weights.generator_variables(2)),
        (
            ipcgan_models.build_discriminator(TINY),
            weights.discriminator_variables(),
        ),
        (
            build_alexnet(TINY_ALEXNET),
            [*weights.identity_variables(), *weights.age_variables()],
        ),
    ):
        ours = sorted(target for _, targets in pairs for target in targets)
        expected = sorted(
            f"{layer.name}/{variable.name}"
            for layer in network.layers
            for variable in layer.weights
            if variable.name != "scale"  # Ours alone; stays 1.
        )
        assert ours == expected


def test_tables_have_as_many_names_as_the_release():
    # Its index file has 172 and 34, with biased and local_step of each moving average.
    for pairs, total in (
        (list(weights.generator_variables(6)), 172),
        (list(weights.discriminator_variables()), 34),
    ):
        names = {name for name, _ in pairs}
        assert len(names) == len(pairs)
        averages = sum("/moving_" in name for name in names)
        assert len(names) + 2 * averages == total


@pytest.mark.parametrize(
    ("network", "theirs", "layer", "position"),
    [
        ("generator", "generator/conv1/weights", "stem", 0),
        ("generator", "generator/bn3/beta", "down2_norm", 1),
        ("generator", "generator/unit_1/sub2/conv2/biases", "residual1_conv2", 1),
        ("generator", "generator/unit_0/sub1/bn1/gamma", "residual0_conv1_norm", 0),
        ("generator", "generator/deconv2/weights", "up2", 0),
        ("generator", "generator/bn4/moving_mean", "up1_norm", 2),
        ("generator", "generator/bn5/moving_variance", "up2_norm", 3),
        ("generator", "generator/conv4/weights", "to_rgb", 0),
        ("discriminator", "discriminator/dis/weights", "dis_1", 0),
        ("discriminator", "discriminator/dis_4/biases", "dis_5", 1),
        ("discriminator", "discriminator/dis_bn0/moving_mean", "dis_2_norm", 2),
    ],
)
def test_values_land_in_their_layers(
    imported, release, network, theirs, layer, position
):
    build = getattr(ipcgan_models, f"build_{network}")
    ours = read_network(build, imported, network)
    found = ours.get_layer(layer).get_weights()[position]
    np.testing.assert_array_equal(found, release[theirs])


def test_generator_computes_what_the_authors_does(imported, release):
    pixels, group = faces(3, 16), np.array([0, 2, 4])
    generator = read_network(ipcgan_models.build_generator, imported, "generator")
    # training=True: statistics of the batch, as theirs always.
    found = generator([pixels / 127.5 - 1.0, group], training=True)
    expected = authors_release.generator(release, pixels, group)
    # Two orders of summation in float32, through normalizations of small batches.
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(found), expected, rtol=1e-3, atol=1e-4
    )


def test_discriminator_computes_what_the_authors_does(imported, release):
    image, group = faces(3, 16) / 127.5 - 1.0, np.array([0, 2, 4])
    build = ipcgan_models.build_discriminator
    discriminator = read_network(build, imported, "discriminator")
    found = discriminator({"image": image, "group": group}, training=True)
    expected = authors_release.discriminator(release, image, group)
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(found), expected, rtol=1e-3, atol=1e-4
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    # (value + 1) * 127.5 - (104, 117, 124)
    [(-1.0, (-104, -117, -124)), (0.0, (23.5, 10.5, 3.5)), (1.0, (151, 138, 131))],
)
def test_imported_generator_reads_pixels_minus_mean(value, expected):
    generator = ipcgan_models.build_generator(TINY)
    kernel = np.zeros((7, 7, 8, 4), np.float32)
    # Output channels 0-2 copy red, green, blue; channel 3 is 5 where the group is 1.
    for channel in range(3):
        kernel[3, 3, channel, channel] = 1.0
    kernel[3, 3, 3 + 1, 3] = 5.0
    bias = np.array([0.0, 0.0, 0.0, 0.25], np.float32)
    generator.get_layer("stem").set_weights([kernel, bias])
    stem = keras.Model(generator.inputs, generator.get_layer("stem").output)
    image = np.full((1, 16, 16, 3), value, np.float32)
    found = keras.ops.convert_to_numpy(stem([image, np.array([1])]))
    np.testing.assert_allclose(found[0, 0, 15], [*expected, 5.25], atol=1e-4)


def test_conversion_has_no_parameters():
    plain = dataclasses.replace(TINY, reads_mean_subtracted=False)
    counts = [ipcgan_models.build_generator(s).count_params() for s in (TINY, plain)]
    assert counts[0] == counts[1]


def test_face_ager_ages_with_an_imported_folder(imported):
    ager = FaceAger.from_checkpoint(imported, batch_size=2)
    face = faces(1, 16).astype(np.uint8)
    company = faces(3, 16, seed=2).astype(np.uint8)
    alone = ager(face, [1, 4])
    together = ager(face, [1, 4], companions=company)
    assert alone.shape == together.shape == (1, 2, 16, 16, 3)
    assert (alone != together).any()


def test_config_says_where_the_weights_came_from(imported):
    values = json.loads((imported / "config.json").read_text())
    assert values["family"] == "ipcgan"
    assert values["sizes"] == dataclasses.asdict(TINY)
    assert values["imported_from"]["files"] == ["acgan.model-399999"]
    assert "--train_data_dir" in values["note"]
    assert str(imported.parent) not in json.dumps(values)


def test_file_without_discriminator_gives_the_generator_alone(tmp_path):
    prefix = write_bundle(
        tmp_path / "acgan.model-9", made(authors_release.generator_shapes())
    )
    weights.import_generator(prefix, str(tmp_path / "ours"), TINY)
    found = sorted(path.name for path in (tmp_path / "ours").iterdir())
    assert found == ["config.json", "generator.weights.h5"]
    values = json.loads((tmp_path / "ours" / "config.json").read_text())
    assert values["sizes"]["logit_channels"] == 1


# The face AlexNet.


def test_alexnet_computes_what_the_authors_does(tmp_path):
    # He's variance keeps the activations alive through five convolutions.
    shapes = authors_release.identity_shapes() | authors_release.age_shapes()
    arrays = {
        name: values * 10.0 * np.sqrt(2.0 / np.prod(values.shape[:-1]))
        if name.endswith("weights")
        else values
        for name, values in made(shapes).items()
    }
    arrays = {name: values.astype(np.float32) for name, values in arrays.items()}
    identity = {name: arrays[name] for name in authors_release.identity_shapes()}
    identity["alexnet/fc8/weights"] = np.zeros((4, 6), np.float32)  # Not needed.
    prefix = write_bundle(tmp_path / "alexnet.model-292000", identity)
    age = {name: arrays[name] for name in authors_release.age_shapes()}
    age_prefix = write_bundle(tmp_path / "age_classifier.model-300000", age)
    folder = tmp_path / "ours"
    weights.import_alexnet(prefix, age_prefix, str(folder), TINY_ALEXNET)

    alexnet = face_networks.read_frozen(str(folder), "", image_size=227)
    pixels = faces(1, 227)
    found = alexnet(pixels / 127.5 - 1.0, training=False)
    for name, expected in authors_release.alexnet(arrays, pixels).items():
        # Float32 sums of up to 9216 summands in two orders.
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(found[name]),
            expected,
            rtol=1e-3,
            atol=1e-4 * np.abs(expected).max(),
        )
    values = json.loads((folder / "config.json").read_text())
    names = ["alexnet.model-292000", "age_classifier.model-300000"]
    assert values["imported_from"]["files"] == names


def test_release_alexnet_has_the_published_sizes():
    sizes = weights.RELEASE_ALEXNET_SIZES
    assert (sizes.fully_connected, sizes.identity_units) == (4096, 256)
    assert (sizes.num_people, sizes.num_groups, sizes.pixel_scale) == (2000, 5, 1.0)


def test_age_checkpoint_without_its_layers_is_refused(tmp_path):
    identity = made(authors_release.identity_shapes())
    prefix = write_bundle(tmp_path / "alexnet.model-292000", identity)
    with pytest.raises(CheckpointError, match="age_fc6/weights.*not in the file"):
        weights.import_alexnet(prefix, prefix, str(tmp_path / "ours"), TINY_ALEXNET)
    assert not (tmp_path / "ours").exists()


# Bad input.


def test_every_variable_that_does_not_fit_is_named(tmp_path, release):
    arrays = dict(release)
    arrays["generator/conv1/weights"] = np.zeros((7, 7, 3, 4), np.float32)
    del arrays["generator/bn2/beta"]
    arrays["generator/unit_2/sub1/conv1/biases"] = np.zeros(16, np.float32)
    prefix = write_bundle(tmp_path / "acgan.model-9", arrays)
    with pytest.raises(CheckpointError) as error:
        weights.import_generator(prefix, str(tmp_path / "ours"), TINY)
    message = str(error.value)
    assert prefix in message
    for line in (
        "generator/conv1/weights: expected (7, 7, 8, 4), found (7, 7, 3, 4)",
        "generator/bn2/beta: expected (8,), not in the file",
        "generator/unit_2/sub1/conv1/biases: unexpected, (16,)",
    ):
        assert line in message
    assert "biased" not in message.replace("biases", "")
    assert sorted(tmp_path.glob("*ours*")) == sorted(tmp_path.glob(".*ours*")) == []


def test_wrong_prefix_names_the_checkpoints_that_are_there(tmp_path, release):
    prefix = write_bundle(tmp_path / "acgan.model-9", release)
    for wrong in (f"{prefix}.index", str(tmp_path), str(tmp_path / "acgan.model-8")):
        with pytest.raises(CheckpointError, match="in .*: acgan.model-9"):
            weights.import_generator(wrong, str(tmp_path / "ours"), TINY)


def test_missing_and_broken_files_are_refused(tmp_path, release):
    with pytest.raises(CheckpointError, match="Checkpoints in .*: none"):
        weights.import_generator(str(tmp_path / "no"), str(tmp_path / "ours"), TINY)
    prefix = write_bundle(tmp_path / "acgan.model-9", release)
    (data_file,) = tmp_path.glob("*.data-*")
    content = data_file.read_bytes()
    for broken in (content[:100], b"x" * len(content), None):
        data_file.unlink()
        if broken is not None:
            data_file.write_bytes(broken)
        with pytest.raises(CheckpointError, match="acgan.model-9: cannot be read"):
            weights.import_generator(prefix, str(tmp_path / "ours"), TINY)
        data_file.touch()
    (tmp_path / "acgan.model-9.index").write_bytes(b"no index")
    with pytest.raises(CheckpointError, match="acgan.model-9: cannot be read"):
        weights.import_generator(prefix, str(tmp_path / "ours"), TINY)


def test_nothing_is_overwritten(imported):
    before = sorted(imported.iterdir())
    with pytest.raises(CheckpointError, match="is there already"):
        weights.import_generator("any", str(imported), TINY)
    assert sorted(imported.iterdir()) == before


def test_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CheckpointError, match="cannot be written"):
        weights.import_generator("any", str(tmp_path / "file" / "ours"), TINY)
