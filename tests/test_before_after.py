"""The README's picture: a photograph between its two ages."""

import numpy as np
import pytest

from ipcgan.data import images
from ipcgan.data.records import DataError
from ipcgan.runs.age import before_after

pytestmark = pytest.mark.usefixtures("one_finder")


def test_the_photograph_stands_between_its_ages(checkpoint, small_photo, tmp_path):
    images.write_image(tmp_path / "grace.png", small_photo)
    before_after.write(
        str(tmp_path / "grace.png"),
        str(tmp_path / "picture.png"),
        str(checkpoint),
        ["51+", "11-20"],
        height=150,
    )
    picture = images.read_image(tmp_path / "picture.png").astype(int)
    left, middle, right = np.split(picture, 3, axis=1)
    np.testing.assert_array_equal(middle, small_photo[:150])
    for aged in (left, right):
        change = np.abs(aged - middle)
        assert change[:25].mean() < 3 < change[60:100, 67:113].mean()


@pytest.mark.parametrize(
    ("name", "groups", "message"),
    [
        ("wall.png", ["11-20", "51+"], "wall.png: no face"),
        ("missing.png", ["11-20", "51+"], "missing.png: no such file"),
        ("grace.png", ["11-20", "old"], "--groups=old"),
    ],
)
def test_what_cannot_be_shown_is_said(
    name, groups, message, checkpoint, photo_folder, tmp_path
):
    path = tmp_path / "picture.jpg"
    with pytest.raises(DataError, match=message):
        before_after.write(
            str(photo_folder / name), str(path), str(checkpoint), groups, height=0
        )
    assert not path.exists()


def test_the_portrait_comes_with_scikit_image():
    assert before_after._portrait().shape == (512, 512, 3)
