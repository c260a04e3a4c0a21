"""A checkpoint as a function that ages faces, or why it is refused."""

import shutil

import h5py
import numpy as np
import pytest
from helpers import one_step
from helpers.changed_config import with_config

from ipcgan import checkpoints
from ipcgan.data import images
from ipcgan.inference.ager import FaceAger


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"family": "other", "sizes": {}}, "family is 'other'"),
        ({"family": "ipcgan", "sizes": {"colour": 1}}, "has no colour"),
        ({"family": "ipcgan", "sizes": {"image_size": 10**9}}, "image_size"),
        ({"family": "ipcgan", "sizes": {"image_size": "x"}}, "config.json"),
        ({"family": "ipcgan", "sizes": {"generator_filters": 10**12}}, "filters"),
        ({"family": "ipcgan", "sizes": {"residual_blocks": -3}}, "residual_blocks"),
        ({"family": "ipcgan", "sizes": None}, "JSON object"),
        ({"family": ["ipcgan"], "sizes": {}}, "family is"),
        ({"family": "ipcgan", "sizes": one_step.TINY_SIZES, "groups": 5}, "groups"),
        (
            {"family": "ipcgan", "sizes": one_step.TINY_SIZES, "groups": ["a"] * 9},
            "5 names",
        ),
    ],
)
def test_a_config_that_cannot_be_is_an_error(values, match, tmp_path):
    checkpoints.write_json(tmp_path / "config.json", values)
    with pytest.raises(checkpoints.CheckpointError, match=match):
        FaceAger.from_checkpoint(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"cos\nsystem\n(S'touch owned'\ntR.",  # a pickle that runs a program
        b"\x89HDF\r\n\x1a\n" + bytes(200),
        None,  # the first half of the weights
        "broken inside",
        "not finite",
        "discriminator",  # of another network
    ],
    ids=str,
)
def test_weights_that_cannot_be_are_refused(content, checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint, tmp_path / "copy")
    path = folder / "generator.weights.h5"
    if content == "discriminator":
        other = one_step.ipcgan_networks()["discriminator"]
        checkpoints.save_weights(other, folder, "generator")
    elif content == "broken inside":
        # All but the first node of the trees in it: it opens, and fails when read.
        first, second, *others = path.read_bytes().split(b"TREE")
        path.write_bytes(b"EERT".join([first + b"TREE" + second, *others]))
    elif content == "not finite":
        with h5py.File(path, "a") as weights:
            weights["layers/conv2d/vars/0"][0, 0, 0, 0] = np.nan
    else:
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(checkpoints.CheckpointError, match="generator.weights.h5"):
        FaceAger.from_checkpoint(folder)


def test_a_recipe_of_another_version_ages_the_same(checkpoint, tmp_path):
    """How a generator was trained does not matter once it has been."""
    recipe = {"of_long_ago": 1.0}
    folder = with_config(checkpoint, tmp_path / "copy", recipe=recipe, other_model="x")
    faces = np.random.default_rng(1).integers(0, 256, (1, 16, 16, 3), dtype=np.uint8)
    aged, before = (
        FaceAger.from_checkpoint(where)(faces, (4,)) for where in (folder, checkpoint)
    )
    np.testing.assert_array_equal(aged, before)


def test_a_face_does_not_depend_on_batch_or_companions(checkpoint):
    ager = FaceAger.from_checkpoint(checkpoint, batch_size=3)
    faces = np.random.default_rng(1).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
    together, alone = ager(faces, (0, 4)), ager(faces[2:3], (0, 4))
    np.testing.assert_array_equal(together[2], alone[0])
    others = ager(faces[2:3], (0, 4), companions=faces[:2])
    assert np.abs(others[0].astype(int) - alone[0]).max() > 0


def test_companions_leave_the_network_as_it_was(checkpoint):
    ager = FaceAger.from_checkpoint(checkpoint)
    faces = np.random.default_rng(1).integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
    before = ager(faces, (1,))
    ager(faces[:1], (1,), companions=faces[1:])
    np.testing.assert_array_equal(ager(faces, (1,)), before)


def test_companions_are_normalized_with_the_face(checkpoint):
    """As the authors: statistics of the batch of a face and its companions."""
    ager = FaceAger.from_checkpoint(checkpoint)
    faces = np.random.default_rng(1).integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
    aged = ager(faces[:1], (1,), companions=faces[1:])
    batch = ager.generator(
        [images.to_unit_range(faces), np.ones(3, "int32")], training=True
    )
    np.testing.assert_array_equal(aged[0, 0], images.to_uint8(batch[0]))


@pytest.mark.parametrize(
    ("faces", "groups", "error", "match"),
    [
        (np.zeros((1, 16, 16, 3), np.float32), (1,), TypeError, "float32"),
        (np.zeros((16, 16, 3), np.uint8), (1,), ValueError, r"\(16, 16, 3\)"),
        (np.zeros((1, 16, 16, 3), np.uint8), (5,), ValueError, "0 to 4"),
        (np.zeros((1, 30, 40, 3), np.uint8), (1,), ValueError, "40 x 30.*PhotoAger"),
        (np.zeros((1, 1025, 1025, 3), np.uint8), (1,), ValueError, "PhotoAger"),
        (np.zeros((1, 16, 16, 3), np.uint8), (), ValueError, "0 to 4"),
    ],
)
def test_wrong_arguments_are_named(faces, groups, error, match, checkpoint):
    with pytest.raises(error, match=match):
        FaceAger.from_checkpoint(checkpoint)(faces, groups)
