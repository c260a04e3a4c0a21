"""Which faces of a photograph --face takes, and how a run shows their numbers."""

import numpy as np
import pytest
from absl import app
from helpers.age_folder import age, read_report, written
from test_age_program import parse

from ipcgan.data import images
from ipcgan.photos import Face
from ipcgan.report.numbered_faces import numbered_faces
from ipcgan.runs.age import choice

SHAPE = (300, 500)


def face(left, top, side):
    return Face((left, top, left + side, top + side), np.zeros((5, 2)))


# The largest first; the second lies within the first.
FOUND = [face(100, 50, 200), face(150, 80, 60), face(400, 200, 50)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("largest", (1,)),
        ("all", (1, 2, 3)),
        ("1", (1,)),
        ("3", (3,)),
        ("120,60", (1,)),  # within the first alone.
        ("170,100", (2,)),  # within two: the smaller.
        ("499,299", (3,)),  # in none: the nearest.
        ("0,0", (1,)),
    ],
)
def test_a_choice_is_a_word_a_number_or_a_point(text, numbers):
    choice.check(text)
    assert choice.choose(text, FOUND, SHAPE) == numbers
    assert parse(f"--face={text}").face == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("4", "--face=4: there is no face 4; 3 faces were found"),
        ("500,10", "--face=500,10: lies outside the photograph, which has 500 x 300"),
        ("10,300", "--face=10,300: lies outside"),
    ],
)
def test_a_face_that_is_not_there_has_a_reason(text, reason):
    assert choice.choose(text, FOUND, SHAPE).startswith(reason)


@pytest.mark.parametrize(
    "text", ["0", "-1", "1.5", "biggest", "", "1,2,3", "-1,5", "1,"]
)
def test_what_is_no_choice_is_refused(text):
    with pytest.raises(app.UsageError, match=f"--face={text}: expected largest, all"):
        parse(f"--face={text}")


def test_boxes_are_drawn_around_faces_and_the_photograph_stays():
    photo = np.full((*SHAPE, 3), 200, np.uint8)
    picture = numbered_faces(photo, [f.box for f in FOUND], aged=[1])
    assert (photo == 200).all() and picture.shape == photo.shape
    assert picture[150, 100].tolist() == picture[250, 200].tolist() == [0, 170, 60]
    assert picture[220, 400].tolist() == [120, 120, 120]
    assert (picture[295:] == 200).all()
    large = numbered_faces(np.zeros((4000, 100, 3), np.uint8), [FOUND[0].box], [])
    assert max(large.shape) == 1600


@pytest.fixture
def two_faces(tmp_path, small_photo):
    """A folder of a photograph with two faces, and one with the larger of them."""
    small = np.pad(images.shrink(small_photo, 150), ((0, 50), (0, 0), (0, 0)), "edge")
    folder = tmp_path / "photos"
    folder.mkdir()
    images.write_image(folder / "two.png", np.hstack([small_photo, small]))
    images.write_image(folder / "one.png", small_photo)
    return folder


@pytest.mark.usefixtures("one_finder")
def test_a_face_is_picked_by_number_and_the_others_are_listed(
    checkpoint, two_faces, tmp_path, small_photo
):
    out = tmp_path / "out"
    result = age(checkpoint, two_faces, out, groups=(4,), face="2")
    report = read_report(out)
    assert report["left_out"] == {
        "one.png": "--face=2: there is no face 2; 1 face was found"
    }
    assert result.faces == 1
    entry = report["aged"]["two.png"]
    assert entry["decision"] == "photograph: face 2 of 2"
    first, second = entry["faces"]
    assert (first["number"], first["aged"]) == (1, False)
    assert (second["number"], second["aged"]) == (2, True)
    assert first["box"][2] < small_photo.shape[1] < second["box"][0]
    assert "share_inside" in second and "share_inside" not in first
    assert written(out) == {
        *("two.png_4.png", "two.png_faces.jpg", "report.json", "contact_sheet.jpg"),
        *("crops/two.png", "crops/two.png_4.png"),
    }
    # The change is where the second face is.
    aged = images.read_image(out / "two.png_4.png").astype(int)
    change = np.abs(aged - images.read_image(two_faces / "two.png")).mean(axis=-1)
    inside = []
    for left, top, right, bottom in (first["box"], second["box"]):
        quarter = (right - left) // 4
        inner = change[top + quarter : bottom - quarter, left + quarter :]
        inside.append(inner[:, : right - left - 2 * quarter].mean())
    assert inside[1] > 1.5 * inside[0]


@pytest.mark.usefixtures("one_finder")
def test_the_search_does_not_depend_on_the_choice(checkpoint, two_faces, tmp_path):
    boxes = []
    for face in ("largest", "all", "200,100"):
        age(checkpoint, two_faces, tmp_path / face, groups=(4,), face=face)
        entry = read_report(tmp_path / face)["aged"]["two.png"]
        boxes.append([found["box"] for found in entry["faces"]])
    assert boxes[0] == boxes[1] == boxes[2] and len(boxes[0]) == 2
