"""Ageing of folders of photographs: photograph or crop, and the files written."""

import numpy as np
import pytest
from helpers.age_folder import age, read_report, written
from helpers.changed_config import with_config
from PIL import Image
from test_photos import FINDER

from ipcgan import checkpoints
from ipcgan.data import images
from ipcgan.inference import mixing
from ipcgan.inference.ager import FaceAger
from ipcgan.runs.age import inputs, summary

pytestmark = pytest.mark.usefixtures("one_finder")
JPEG_ERROR = 3  # levels, in the mean.


def test_a_photograph_comes_back_whole_with_its_crops(
    checkpoint,
    photo_folder,
    small_photo,
    tmp_path,
):
    out = tmp_path / "out"
    result = age(checkpoint, photo_folder, out, groups=(1, 4))
    assert written(out) == {
        *("grace.png_1.png", "grace.png_4.png", "crops/grace.png"),
        *("crops/grace.png_1.png", "crops/grace.png_4.png"),
        *("crop.png", "crop.png_1.png", "crop.png_4.png"),
        *("contact_sheet.jpg", "report.json"),
    }
    aged = images.read_image(out / "grace.png_4.png").astype(int)
    assert aged.shape == small_photo.shape
    change = np.abs(aged - small_photo)
    assert change[:25].mean() < JPEG_ERROR  # above the head
    assert change[60:100, 67:113].mean() > 2 * JPEG_ERROR  # the face
    assert images.read_image(out / "crops" / "grace.png_1.png").shape == (16, 16, 3)

    report = read_report(out)
    assert report["aged"]["grace.png"]["decision"] == "photograph: 1 of 1 face"
    assert report["aged"]["crop.png"]["decision"].startswith("crop: small")
    (face,) = report["aged"]["grace.png"]["faces"]
    assert face["share_inside"] == 1.0
    assert set(report["aged"]["grace.png"]["written"]) <= written(out)
    assert "no face" in report["left_out"]["wall.png"]
    lines = "\n".join(summary.lines(result, "out"))
    assert "2 faces aged by Keras" in lines
    assert "grace.png: photograph: 1 of 1 face" in lines
    assert "wall.png: no face" in lines


def test_no_strength_leaves_the_photograph(
    checkpoint, photo_folder, small_photo, tmp_path
):
    age(checkpoint, photo_folder, tmp_path / "out", groups=(4,), strength=0.0)
    aged = images.read_image(tmp_path / "out" / "grace.png_4.png").astype(int)
    assert np.abs(aged - small_photo).mean() < JPEG_ERROR


def test_all_faces_are_aged_when_asked(checkpoint, tmp_path, small_photo):
    small = np.pad(images.shrink(small_photo, 150), ((0, 50), (0, 0), (0, 0)), "edge")
    both = np.hstack([small_photo, small])
    (tmp_path / "photos").mkdir()
    images.write_image(tmp_path / "photos" / "two.png", both)
    changes = {}
    for face, count in (("largest", 1), ("all", 2)):
        out = tmp_path / face
        result = age(checkpoint, tmp_path / "photos", out, groups=(4,), face=face)
        assert result.faces == count
        aged = images.read_image(out / "two.png_4.png").astype(int)
        change = np.abs(aged - both)[:, small_photo.shape[1] :].mean()
        assert (out / "crops" / "face2" / "two.png_4.png").is_file() == (count == 2)
        changes[face] = change
    assert changes["all"] > 1.5 * changes["largest"]


@pytest.mark.parametrize("align", ["always", "never"])
def test_what_is_a_photograph_can_be_said(align, checkpoint, photo_folder, tmp_path):
    result = age(checkpoint, photo_folder, tmp_path / "out", align=align)
    names = sorted(path.name for path in result.aged)
    crops = ["crop.png", "grace.png", "wall.png"]
    assert names == (crops if align == "never" else ["grace.png"])


def test_a_large_aligned_face_is_a_crop(small_photo, tmp_path, checkpoint):
    (tmp_path / "in").mkdir()
    from ipcgan.photos import cut_faces

    images.write_image(tmp_path / "in" / "large.png", cut_faces(small_photo, 220)[0])
    result = age(checkpoint, tmp_path / "in", tmp_path / "out")
    (decision,) = result.decisions.values()
    assert decision == "crop: its face lies as in training faces"


def test_ages_between_the_groups_and_an_animation(checkpoint, photo_folder, tmp_path):
    out = tmp_path / "out"
    age(checkpoint, photo_folder, out, ages=(52, 25), animate=True)
    assert {"grace.png_age25.png", "crop.png_age52.png", "grace.png.gif"} <= written(
        out
    )
    with Image.open(out / "grace.png.gif") as animation:
        assert animation.size == (171, 200)
        assert animation.n_frames == 5


def test_frames_between_two_are_mixtures():
    first, last = (np.full((2, 2, 3), value, np.uint8) for value in (0, 100))
    frames = mixing.in_between([first, last], 4)
    assert [int(frame[0, 0, 0]) for frame in frames] == [0, 25, 50, 75, 100]


def test_chunks_are_small_where_photographs_are_large(tmp_path, monkeypatch):
    paths = [tmp_path / f"{i}.png" for i in range(6)]
    for path in paths[:4]:
        Image.new("RGB", (10, 10)).save(path)
    monkeypatch.setattr(inputs, "_MAX_PIXELS", 250)
    chunks = list(inputs._chunks(paths, 3))
    assert [len(chunk) for chunk in chunks] == [2, 3, 1]


@pytest.mark.parametrize(
    "template", [5, "x", [[0.5, 0.5]] * 4, [[0.5, 0.5]] * 5, [[2, 0]] * 5, [[None] * 2]]
)
def test_a_template_that_cannot_be_is_an_error(template, checkpoint, tmp_path):
    folder = with_config(checkpoint, tmp_path / "copy", template=template)
    with pytest.raises(checkpoints.CheckpointError, match="template"):
        FaceAger.from_checkpoint(folder)


def test_every_way_a_face_may_lie_has_an_outcome(checkpoint, tmp_path, small_photo):
    """None, many, at the border, in profile, tiny, upside down: one folder of all."""
    (face,) = FINDER(small_photo)
    left, _, _, bottom = (round(edge) for edge in face.box)
    small = np.pad(images.shrink(small_photo, 150), ((0, 50), (0, 0), (0, 0)), "edge")
    pictures = {
        "none": small_photo[: small_photo.shape[0] // 5],
        "many": np.hstack([small_photo, small]),
        "border": small_photo[:bottom, left:],
        # Of a profile dlib sees as little as of half a face.
        "profile": small_photo[:, : int(face.points[4, 0])],
        "tiny": images.shrink(small_photo, 100),  # 31 pixels
        "upside down": small_photo[::-1, ::-1],
    }
    (tmp_path / "in").mkdir()
    for name, picture in pictures.items():
        images.write_image(tmp_path / "in" / f"{name}.png", picture)
    result = age(checkpoint, tmp_path / "in", tmp_path / "out", groups=(4,))

    report = read_report(tmp_path / "out")
    left_out = {"none.png", "profile.png", "tiny.png"}
    assert report["left_out"].keys() == left_out
    assert all("no face was found" in why for why in report["left_out"].values())
    decisions = {name: entry["decision"] for name, entry in report["aged"].items()}
    assert decisions == {
        "many.png": "photograph: 1 of 2 faces",
        "border.png": "photograph: 1 of 1 face",
        "upside down.png": "photograph: 1 of 1 face",
    }
    assert result.faces == 3
    # At the border part of the crop is beyond the photograph, and that is said.
    assert report["aged"]["border.png"]["faces"][0]["share_inside"] < 0.98
    # Upside down it is aged where it is: the change is on the other side.
    for name in ("border", "upside down"):
        aged = images.read_image(tmp_path / "out" / f"{name}.png_4.png").astype(int)
        (box,) = (f["box"] for f in report["aged"][f"{name}.png"]["faces"])
        change = np.abs(aged - pictures[name])
        x, y = (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
        assert change[y - 15 : y + 15, x - 15 : x + 15].mean() > 2 * JPEG_ERROR
    assert change[-25:].mean() < JPEG_ERROR  # above the head, which is below now.
