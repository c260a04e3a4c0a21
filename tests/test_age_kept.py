"""Ageing of a folder: what was in the files stays, and all says that AI made it."""

import json

import numpy as np
import pytest
from helpers import exif_blocks, profiles
from helpers.age_folder import age, read_report, written
from PIL import ExifTags, Image
from test_marks import COMPOSITE, GENERATED, types, xmp_of

from ipcgan.data import images
from ipcgan.runs.age import invent

pytestmark = pytest.mark.usefixtures("one_finder")
HEAD = b"Exif\0\0"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def outside(entry, shape):
    """Which pixels lie farther from a face than its crop reaches."""
    left, top, right, bottom = entry["faces"][0]["box"]
    far = right - left
    result = np.ones(shape[:2], bool)
    result[
        max(0, top - far) : bottom + far // 2,
        max(0, left - far // 2) : right + far // 2,
    ] = False
    return result


@pytest.mark.parametrize("ending", ["png", "tif", "webp"])
def test_outside_the_faces_every_bit_stays(
    ending, checkpoint, folder, tmp_path, small_photo
):
    wide = np.pad(small_photo, ((0, 0), (0, 200), (0, 0)), "reflect")
    alpha = np.tile(np.arange(wide.shape[1], dtype=np.uint8), (len(wide), 1))
    alpha[:, :200] = 255
    image = Image.fromarray(wide)
    image.putalpha(Image.fromarray(alpha))
    options = {"lossless": True, "exact": True} if ending == "webp" else {}
    profile = profiles.rgb_profile()
    image.save(folder / f"a.{ending}", icc_profile=profile, **options)
    age(checkpoint, folder, tmp_path / "out", groups=(1, 4))
    entry = read_report(tmp_path / "out")["aged"][f"a.{ending}"]
    assert entry["lost"] == []
    for group in (1, 4):
        with Image.open(tmp_path / "out" / f"a.{ending}_{group}.{ending}") as aged:
            assert aged.mode == "RGBA"
            assert aged.info["icc_profile"] == profile
            aged = np.asarray(aged).astype(int)
        where = outside(entry, wide.shape)
        assert where.mean() > 0.4
        np.testing.assert_array_equal(aged[..., 3], alpha)
        np.testing.assert_array_equal(aged[..., :3][where], wide[where])
        assert np.abs(aged[..., :3] - wide)[~where].mean() > 1


def test_a_turned_photograph_keeps_its_date_and_is_upright(
    checkpoint, folder, tmp_path, small_photo
):
    stored = Image.fromarray(np.rot90(small_photo).copy())  # Turned right to be seen.
    exif = HEAD + exif_blocks.block(
        orientation=6, thumbnail=b"\xff\xd8old face\xff\xd9"
    )
    stored.save(folder / "a.JPG", "JPEG", quality=93, exif=exif)
    age(checkpoint, folder, tmp_path / "out", groups=(4,))
    with Image.open(tmp_path / "out" / "a.JPG_4.JPG") as aged:
        assert aged.size == small_photo.shape[1::-1]
        found = aged.getexif()
        assert found[ExifTags.Base.Orientation] == 1
        assert found[ExifTags.Base.DateTime] == "2019:05:04 03:02:01"
        assert found.get_ifd(ExifTags.IFD.GPSInfo)[1] == "N"
    assert b"old face" not in (tmp_path / "out" / "a.JPG_4.JPG").read_bytes()


def test_all_that_shows_an_aged_face_is_marked(checkpoint, photo_folder, tmp_path):
    out = tmp_path / "out"
    age(checkpoint, photo_folder, out, groups=(1, 4), animate=True)
    unmarked = {"report.json", "crop.png", "crops/grace.png"}  # Faces as they were.
    for name in written(out):
        if name in unmarked:
            assert b"DigitalSourceType" not in (out / name).read_bytes()
        else:
            assert types(xmp_of(out / name)) == [COMPOSITE], name
    mark = read_report(out)["mark"]
    assert mark["digital_source_type"] == COMPOSITE
    assert mark["signed"] is False and mark["label"] is False


def test_invented_faces_are_marked(age_cgan_folder, tmp_path):
    for path in invent.invent(age_cgan_folder, str(tmp_path), [3], "19-29", 1.0):
        assert types(xmp_of(path)) == [GENERATED]


def test_a_label_is_seen_in_the_corner(checkpoint, photo_folder, tmp_path, small_photo):
    aged = {}
    for label in (False, True):
        out = tmp_path / f"out {label}"
        age(checkpoint, photo_folder, out, groups=(4,), label=label)
        aged[label] = images.read_image(out / "grace.png_4.png").astype(int)
        assert read_report(out)["mark"]["label"] is label
    changed = (aged[True] != aged[False]).any(axis=2)
    rows, columns = np.nonzero(changed)
    assert rows.min() > 200 - 25 and columns.min() > 171 - 25
    corner = aged[True][rows.min() :, columns.min() :]
    assert corner.max() > 200 and (corner == 0).any()


def test_what_a_file_loses_is_in_the_report(checkpoint, folder, tmp_path, small_photo):
    exif = HEAD + exif_blocks.block()[:90]
    Image.fromarray(small_photo[:20, :20]).save(folder / "a.png", exif=exif)
    age(checkpoint, folder, tmp_path / "out", groups=(1,))
    (lost,) = read_report(tmp_path / "out")["aged"]["a.png"]["lost"]
    assert lost.startswith("EXIF left out: broken")
    assert json.dumps(lost)


def test_skip_existing_knows_the_names(checkpoint, photo_folder, tmp_path):
    for skipped in (0, 2):
        result = age(
            checkpoint, photo_folder, tmp_path / "out", groups=(1,), skip_existing=True
        )
        assert len(result.skipped) == skipped
