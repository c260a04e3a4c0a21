"""Ageing of a folder, with everything that people put into folders."""

import numpy as np
import pytest
from helpers.age_folder import age, written
from PIL import Image
from test_reading_images import png_header

from ipcgan import checkpoints
from ipcgan.data import images
from ipcgan.data.records import DataError
from ipcgan.inference.ager import FaceAger


def test_writes_the_reference_names_and_a_sheet(checkpoint, faces, tmp_path):
    before = {p.name: p.read_bytes() for p in faces.iterdir()}
    result = age(checkpoint, faces, tmp_path / "out")
    expected = {"contact_sheet.jpg", "report.json"}
    for name in before:
        ending = "jpg" if name.endswith("jpg") else "png"  # BMP has no room for marks.
        expected |= {name, *(f"{name}_{group}.{ending}" for group in (1, 2, 3, 4))}
    assert written(tmp_path / "out") == expected
    assert result.left_out == []
    assert sorted(p.name for p in result.aged) == sorted(before)
    assert {p.name: p.read_bytes() for p in faces.iterdir()} == before
    for path in (tmp_path / "out").iterdir():
        if path.name in expected - {"contact_sheet.jpg", "report.json"}:
            assert images.read_image(path).shape == (16, 16, 3)


def test_first_file_is_the_face_as_the_network_saw_it(checkpoint, faces, tmp_path):
    age(checkpoint, faces, tmp_path / "out")
    name = "Zoë Ångström 李.png"
    seen = images.resize(images.read_image(faces / name), 16)
    np.testing.assert_array_equal(images.read_image(tmp_path / "out" / name), seen)


def test_groups_are_chosen(checkpoint, faces, tmp_path):
    age(checkpoint, faces, tmp_path / "out", groups=(0,))
    names = {p.name for p in (tmp_path / "out").iterdir()}
    assert "anna.jpg_0.jpg" in names
    assert "anna.jpg_1.jpg" not in names


def test_bad_files_are_named_and_the_others_are_aged(checkpoint, faces, tmp_path):
    (faces / "empty.jpg").touch()
    (faces / "notes.txt").write_text("not a face")
    (faces / ".hidden").touch()
    (faces / "subfolder").mkdir()
    (faces / "dangling.png").symlink_to(faces / "nowhere.png")
    whole = (faces / "anna.jpg").read_bytes()
    (faces / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    (faces / "bomb.png").write_bytes(png_header(60_000, 60_000) + bytes(30_000))
    (faces / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(99))
    (faces / "text.jpg").write_text("not a face either")
    result = age(checkpoint, faces, tmp_path / "out")
    reasons = {path.name: reason for path, reason in result.left_out}
    unwritten = "empty.jpg notes.txt text.jpg dangling.png cut.jpg bomb.png phone.heic"
    assert reasons.keys() == set(unwritten.split())
    assert "3600000000 pixels" in reasons["bomb.png"]
    # With the decoder it is known for a broken file, without for one of this kind.
    assert "HEIC" in reasons["phone.heic"] or "not an image" in reasons["phone.heic"]
    assert "not an image" in reasons["text.jpg"]
    assert "empty" in reasons["empty.jpg"]
    assert "not an image" in reasons["notes.txt"]
    assert "no such file" in reasons["dangling.png"]
    assert "truncated" in reasons["cut.jpg"].lower()
    assert len(result.aged) == 3
    assert not [p for p in (tmp_path / "out").iterdir() if "partial" in p.name]


def test_what_cannot_be_written_is_named(checkpoint, faces, tmp_path):
    long_name = "n" * 246 + ".jpg"  # 250; with _1.jpg it is longer than a name may be.
    (faces / long_name).write_bytes((faces / "anna.jpg").read_bytes())
    (tmp_path / "out" / "anna.jpg_2.jpg").mkdir(parents=True)
    result = age(checkpoint, faces, tmp_path / "out")
    reasons = {path.name: reason for path, reason in result.left_out}
    assert reasons.keys() == {long_name, "anna.jpg"}
    assert "anna.jpg_2.jpg is there already" in reasons["anna.jpg"]
    assert len(result.aged) == 2
    assert not [p for p in (tmp_path / "out").iterdir() if "partial" in p.name]


@pytest.mark.parametrize("mode", ["L", "RGBA", "CMYK", "P", "I;16"])
def test_every_kind_of_picture_is_aged(mode, checkpoint, tmp_path):
    folder = tmp_path / "faces"
    folder.mkdir()
    ending = "tif" if mode == "CMYK" else "png"
    if mode == "I;16":
        picture = Image.fromarray(np.full((20, 20), 40_000, np.uint16))
    else:
        picture = Image.new("RGB", (20, 20), (200, 100, 50)).convert(mode)
    picture.save(folder / f"face.{ending}")
    result = age(checkpoint, folder, tmp_path / "out")
    assert len(result.aged) == 1, result.left_out


def test_outputs_never_overwrite_each_other(checkpoint, faces, tmp_path):
    Image.new("RGB", (20, 20)).save(faces / "anna.jpg_1.jpg")
    result = age(checkpoint, faces, tmp_path / "out")
    ((path, reason),) = result.left_out
    assert path.name == "anna.jpg_1.jpg"
    assert "anna.jpg" in reason


def test_a_link_in_the_target_does_not_lead_to_an_input(checkpoint, faces, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "anna.jpg").symlink_to(faces / "anna.jpg")
    before = (faces / "anna.jpg").read_bytes()
    result = age(checkpoint, faces, out)
    ((path, reason),) = result.left_out
    assert path.name == "anna.jpg" and "overwrite an input" in reason
    assert (faces / "anna.jpg").read_bytes() == before
    assert not (out / "anna.jpg_1.jpg").exists()


def test_the_folder_of_the_inputs_is_no_target(checkpoint, faces):
    with pytest.raises(DataError, match="never changed"):
        age(checkpoint, faces, faces)


def test_a_missing_or_empty_folder_is_an_error(checkpoint, tmp_path):
    with pytest.raises(DataError, match="nowhere: no such folder"):
        age(checkpoint, tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="empty: the folder has no files"):
        age(checkpoint, tmp_path / "empty", tmp_path / "out")


def test_a_target_that_is_a_file_is_an_error(checkpoint, faces, tmp_path):
    (tmp_path / "out").touch()
    with pytest.raises(DataError, match="--save_dir=.*out"):
        age(checkpoint, faces, tmp_path / "out")


def test_ageing_in_python_is_the_same_thing(checkpoint, faces, tmp_path):
    age(checkpoint, faces, tmp_path / "out", groups=(2,))
    face = images.read_image(faces / "anna.jpg")
    aged = FaceAger.from_checkpoint(checkpoint)(face[None], (2,))
    on_disk = images.read_image(tmp_path / "out" / "anna.jpg_2.jpg").astype(int)
    # JPEG rounds; noise faces are its worst case.
    assert np.abs(on_disk - aged[0, 0]).mean() < 6


def test_no_checkpoint_is_an_error(faces, tmp_path):
    with pytest.raises(checkpoints.CheckpointError, match="no checkpoint"):
        age(tmp_path / "none", faces, tmp_path / "out")
