"""Faces of people who do not exist."""

import numpy as np
import pytest
from absl import app
from test_programs import load

from ipcgan import checkpoints
from ipcgan.data import images
from ipcgan.runs.age import invent


def test_a_seed_is_the_same_person_in_any_company(age_cgan_folder, tmp_path):
    paths = invent.invent(age_cgan_folder, str(tmp_path / "a"), [3, 5], "19-29", 1.0)
    assert [path.name for path in paths] == [
        "nobody-3.png",
        "nobody-5.png",
        "sheet.jpg",
    ]
    invent.invent(age_cgan_folder, str(tmp_path / "b"), [5], "19-29", 1.0)
    first, second = (
        images.read_image(tmp_path / name / "nobody-5.png").astype(int) for name in "ab"
    )
    assert first.shape == (16, 16, 3)
    assert np.abs(first - second).max() <= 1
    other = images.read_image(tmp_path / "a" / "nobody-3.png")
    assert np.abs(first - other).max() > 1


def test_without_a_spread_all_are_one(age_cgan_folder, tmp_path):
    first, second, _ = invent.invent(age_cgan_folder, str(tmp_path), [1, 2], "60+", 0.0)
    np.testing.assert_array_equal(images.read_image(first), images.read_image(second))


def test_other_networks_and_groups_are_refused(age_cgan_folder, checkpoint, tmp_path):
    with pytest.raises(checkpoints.CheckpointError, match="expected an Age-cGAN"):
        invent.invent(str(checkpoint), str(tmp_path), [1], "21-30", 1.0)
    with pytest.raises(checkpoints.CheckpointError, match="no age group '21-30'"):
        invent.invent(age_cgan_folder, str(tmp_path), [1], "21-30", 1.0)


def test_seeds_are_whole_numbers():
    program = load("invent_faces")
    assert program.whole_numbers(["7", " 8", "7"]) == [7, 8]
    for bad in (["-1"], ["x"], []):
        with pytest.raises(app.UsageError, match="--seeds"):
            program.whole_numbers(bad)
