"""Image files of every kind, and what is refused."""

import io
import os
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image
from test_images import JPEG_ERROR, grey_to_rgb

from ipcgan.data import images


def encoded(image, image_format, **options):
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def noise_image():
    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    return Image.fromarray(pixels)


def png_header(width, height):
    """A PNG file of next to no bytes that says it has so many pixels."""

    def chunk(kind, content):
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + checksum.to_bytes(4)

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(10))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size)
        + chunk(b"IDAT", pixels)
        + chunk(b"IEND", b"")
    )


def test_read_rgb_png_keeps_every_value(tmp_path):
    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    Image.fromarray(pixels).save(tmp_path / "face.png")
    image = images.read_image(tmp_path / "face.png")
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, pixels)


def test_read_takes_a_str_and_ignores_the_ending(tmp_path):
    pixels = np.full((2, 2, 3), (255, 0, 7), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "face.png")
    (tmp_path / "face.png").rename(tmp_path / "face.jpg")
    np.testing.assert_array_equal(images.read_image(str(tmp_path / "face.jpg")), pixels)


def test_read_grey(tmp_path):
    grey = np.array([[0, 128], [255, 7]], np.uint8)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    np.testing.assert_array_equal(
        images.read_image(tmp_path / "grey.png"), grey_to_rgb(grey)
    )


def test_read_black_and_white(tmp_path):
    bits = Image.fromarray(np.array([[0, 255]], np.uint8)).convert("1")
    bits.save(tmp_path / "bits.png")
    np.testing.assert_array_equal(
        images.read_image(tmp_path / "bits.png"), grey_to_rgb([[0, 255]])
    )


def test_read_16_bit_grey_is_scaled_not_clipped(tmp_path):
    # 65535 / 255 = 257 steps of 16 bits are one of 8.
    grey = np.array([[0, 65535], [257 * 100, 257 * 7 + 200]], np.uint16)
    cv2.imwrite(str(tmp_path / "grey16.png"), grey)
    np.testing.assert_array_equal(
        images.read_image(tmp_path / "grey16.png"), grey_to_rgb([[0, 255], [100, 8]])
    )


def test_read_16_bit_rgb(tmp_path):
    rgb = np.array([[[10, 20, 30], [255, 0, 128]]], np.uint16)
    cv2.imwrite(str(tmp_path / "rgb16.png"), 257 * rgb[..., ::-1])  # OpenCV: BGR.
    np.testing.assert_array_equal(images.read_image(tmp_path / "rgb16.png"), rgb)


def test_read_palette_with_transparency_lies_on_white(tmp_path):
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), "P")
    image.putpalette([255, 0, 0, 0, 0, 255, 1, 2, 3])
    image.save(tmp_path / "palette.png", transparency=0)
    np.testing.assert_array_equal(
        images.read_image(tmp_path / "palette.png"),
        [[[255, 255, 255], [0, 0, 255], [1, 2, 3]]],
    )


def test_read_rgba_lies_on_white(tmp_path):
    rgba = np.array([[[255, 0, 0, 0], [0, 0, 255, 255], [0, 0, 0, 51]]], np.uint8)
    Image.fromarray(rgba).save(tmp_path / "rgba.png")
    np.testing.assert_array_equal(
        images.read_image(tmp_path / "rgba.png"),
        # 51 / 255 is a fifth of black: 4 / 5 * 255 of white shines through.
        [[[255, 255, 255], [0, 0, 255], [204, 204, 204]]],
    )


def test_read_cmyk_jpeg(tmp_path):
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(tmp_path / "cmyk.jpg")
    image = images.read_image(tmp_path / "cmyk.jpg")
    assert image.shape == (16, 16, 3)
    red = np.broadcast_to([255, 0, 0], image.shape)
    np.testing.assert_allclose(image, red, atol=JPEG_ERROR)


def test_read_obeys_the_orientation_note(tmp_path):
    stored = np.zeros((8, 16, 3), np.uint8)
    stored[:, 8:] = 255  # black left, white right
    note = Image.Exif()
    note[0x0112] = 6  # turn clockwise to see it upright: what was left is on top.
    Image.fromarray(stored).save(tmp_path / "turned.jpg", exif=note)
    image = images.read_image(tmp_path / "turned.jpg")
    assert image.shape == (16, 8, 3)
    np.testing.assert_allclose(image[:8], 0, atol=JPEG_ERROR)
    np.testing.assert_allclose(image[8:], 255, atol=JPEG_ERROR)


def test_read_animation_gives_its_first_picture(tmp_path):
    first, second = (Image.new("RGB", (4, 4), c) for c in ("white", "black"))
    first.save(tmp_path / "moves.gif", save_all=True, append_images=[second])
    image = images.read_image(tmp_path / "moves.gif")
    np.testing.assert_array_equal(image, np.full((4, 4, 3), 255))


@pytest.mark.parametrize(
    ("image_format", "options"),
    [
        ("JPEG", {"progressive": True}),
        ("MPO", {"save_all": True}),  # as phones write: JPEG with more pictures.
        ("WEBP", {"lossless": True}),
        ("GIF", {}),
        ("BMP", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("PPM", {}),
    ],
)
def test_read_every_format(tmp_path, image_format, options):
    halves = Image.new("RGB", (32, 16), (200, 100, 50))
    halves.paste((0, 50, 255), (16, 0, 32, 16))
    (tmp_path / "face").write_bytes(encoded(halves, image_format, **options))
    image = images.read_image(tmp_path / "face").astype(int)
    assert image.shape == (16, 32, 3)
    # Away from the edge, where JPEG rings.
    np.testing.assert_allclose(image[:, :8] - (200, 100, 50), 0, atol=JPEG_ERROR)
    np.testing.assert_allclose(image[:, -8:] - (0, 50, 255), 0, atol=JPEG_ERROR)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"This is a text, and long enough to be looked at twice.", "not an image"),
        (b"\xff\xd8\xff", "not an image"),
        (encoded(noise_image(), "JPEG")[:700], "cannot be decoded"),
        (encoded(noise_image(), "PNG")[:1500], "cannot be decoded"),
        (png_header(9_500, 9_500), "9500x9500 is more than the 89000000"),
        (png_header(60_000, 60_000) + bytes(30_000), "3600000000 pixels"),
        (encoded(noise_image(), "PDF"), "not an image"),
        (b"\0\0\0\x18ftypheic" + bytes(99), "(not an image|a HEIC picture)"),
        (b"\0\0\0\x18ftypavif" + bytes(99), "not an image"),
    ],
    ids="empty text start jpeg png large huge pdf heic avif".split(),
)
def test_read_refuses_and_names_the_file(tmp_path, content, reason):
    (tmp_path / "bad face.jpg").write_bytes(content)
    with pytest.raises(images.ImageError, match=f"bad face.jpg: .*{reason}"):
        images.read_image(tmp_path / "bad face.jpg")


def test_read_refuses_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(images.ImageError, match="none.jpg: no such file"):
        images.read_image(tmp_path / "none.jpg")
    with pytest.raises(images.ImageError, match="no such file"):
        images.read_image(tmp_path)


def test_a_pipe_is_refused_and_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    assert images.count_pixels(tmp_path / "pipe.jpg") == 0
    with pytest.raises(images.ImageError, match="pipe.jpg: not a file, but a pipe"):
        images.read_image(tmp_path / "pipe.jpg")
