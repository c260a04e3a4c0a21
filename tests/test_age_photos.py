"""Ageing of folders of photographs: what is written, and what is said."""

import errno
import json
import os
import shutil

import numpy as np
import pytest
from PIL import Image
from test_ageing import age
from test_photos import FINDER, read_photo

from ipcgan import checkpoints
from ipcgan.data import images
from ipcgan.data.records import DataError
from ipcgan.inference.ager import FaceAger
from ipcgan.runs import age_inputs, age_outputs, age_program, command

JPEG_ERROR = 3  # levels, in the mean.


@pytest.fixture(scope="module")
def photo():
    """200x171 pixels with a face 62 pixels wide: searching it takes little time."""
    return images.shrink(read_photo(), 200)


@pytest.fixture(autouse=True)
def one_finder(monkeypatch):
    """A detector takes half a second to make: one serves all tests."""
    monkeypatch.setattr(age_inputs, "FaceFinder", lambda: FINDER)


@pytest.fixture
def folder(tmp_path, photo):
    """A folder of one photograph, one crop, and one picture without a face."""
    folder = tmp_path / "photos"
    folder.mkdir()
    images.write_image(folder / "grace.png", photo)
    images.write_image(folder / "crop.png", photo[40:60, 40:60])
    images.write_image(folder / "wall.png", np.full((41, 60, 3), 99, np.uint8))
    return folder


def written(target):
    return {str(p.relative_to(target)) for p in target.rglob("*") if p.is_file()}


def read_report(target):
    return json.loads((target / "report.json").read_text())


def test_a_photograph_comes_back_whole_with_its_crops(
    checkpoint,
    folder,
    photo,
    tmp_path,
):
    out = tmp_path / "out"
    result = age(checkpoint, folder, out, groups=(1, 4))
    assert written(out) == {
        *("grace.png_1.jpg", "grace.png_4.jpg", "crops/grace.png"),
        *("crops/grace.png_1.jpg", "crops/grace.png_4.jpg"),
        *("crop.png", "crop.png_1.jpg", "crop.png_4.jpg"),
        *("contact_sheet.jpg", "report.json"),
    }
    aged = images.read_image(out / "grace.png_4.jpg").astype(int)
    assert aged.shape == photo.shape
    change = np.abs(aged - photo)
    assert change[:25].mean() < JPEG_ERROR  # above the head
    assert change[60:100, 67:113].mean() > 2 * JPEG_ERROR  # the face
    assert images.read_image(out / "crops" / "grace.png_1.jpg").shape == (16, 16, 3)

    report = read_report(out)
    assert report["aged"]["grace.png"]["decision"] == "photograph: 1 of 1 face"
    assert report["aged"]["crop.png"]["decision"].startswith("crop: small")
    (face,) = report["aged"]["grace.png"]["faces"]
    assert face["share_inside"] == 1.0
    assert set(report["aged"]["grace.png"]["written"]) <= written(out)
    assert "no face" in report["left_out"]["wall.png"]
    lines = "\n".join(age_program.summary(result, "out"))
    assert "2 faces aged by Keras" in lines
    assert "grace.png: photograph: 1 of 1 face" in lines
    assert "wall.png: no face" in lines


def test_no_blend_leaves_the_photograph(checkpoint, folder, photo, tmp_path):
    age(checkpoint, folder, tmp_path / "out", groups=(4,), blend=0.0)
    aged = images.read_image(tmp_path / "out" / "grace.png_4.jpg").astype(int)
    assert np.abs(aged - photo).mean() < JPEG_ERROR


def test_all_faces_are_aged_when_asked(checkpoint, tmp_path, photo):
    small = np.pad(images.shrink(photo, 150), ((0, 50), (0, 0), (0, 0)), "edge")
    both = np.hstack([photo, small])
    (tmp_path / "photos").mkdir()
    images.write_image(tmp_path / "photos" / "two.png", both)
    changes = {}
    for face, count in (("largest", 1), ("all", 2)):
        out = tmp_path / face
        result = age(checkpoint, tmp_path / "photos", out, groups=(4,), face=face)
        assert result.faces == count
        aged = images.read_image(out / "two.png_4.jpg").astype(int)
        change = np.abs(aged - both)[:, photo.shape[1] :].mean()
        assert (out / "crops" / "face2" / "two.png_4.jpg").is_file() == (count == 2)
        changes[face] = change
    assert changes["all"] > 1.5 * changes["largest"]


@pytest.mark.parametrize("align", ["always", "never"])
def test_what_is_a_photograph_can_be_said(align, checkpoint, folder, tmp_path):
    result = age(checkpoint, folder, tmp_path / "out", align=align)
    names = sorted(path.name for path in result.aged)
    crops = ["crop.png", "grace.png", "wall.png"]
    assert names == (crops if align == "never" else ["grace.png"])


def test_a_large_aligned_face_is_a_crop(photo, tmp_path, checkpoint):
    (tmp_path / "in").mkdir()
    from ipcgan.photos import cut_faces

    images.write_image(tmp_path / "in" / "large.png", cut_faces(photo, 220)[0])
    result = age(checkpoint, tmp_path / "in", tmp_path / "out")
    (decision,) = result.decisions.values()
    assert decision == "crop: its face lies as in the training's"


def test_folders_in_folders_and_links_that_loop(checkpoint, folder, tmp_path):
    inner = folder / "a" / "b"
    inner.mkdir(parents=True)
    shutil.move(folder / "crop.png", inner / "crop.png")
    (inner / "loop").symlink_to(folder)
    (folder / "self.png").symlink_to(folder / "self.png")
    result = age(checkpoint, folder, tmp_path / "out", groups=(1,))
    assert {"a/b/crop.png", "a/b/crop.png_1.jpg"} <= written(tmp_path / "out")
    left_out = read_report(tmp_path / "out")["left_out"]
    assert left_out.keys() == {"a/b/loop", "self.png", "wall.png"}
    assert "link to a folder" in left_out["a/b/loop"]
    assert len(result.aged) == 2


@pytest.mark.parametrize("named", ["absolute", "relative"])
def test_a_target_below_the_inputs_is_not_read(named, checkpoint, folder, monkeypatch):
    monkeypatch.chdir(folder)
    target = folder / "aged" if named == "absolute" else "aged"
    (folder / "wall.png").unlink()
    for _ in range(2):
        result = age(checkpoint, folder, target, groups=(1,), align="never")
        assert len(result.aged) == 2


def test_inputs_below_the_target_are_not_written_to(checkpoint, tmp_path, photo):
    folder = tmp_path / "faces"
    (folder / "faces").mkdir(parents=True)
    for path in (folder / "x.png", folder / "faces" / "x.png"):
        images.write_image(path, photo[:20, :20])
    before = (folder / "x.png").read_bytes()
    result = age(checkpoint, folder, tmp_path, groups=(1,))
    ((path, reason),) = result.left_out
    assert path.parent.name == "faces" and "leads" in reason
    assert (folder / "x.png").read_bytes() == before


def test_no_link_leads_out_of_the_target(checkpoint, folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "crops").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "out" / "a").symlink_to(tmp_path / "elsewhere")
    (folder / "a" / "b").mkdir(parents=True)
    shutil.copy(folder / "crop.png", folder / "a" / "b" / "inner.png")
    result = age(checkpoint, folder, tmp_path / "out")
    reasons = {path.name: reason for path, reason in result.left_out}
    assert "leads out of --save_dir" in reasons["grace.png"]
    assert "leads out of --save_dir" in reasons["inner.png"]
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_link_that_loops_in_the_target_is_a_reason(checkpoint, folder, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "crops").symlink_to("crops")
    result = age(checkpoint, folder, tmp_path / "out", groups=(1,))
    reasons = {path.name: reason for path, reason in result.left_out}
    assert "cannot be written" in reasons["grace.png"]
    assert [path.name for path in result.aged] == ["crop.png"]


def test_what_is_no_file_is_named(checkpoint, folder, tmp_path):
    os.mkfifo(folder / "pipe.png")
    result = age(checkpoint, folder, tmp_path / "out", groups=(1,), align="never")
    ((path, reason),) = result.left_out
    assert path.name == "pipe.png" and "a pipe" in reason


def test_odd_names_are_aged_and_printed(checkpoint, tmp_path, photo, capsys):
    names = ["-dash.png", "new\nline.png", "smile 😀.png", os.fsdecode(b"\xff.png")]
    (tmp_path / "in").mkdir()
    for name in names:
        images.write_image(tmp_path / "in" / name, photo[:20, :20])
        (tmp_path / "in" / f"{name}.txt").touch()
    result = age(checkpoint, tmp_path / "in", tmp_path / "out", groups=(1,))
    assert sorted(p.name for p in result.aged) == sorted(names)
    assert read_report(tmp_path / "out")["aged"].keys() == set(names)
    lines = age_program.summary(result, "out")
    print("\n".join(lines))
    assert "new\\nline.png: crop" in capsys.readouterr().out
    assert command.printable(os.fsdecode(b"\xff")) == "\\xff"


def test_odd_names_in_reasons_are_printed(checkpoint, tmp_path, photo, capsys):
    (tmp_path / "in").mkdir()
    for name in (b"\xff.png", b"\xff.png_1.jpg"):  # The second is the first's output.
        images.write_image(tmp_path / "in" / os.fsdecode(name), photo[:20, :20])
    result = age(checkpoint, tmp_path / "in", tmp_path / "out", groups=(1,))
    print("\n".join(age_program.summary(result, "out")))
    assert r"\xff.png_1.jpg would overwrite" in capsys.readouterr().out


def test_a_file_that_disappears_is_named(checkpoint, folder, tmp_path, monkeypatch):
    listed = age_inputs.files_below(folder, "--test_data_dir")
    (folder / "crop.png").unlink()
    monkeypatch.setattr("ipcgan.runs.ageing.files_below", lambda *_, **__: listed)
    result = age(checkpoint, folder, tmp_path / "out")
    reasons = {path.name: reason for path, reason in result.left_out}
    assert reasons["crop.png"] == "no such file."
    assert len(result.aged) == 1


def test_a_full_disk_is_named_and_nothing_is_half_written(
    checkpoint,
    folder,
    tmp_path,
    monkeypatch,
):
    save = Image.Image.save

    def full(image, path, *arguments, **options):
        save(image, path, *arguments, **options)
        if image.size == (171, 200):  # whole photographs
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Image.Image, "save", full)
    result = age(checkpoint, folder, tmp_path / "out")
    reasons = {path.name: reason for path, reason in result.left_out}
    assert "No space left" in reasons["grace.png"]
    assert [path.name for path in result.aged] == ["crop.png"]
    assert not [name for name in written(tmp_path / "out") if "partial" in name]


def test_a_full_disk_at_the_end_leaves_what_became_of_the_files(
    checkpoint, folder, tmp_path, monkeypatch
):
    save = Image.Image.save

    def full(image, path, *arguments, **options):
        if image.size not in ((16, 16), (171, 200)):  # the contact sheet
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        save(image, path, *arguments, **options)

    monkeypatch.setattr(Image.Image, "save", full)
    result = age(checkpoint, folder, tmp_path / "out", groups=(1,))
    assert result.sheet is None and len(result.aged) == 2
    ((path, reason),) = result.unwritten
    assert path.name == "contact_sheet.jpg" and "No space left" in reason
    lines = "\n".join(age_program.summary(result, "out"))
    assert "contact_sheet.jpg: cannot be written" in lines
    assert read_report(tmp_path / "out")["aged"].keys() == {"grace.png", "crop.png"}


def test_a_target_that_cannot_be_written_to_is_an_error(checkpoint, folder):
    # Nobody makes folders in /proc, not even root, whom no permission stops.
    with pytest.raises(DataError, match="--save_dir=/proc/aged: cannot be written to"):
        age(checkpoint, folder, "/proc/aged")


def test_what_was_skipped_is_not_overwritten(checkpoint, tmp_path, photo):
    (tmp_path / "in").mkdir()
    # The second is named as the first one's output.
    for name, part in (("a.png", photo[:20, :20]), ("a.png_1.jpg", photo[20:40, :20])):
        images.write_image(tmp_path / "in" / name, part)
    out, first = tmp_path / "out", None
    for skip in (False, True):
        result = age(checkpoint, tmp_path / "in", out, groups=(1,), skip_existing=skip)
        assert [path.name for path, _ in result.left_out] == ["a.png_1.jpg"]
        contents = {path: path.read_bytes() for path in out.glob("a.png*")}
        first = first or contents
    assert contents == first


def test_what_was_written_before_is_skipped_when_asked(checkpoint, folder, tmp_path):
    age(checkpoint, folder, tmp_path / "out")
    os.remove(tmp_path / "out" / "grace.png_2.jpg")
    result = age(checkpoint, folder, tmp_path / "out", skip_existing=True)
    assert [p.name for p in result.skipped] == ["crop.png"]
    assert [p.name for p in result.aged] == ["grace.png"]
    assert read_report(tmp_path / "out")["skipped"] == ["crop.png"]


def test_ages_between_the_groups_and_an_animation(checkpoint, folder, tmp_path):
    out = tmp_path / "out"
    age(checkpoint, folder, out, ages=(52, 25), animate=True)
    assert {"grace.png_age25.jpg", "crop.png_age52.jpg", "grace.png.gif"} <= written(
        out
    )
    with Image.open(out / "grace.png.gif") as animation:
        assert animation.size == (171, 200)
        assert animation.n_frames == 5


def test_frames_between_two_are_mixtures():
    first, last = (np.full((2, 2, 3), value, np.uint8) for value in (0, 100))
    frames = age_outputs.in_between([first, last], 4)
    assert [int(frame[0, 0, 0]) for frame in frames] == [0, 25, 50, 75, 100]


def test_chunks_are_small_where_photographs_are_large(tmp_path, monkeypatch):
    paths = [tmp_path / f"{i}.png" for i in range(6)]
    for path in paths[:4]:
        Image.new("RGB", (10, 10)).save(path)
    monkeypatch.setattr(age_inputs, "_MAX_PIXELS", 250)
    chunks = list(age_inputs._chunks(paths, 3))
    assert [len(chunk) for chunk in chunks] == [2, 3, 1]


@pytest.mark.parametrize(
    "template", [5, "x", [[0.5, 0.5]] * 4, [[0.5, 0.5]] * 5, [[2, 0]] * 5, [[None] * 2]]
)
def test_a_template_that_cannot_be_is_an_error(template, checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint, tmp_path / "copy")
    values = checkpoints.read_json(folder / "config.json")
    checkpoints.write_json(folder / "config.json", {**values, "template": template})
    with pytest.raises(checkpoints.CheckpointError, match="template"):
        FaceAger.from_checkpoint(folder)


def test_every_way_a_face_may_lie_has_an_outcome(checkpoint, tmp_path, photo):
    """None, many, at the border, in profile, tiny, upside down: one folder of all."""
    (face,) = FINDER(photo)
    left, _, _, bottom = (round(edge) for edge in face.box)
    small = np.pad(images.shrink(photo, 150), ((0, 50), (0, 0), (0, 0)), "edge")
    pictures = {
        "none": photo[: photo.shape[0] // 5],
        "many": np.hstack([photo, small]),
        "border": photo[:bottom, left:],
        # Of a profile dlib sees as little as of half a face.
        "profile": photo[:, : int(face.points[4, 0])],
        "tiny": images.shrink(photo, 100),  # 31 pixels
        "upside down": photo[::-1, ::-1],
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
        aged = images.read_image(tmp_path / "out" / f"{name}.png_4.jpg").astype(int)
        (box,) = (f["box"] for f in report["aged"][f"{name}.png"]["faces"])
        change = np.abs(aged - pictures[name])
        x, y = (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
        assert change[y - 15 : y + 15, x - 15 : x + 15].mean() > 2 * JPEG_ERROR
    assert change[-25:].mean() < JPEG_ERROR  # above the head, which is below now.
