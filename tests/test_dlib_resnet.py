"""dlib's recogniser in Keras: the same numbers as dlib itself, and how it is read."""

import pathlib
import struct

import numpy as np
import pytest
from helpers import one_step

from ipcgan import face_networks, photos
from ipcgan.data import images
from ipcgan.evaluation import identity
from ipcgan.models import dlib_resnet

SAMPLES = pathlib.Path(__file__).parents[1] / "images" / "test"
MEAN = np.array([122.782, 117.001, 104.298])


def test_what_the_picture_does_not_show_is_black_in_the_chip():
    white = np.ones((1, 64, 64, 3), "float32")
    chip = np.asarray(dlib_resnet.ToDlibChip()(white))[0]
    # The crop leaves 20 % around the face, the chip 25 %: 150 * 1.4 / 1.5 = 140 pixels.
    np.testing.assert_allclose(chip[5:145, 5:145].min((0, 1)), (255 - MEAN) / 256)
    for rim in (chip[:5], chip[145:], chip[:, :5], chip[:, 145:]):
        np.testing.assert_allclose(rim, np.broadcast_to(-MEAN / 256, rim.shape))


@pytest.fixture(scope="module")
def recogniser(tmp_path_factory):
    return identity.DlibRecogniser(tmp_path_factory.mktemp("deepface"))


@pytest.fixture(scope="module")
def network():
    return face_networks.read_dlib(128)


@pytest.fixture(scope="module")
def crop():
    (face, *_) = photos.cut_faces(images.read_image(SAMPLES / "astronaut.png"), 128)
    return face


def test_the_network_has_dlibs_numbers_of_parameters(network):
    chip_network = network.get_layer("dlib_chip_network")
    shapes = dlib_resnet.tensor_shapes(chip_network)
    # 29 convolutions with an affine each, and the last layer.
    assert len(shapes) == 2 * 29 + 1
    assert shapes[0] == (32 * 3 * 7 * 7 + 32, 1)
    assert shapes[-1] == (256, 128)
    # What the affines multiply and add has gone into the kernels and biases.
    taken_in = sum(rows for rows, _ in shapes[1::2])
    assert sum(rows * columns for rows, columns in shapes) == (
        chip_network.count_params() + taken_in
    )


def test_it_says_of_a_chip_what_dlib_says(network, recogniser):
    # Of any chip: no landmarks are looked for.
    chip = np.random.default_rng(0).integers(0, 256, (150, 150, 3), dtype=np.uint8)
    expected = recogniser._model.forward(chip[None, ..., ::-1] / 255.0)
    said = network.get_layer("dlib_chip_network")(
        ((chip - MEAN) / 256)[None].astype("float32")
    )
    np.testing.assert_allclose(np.asarray(said)[0], expected, atol=1e-5)


def test_it_knows_an_aligned_face_as_dlib_does(network, recogniser, crop):
    said = network(images.to_unit_range(crop[None]))["descriptor"]
    # dlib aligns the crop once more; strangers are 0.8 apart, 0.6 is one person.
    assert np.linalg.norm(np.asarray(said)[0] - recogniser.describe(crop)) < 0.3


def test_a_face_network_gets_dlibs_descriptor_where_that_is_asked_for(network):
    alexnet, _ = one_step.tiny_alexnet()
    assert face_networks.with_descriptor(alexnet, "imitated") is alexnet
    face = np.random.default_rng(1).uniform(-1, 1, (1, *alexnet.input.shape[1:]))
    judge = face_networks.with_descriptor(alexnet, "dlib")
    assert not judge.trainable_weights
    seen, before = judge(face.astype("float32")), alexnet(face.astype("float32"))
    assert seen["descriptor"].shape == (1, 128)
    np.testing.assert_array_equal(seen["age_logits"], before["age_logits"])


def dlib_tensor(numbers, sizes):
    """A tensor as dlib writes it: sizes as (how many bytes, bytes), then floats."""
    head = b"\x01\x02"
    for size in sizes:
        head += (
            b"\x01" + bytes([size])
            if size < 256
            else b"\x02" + size.to_bytes(2, "little")
        )
    return head + struct.pack(f"<{len(numbers)}f", *numbers)


def test_tensors_are_read_one_after_the_other(tmp_path):
    path = tmp_path / "net.dat"
    path.write_bytes(
        b"\x01\x05con_5"
        + dlib_tensor([1.5, -2.0, 3.0], (3, 1, 1, 1))
        + b"\x01\x00affine_"
        + dlib_tensor(range(300), (300, 1, 1, 1))
        + dlib_tensor([1.0, 2.0, 3.0, 4.0], (2, 2, 1, 1))
        + b"the end"
    )
    first, second, third = photos.dlib_tensors(path, [(3, 1), (300, 1), (2, 2)])
    assert first.tolist() == [[1.5], [-2.0], [3.0]]
    assert second[:, 0].tolist() == list(range(300))
    assert third.tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize("shapes", [[(4, 1)], [(3, 1), (3, 1)]])
def test_tensors_that_are_not_there_are_named(tmp_path, shapes):
    path = tmp_path / "net.dat"
    path.write_bytes(dlib_tensor([1.5, -2.0, 3.0], (3, 1, 1, 1)))
    with pytest.raises(photos.MissingWeightsError, match=f"no number {len(shapes)}"):
        photos.dlib_tensors(path, shapes)


def test_a_file_that_ends_within_a_tensor_is_refused(tmp_path):
    path = tmp_path / "net.dat"
    path.write_bytes(dlib_tensor([1.5, -2.0, 3.0], (3, 1, 1, 1))[:-1])
    with pytest.raises(photos.MissingWeightsError, match="no number 1, of 3 x 1"):
        photos.dlib_tensors(path, [(3, 1)])


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(photos.MissingWeightsError, match="none.dat: expected dlib's"):
        photos.dlib_tensors(tmp_path / "none.dat", [(3, 1)])
