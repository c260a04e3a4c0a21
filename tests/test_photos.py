"""Where faces are found, and where not."""

import pathlib

import cv2
import matplotlib
import numpy as np
import pytest

from ipcgan import photos
from ipcgan.data import images
from ipcgan.photos import detection, template

SAMPLES = pathlib.Path(__file__).parents[1] / "images" / "test"
FINDER = photos.FaceFinder()


def read_photo():
    folder = pathlib.Path(matplotlib.get_data_path()) / "sample_data"
    return images.read_image(folder / "grace_hopper.jpg")


@pytest.fixture(scope="module")
def photo():
    """300x256 pixels with a face 93 pixels wide; read only."""
    small = images.shrink(read_photo(), 300)
    small.flags.writeable = False
    return small


def test_a_face_is_cut_out_of_a_photograph_as_the_samples_were():
    (face,) = photos.cut_faces(read_photo(), size=100)
    sample = images.resize(images.read_image(SAMPLES / "admiral.png"), 100)
    # The same cut, but that dlib's own skips pixels. A pixel's shift is 12 levels.
    assert np.abs(face.astype(int) - sample).mean() < 2


def test_the_stored_detector_is_dlibs_to_the_bit(tmp_path):
    import dlib

    assert detection._FRONTAL_FACES.is_file()
    saved = {}
    for name, detector in (
        ("stored", detection.frontal_detector()),
        ("dlib", dlib.get_frontal_face_detector()),
    ):
        detector.save(str(tmp_path / name))
        saved[name] = (tmp_path / name).read_bytes()
    assert saved["stored"] == saved["dlib"]


@pytest.mark.parametrize("content", [None, b"", b"of another dlib"])
def test_without_the_stored_detector_dlib_makes_its_own(
    content, tmp_path, monkeypatch, photo
):
    path = tmp_path / "frontal_faces.svm"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(detection, "_FRONTAL_FACES", path)
    assert len(photos.FaceFinder()(photo)) == 1


def test_no_face_no_cut():
    assert photos.cut_faces(np.zeros((100, 100, 3), np.uint8)) == []


@pytest.mark.parametrize("shape", [(1, 1), (300, 1), (1, 300), (39, 39)])
def test_a_picture_in_which_no_face_fits_has_none(shape):
    # dlib itself raises RuntimeError for a width of 1.
    assert FINDER(np.full((*shape, 3), 99, np.uint8)) == []


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_face_that_lies_or_is_upside_down_is_found(turns, photo):
    """Its landmarks are those of the upright one, turned."""
    (upright,) = FINDER(photo)
    (face,) = FINDER(np.rot90(photo, turns))
    middle = (np.array(photo.shape[1::-1]) - 1) / 2
    turn = np.linalg.matrix_power(np.array([[0, 1], [-1, 0]]), turns)
    expected = (upright.points - middle) @ turn.T
    expected += middle if turns == 2 else middle[::-1]
    assert np.abs(face.points - expected).max() < 5
    assert face.box[0] < face.points[:, 0].min() < face.box[2]
    assert FINDER(np.rot90(photo, turns), turned=False) == []


def test_a_face_of_less_than_40_pixels_is_not_looked_for(photo):
    assert FINDER(images.shrink(photo, 100)) == []  # 31 pixels
    assert len(FINDER(images.shrink(photo, 170))) == 1  # 53 pixels


def test_half_a_face_is_none(photo):
    (face,) = FINDER(photo)
    middle = int(face.points[4, 0])
    assert FINDER(photo[:, :middle]) == []


def test_a_face_at_the_border_is_found(photo):
    (face,) = FINDER(photo)
    left, _, _, bottom = (round(edge) for edge in face.box)
    (again,) = FINDER(photo[:bottom, left:])
    np.testing.assert_allclose(again.points + (left, 0), face.points, atol=5)


def test_the_largest_of_many_is_first(photo):
    small = images.shrink(photo, 200)
    small = cv2.copyMakeBorder(small, 0, 100, 0, 0, cv2.BORDER_REPLICATE)
    for both in (np.hstack([photo, small]), np.hstack([small, photo])):
        first, second = FINDER(both, every=True)
        assert first.width > 1.2 * second.width


def test_the_template_is_measured_on_crops():
    people = ("admiral.png", "astronaut.png")
    crops = [images.read_image(SAMPLES / name) for name in people]
    mean, spread, count = template.measure_template(crops)
    assert count == 2
    np.testing.assert_allclose(mean, photos.DLIB_TEMPLATE, atol=0.03)
    assert spread.max() < 0.05
    with pytest.raises(ValueError, match="No face"):
        template.measure_template([np.zeros((50, 50, 3), np.uint8)])
