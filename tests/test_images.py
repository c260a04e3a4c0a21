"""Images resized, mapped to [-1, 1] and written."""

import numpy as np
import pytest

from ipcgan.data import images

JPEG_ERROR = 3  # of 255; even areas of one colour come back this close.


def grey_to_rgb(values):
    return np.repeat(np.array(values, np.uint8)[..., None], 3, axis=2)


def test_resize_cuts_a_tall_image_evenly():
    rows = np.array([0, 10, 20, 30], np.uint8)
    image = np.broadcast_to(rows[:, None, None], (4, 2, 3))
    np.testing.assert_array_equal(
        images.resize(image, 2), grey_to_rgb([[10, 10], [20, 20]])
    )


def test_resize_cuts_a_wide_image_evenly():
    columns = np.array([0, 10, 20, 30], np.uint8)
    image = np.broadcast_to(columns[:, None], (2, 4, 3))
    np.testing.assert_array_equal(
        images.resize(image, 2), grey_to_rgb([[10, 20], [10, 20]])
    )


def test_resize_to_half_averages_four_pixels():
    image = grey_to_rgb(
        [[0, 4, 10, 10], [4, 8, 30, 30], [100, 100, 0, 0], [100, 100, 0, 200]]
    )
    np.testing.assert_array_equal(
        images.resize(image, 2), grey_to_rgb([[4, 20], [100, 50]])
    )


def test_resize_enlarges_and_keeps_an_even_colour():
    image = np.full((3, 3, 3), (1, 200, 255), np.uint8)
    enlarged = images.resize(image, 8)
    np.testing.assert_array_equal(enlarged, np.full((8, 8, 3), (1, 200, 255)))
    assert enlarged.dtype == np.uint8


def test_resize_gives_back_an_image_that_has_the_size():
    image = np.zeros((4, 4, 3), np.uint8)
    assert images.resize(image, 4) is image


def test_resize_does_not_hold_on_to_what_it_cuts_off():
    image = np.zeros((4, 400, 3), np.uint8)
    assert images.resize(image, 4).base is None


def test_to_unit_range():
    values = images.to_unit_range(np.array([0, 51, 127, 204, 255], np.uint8))
    assert values.dtype == np.float32
    # 2 x / 255 - 1; 1e-6 is a few roundings of float32 near 1.
    np.testing.assert_allclose(values, [-1, -0.6, -1 / 255, 0.6, 1], atol=1e-6)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (-1.0, 0),
        (-0.6, 51),
        (0.2, 153),
        (1.0, 255),
        (-0.997, 0),  # 0.38
        (-0.995, 1),  # 0.64
        (0.5, 191),  # 191.25
        (-1.2, 0),
        (1.003, 255),
        (7.0, 255),
    ],
)
def test_to_uint8_rounds_and_clips(value, expected):
    result = images.to_uint8(np.array([value]))
    assert result.dtype == np.uint8
    assert result[0] == expected


def test_to_uint8_undoes_to_unit_range():
    every = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(images.to_uint8(images.to_unit_range(every)), every)


@pytest.mark.parametrize("ending", ["png", "PNG", "bmp", "tif"])
def test_written_image_reads_back(tmp_path, ending):
    pixels = np.arange(3 * 2 * 3, dtype=np.uint8).reshape(3, 2, 3)
    path = tmp_path / f"a face.{ending}"
    images.write_image(path, pixels)
    np.testing.assert_array_equal(images.read_image(path), pixels)
    assert list(tmp_path.iterdir()) == [path]


def test_written_jpeg_keeps_colours_apart(tmp_path):
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[:, :8] = (255, 0, 0)
    pixels[:, 8:] = (0, 0, 255)
    images.write_image(tmp_path / "face.jpg", pixels)
    np.testing.assert_allclose(
        images.read_image(tmp_path / "face.jpg").astype(int), pixels, atol=JPEG_ERROR
    )


@pytest.mark.parametrize("name", ["face", "face.txt", "face.pdf", "face.jpg.part"])
def test_write_refuses_an_unknown_ending(tmp_path, name):
    with pytest.raises(ValueError, match=f"{name}: cannot write"):
        images.write_image(tmp_path / name, np.zeros((2, 2, 3), np.uint8))
    assert not list(tmp_path.iterdir())


def test_write_into_a_missing_folder_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="none"):
        images.write_image(
            tmp_path / "none" / "face.png", np.zeros((2, 2, 3), np.uint8)
        )


def test_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "face.jpg"
    path.write_bytes(b"old")
    too_wide = np.zeros((1, 70_000, 3), np.uint8)  # JPEG ends at 65,535.
    with pytest.raises(OSError):
        images.write_image(path, too_wide)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
