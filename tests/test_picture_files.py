"""Picture files that are written again with other pixels: what stays."""

import io
import struct
import zlib

import numpy as np
import pytest
from helpers import exif_blocks, profiles
from PIL import ExifTags, Image, JpegImagePlugin, PngImagePlugin
from test_marks import COMPOSITE, OLD, types, xmp_of

from ipcgan.data import images, marks, picture_files

HEAD = b"Exif\0\0"
RANDOM = np.random.default_rng(0)
NOISE = RANDOM.integers(0, 256, (24, 32, 3), np.uint8)
# Even areas: JPEG keeps them, whatever it does at edges.
AREAS = np.kron(
    RANDOM.integers(40, 200, (3, 4, 3), np.uint8), np.ones((16, 16, 1), "u1")
)


def again(path, change=lambda pixels: None):
    """Writes a picture again with a change; returns it as it was, and the new file."""
    picture = picture_files.read_picture(path)
    pixels = picture.pixels.copy()
    change(pixels)
    target = path.parent / f"again{picture_files.ending_of(path)}"
    picture_files.write_picture(target, picture, pixels)
    return picture, target


def spot(pixels):
    pixels[4:8, 4:8] = 255 - pixels[4:8, 4:8]


def in_spot(shape):
    result = np.zeros(shape[:2], bool)
    result[4:8, 4:8] = True
    return result


@pytest.mark.parametrize("ending", ["jpg", "png", "webp"])
def test_exif_stays_with_the_orientation_applied(tmp_path, ending):
    thumbnail = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(thumbnail, "JPEG")
    block = exif_blocks.block(">", 6, thumbnail.getvalue())
    path = tmp_path / f"a.{ending}"
    Image.fromarray(AREAS).save(path, exif=HEAD + block)
    picture, target = again(path)
    assert picture.pixels.shape == (64, 48, 3)
    assert picture.metadata.lost == ()
    assert thumbnail.getvalue()[-40:] in path.read_bytes()
    assert thumbnail.getvalue()[-40:] not in target.read_bytes()
    with Image.open(target) as image:
        assert image.size == (48, 64)
        found = image.getexif()
        assert found[ExifTags.Base.Orientation] == 1
        assert_says_what_the_block_says(found)
    seen = images.read_image(target).astype(int)
    assert np.abs(seen - np.rot90(AREAS.astype(int), -1)).mean() < 6


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "jpeg"])
def test_tiff_says_the_same_of_itself(tmp_path, compression):
    path = tmp_path / "a.tif"
    tags = Image.Exif()
    if compression == "raw":  # Pillow writes directories in tags in no other way.
        tags.load(HEAD + exif_blocks.block(orientation=1))
    tags[ExifTags.Base.Artist] = "Zoë".encode("latin-1")
    tags[700] = OLD
    Image.fromarray(AREAS).save(
        path, exif=tags, compression=compression, dpi=(300, 300)
    )
    picture, target = again(path)
    assert picture.metadata.lost == ()
    np.testing.assert_array_equal(images.read_image(target), images.read_image(path))
    with Image.open(target) as image:
        image.load()
        kept = "tiff_adobe_deflate" if compression == "jpeg" else compression
        assert image.info["compression"] == kept
        assert image.info["dpi"] == (300, 300)
        found = image.getexif()
        assert found[ExifTags.Base.Artist] == "Zoë"
        assert types(image.info["xmp"]) == [COMPOSITE]
        assert b"Zo\xc3\xab" in image.info["xmp"]
        if compression == "raw":
            assert_says_what_the_block_says(found)


def assert_says_what_the_block_says(found):
    assert found[ExifTags.Base.Make] == "Leica"
    assert found[ExifTags.Base.DateTime] == "2019:05:04 03:02:01"
    inner = found.get_ifd(ExifTags.IFD.Exif)
    assert inner[ExifTags.Base.DateTimeOriginal] == "2019:05:04 03:02:01"
    assert inner[ExifTags.Base.MakerNote] == exif_blocks.MAKER_NOTE
    assert found.get_ifd(ExifTags.IFD.GPSInfo)[1] == "N"


def test_exif_of_a_jpeg_that_is_called_tiff_stays(tmp_path):
    file = io.BytesIO()
    exif = HEAD + exif_blocks.block(orientation=6)
    Image.fromarray(AREAS).save(file, "JPEG", exif=exif)
    (tmp_path / "a.tif").write_bytes(file.getvalue())
    picture, target = again(tmp_path / "a.tif")
    assert picture.metadata.lost == ()
    with Image.open(target) as image:
        assert image.format == "TIFF" and image.size == (48, 64)
        image.load()
        assert_says_what_the_block_says(image.getexif())


@pytest.mark.parametrize("ending", ["png", "webp", "tif", "bmp", "gif", "ppm"])
@pytest.mark.parametrize("mode", ["RGB", "L", "P"])
def test_without_loss_all_but_the_change_is_equal_in_every_bit(tmp_path, ending, mode):
    if (ending, mode) in (("webp", "P"), ("ppm", "P")):
        pytest.skip("there is no such file")
    path = tmp_path / f"a.{ending}"
    image = Image.fromarray(NOISE).convert(mode)
    options = {"lossless": True} if ending == "webp" else {}
    image.save(path, **options)
    before = np.asarray(Image.open(path).convert("RGB"))
    _, target = again(path, spot)
    with Image.open(target) as image:
        assert image.format == {"webp": "WEBP", "tif": "TIFF"}.get(ending, "PNG")
        # Grey stays grey, but WebP has no grey.
        grey = mode == "L" and ending not in ("webp", "gif")
        assert image.mode == ("L" if grey else "RGB")
        after = np.asarray(image.convert("RGB"))
    where = in_spot(after.shape)
    np.testing.assert_array_equal(after[~where], before[~where])
    np.testing.assert_array_equal(after[where], 255 - before[where])


@pytest.mark.parametrize("ending", ["png", "tif", "webp"])
def test_a_profile_stays_and_so_do_the_pixels_in_it(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    profile = profiles.rgb_profile()
    pixels = (100 + NOISE / 8).astype(np.uint8)  # sRGB has all of these colours.
    options = {"lossless": True} if ending == "webp" else {}
    Image.fromarray(pixels).save(path, icc_profile=profile, **options)

    def lighter(seen):
        expected = profiles.adobe_to_srgb(pixels)
        np.testing.assert_allclose(seen, expected, atol=1.5)  # The network's.
        seen[4:8, 4:8] += 20

    picture, target = again(path, lighter)
    with Image.open(target) as image:
        assert image.info["icc_profile"] == profile
        after = np.asarray(image.convert("RGB"))
    where = in_spot(after.shape)
    np.testing.assert_array_equal(after[~where], pixels[~where])
    # The face is 20 levels of sRGB lighter, in the profile's own levels.
    expected = profiles.adobe_to_srgb(pixels)[where] + 20
    found = profiles.adobe_to_srgb(after)[where]
    np.testing.assert_allclose(found, expected, atol=4)


def test_a_grey_profile_stays(tmp_path):
    profile = profiles.grey_profile(1.8)
    Image.fromarray(NOISE[..., 0]).save(tmp_path / "a.png", icc_profile=profile)
    _, target = again(tmp_path / "a.png", spot)
    with Image.open(target) as image:
        assert image.mode == "L" and image.info["icc_profile"] == profile
        after = np.asarray(image)
    where = in_spot(after.shape)
    np.testing.assert_array_equal(after[~where], NOISE[..., 0][~where])
    assert np.abs(after[where].astype(int) - NOISE[..., 0][where]).mean() > 20


@pytest.mark.parametrize(
    ("ending", "mode"),
    [("png", "RGBA"), ("png", "LA"), ("webp", "RGBA"), ("tif", "RGBA"), ("tif", "LA")],
)
def test_transparency_stays(tmp_path, ending, mode):
    path = tmp_path / f"a.{ending}"
    alpha = RANDOM.integers(0, 256, NOISE.shape[:2], np.uint8)
    alpha[:8, :8] = 255
    image = Image.fromarray(NOISE).convert("L" if mode == "LA" else "RGB")
    image.putalpha(Image.fromarray(alpha))
    options = {"lossless": True, "exact": True} if ending == "webp" else {}
    image.save(path, **options)
    before = np.asarray(Image.open(path).convert("RGBA"))
    _, target = again(path, spot)
    with Image.open(target) as image:
        assert image.mode == mode
        after = np.asarray(image.convert("RGBA"))
    np.testing.assert_array_equal(after[..., 3], alpha)
    where = in_spot(after.shape)
    # Colours below full transparency, too, which some programs uncover.
    np.testing.assert_array_equal(after[~where], before[~where])
    np.testing.assert_array_equal(after[where][:, :3], 255 - before[where][:, :3])


@pytest.mark.parametrize("quality", [40, 75, 92, 98])
@pytest.mark.parametrize("sampling", [0, 1, 2])
def test_jpeg_is_encoded_as_it_was(tmp_path, quality, sampling):
    path = tmp_path / "a.jpg"
    Image.fromarray(AREAS).save(path, quality=quality, subsampling=sampling)
    _, target = again(path)
    with Image.open(path) as one, Image.open(target) as other:
        assert other.quantization == one.quantization
        assert JpegImagePlugin.get_sampling(other) == sampling


def test_tables_of_a_turned_jpeg_are_turned_too(tmp_path):
    tables = [list(range(1, 65)), list(range(64, 0, -1))]
    exif = HEAD + exif_blocks.block(orientation=6)
    image = Image.fromarray(AREAS)
    image.save(tmp_path / "a.jpg", qtables=tables, subsampling=1, exif=exif)
    _, target = again(tmp_path / "a.jpg")
    with Image.open(target) as image:
        for table, old in zip(image.quantization.values(), tables, strict=True):
            expected = np.reshape(old, (8, 8)).T
            np.testing.assert_array_equal(np.reshape(table, (8, 8)), expected)
        assert JpegImagePlugin.get_sampling(image) == 0  # Never coarser than before.


def test_jpeg_twice_is_hardly_worse_than_once(tmp_path):
    """With the same tables nearly every number is what it was."""
    path = tmp_path / "a.jpg"
    soft = Image.fromarray((90 + NOISE / 4).astype(np.uint8)).resize((256, 192))
    soft.save(path, quality=60, subsampling=0)
    _, target = again(path, lambda pixels: None)
    change = images.read_image(target).astype(int) - images.read_image(path)
    assert np.abs(change).mean() < 0.5


def test_captions_resolution_and_texts_stay(tmp_path):
    caption = b"\x1c\x02\x78\x00\x05Anna!"  # IPTC: record 2, caption, 5 bytes.
    block = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(caption)) + caption
    thumbnail = b"8BIM\x04\x0c\0\0" + struct.pack(">I", 6) + b"secret"
    content = b"Photoshop 3.0\0" + block + thumbnail
    segment = b"\xff\xed" + struct.pack(">H", len(content) + 2) + content
    path = tmp_path / "a.jpg"
    Image.fromarray(AREAS).save(path, extra=segment, dpi=(240, 240))
    _, target = again(path)
    with Image.open(target) as image:
        assert image.info["photoshop"] == {0x0404: caption}
        assert image.info["dpi"] == (240, 240)

    texts = PngImagePlugin.PngInfo()
    texts.add_text("Author", "Zoë")
    texts.add_itxt("Title", "李")
    texts.add_text("Raw profile type exif", "an old thumbnail")
    path = tmp_path / "a.png"
    Image.fromarray(NOISE).save(path, pnginfo=texts)
    _, target = again(path)
    with Image.open(target) as image:
        image.load()
        assert image.text.pop("XML:com.adobe.xmp")
        assert image.text == {"Author": "Zoë", "Title": "李"}


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("a.jpg", ".jpg"),
        ("a.JPEG", ".JPEG"),
        ("a.png", ".png"),
        ("a.webp", ".webp"),
        ("a.tiff", ".tiff"),
        ("a.bmp", ".png"),
        ("a.gif", ".png"),
        ("a.ppm", ".png"),
        ("a.heic", ".jpg"),
        ("a.avif", ".jpg"),
        ("a", ".jpg"),
    ],
)
def test_which_format_comes_out(tmp_path, name, ending):
    assert picture_files.ending_of(tmp_path / name) == ending


def test_what_is_lost_is_said(tmp_path):
    deep = np.full((9, 9), 257 * 90 + 11, np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    picture, target = again(tmp_path / "deep.png")
    assert picture.metadata.lost == (
        "more than 8 bits a channel: read and written with 8",
    )
    with Image.open(target) as image:
        assert image.mode == "L" and image.getpixel((0, 0)) == 90

    Image.new("RGBA", (9, 9), (255, 0, 0, 0)).save(tmp_path / "see.png")
    (tmp_path / "see.png").rename(tmp_path / "see.jpg")
    picture, target = again(tmp_path / "see.jpg")
    (lost,) = picture.metadata.lost
    assert lost.startswith("transparency")
    assert images.read_image(target).min() > 250

    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(tmp_path / "print.jpg")
    picture, target = again(tmp_path / "print.jpg")
    assert picture.metadata.lost == ("CMYK: written as RGB",)
    assert Image.open(target).mode == "RGB"


HUGE = exif_blocks.block(orientation=1) + bytes(2_000_000)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"exif": HEAD + b"II*\0\xff\xff\xff\x7f"}, "EXIF left out: broken"),
        ({"exif": HUGE}, "EXIF left out: more than 1,048,576 bytes"),
        ({"icc_profile": b"no profile"}, "colour profile left out: cannot be used"),
        ({"xmp": b"<x:xmpmeta"}, "XMP left out: broken"),
        ({"xmp": b" " * 2_000_000}, "XMP left out: more than 1,048,576 bytes"),
    ],
    ids="exif large-exif profile xmp large-xmp".split(),
)
def test_broken_or_huge_metadata_are_left_out(tmp_path, options, said):
    path = tmp_path / "a.webp"
    Image.fromarray(AREAS).save(path, lossless=True, **options)
    picture, target = again(path, spot)
    (lost,) = picture.metadata.lost
    assert lost.startswith(said)
    assert types(xmp_of(target)) == [COMPOSITE]
    with Image.open(target) as image:
        assert image.info.keys() & {"exif", "icc_profile"} == set()
    np.testing.assert_array_equal(images.read_image(target)[20:], AREAS[20:])


@pytest.mark.parametrize("kind", [b"zTXt", b"iTXt", b"iCCP"])
@pytest.mark.parametrize("place", ["before the pixels", "behind them"])
def test_a_text_that_unpacks_without_end_is_left_out(tmp_path, kind, place):
    path = tmp_path / "a.png"
    Image.fromarray(NOISE).save(path)
    bomb = zlib.compress(bytes(30_000_000))
    content = (
        b"XML:com.adobe.xmp\0" + (b"\1\0\0\0" if kind == b"iTXt" else b"\0") + bomb
    )
    chunk = struct.pack(">I", len(content)) + kind + content
    chunk += struct.pack(">I", zlib.crc32(kind + content))
    whole = path.read_bytes()
    at = 33 if place == "before the pixels" else len(whole) - 12
    path.write_bytes(whole[:at] + chunk + whole[at:])
    picture, target = again(path)
    assert picture.metadata.lost[0].startswith("texts, XMP and colour profile left out")
    np.testing.assert_array_equal(images.read_image(target), NOISE)


def test_xmp_that_jpeg_has_no_room_for_is_left_out(tmp_path):
    long = OLD.replace(b"Zo\xc3\xab", b"z" * 70_000)
    for ending, said in (("webp", 0), ("jpg", 1)):
        path = tmp_path / f"a.{ending}"
        file = io.BytesIO()
        Image.fromarray(AREAS).save(file, "WEBP", xmp=long)
        path.write_bytes(file.getvalue())
        picture, target = again(path)
        assert len(picture.metadata.lost) == said
        assert types(xmp_of(target)) == [COMPOSITE]
        assert (b"z" * 70_000 in target.read_bytes()) == (said == 0)


def test_a_crop_keeps_what_is_not_of_its_pixels(tmp_path):
    path = tmp_path / "a.jpg"
    exif = HEAD + exif_blocks.block(orientation=1)
    image = Image.fromarray(AREAS)
    image.save(path, quality=30, exif=exif, icc_profile=profiles.rgb_profile())
    picture = picture_files.read_picture(path).without_pixels()
    face = np.full((16, 16, 3), 99, np.uint8)
    picture_files.write_crop(tmp_path / "b.jpg", picture, face)
    with Image.open(tmp_path / "b.jpg") as image:
        assert image.getexif()[ExifTags.Base.Make] == "Leica"
        assert "icc_profile" not in image.info  # It is sRGB.
        assert types(image.info["xmp"]) == [COMPOSITE]
        assert max(image.quantization[0]) < 20  # Not its input's quality of 30.


def test_lossy_webp_stays_lossy(tmp_path):
    for lossless in (True, False):
        Image.fromarray(NOISE).save(tmp_path / "a.webp", lossless=lossless)
        _, target = again(tmp_path / "a.webp")
        assert (b"VP8L" in target.read_bytes()) == lossless


def test_marks_are_signed_only_where_asked_for():
    assert marks.AGED.credentials is None
