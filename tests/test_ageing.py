"""Ageing of a folder, with everything that people put into folders."""

import shutil

import numpy as np
import one_step
import pytest
from absl import app, flags
from PIL import Image

from ipcgan import checkpoints, config
from ipcgan.data import images
from ipcgan.data.records import DataError
from ipcgan.inference.ager import FaceAger
from ipcgan.runs import age_program, ageing


@pytest.fixture
def faces(tmp_path):
    folder = tmp_path / "faces"
    folder.mkdir()
    random = np.random.default_rng(0)
    for name in ("anna.jpg", "Zoë Ångström 李.png", "three.four.bmp"):
        face = random.integers(0, 256, (24, 20, 3), dtype=np.uint8)
        Image.fromarray(face).save(folder / name)
    return folder


def age(checkpoint, faces, target, **changes):
    return ageing.age_folder(
        config.AgeConfig(
            test_data_dir=str(faces),
            save_dir=str(target),
            checkpoint_dir=str(checkpoint),
            batch_size=changes.pop("batch_size", 4),
            **changes,
        )
    )


def test_writes_the_reference_names_and_a_sheet(checkpoint, faces, tmp_path):
    before = {p.name: p.read_bytes() for p in faces.iterdir()}
    result = age(checkpoint, faces, tmp_path / "out")
    written = {p.name for p in (tmp_path / "out").iterdir()}
    expected = {"contact_sheet.jpg", "report.json"}
    for name in before:
        expected |= {name, *(f"{name}_{group}.jpg" for group in (1, 2, 3, 4))}
    assert written == expected
    assert result.left_out == []
    assert sorted(p.name for p in result.aged) == sorted(before)
    assert {p.name: p.read_bytes() for p in faces.iterdir()} == before
    for path in (tmp_path / "out").iterdir():
        if path.name not in ("contact_sheet.jpg", "report.json"):
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
    result = age(checkpoint, faces, tmp_path / "out")
    reasons = {path.name: reason for path, reason in result.left_out}
    assert reasons.keys() == {"empty.jpg", "notes.txt", "dangling.png", "cut.jpg"}
    assert "empty" in reasons["empty.jpg"]
    assert "not an image" in reasons["notes.txt"]
    assert "no such file" in reasons["dangling.png"]
    assert "truncated" in reasons["cut.jpg"].lower()
    assert len(result.aged) == 3
    assert not [p for p in (tmp_path / "out").iterdir() if "partial" in p.name]


def test_what_cannot_be_written_is_named(checkpoint, faces, tmp_path):
    long_name = "n" * 249 + ".jpg"  # With _1.jpg it is longer than a name may be.
    (faces / long_name).write_bytes((faces / "anna.jpg").read_bytes())
    (tmp_path / "out" / "anna.jpg_2.jpg").mkdir(parents=True)
    result = age(checkpoint, faces, tmp_path / "out")
    reasons = {path.name: reason for path, reason in result.left_out}
    assert reasons.keys() == {long_name, "anna.jpg"}
    assert "cannot be written" in reasons["anna.jpg"]
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
    age(checkpoint, faces, out)
    assert (faces / "anna.jpg").read_bytes() == before
    assert not (out / "anna.jpg").is_symlink()


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


def test_no_checkpoint_is_an_error(faces, tmp_path):
    with pytest.raises(checkpoints.CheckpointError, match="no checkpoint"):
        age(tmp_path / "none", faces, tmp_path / "out")


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"family": "other", "sizes": {}}, "family is 'other'"),
        ({"family": "ipcgan", "sizes": {"colour": 1}}, "has no colour"),
        ({"family": "ipcgan", "sizes": {"image_size": 10**9}}, "image_size"),
        ({"family": "ipcgan", "sizes": {"image_size": "x"}}, "config.json"),
        ({"family": "ipcgan", "sizes": {"generator_filters": 10**12}}, "filters"),
        ({"family": "ipcgan", "sizes": {"residual_blocks": -3}}, "residual_blocks"),
        ({"family": "ipcgan", "sizes": None}, "JSON object"),
        ({"family": ["ipcgan"], "sizes": {}}, "family is"),
        ({"family": "ipcgan", "sizes": one_step.TINY_SIZES, "groups": 5}, "groups"),
        (
            {"family": "ipcgan", "sizes": one_step.TINY_SIZES, "groups": ["a"] * 9},
            "5 names",
        ),
    ],
)
def test_a_config_that_cannot_be_is_an_error(values, match, tmp_path):
    checkpoints.write_json(tmp_path / "config.json", values)
    with pytest.raises(checkpoints.CheckpointError, match=match):
        FaceAger.from_checkpoint(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"cos\nsystem\n(S'touch owned'\ntR.",  # a pickle that runs a program
        b"\x89HDF\r\n\x1a\n" + bytes(200),
        None,  # the first half of the weights
        "discriminator",  # of another network
    ],
    ids=str,
)
def test_weights_that_cannot_be_are_refused(content, checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint, tmp_path / "copy")
    path = folder / "generator.weights.h5"
    if content == "discriminator":
        other = one_step.ipcgan_networks()["discriminator"]
        checkpoints.save_weights(other, folder, "generator")
    else:
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if content is None else content)
    with pytest.raises(checkpoints.CheckpointError, match="generator.weights.h5"):
        FaceAger.from_checkpoint(folder)


def test_ageing_in_python_is_the_same_thing(checkpoint, faces, tmp_path):
    age(checkpoint, faces, tmp_path / "out", groups=(2,))
    face = images.read_image(faces / "anna.jpg")
    aged = FaceAger.from_checkpoint(checkpoint)(face[None], (2,))
    on_disk = images.read_image(tmp_path / "out" / "anna.jpg_2.jpg").astype(int)
    # JPEG rounds; noise faces are its worst case.
    assert np.abs(on_disk - aged[0, 0]).mean() < 6


def test_a_face_does_not_depend_on_batch_or_companions(checkpoint):
    ager = FaceAger.from_checkpoint(checkpoint, batch_size=3)
    faces = np.random.default_rng(1).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
    together, alone = ager(faces, (0, 4)), ager(faces[2:3], (0, 4))
    np.testing.assert_array_equal(together[2], alone[0])
    others = ager(faces[2:3], (0, 4), companions=faces[:2])
    assert np.abs(others[0].astype(int) - alone[0]).max() > 0


def test_companions_leave_the_network_as_it_was(checkpoint):
    ager = FaceAger.from_checkpoint(checkpoint)
    faces = np.random.default_rng(1).integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
    before = ager(faces, (1,))
    ager(faces[:1], (1,), companions=faces[1:])
    np.testing.assert_array_equal(ager(faces, (1,)), before)


def test_companions_are_normalized_with_the_face(checkpoint):
    """As the authors: statistics of the batch of a face and its companions."""
    ager = FaceAger.from_checkpoint(checkpoint)
    faces = np.random.default_rng(1).integers(0, 256, (3, 16, 16, 3), dtype=np.uint8)
    aged = ager(faces[:1], (1,), companions=faces[1:])
    batch = ager.generator(
        [images.to_unit_range(faces), np.ones(3, "int32")], training=True
    )
    np.testing.assert_array_equal(aged[0, 0], images.to_uint8(batch[0]))


@pytest.mark.parametrize(
    ("faces", "groups", "error", "match"),
    [
        (np.zeros((1, 16, 16, 3), np.float32), (1,), TypeError, "float32"),
        (np.zeros((16, 16, 3), np.uint8), (1,), ValueError, r"\(16, 16, 3\)"),
        (np.zeros((1, 16, 16, 3), np.uint8), (5,), ValueError, "0 to 4"),
        (np.zeros((1, 16, 16, 3), np.uint8), (), ValueError, "0 to 4"),
    ],
)
def test_wrong_arguments_are_named(faces, groups, error, match, checkpoint):
    with pytest.raises(error, match=match):
        FaceAger.from_checkpoint(checkpoint)(faces, groups)


def parse(*arguments):
    values = flags.FlagValues()
    age_program.define_flags(values)
    values(["test.py", *arguments])
    return age_program.age_config(values)


def test_flags_become_config():
    settings = parse("--groups=51+,0", "--save_dir=x", "--train_data_dir=y")
    assert settings.groups == ("51+", 0)
    assert (settings.save_dir, settings.companions_dir) == ("x", "y")


def test_a_group_asked_for_twice_is_aged_to_once():
    assert parse("--groups=2,31-40,1,2").groups == (2, "31-40", 1)


def test_ages_are_whole_years():
    assert parse("--ages=52,25,52").ages == (52, 25)
    for bad in ("--ages=5", "--ages=old", "--ages=101", "--ages=20.5"):
        with pytest.raises(app.UsageError, match=bad):
            parse(bad)


def test_an_unknown_group_is_an_error():
    with pytest.raises(app.UsageError, match="--groups=7"):
        parse("--groups=7")


def test_the_program_says_what_it_left_out(checkpoint, faces, tmp_path, capsys):
    (faces / "notes.txt").write_text("not a face")
    arguments = {
        "test_data_dir": faces,
        "save_dir": tmp_path / "out",
        "checkpoint_dir": checkpoint,
    }
    values = flags.FlagValues()
    age_program.define_flags(values)
    values(["test.py", *(f"--{name}={value}" for name, value in arguments.items())])
    with (
        pytest.MonkeyPatch.context() as patch,
        pytest.raises(SystemExit) as ended,
    ):
        patch.setattr(age_program.flags, "FLAGS", values)
        age_program.main(["test.py"])
    assert ended.value.code == 1
    printed = capsys.readouterr().out
    assert "3 faces aged" in printed
    assert "contact_sheet.jpg" in printed
    assert "notes.txt: not an image" in printed
