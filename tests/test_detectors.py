"""Other detectors than YuNet, and the messages where one is missing."""

import pathlib

import numpy as np
import pytest
import skimage
from helpers.age_folder import age
from test_photos import read_photo

from ipcgan import photos
from ipcgan.config import ConfigError
from ipcgan.data import images
from ipcgan.photos import deepface_detection

CASCADE = (
    pathlib.Path(skimage.__file__).parent / "data/lbpcascade_frontalface_opencv.xml"
)
FILES = ("haarcascade_frontalface_default.xml", "haarcascade_eye.xml")


@pytest.fixture(scope="module")
def photo():
    return images.shrink(read_photo(), 300)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Where DeepFace finds a cascade for opencv: that of scikit-image, from local
    binary patterns, stands for OpenCV's own, which its package no longer brings."""
    home = tmp_path_factory.mktemp("home")
    weights = home / ".deepface" / "weights"
    weights.mkdir(parents=True)
    # The name of one entry is spelt wrongly in it, and OpenCV minds.
    cascade = CASCADE.read_text().replace("featuhreParams", "featureParams")
    for name in FILES:
        (weights / name).write_text(cascade)
    return home


@pytest.fixture(autouse=True)
def environment(monkeypatch, home):
    monkeypatch.setenv("DEEPFACE_HOME", str(home))


@pytest.fixture
def offline(monkeypatch):
    from deepface.commons import weight_utils

    def unreachable(url):
        raise OSError("no network")

    monkeypatch.setattr(weight_utils, "ensure_source_is_reachable", unreachable)


def test_landmarks_are_those_of_yunets_boxes(home, photo):
    finder = photos.FaceFinder(photos.DeepFaceDetector("opencv", home))
    (face,) = finder(photo)
    (expected,) = photos.FaceFinder()(photo)
    # The boxes differ by up to a sixth of their width, the landmarks by a fiftieth.
    assert np.abs(face.points - expected.points).max() < expected.width / 50
    assert finder(np.zeros((60, 60, 3), np.uint8)) == []


def test_boxes_of_a_reduced_copy_are_where_the_photograph_has_them(
    home, photo, monkeypatch
):
    detector = photos.DeepFaceDetector("opencv", home)
    (whole,) = detector.boxes(photo)
    monkeypatch.setattr(deepface_detection, "_LONGEST", 200)
    (reduced,) = detector.boxes(photo)
    np.testing.assert_allclose(reduced, whole, atol=12)


def test_a_high_box_becomes_a_square_on_the_same_chin():
    assert deepface_detection._square(10.0, 20.0, 60.0, 100.0) == (0, 40, 80, 120)


def test_a_folder_is_aged_by_another_detector(checkpoint, tmp_path, photo):
    (tmp_path / "in").mkdir()
    images.write_image(tmp_path / "in" / "grace.png", photo)
    images.write_image(tmp_path / "in" / "wall.png", np.full((90, 99, 3), 9, np.uint8))
    result = age(checkpoint, tmp_path / "in", tmp_path / "out", detector="opencv")
    assert [path.name for path in result.aged] == ["grace.png"]
    assert [(p.name, why) for p, why in result.left_out] == [
        ("wall.png", "no face was found by opencv (40 pixels wide)")
    ]


def test_a_photograph_that_a_detector_fails_on_is_left_out(
    checkpoint, tmp_path, photo, monkeypatch
):
    from deepface.models.face_detection.OpenCv import OpenCvClient

    find = OpenCvClient.detect_faces

    def fails(self, image):
        if image.shape[1] == 256:
            raise KeyError("two\nlines")
        return find(self, image)

    monkeypatch.setattr(OpenCvClient, "detect_faces", fails)
    (tmp_path / "in").mkdir()
    images.write_image(tmp_path / "in" / "bad.png", photo)
    images.write_image(tmp_path / "in" / "good.png", np.hstack([photo, photo[:, :40]]))
    result = age(checkpoint, tmp_path / "in", tmp_path / "out", detector="opencv")
    assert [path.name for path in result.aged] == ["good.png"]
    ((path, reason),) = result.left_out
    assert path.name == "bad.png" and reason == r"opencv failed: 'two\nlines'"


def test_missing_weights_are_one_line_before_anything_is_written(
    checkpoint, tmp_path, photo, monkeypatch, offline
):
    (tmp_path / "in").mkdir()
    images.write_image(tmp_path / "in" / "grace.png", photo)
    monkeypatch.setenv("DEEPFACE_HOME", str(tmp_path))
    with pytest.raises(photos.MissingWeightsError) as caught:
        age(checkpoint, tmp_path / "in", tmp_path / "out", detector="centerface")
    place = tmp_path / ".deepface" / "weights" / "centerface.onnx"
    assert str(caught.value).endswith(f"put centerface.onnx at {place}")
    assert not (tmp_path / "out").exists()


def test_a_missing_package_is_named(home):
    with pytest.raises(photos.MissingWeightsError, match="pip install mediapipe"):
        photos.DeepFaceDetector("mediapipe", home)


# The second is read, but as an empty one, which would find nothing anywhere.
@pytest.mark.parametrize("content", ["<xml>", CASCADE.read_text()])
def test_a_broken_cascade_is_refused(content, tmp_path):
    weights = tmp_path / ".deepface" / "weights"
    weights.mkdir(parents=True)
    for name in FILES:
        (weights / name).write_text(content)
    with pytest.raises(photos.MissingWeightsError, match="opencv: cannot be used: "):
        photos.DeepFaceDetector("opencv", tmp_path)


def test_an_unknown_detector_names_the_known_ones(home):
    with pytest.raises(ConfigError, match="--detector=nobody: .*opencv, mtcnn"):
        photos.DeepFaceDetector("nobody", home)


def test_without_photographs_no_detector_is_needed(checkpoint, tmp_path):
    (tmp_path / "in").mkdir()
    images.write_image(tmp_path / "in" / "a.png", np.zeros((20, 20, 3), np.uint8))
    result = age(
        checkpoint, tmp_path / "in", tmp_path / "out", detector="mtcnn", align="never"
    )
    assert (result.faces, result.left_out) == (1, [])
