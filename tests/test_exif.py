"""EXIF of pictures that were turned upright; Pillow reads what is left."""

import io

import numpy as np
import pytest
from helpers import exif_blocks
from PIL import ExifTags, Image

from ipcgan.data import exif

HEAD = b"Exif\0\0"


def jpeg(colour):
    file = io.BytesIO()
    Image.new("RGB", (16, 12), colour).save(file, "JPEG")
    return file.getvalue()


def read(block):
    result = Image.Exif()
    result.load(HEAD + block)
    return result


@pytest.mark.parametrize("order", "<>")
def test_all_stays_but_orientation_and_thumbnail(order):
    thumbnail = jpeg("red")
    block = exif_blocks.block(order, 6, thumbnail)
    assert thumbnail in block  # What a reader of the old face would find.
    clean = exif.cleaned(block, 6)
    assert len(clean) == len(block)  # Nothing moved.
    assert thumbnail[:20] not in clean and thumbnail[-20:] not in clean
    found = read(clean)
    assert found[ExifTags.Base.Orientation] == 1
    assert found[ExifTags.Base.Make] == "Leica"
    assert found[ExifTags.Base.DateTime] == "2019:05:04 03:02:01"
    inner, before = (read(b).get_ifd(ExifTags.IFD.Exif) for b in (clean, block))
    assert inner[ExifTags.Base.MakerNote] == exif_blocks.MAKER_NOTE
    assert inner[ExifTags.Base.DateTimeOriginal] == "2019:05:04 03:02:01"
    # Turned on its side, width and height change places.
    assert (before[0xA002], before[0xA003]) == (640, 480)
    assert (inner[0xA002], inner[0xA003]) == (480, 640)
    assert found.get_ifd(ExifTags.IFD.GPSInfo) == {1: "N", 2: (52.0, 31.0, 12.0)}
    assert not found.get_ifd(ExifTags.IFD.IFD1)


def test_a_block_without_thumbnail_that_lies_upright_stays_as_it_is():
    block = exif_blocks.block(orientation=1)
    assert exif.cleaned(block, 1) == block


@pytest.mark.parametrize("length", [0, 1, 7, 9, 20, 70, 150, 300])
def test_a_block_that_ends_early_is_an_error_or_has_no_thumbnail(length):
    block = exif_blocks.block(thumbnail=jpeg("red"))
    assert length < len(block)
    with pytest.raises(exif.ExifError):
        exif.cleaned(block[:length], 6)


def test_damaged_blocks_are_errors_and_no_more():
    block = exif_blocks.block(thumbnail=jpeg("red"))
    random = np.random.default_rng(0)
    for _ in range(2000):
        damaged = bytearray(block)
        for place in random.integers(
            0, len(block) if random.random() < 0.5 else 220, 3
        ):
            damaged[place] = random.choice([0, 1, 255, random.integers(256)])
        try:
            assert len(exif.cleaned(bytes(damaged), 6)) == len(block)
        except exif.ExifError:
            pass


@pytest.mark.parametrize("note", range(1, 9))
def test_each_orientation_of_the_standard_is_turned_upright(note):
    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    file = io.BytesIO()
    Image.fromarray(pixels).save(
        file, "PNG", exif=HEAD + exif_blocks.block(orientation=note)
    )
    # How the top left corner and the one right of it lie, from the EXIF standard: "the
    # 0th row is at the ... of the picture, and the 0th column at its ..."
    corners = {
        1: ("top", "left"),
        2: ("top", "right"),
        3: ("bottom", "right"),
        4: ("bottom", "left"),
        5: ("left", "top"),
        6: ("right", "top"),
        7: ("right", "bottom"),
        8: ("left", "bottom"),
    }
    row, column = corners[note]
    seen = np.asarray(exif.upright(Image.open(file)))
    if row in ("left", "right"):
        seen = seen.transpose(1, 0, 2)
    if {row, column} & {"bottom"}:
        seen = seen[::-1] if row == "bottom" else seen[:, ::-1]
    if {row, column} & {"right"}:
        seen = seen[::-1] if row == "right" else seen[:, ::-1]
    np.testing.assert_array_equal(seen, pixels)
    assert exif.is_sideways(note) == (row in ("left", "right"))
