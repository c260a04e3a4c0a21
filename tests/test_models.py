"""Counts and shapes are those of the authors' release, or counted by hand."""

import dataclasses
import math

import keras
import numpy as np
import pytest
from helpers import one_step
from keras import ops

from ipcgan.config import ConfigError
from ipcgan.models import age_cgan as age_cgan_models
from ipcgan.models import alexnet as alexnet_models
from ipcgan.models import blended, templates
from ipcgan.models import ipcgan as ipcgan_models
from ipcgan.models import ragan as ragan_models

TINY = ipcgan_models.IPCGANSizes(
    image_size=16, generator_filters=4, residual_blocks=1, discriminator_filters=4
)


def trainable(network):
    return sum(int(np.prod(v.shape)) for v in network.trainable_variables)


def test_generator_is_the_published_one():
    generator = ipcgan_models.build_generator(ipcgan_models.IPCGANSizes())
    assert trainable(generator) == 1_976_611
    assert generator.output_shape == (None, 128, 128, 3)
    shapes = {layer.name: layer.output.shape[1:] for layer in generator.layers}
    assert shapes["condition"] == (128, 128, 8)
    assert shapes["stem"] == (128, 128, 32)
    assert shapes["down2"] == (32, 32, 128)
    assert shapes["residual5_add"] == (32, 32, 128)
    assert shapes["up1"] == (64, 64, 64)
    assert shapes["up2"] == (128, 128, 32)


def test_legacy_discriminator_is_the_published_one():
    sizes = ipcgan_models.IPCGANSizes(logit_channels=512)
    discriminator = ipcgan_models.build_discriminator(sizes)
    assert trainable(discriminator) == 6_963_392
    assert discriminator.output_shape == (None, 16, 16, 512)
    assert discriminator.get_layer("condition").output.shape[1:] == (64, 64, 69)


def test_patch_discriminator_differs_in_its_last_layer_only():
    discriminator = ipcgan_models.build_discriminator(ipcgan_models.IPCGANSizes())
    last = 4 * 4 * 512
    assert trainable(discriminator) == 6_963_392 - (last * 512 + 512) + (last + 1)
    assert discriminator.output_shape == (None, 16, 16, 1)


def test_published_alexnet_has_the_authors_layers():
    published = alexnet_models.AlexNetSizes()
    assert published.fully_connected == 4096
    assert (published.identity_units, published.num_people) == (256, 2000)
    assert published.num_groups == 5
    # 4096 units are 460 MB of weights, which take seconds to draw.
    sizes = dataclasses.replace(published, fully_connected=64)
    network = alexnet_models.build_alexnet(sizes)
    counts = {x.name: trainable(x) for x in network.layers}
    assert counts["conv1"] == 11 * 11 * 3 * 96 + 96
    assert counts["conv2_group0"] + counts["conv2_group1"] == 5 * 5 * 48 * 256 + 256
    assert counts["conv3"] == 3 * 3 * 256 * 384 + 384
    assert counts["conv4_group0"] + counts["conv4_group1"] == 3 * 3 * 192 * 384 + 384
    assert counts["conv5_group0"] + counts["conv5_group1"] == 3 * 3 * 192 * 256 + 256
    assert counts["fc6"] == counts["age_fc6"] == 6 * 6 * 256 * 64 + 64
    assert counts["fc7"] == counts["age_fc7"] == 64 * 64 + 64
    assert counts["new_1"] == 64 * 256 + 256
    assert counts["new_2"] == 256 * 2000 + 2000
    assert counts["age_fc8"] == 64 * 5 + 5
    shapes = {name: value.shape[1:] for name, value in network.output.items()}
    assert shapes == {
        "conv3": (13, 13, 384),
        "conv4": (13, 13, 384),
        "conv5": (13, 13, 256),
        "pool5": (6, 6, 256),
        "fc6": (64,),
        "fc7": (64,),
        "age_logits": (5,),
        "person_logits": (2000,),
    }


def test_grouped_convolution_keeps_its_halves_apart():
    sizes = alexnet_models.AlexNetSizes(fully_connected=4, num_people=0)
    network = alexnet_models.build_alexnet(sizes)
    conv4 = network.get_layer("conv4_group0")
    # The first half of the channels alone reaches the first half of the maps.
    assert conv4.input.shape[-1] == 192
    assert conv4.output.shape[-1] == 192


def test_feature_scale_multiplies_the_features_alone():
    sizes = alexnet_models.AlexNetSizes(
        image_size=16, fully_connected=4, num_people=0, descriptor_size=3
    )
    network = alexnet_models.build_alexnet(sizes)
    face = np.random.default_rng(0).uniform(-1, 1, (1, 16, 16, 3)).astype("float32")
    before = {k: ops.convert_to_numpy(v) for k, v in network(face).items()}
    for scale in alexnet_models.feature_scales(network).values():
        scale.assign(3.0)
    after = {k: ops.convert_to_numpy(v) for k, v in network(face).items()}
    np.testing.assert_allclose(after["conv5"], 3 * before["conv5"], rtol=1e-6)
    np.testing.assert_allclose(after["fc7"], 3 * before["fc7"], rtol=1e-6)
    np.testing.assert_array_equal(after["age_logits"], before["age_logits"])
    np.testing.assert_array_equal(after["descriptor"], before["descriptor"])


def test_an_alexnet_that_reads_years_begins_at_the_middle_of_a_life():
    alexnet, _ = one_step.tiny_alexnet()
    alexnet.get_layer("age_years").set_weights([np.zeros((4, 1)), np.array([0.5])])
    faces = np.zeros((3, 16, 16, 3), "float32")
    years = ops.convert_to_numpy(alexnet(faces)["age_years"])
    np.testing.assert_allclose(years, [50.0, 50.0, 50.0])  # 40 + 0.5 * 20


def test_generator_writes_the_range_that_it_reads():
    generator = ipcgan_models.build_generator(TINY)
    face = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3)).astype("float32")
    aged = ops.convert_to_numpy(generator([face, np.array([0, 4])]))
    assert aged.shape == face.shape
    assert np.abs(aged).max() <= 1.0


def test_a_generator_of_changes_begins_with_none():
    sizes = dataclasses.replace(TINY, generator_output="change")
    generator = ipcgan_models.build_generator(sizes)
    face = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3)).astype("float32")
    aged = ops.convert_to_numpy(generator([face, np.array([0, 4])]))
    np.testing.assert_array_equal(aged, face)
    published = ipcgan_models.build_generator(TINY)
    assert [w.shape for w in generator.weights] == [w.shape for w in published.weights]
    with pytest.raises(ValueError, match="generator_output.*mask"):
        dataclasses.replace(TINY, generator_output="mask")


@pytest.mark.parametrize("shape", ["published", "templates"])
def test_a_generator_with_templates_changes_a_face_by_what_it_reads(shape):
    keras.utils.set_random_seed(0)  # Of some draws, what is read hardly differs.
    sizes = dataclasses.replace(
        TINY, generator=shape, generator_output="change", templates=3
    )
    generator = ipcgan_models.build_generator(sizes)
    faces = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3)).astype("float32")
    faces *= 0.5
    groups = np.array([0, 4])
    aged = ops.convert_to_numpy(generator([faces, groups]))
    np.testing.assert_array_equal(aged, faces)

    # All of one template's change, and nothing else.
    template = generator.get_layer("templates").templates
    template.assign(np.full(template.shape, 0.01, "float32"))
    shares = generator.get_layer("template_shares")
    shares.bias.assign([1.0, 0.0, 0.0])
    aged = ops.convert_to_numpy(generator([faces, groups]))
    np.testing.assert_allclose(aged - faces, 0.1, atol=1e-5)
    # How much of it depends on the face and on the group.
    shares.kernel.assign(np.full(shares.kernel.shape, 1e-3, "float32"))
    pairs = [(faces[:1], 0), (faces[1:], 0), (faces[:1], 4)]
    changes = [
        float(np.mean(generator([face, np.array([group])]) - face))
        for face, group in pairs
    ]
    assert len({round(change, 6) for change in changes}) == 3

    reader = generator.get_layer("reader")
    assert reader.output_shape == (None, 2 * 256)
    assert not reader.trainable_variables
    own = {layer.name for layer in generator.layers if layer.trainable_weights}
    layers = {"reading", "reading_again", "template_shares", "templates"}
    assert own == layers if shape == "templates" else {*layers, "told"} <= own


def test_displacements_move_a_face_with_and_without_all_but_templates():
    sizes = dataclasses.replace(
        TINY, generator_output="change", templates=2, warps=True
    )
    generator = ipcgan_models.build_generator(sizes)
    faces = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3)).astype("float32")
    groups = np.array([0, 4])
    np.testing.assert_allclose(generator([faces, groups]), faces, atol=1e-6)
    moves = generator.get_layer("displacements").templates
    # Half a sixteenth down, and nothing to the side; values count tenfold.
    moves.assign(np.tile([0.05, 0.0], (2, 16 * 16)))
    generator.get_layer("displacement_shares").bias.assign([1.0, 0.0])
    for network in (generator, ipcgan_models.aged_by_templates(generator)):
        aged = ops.convert_to_numpy(network([faces, groups]))
        between = (faces[:, :-1] + faces[:, 1:]) / 2
        np.testing.assert_allclose(aged[:, :-1], between, atol=1e-5)


def test_contrasts_are_raised_with_and_without_all_but_templates():
    sizes = dataclasses.replace(
        TINY, generator_output="change", templates=2, contrasts=True
    )
    generator = ipcgan_models.build_generator(sizes)
    # Pixels of 0.1 and -0.1 in turn: detail of the finest band, and of no other.
    checks = 0.2 * (np.indices((16, 16)).sum(axis=0) % 2) - 0.1
    face = np.repeat(checks[None, ..., None], 3, -1).astype("float32")
    inputs = [face, np.array([4])]
    np.testing.assert_allclose(generator(inputs), face, atol=1e-6)
    maps = generator.get_layer("gains").templates
    # Values count tenfold: the finest band is doubled, the next one tripled.
    gains = np.tile(np.log([2.0, 3.0, 1.0, 1.0]) / 10, (2, 32 * 32))
    maps.assign(gains)
    generator.get_layer("gain_shares").bias.assign([1.0, 0.0])
    for network in (generator, ipcgan_models.aged_by_templates(generator)):
        np.testing.assert_allclose(network(inputs), 2 * face, atol=1e-5)


def test_a_thumbnail_is_read_beside_the_reader():
    sizes = dataclasses.replace(
        TINY, image_size=32, generator_output="change", templates=2, thumbnail=True
    )
    generator = ipcgan_models.build_generator(sizes)
    faces = np.random.default_rng(0).uniform(-1, 1, (1, 32, 32, 3)).astype("float32")
    read = keras.Model(generator.inputs, generator.get_layer("reading_both").output)
    vector = ops.convert_to_numpy(read([faces, np.array([0])]))[0]
    assert len(vector) == 2 * 256 + 16 * 16 * 3
    small = faces[0].reshape(16, 2, 16, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(vector[-16 * 16 * 3 :], small.ravel(), atol=1e-6)
    with pytest.raises(ConfigError, match="a multiple of 16: 24"):
        dataclasses.replace(sizes, image_size=24)


def test_a_generator_of_templates_alone_needs_some():
    with pytest.raises(ConfigError, match="generator=templates needs --templates"):
        dataclasses.replace(TINY, generator="templates", generator_output="change")


@pytest.mark.parametrize("name", ["warps", "contrasts", "thumbnail"])
def test_what_is_mixed_like_templates_needs_some(name):
    with pytest.raises(ConfigError, match=f"{name} needs --templates above 0"):
        dataclasses.replace(TINY, generator_output="change", **{name: True})


@pytest.mark.parametrize("more", [False, True])
def test_ragan_takes_templates_where_its_mask_is(more):
    sizes = ragan_models.RAGANSizes(
        **one_step.TINY_RAGAN_SIZES,
        generator_output="change",
        templates=2,
        # At first they change nothing.
        warps=more,
        contrasts=more,
        thumbnail=more,
    )
    generator = ragan_models.build_generator(sizes)
    faces = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3)).astype("float32")
    faces *= 0.5
    groups = np.array([0, 4])
    by_mask = generator.get_layer(ragan_models.BY_MASK)
    template = by_mask.get_layer("templates").templates
    template.assign(np.full(template.shape, 0.01, "float32"))
    by_mask.get_layer("template_shares").bias.assign([1.0, 1.0])
    mask = ragan_models.default_mask(sizes)[None, ..., None]
    by_templates = ragan_models.aged_by_templates(generator)
    for network in (generator, by_templates):
        aged = ops.convert_to_numpy(network([faces, groups]))
        np.testing.assert_allclose(aged - faces, 0.2 * mask + 0 * faces, atol=1e-5)
    # What is no template is not in the second: here, a change of 0.1.
    by_mask.get_layer("to_rgb").bias.assign([0.1] * 3)
    aged, by_templates = (
        ops.convert_to_numpy(network([faces, groups]))
        for network in (generator, by_templates)
    )
    np.testing.assert_allclose(aged - by_templates, 0.1 * mask + 0 * faces, atol=1e-5)
    reader = templates.reader_of(generator)
    assert reader.output_shape == (None, 2 * 256)
    assert not reader.trainable_variables
    assert templates.reader_of(reader) is None
    # Who it is joins the age-aware vector.
    assert by_mask.get_layer("told").trainable_variables


_BLENDED = {
    "image_size": 32,
    "generator_filters": 4,
    "generator_output": "change",
    "templates": 2,
    "blend_share": 0.25,
    "blend_share_younger": 0.05,
}
BLENDED = ipcgan_models.IPCGANSizes(**_BLENDED)
BLENDED_RAGAN = ragan_models.RAGANSizes(num_groups=3, **_BLENDED)


def test_a_frozen_re_aging_gan_makes_its_share_of_faces_that_grow_older():
    sizes = BLENDED
    generator = ipcgan_models.build_generator(sizes)
    alone = ipcgan_models.build_generator(
        dataclasses.replace(sizes, blend_share=0.0, blend_share_younger=0.0)
    )
    assert trainable(generator) == trainable(alone)
    # By its own weights it adds 0.1, the other 0.2.
    generator.get_layer("to_rgb").bias.assign([0.1] * 3)
    other = ragan_models.build_generator(
        dataclasses.replace(sizes.blended(), num_groups=10)
    )
    by_mask = other.get_layer(ragan_models.BY_MASK)
    by_mask.get_layer("to_rgb").bias.assign([0.2] * 3)
    # Every face is of the youngest group with 0.1, younger than the oldest with 0.8.
    age_head = np.zeros((512, 5)), np.log([0.1, 0.2, 0.2, 0.3, 0.2])
    blended.load(generator, other, np.eye(10)[4:9], age_head)
    image, group = np.zeros((3, 32, 32, 3), "float32"), np.array([0, 1, 4], "int32")
    aged = ops.convert_to_numpy(generator([image, group]))
    for face, older in zip(aged, (0.0, 0.1, 0.8), strict=True):
        share = 0.05 + (0.25 - 0.05) * older
        expected = (1 - share) * 0.1 + share * 0.2
        np.testing.assert_allclose(face[16, 16], expected, rtol=1e-5)
        # Behind the head the other leaves a face as it was.
        np.testing.assert_allclose(face[0, 0], (1 - share) * 0.1, rtol=1e-5)


def test_the_share_of_faces_that_grow_younger_needs_one_of_the_others():
    with pytest.raises(ConfigError, match="blend_share_younger needs --blend_share"):
        ipcgan_models.IPCGANSizes(
            generator_output="change", templates=2, blend_share_younger=0.5
        )


def test_a_blended_networks_groups_are_mixed_of_the_re_aging_gans():
    sizes = dataclasses.replace(BLENDED, num_groups=2)
    generator = ipcgan_models.build_generator(sizes)
    other = ragan_models.build_generator(
        dataclasses.replace(sizes.blended(), num_groups=3)
    )
    shares = [[0.25, 0.75, 0], [0, 0, 1]]
    age_head = np.ones((512, 2)), np.array([3.0, 4.0])
    blended.load(generator, other, shares, age_head)
    kernel, bias = generator.get_layer("blended_ages").get_weights()
    assert kernel.min() == 1
    assert bias.tolist() == [3, 4]
    for mine, theirs in zip(
        generator.get_layer("blended").get_weights(), other.get_weights(), strict=True
    ):
        if len(theirs) == 3 and theirs.ndim == 2:  # [groups, channels]
            np.testing.assert_allclose(mine[0], theirs[:2].T @ [0.25, 0.75], rtol=1e-5)
            np.testing.assert_array_equal(mine[1], theirs[2])
        else:
            np.testing.assert_array_equal(mine, theirs)
    # There are such tables.
    assert any(m.shape[0] == 2 for m in generator.get_layer("blended").weights)


def test_a_re_aging_gan_of_templates_is_blended_with_one_without():
    generator = ragan_models.build_generator(BLENDED_RAGAN)
    other = ragan_models.build_generator(BLENDED_RAGAN.blended())
    # The templates add 0.1, the other 0.2.
    by_mask = generator.get_layer(ragan_models.BY_MASK)
    by_mask.get_layer("template_shares").bias.assign([0.1, 0.0])
    (pictures,) = by_mask.get_layer("templates").weights
    pictures.assign(np.full(pictures.shape, 0.1))  # Times 10, as of Templates.
    other.get_layer(ragan_models.BY_MASK).get_layer("to_rgb").bias.assign([0.2] * 3)
    # Every face is of the youngest group with 0.1, younger than the oldest with 0.5.
    blended.load(
        generator, other, np.eye(3), (np.zeros((512, 3)), np.log([0.1, 0.4, 0.5]))
    )
    assert blended.within(generator).name == "blended"
    assert blended.within(other) is other
    frozen = {id(v) for v in blended.within(generator).weights}
    assert not any(id(v) in frozen for v in generator.trainable_variables)

    image, group = np.zeros((2, 32, 32, 3), "float32"), np.array([0, 2], "int32")
    aged = ops.convert_to_numpy(generator([image, group]))
    for face, share in zip(aged, (0.05, 0.05 + 0.2 * 0.5), strict=True):
        expected = (1 - share) * 0.1 + share * 0.2
        np.testing.assert_allclose(face[16, 16], expected, rtol=1e-5)
    assert not aged[:, 0, 0].any()
    alone = ragan_models.aged_by_templates(generator)([image, group])
    np.testing.assert_allclose(ops.convert_to_numpy(alone)[:, 16, 16], 0.1, rtol=1e-5)


def test_a_blended_re_aging_gan_ages_by_a_mask_of_its_own():
    generator = ragan_models.build_generator(BLENDED_RAGAN)
    by_mask = generator.get_layer(ragan_models.BY_MASK)
    random = np.random.default_rng(0)
    image = random.uniform(-1, 1, (1, 32, 32, 3)).astype("float32")
    group, mask = np.array([1], "int32"), np.zeros((1, 32, 32, 1), "float32")
    aged = ops.convert_to_numpy(by_mask([image, group, mask]))
    np.testing.assert_array_equal(aged, image)


@pytest.mark.parametrize("share", [1.0, -0.1])
def test_a_share_that_leaves_nothing_or_less_is_refused(share):
    with pytest.raises(ConfigError, match=f"blend_share must be .*: {share}"):
        ipcgan_models.IPCGANSizes(blend_share=share)


def test_what_tells_which_faces_grow_older_is_the_templates():
    with pytest.raises(ConfigError, match="blend_share needs --templates above 0"):
        ipcgan_models.IPCGANSizes(generator_output="change", blend_share=0.5)


def test_an_image_size_that_the_blended_network_cannot_have_is_refused():
    ipcgan_models.IPCGANSizes(image_size=192)
    with pytest.raises(ConfigError, match="power of two.*192"):
        ipcgan_models.IPCGANSizes(
            image_size=192, generator_output="change", templates=4, blend_share=0.5
        )


def test_templates_are_parts_of_a_change_and_few():
    with pytest.raises(ConfigError, match="templates needs generator_output=change"):
        dataclasses.replace(TINY, templates=3)
    with pytest.raises(ConfigError, match="templates must be from 0 to 256: 257"):
        dataclasses.replace(TINY, generator_output="change", templates=257)


@pytest.mark.parametrize(("upsampling", "grid"), [("transposed", 1), ("bilinear", 0)])
def test_an_even_picture_stays_even_where_maps_are_doubled_bilinearly(upsampling, grid):
    sizes = dataclasses.replace(TINY, image_size=96, upsampling=upsampling)
    generator = ipcgan_models.build_generator(sizes)
    one_step.draw_weights(generator, seed=0)
    even = np.full((1, 96, 96, 3), 0.3, "float32")
    made = ops.convert_to_numpy(generator([even, np.array([2])]))
    # Far from the borders, whose zeros are seen by what is near them.
    differences = np.ptp(made[0, 44:52, 44:52], axis=(0, 1)).max()
    assert (differences > 1e-3) == bool(grid)
    assert grid or differences < 1e-5


def test_a_face_does_not_depend_on_its_companions():
    generator = ipcgan_models.build_generator(TINY)
    faces = np.random.default_rng(0).uniform(-1, 1, (3, 16, 16, 3)).astype("float32")
    together = generator([faces, np.array([1, 1, 1])])
    alone = generator([faces[1:2], np.array([1])])
    # Only the order of additions may differ.
    np.testing.assert_allclose(together[1], alone[0], atol=1e-6)


@pytest.mark.parametrize("image_size", [18, 0, 2048])
def test_sizes_that_cannot_be_halved_twice_or_are_too_large_are_refused(image_size):
    with pytest.raises(ValueError, match=f"image_size must be .*{image_size}"):
        ipcgan_models.IPCGANSizes(image_size=image_size)


def test_a_shape_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="discriminator.*audio"):
        dataclasses.replace(TINY, discriminator="audio")


@pytest.mark.parametrize("name", ["generator", "discriminator"])
def test_weights_survive_saving(name, tmp_path):
    first = ipcgan_models.build_networks(TINY)[name]
    second = ipcgan_models.build_networks(TINY)[name]
    first.save_weights(tmp_path / "network.weights.h5")
    second.load_weights(tmp_path / "network.weights.h5")
    for a, b in zip(first.weights, second.weights, strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_a_residual_discriminator_is_one_without_normalization():
    sizes = dataclasses.replace(TINY, discriminator="residual", image_size=24)
    discriminator = ipcgan_models.build_discriminator(sizes)
    image = np.zeros((2, 24, 24, 3), "float32")
    assert discriminator(image).shape == (2, 5)
    assert not [x for x in discriminator.layers if "norm" in x.name]


def test_age_cgan_has_dcgans_blocks():
    networks = age_cgan_models.build_networks(age_cgan_models.AgeCGANSizes())
    shapes = {
        name: {layer.name: layer.output.shape[1:] for layer in network.layers}
        for name, network in networks.items()
    }
    generator, discriminator, encoder = shapes.values()
    assert generator["condition"] == (100 + 6,)
    assert generator["map"] == (4, 4, 512)
    assert generator["conv1"] == (8, 8, 256)
    assert generator["conv3"] == (32, 32, 64)
    assert generator["rgb"] == (64, 64, 3)
    # The condition joins the first feature map.
    assert discriminator["conv1"] == (32, 32, 64)
    assert discriminator["condition"] == (32, 32, 64 + 6)
    assert discriminator["conv4"] == (4, 4, 512)
    assert networks["discriminator"].output_shape == (None, 1)
    assert encoder["conv4"] == (4, 4, 256)
    assert networks["encoder"].output_shape == (None, 100)
    for network in (discriminator, encoder):
        norms = {name for name in network if name.startswith("conv") and "norm" in name}
        assert norms == {"conv2_norm", "conv3_norm", "conv4_norm"}
    counts = {x.name: trainable(x) for x in networks["encoder"].layers}
    assert counts["dense1"] == 4 * 4 * 256 * 1024
    assert counts["dense2"] == 1024 * 100 + 100


def test_age_cgans_generator_writes_faces_of_the_group():
    generator = one_step.age_cgan_networks()["generator"]
    latent = np.random.default_rng(0).standard_normal((2, 6), "float32")
    young = ops.convert_to_numpy(generator([latent, np.array([0, 0])]))
    old = ops.convert_to_numpy(generator([latent, np.array([0, 4])]))
    assert young.shape == (2, 16, 16, 3)
    assert np.abs(young).max() <= 1.0
    np.testing.assert_allclose(young[0], old[0], atol=1e-6)
    assert np.abs(young[1] - old[1]).max() > 1e-3


def test_an_extended_code_changes_maps_alike_in_every_group():
    generator = one_step.age_cgan_networks()["generator"]
    extended = age_cgan_models.extended(generator)
    blocks = ("dense", "conv1", "conv2")
    latent = np.random.default_rng(0).standard_normal((2, 6), "float32")
    shapes = [generator.get_layer(f"{n}_norm").output.shape[1:] for n in blocks]
    ends = np.cumsum([latent.shape[1], *(math.prod(shape) for shape in shapes)])
    assert extended.inputs[0].shape == (None, ends[-1])
    more = np.pad(latent, ((0, 0), (0, ends[-1] - ends[0])))
    for group in (0, 5):
        groups = np.full(2, group)
        same = generator.predict_on_batch([latent, groups])
        np.testing.assert_allclose(
            extended.predict_on_batch([more, groups]), same, atol=1e-6
        )
        # A normalised map is changed by what the code says there.
        for name, shape, start in zip(blocks, shapes, ends, strict=False):
            code = more.copy()
            code[:, start : start + math.prod(shape)] = 0.5
            changed = extended.get_layer(f"{name}_norm_changed")
            before, _ = changed.input
            maps = keras.Model(extended.inputs, [before, changed.output])
            norm, after = maps.predict_on_batch([code, groups])
            np.testing.assert_allclose(after, norm + 0.5, atol=1e-6)


def test_age_cgan_refuses_sizes_that_it_cannot_halve_four_times():
    with pytest.raises(ConfigError, match="multiple of 16.*: 40"):
        age_cgan_models.AgeCGANSizes(image_size=40)
    with pytest.raises(ConfigError, match="latent_size"):
        age_cgan_models.AgeCGANSizes(latent_size=0)


def test_ragan_has_the_listed_blocks():
    networks = ragan_models.build_networks(ragan_models.RAGANSizes())
    counts = {name: network.count_params() for name, network in networks.items()}
    assert counts == {"generator": 6_331_523, "discriminator": 2_856_746}
    generator = networks["generator"].get_layer(ragan_models.BY_MASK)
    shapes = {layer.name: layer.output.shape[1:] for layer in generator.layers}
    assert shapes["stem"] == shapes["carried"] == (64, 64, 32)
    assert shapes["encoder1"] == (32, 32, 64)
    assert shapes["identity1"] == shapes["aged1"] == (8, 8, 256)
    assert shapes["modulator2"] == (2, 2, 256)
    assert shapes["age_vector"] == (128,)
    assert shapes["decoder1"] == (16, 16, 128)
    assert networks["generator"].output_shape == (None, 64, 64, 3)
    assert networks["discriminator"].output_shape == (None, 10)
    # Nothing is counted that moves by itself: a face's result depends on it alone.
    for network in networks.values():
        assert not network.non_trainable_variables


def test_ragan_makes_larger_faces_of_the_same_blocks():
    sizes = ragan_models.RAGANSizes(image_size=128, generator_filters=4)
    sizes = dataclasses.replace(sizes, discriminator_filters=4)
    networks = ragan_models.build_networks(sizes)
    assert networks["generator"].output_shape == (None, 128, 128, 3)
    assert networks["discriminator"].get_layer("dis_5").output.shape[1:3] == (4, 4)


def ragan_face():
    return np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3)).astype("float32")


@pytest.mark.parametrize("output", ["image", "change"])
def test_ragan_leaves_what_is_behind_the_face(output):
    networks = one_step.ragan_networks(generator_output=output)
    face = ragan_face()
    young, old = (
        ops.convert_to_numpy(networks["generator"]([face, np.array([group] * 2)]))
        for group in (0, 4)
    )
    sizes = ragan_models.RAGANSizes(**one_step.TINY_RAGAN_SIZES)
    mask = ragan_models.default_mask(sizes)
    behind = mask == 0
    assert 0.05 < behind.mean() < 0.5
    assert np.abs(old).max() <= 1.0
    np.testing.assert_array_equal(old[:, behind], face[:, behind])
    assert np.abs(old - young)[:, mask == 1].max() > 1e-3


def test_ragan_takes_a_mask_of_its_own():
    generator = one_step.ragan_networks()["generator"]
    by_mask, face = generator.get_layer(ragan_models.BY_MASK), ragan_face()
    group = np.array([1, 3])
    mask = np.zeros((2, 16, 16, 1), "float32")
    result = ops.convert_to_numpy(by_mask([face, group, mask]))
    np.testing.assert_array_equal(result, face)
    mask[1] = 1.0
    result = ops.convert_to_numpy(by_mask([face, group, mask]))
    np.testing.assert_array_equal(result[0], face[0])
    assert np.abs(result[1] - face[1]).mean() > 0.1
    # A face's result depends on that face alone.
    alone = ops.convert_to_numpy(by_mask([face[1:], group[1:], mask[1:]]))
    np.testing.assert_allclose(result[1], alone[0], atol=1e-5)


def test_ragans_change_begins_with_none():
    sizes = {**one_step.TINY_RAGAN_SIZES, "generator_output": "change"}
    generator = ragan_models.build_generator(ragan_models.RAGANSizes(**sizes))
    face = ragan_face()
    aged = ops.convert_to_numpy(generator([face, np.array([0, 4])]))
    np.testing.assert_allclose(aged, face, atol=1e-6)


def test_ragans_weights_survive_saving(tmp_path):
    first, second = one_step.ragan_networks(), one_step.ragan_networks()
    for name, network in second.items():
        for weight in network.weights:
            weight.assign(weight + 1.0)
        first[name].save_weights(tmp_path / "network.weights.h5")
        network.load_weights(tmp_path / "network.weights.h5")
        for a, b in zip(first[name].weights, network.weights, strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())


def test_ragans_ellipses_are_where_the_crops_have_the_head():
    masks = {
        name: ragan_models.default_mask(ragan_models.RAGANSizes(face_mask=name))
        for name in ("dlib", "ffhq", "none")
    }
    assert masks["none"].min() == 1.0
    # UTKFace's crops are tight, FFHQ's have shoulders: eyes and mouth are in either.
    for name, points in (
        ("dlib", [(19, 19), (44, 19), (32, 50)]),
        ("ffhq", [(24, 30), (40, 30), (32, 47)]),
    ):
        assert all(masks[name][y, x] > 0.9 for x, y in points)
        assert masks[name][-1, 0] == masks[name][-1, -1] == 0.0
    assert masks["ffhq"].mean() < 0.6 * masks["dlib"].mean()


@pytest.mark.parametrize(
    ("sizes", "reason"),
    [
        ({"image_size": 48}, "power of two.*at least 32.*48"),
        ({"image_size": 16}, "power of two.*at least 32.*16"),
        ({"generator_filters": 0}, "generator_filters"),
        ({"face_mask": "cat"}, "face_mask.*ffhq.*cat"),
        ({"generator_output": "mask"}, "generator_output.*mask"),
    ],
)
def test_ragan_refuses_sizes_that_cannot_be(sizes, reason):
    with pytest.raises(ConfigError, match=reason):
        ragan_models.RAGANSizes(**sizes)
