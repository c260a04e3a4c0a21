"""Ageing of folders: odd names, links, full disks; nothing outside is written."""

import contextlib
import errno
import io
import json
import os
import shutil
from pathlib import Path

import pytest
from helpers.age_folder import age, read_report, written
from PIL import Image

from ipcgan import config
from ipcgan.data import decoding, images
from ipcgan.data.records import DataError
from ipcgan.runs import cli
from ipcgan.runs.age import age_folder, checks, files, own_files, summary

pytestmark = pytest.mark.usefixtures("one_finder")


def test_folders_in_folders_and_links_that_loop(checkpoint, photo_folder, tmp_path):
    inner = photo_folder / "a" / "b"
    inner.mkdir(parents=True)
    shutil.move(photo_folder / "crop.png", inner / "crop.png")
    (inner / "loop").symlink_to(photo_folder)
    (photo_folder / "self.png").symlink_to(photo_folder / "self.png")
    result = age(checkpoint, photo_folder, tmp_path / "out", groups=(1,))
    assert {"a/b/crop.png", "a/b/crop.png_1.png"} <= written(tmp_path / "out")
    left_out = read_report(tmp_path / "out")["left_out"]
    assert left_out.keys() == {"a/b/loop", "self.png", "wall.png"}
    assert "link to a folder" in left_out["a/b/loop"]
    assert len(result.aged) == 2


@pytest.mark.parametrize("named", ["absolute", "relative"])
def test_a_target_below_the_inputs_is_not_read(
    named, checkpoint, photo_folder, monkeypatch
):
    monkeypatch.chdir(photo_folder)
    target = photo_folder / "aged" if named == "absolute" else "aged"
    (photo_folder / "wall.png").unlink()
    for _ in range(2):
        result = age(checkpoint, photo_folder, target, groups=(1,), align="never")
        assert len(result.aged) == 2


def test_inputs_below_the_target_are_not_written_to(checkpoint, tmp_path, small_photo):
    folder = tmp_path / "faces"
    (folder / "faces").mkdir(parents=True)
    for path in (folder / "x.png", folder / "faces" / "x.png"):
        images.write_image(path, small_photo[:20, :20])
    before = (folder / "x.png").read_bytes()
    result = age(checkpoint, folder, tmp_path, groups=(1,))
    ((path, reason),) = result.left_out
    assert path.parent.name == "faces" and "overwrite an input" in reason
    assert (folder / "x.png").read_bytes() == before


def test_no_link_leads_out_of_the_target(checkpoint, photo_folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "crops").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "out" / "a").symlink_to(tmp_path / "elsewhere")
    (photo_folder / "a" / "b").mkdir(parents=True)
    shutil.copy(photo_folder / "crop.png", photo_folder / "a" / "b" / "inner.png")
    result = age(checkpoint, photo_folder, tmp_path / "out")
    reasons = {path.name: reason for path, reason in result.left_out}
    assert "leads out of --save_dir" in reasons["grace.png"]
    assert "leads out of --save_dir" in reasons["inner.png"]
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_link_that_loops_in_the_target_is_a_reason(
    checkpoint, photo_folder, tmp_path
):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "crops").symlink_to("crops")
    result = age(checkpoint, photo_folder, tmp_path / "out", groups=(1,))
    reasons = {path.name: reason for path, reason in result.left_out}
    assert "cannot be written" in reasons["grace.png"]
    assert [path.name for path in result.aged] == ["crop.png"]


def test_an_entry_that_cannot_be_reached_does_not_end_the_run(
    checkpoint, tmp_path, small_photo, monkeypatch
):
    """A folder that may not be entered, names too long for outputs, a path too long."""
    folder, crop = tmp_path / "in", small_photo[:20, :20]
    closed = folder / "closed"
    (closed / "inner").mkdir(parents=True)
    for path in (folder / "fine.png", closed / "anna.png", folder / f"{'n' * 251}.png"):
        images.write_image(path, crop)
    deep = os.open(folder, os.O_RDONLY)
    for _ in range(20):  # 20 names of 240 bytes: more than the 4,096 of PATH_MAX.
        os.mkdir("d" * 240, dir_fd=deep)
        deep, above = os.open("d" * 240, os.O_RDONLY, dir_fd=deep), deep
        os.close(above)
    os.close(deep)

    def denied(function):
        def ask(path, *arguments, **options):
            # Root may enter any folder; others may not enter this one.
            if not isinstance(path, int) and closed in Path(os.fsdecode(path)).parents:
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            return function(path, *arguments, **options)

        return ask

    with monkeypatch.context() as patch:
        for name in ("stat", "lstat", "scandir", "open"):
            patch.setattr(os, name, denied(getattr(os, name)))
        patch.setattr(io, "open", denied(io.open))
        for skip in (False, True):
            out = tmp_path / f"out {skip}"
            result = age(checkpoint, folder, out, groups=(1,), skip_existing=skip)
            assert [path.name for path in result.aged] == ["fine.png"]
            reasons = read_report(out)["left_out"]
            assert "Permission denied" in reasons.pop("closed/inner")
            assert "Permission denied" in reasons.pop("closed/anna.png")
            assert "name too long" in reasons.pop(f"{'n' * 251}.png")
            ((path, reason),) = reasons.items()
            assert set(path) == {"d", "/"} and "name too long" in reason
    shutil.rmtree(folder)


def test_what_is_no_file_is_named(checkpoint, photo_folder, tmp_path):
    os.mkfifo(photo_folder / "pipe.png")
    result = age(checkpoint, photo_folder, tmp_path / "out", groups=(1,), align="never")
    ((path, reason),) = result.left_out
    assert path.name == "pipe.png" and "a pipe" in reason


def test_odd_names_are_aged_and_printed(checkpoint, tmp_path, small_photo, capsys):
    names = ["-dash.png", "new\nline.png", "smile 😀.png", os.fsdecode(b"\xff.png")]
    (tmp_path / "in").mkdir()
    for name in names:
        images.write_image(tmp_path / "in" / name, small_photo[:20, :20])
        (tmp_path / "in" / f"{name}.txt").touch()
    result = age(checkpoint, tmp_path / "in", tmp_path / "out", groups=(1,))
    assert sorted(p.name for p in result.aged) == sorted(names)
    assert read_report(tmp_path / "out")["aged"].keys() == set(names)
    lines = summary.lines(result, "out")
    print("\n".join(lines))
    assert "new\\nline.png: crop" in capsys.readouterr().out
    assert cli.printable(os.fsdecode(b"\xff")) == "\\xff"


def test_odd_names_in_reasons_are_printed(checkpoint, tmp_path, small_photo, capsys):
    (tmp_path / "in").mkdir()
    for name in (b"\xff.png", b"\xff.png_1.png"):  # The second is the first's output.
        images.write_image(tmp_path / "in" / os.fsdecode(name), small_photo[:20, :20])
    result = age(checkpoint, tmp_path / "in", tmp_path / "out", groups=(1,))
    print("\n".join(summary.lines(result, "out")))
    assert r"\xff.png_1.png would overwrite" in capsys.readouterr().out


def test_a_file_that_disappears_is_named(
    checkpoint, photo_folder, tmp_path, monkeypatch
):
    listed = files.files_below(photo_folder, "--test_data_dir")
    (photo_folder / "crop.png").unlink()
    monkeypatch.setattr(age_folder, "files_of", lambda *_, **__: listed)
    result = age(checkpoint, photo_folder, tmp_path / "out")
    reasons = {path.name: reason for path, reason in result.left_out}
    assert reasons["crop.png"] == "no such file."
    assert len(result.aged) == 1


@pytest.mark.parametrize("when", ["before it is opened", "while it is decoded"])
def test_a_file_that_disappears_while_it_is_read_is_named(
    when, checkpoint, photo_folder, tmp_path, monkeypatch
):
    path = photo_folder / "grace.png"
    opened = decoding.opened

    @contextlib.contextmanager
    def vanishing(file, formats):
        if file == path and when == "before it is opened":
            path.unlink()
        with opened(file, formats) as image:
            if file == path:
                # As a network share that goes away answers.
                gone = path.with_name("gone")
                monkeypatch.setattr(image, "load", lambda: os.stat(gone))
            yield image

    # Not yet when files are counted into chunks.
    monkeypatch.setattr(images, "count_pixels", lambda _: 1)
    monkeypatch.setattr(decoding, "opened", vanishing)
    result = age(checkpoint, photo_folder, tmp_path / "out", groups=(1,), align="never")
    ((left_out, reason),) = result.left_out
    assert left_out == path and "No such file" in reason
    assert len(result.aged) == 2


def test_no_input_is_touched_and_nothing_is_written_elsewhere(
    checkpoint, photo_folder, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (photo_folder / "text.jpg").write_text("not a face")

    def state(folder):
        files = (p for p in folder.rglob("*") if tmp_path / "out" not in p.parents)
        return {
            p: (p.stat().st_mtime_ns, p.is_file() and p.read_bytes()) for p in files
        }

    (tmp_path / "out").mkdir()
    before = state(photo_folder), sorted(state(tmp_path)), state(checkpoint)
    result = age(checkpoint, photo_folder, tmp_path / "out", animate=True)
    assert len(result.aged) == 2 and len(result.left_out) == 2
    assert before == (state(photo_folder), sorted(state(tmp_path)), state(checkpoint))


def test_files_that_no_run_wrote_are_not_overwritten(
    checkpoint, photo_folder, tmp_path
):
    out = tmp_path / "out"
    out.mkdir()
    (out / "grace.png_1.png").write_text("mine")
    (out / "crop.png").symlink_to("nowhere")
    for _ in range(2):  # The second time too, and with what the first one wrote there.
        result = age(checkpoint, photo_folder, out, groups=(1, 2))
        assert result.aged == []
        reasons = read_report(out)["left_out"]
        assert "grace.png_1.png is there already" in reasons["grace.png"]
        assert "crop.png is there already" in reasons["crop.png"]
    assert (out / "grace.png_1.png").read_text() == "mine"
    assert (out / "crop.png").is_symlink()
    (out / "crop.png").unlink()
    for _ in range(2):  # What an earlier run wrote is written anew.
        result = age(checkpoint, photo_folder, out, groups=(1, 2))
        assert [path.name for path in result.aged] == ["crop.png"]


@pytest.mark.parametrize("name", ["report.json", "contact_sheet.jpg"])
def test_a_report_that_no_run_wrote_is_not_overwritten(
    name, checkpoint, photo_folder, tmp_path
):
    (tmp_path / name).write_text('{"mine": 1}')
    settings = config.AgeConfig(
        str(photo_folder), str(tmp_path), str(checkpoint), groups=(1,)
    )
    with pytest.raises(DataError, match=f"its {name} is there already"):
        checks.check(settings)
    assert (tmp_path / name).read_text() == '{"mine": 1}'


def test_what_runs_wrote_is_known_from_reports_and_after_a_kill(tmp_path):
    report = {"aged": {"a.png": {"written": ["a.png_1.jpg"]}}}
    (tmp_path / "report.json").write_text(json.dumps(report))
    names = "a.png_1.jpg", "b\n.png", "c.png", "contact_sheet.jpg"
    for name in names:
        (tmp_path / name).touch()
    own_files.OwnFiles(tmp_path).note([Path("b\n.png")])
    with (tmp_path / own_files.NOTES).open("a") as file:
        file.write('"c.pn')  # As a kill leaves it.
    own = own_files.OwnFiles(tmp_path)
    assert [bool(own.refusal(Path(name))) for name in names] == [0, 0, 1, 0]
    # Whoever wrote it, an input stays.
    own = own_files.OwnFiles(tmp_path, [tmp_path / "a.png_1.jpg"])
    assert "overwrite an input" in own.refusal(Path("a.png_1.jpg"))


def test_the_notes_are_not_written_through_a_link(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / own_files.NOTES).symlink_to(tmp_path / "diary")
    with pytest.raises(OSError):
        own_files.OwnFiles(tmp_path / "out").note([Path("a")])
    assert not (tmp_path / "diary").exists()


def test_a_full_disk_is_named_and_nothing_is_half_written(
    checkpoint,
    photo_folder,
    tmp_path,
    monkeypatch,
):
    save = Image.Image.save

    def full(image, path, *arguments, **options):
        save(image, path, *arguments, **options)
        if image.size == (171, 200):  # whole photographs
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Image.Image, "save", full)
    result = age(checkpoint, photo_folder, tmp_path / "out")
    reasons = {path.name: reason for path, reason in result.left_out}
    assert "No space left" in reasons["grace.png"]
    assert [path.name for path in result.aged] == ["crop.png"]
    assert not [name for name in written(tmp_path / "out") if "partial" in name]


def test_a_full_disk_at_the_end_leaves_what_became_of_the_files(
    checkpoint, photo_folder, tmp_path, monkeypatch
):
    save = Image.Image.save

    def full(image, path, *arguments, **options):
        if image.size not in ((16, 16), (171, 200)):  # the contact sheet
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        save(image, path, *arguments, **options)

    monkeypatch.setattr(Image.Image, "save", full)
    result = age(checkpoint, photo_folder, tmp_path / "out", groups=(1,))
    assert result.sheet is None and len(result.aged) == 2
    ((path, reason),) = result.unwritten
    assert path.name == "contact_sheet.jpg" and "No space left" in reason
    lines = "\n".join(summary.lines(result, "out"))
    assert "contact_sheet.jpg: cannot be written" in lines
    assert read_report(tmp_path / "out")["aged"].keys() == {"grace.png", "crop.png"}


def test_a_target_that_cannot_be_written_to_is_an_error(checkpoint, photo_folder):
    # No one can make folders in /proc, not even root.
    with pytest.raises(DataError, match="--save_dir=/proc/aged: cannot be written to"):
        age(checkpoint, photo_folder, "/proc/aged")


def test_what_was_skipped_is_not_overwritten(checkpoint, tmp_path, small_photo):
    (tmp_path / "in").mkdir()
    # The second is named as the first one's output.
    for name, part in (
        ("a.png", small_photo[:20, :20]),
        ("a.png_1.png", small_photo[20:40, :20]),
    ):
        images.write_image(tmp_path / "in" / name, part)
    out, first = tmp_path / "out", None
    for skip in (False, True):
        result = age(checkpoint, tmp_path / "in", out, groups=(1,), skip_existing=skip)
        assert [path.name for path, _ in result.left_out] == ["a.png_1.png"]
        contents = {path: path.read_bytes() for path in out.glob("a.png*")}
        first = first or contents
    assert contents == first


def test_what_was_written_before_is_skipped_when_asked(
    checkpoint, photo_folder, tmp_path
):
    age(checkpoint, photo_folder, tmp_path / "out")
    os.remove(tmp_path / "out" / "grace.png_2.png")
    result = age(checkpoint, photo_folder, tmp_path / "out", skip_existing=True)
    assert [p.name for p in result.skipped] == ["crop.png"]
    assert [p.name for p in result.aged] == ["grace.png"]
    assert read_report(tmp_path / "out")["skipped"] == ["crop.png"]


def test_single_files_are_aged_as_in_a_folder(
    checkpoint, photo_folder, tmp_path, monkeypatch
):
    monkeypatch.chdir(photo_folder)
    folder, names = files.folder_and_names(["crop.png", "./crop.png"])
    assert (folder, names) == (".", ("crop.png",))
    result = age(checkpoint, folder, tmp_path / "out", files=names, groups=(1,))
    assert [str(path) for path in result.aged] == ["crop.png"]
    assert written(tmp_path / "out") == {
        "contact_sheet.jpg",
        "crop.png",
        "crop.png_1.png",
        "report.json",
    }


def test_files_of_one_name_keep_their_folders(checkpoint, photo_folder, tmp_path):
    given = []
    for inner in ("a", "b/c"):
        (tmp_path / inner).mkdir(parents=True)
        given.append(shutil.copy(photo_folder / "crop.png", tmp_path / inner))
    given.append(f"{tmp_path}/a/../b/c/crop.png")  # The second once more.
    folder, names = files.folder_and_names(given)
    assert (folder, names) == (str(tmp_path), ("a/crop.png", "b/c/crop.png"))
    result = age(checkpoint, folder, tmp_path / "out", files=names, groups=(1,))
    assert len(result.aged) == 2
    assert {"a/crop.png_1.png", "b/c/crop.png_1.png"} <= written(tmp_path / "out")
    assert written(tmp_path / "a") == {"crop.png"}


def test_the_folder_of_a_single_file_is_not_written_to(checkpoint, photo_folder):
    folder, names = files.folder_and_names([str(photo_folder / "crop.png")])
    with pytest.raises(DataError, match="never changed"):
        age(checkpoint, folder, photo_folder, files=names)
