"""Faces of people who do not exist."""

import numpy as np
import one_step
import pytest
from absl import app
from test_programs import load

from ipcgan import checkpoints
from ipcgan.age_groups import AGE_CGAN
from ipcgan.data import images
from ipcgan.runs import inventing


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A tiny Age-cGAN of six groups; read only."""
    folder = tmp_path_factory.mktemp("age_cgan")
    networks = one_step.age_cgan_networks(num_groups=6)
    for name in ("generator", "encoder"):
        checkpoints.save_weights(networks[name], folder, name)
    sizes = {**one_step.TINY_AGE_CGAN_SIZES, "num_groups": 6}
    values = {"family": "age_cgan", "sizes": sizes, "groups": list(AGE_CGAN.names)}
    checkpoints.write_json(folder / "config.json", values)
    return str(folder)


def test_a_seed_is_the_same_person_in_any_company(folder, tmp_path):
    paths = inventing.invent(folder, str(tmp_path / "a"), [3, 5], "19-29", 1.0)
    assert [path.name for path in paths] == [
        "nobody-3.png",
        "nobody-5.png",
        "sheet.jpg",
    ]
    inventing.invent(folder, str(tmp_path / "b"), [5], "19-29", 1.0)
    first, second = (
        images.read_image(tmp_path / name / "nobody-5.png").astype(int) for name in "ab"
    )
    assert first.shape == (16, 16, 3)
    assert np.abs(first - second).max() <= 1
    other = images.read_image(tmp_path / "a" / "nobody-3.png")
    assert np.abs(first - other).max() > 1


def test_without_a_spread_all_are_one(folder, tmp_path):
    first, second, _ = inventing.invent(folder, str(tmp_path), [1, 2], "60+", 0.0)
    np.testing.assert_array_equal(images.read_image(first), images.read_image(second))


def test_other_networks_and_groups_are_refused(folder, checkpoint, tmp_path):
    with pytest.raises(checkpoints.CheckpointError, match="expected an Age-cGAN"):
        inventing.invent(str(checkpoint), str(tmp_path), [1], "21-30", 1.0)
    with pytest.raises(checkpoints.CheckpointError, match="no age group '21-30'"):
        inventing.invent(folder, str(tmp_path), [1], "21-30", 1.0)


def test_seeds_are_whole_numbers():
    program = load("invent_faces")
    assert program.whole_numbers(["7", " 8", "7"]) == [7, 8]
    for bad in (["-1"], ["x"], []):
        with pytest.raises(app.UsageError, match="--seeds"):
            program.whole_numbers(bad)
