"""Where faces are found, and where not."""

import hashlib
import pathlib
from concurrent.futures import ThreadPoolExecutor

import cv2
import matplotlib
import numpy as np
import pytest

from ipcgan import onnx_session, photos
from ipcgan.data import images
from ipcgan.photos import template, yunet

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


def test_a_face_is_cut_out_of_a_photograph_as_dlib_does():
    """dlib's own detector and face chips are the other implementation."""
    import dlib

    photo = read_photo()
    (face,) = FINDER(photo)
    (box,) = dlib.get_frontal_face_detector()(photo, 1)
    shape = FINDER._landmarks(photo, box)
    expected = np.array([(point.x, point.y) for point in shape.parts()])
    assert np.abs(face.points - expected).max() < 0.05 * box.width()
    (cut,) = photos.cut_faces(photo, size=100)
    chip = dlib.get_face_chip(photo, shape, 100, 0.2)
    shifted = np.roll(chip, 8, axis=1)
    difference, by_shift = (np.abs(cut.astype(int) - c).mean() for c in (chip, shifted))
    assert difference < by_shift / 2


def test_the_detector_is_the_one_that_its_licence_names():
    licence = yunet.WEIGHTS.with_name("yunet_2023mar.LICENSE.txt").read_text()
    assert hashlib.sha256(yunet.WEIGHTS.read_bytes()).hexdigest() in licence


@pytest.mark.parametrize("size", [(640, 640), (96, 64)])
def test_the_detector_takes_any_size(size):
    """There is a place every 8 pixels, and what is unused is left out."""
    session = onnx_session.open_session(yunet.WEIGHTS)
    height, width = size
    picture = np.random.default_rng(2).uniform(0, 255, (1, 3, height, width))
    names = [output.name for output in session.get_outputs()]
    found = session.run(None, {"input": picture.astype(np.float32)})
    assert len(found) == 9  # Scores, boxes and whether there is a face, at 3 sizes.
    assert found[names.index("cls_8")].shape == (1, height * width // 64, 1)


def of_no_face(height, width):
    """What YuNet would say of a picture without a face."""
    outputs = {}
    for stride in yunet.STRIDES:
        places = (height // stride) * (width // stride)
        outputs[f"cls_{stride}"] = np.zeros((1, places, 1), np.float32)
        outputs[f"obj_{stride}"] = np.zeros((1, places, 1), np.float32)
        outputs[f"bbox_{stride}"] = np.zeros((1, places, 4), np.float32)
    return outputs


def test_boxes_lie_where_the_outputs_say():
    """As OpenCV's face_detect.cpp reads them."""
    outputs = of_no_face(64, 96)
    assert yunet.boxes_of(outputs, width=96).shape == (0, 5)
    # Strides of 16: row 2, column 5 of 6. The middle is half a stride to the right.
    outputs["cls_16"][0, 2 * 6 + 5] = 0.5
    outputs["obj_16"][0, 2 * 6 + 5] = 0.72
    outputs["bbox_16"][0, 2 * 6 + 5] = (0.5, -0.25, np.log(2), np.log(1.5))
    expected = (5.5 * 16 - 16, 1.75 * 16 - 12, 32, 24, 0.6)
    np.testing.assert_allclose(yunet.boxes_of(outputs, 96), [expected], rtol=1e-6)


def test_of_boxes_that_overlap_the_surest_stays():
    outputs = of_no_face(64, 96)
    for column, score in ((2, 0.8), (3, 0.9), (9, 0.7), (5, 0.2)):
        outputs["cls_8"][0, column] = outputs["obj_8"][0, column] = score
        outputs["bbox_8"][0, column, 2:] = np.log(4)  # 32 pixels; 24 in common.
    found = yunet.boxes_of(outputs, 96)
    np.testing.assert_allclose(found[:, 4], [0.9, 0.7], rtol=1e-6)
    np.testing.assert_allclose(found[:, 0] + 16, [3 * 8, 9 * 8])


def test_without_its_weights_the_detector_says_what_to_do(tmp_path, monkeypatch):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"of another network")
    half = tmp_path / "half.onnx"
    half.write_bytes(yunet.WEIGHTS.read_bytes()[:100_000])
    for path in (broken, half, tmp_path / "none.onnx"):
        monkeypatch.setattr(yunet, "WEIGHTS", path)
        with pytest.raises(photos.MissingWeightsError, match="install ipcgan again"):
            photos.FaceFinder()


def test_threads_share_a_finder(photo):
    alone = FINDER(photo)[0].points
    with ThreadPoolExecutor(4) as pool:
        for (face,) in pool.map(FINDER, [photo] * 8):
            np.testing.assert_array_equal(face.points, alone)


def test_no_face_no_cut():
    assert photos.cut_faces(np.zeros((100, 100, 3), np.uint8)) == []


@pytest.mark.parametrize("shape", [(1, 1), (300, 1), (1, 300), (39, 39)])
def test_a_picture_in_which_no_face_fits_has_none(shape):
    # dlib itself raises RuntimeError for a width of 1.
    assert FINDER(np.full((*shape, 3), 99, np.uint8)) == []


def turned(points, angle, shape):
    """[N, 2] points of a picture that was turned clockwise about its middle."""
    middle = (np.array(shape[1::-1]) - 1) / 2
    radians = np.radians(angle)
    turn = np.array(
        [[np.cos(radians), -np.sin(radians)], [np.sin(radians), np.cos(radians)]]
    )
    return (points - middle) @ turn.T + middle


def turn_picture(picture, angle):
    middle = (np.array(picture.shape[1::-1]) - 1) / 2
    transform = cv2.getRotationMatrix2D(middle.tolist(), -angle, 1.0)
    return cv2.warpAffine(
        picture, transform, picture.shape[1::-1], borderMode=cv2.BORDER_REPLICATE
    )


@pytest.mark.parametrize("angle", [30, 50, 90, 135, 180, 270])
def test_a_turned_face_is_found_alone_and_beside_an_upright_one(angle, photo):
    """Its landmarks are those of the upright one, turned."""
    (upright,) = FINDER(photo)
    # On a square, in the middle of which the face is.
    wide = cv2.copyMakeBorder(photo, 60, 0, 62, 42, cv2.BORDER_REPLICATE)
    picture = turn_picture(wide, angle)
    expected = turned(upright.points + (62, 60), angle, wide.shape)
    (face,) = FINDER(picture)
    assert np.abs(face.points - expected).max() < 6
    assert face.box[0] < face.points[:, 0].min() < face.box[2]
    both = FINDER(np.hstack([picture, wide]))
    assert len(both) == 2
    left, right = sorted(both, key=lambda face: face.box[0])
    assert np.abs(left.points - expected).max() < 6
    assert np.abs(right.points - upright.points - (422, 60)).max() < 6


def test_the_cut_of_a_turned_face_is_upright(photo):
    (upright,) = photos.cut_faces(photo, 64)
    (cut,) = photos.cut_faces(np.rot90(photo), 64)
    assert np.abs(cut.astype(int) - upright).mean() < 12
    assert np.abs(cut[::-1].astype(int) - upright).mean() > 30


def test_small_faces_of_a_large_picture_are_found():
    """24 megapixels, faces of 45 pixels."""
    head = images.shrink(read_photo()[:420, 60:460], 105)
    scene = np.full((4000, 6000, 3), 99, np.uint8)
    places = [(300, 200), (2900, 1700), (5800, 3800)]
    for x, y in places:
        scene[y : y + len(head), x : x + head.shape[1]] = head
    found = FINDER(scene)
    assert len(found) == len(places)
    for face, (x, y) in zip(sorted(found, key=lambda f: f.box[0]), places, strict=True):
        assert 38 < face.width < 55
        assert np.abs(face.points[4] - (x + 52, y + 58)).max() < 12


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
        first, second = FINDER(both)
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
