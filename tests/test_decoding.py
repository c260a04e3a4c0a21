"""Pictures are decoded in bounded time and memory, and as Pillow would."""

import pathlib
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps
from test_fuzz import KINDS, encoded

from ipcgan.data import images

ROOT = pathlib.Path(__file__).parents[1]


@pytest.mark.parametrize("kept", [20, 60, 150, 10**6])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind[0]}-{kind[1]}")
def test_a_hole_of_20_gigabytes_is_not_read(kind, kept, tmp_path):
    path = tmp_path / "face.jpg"
    with path.open("wb") as file:
        file.write(encoded(*kind)[:kept])
        file.truncate(20 * 2**30)  # A hole: it takes no room on the disk.
    started = time.process_time()
    try:
        image = images.read_image(path)
    except images.ImageError as error:
        assert str(error).startswith(str(path)) and "\n" not in str(error)
    else:
        assert sorted(image.shape) == [3, 9, 12]
    assert images.count_pixels(path) <= images.MAX_PIXELS
    assert time.process_time() - started < 3


def test_a_head_that_never_ends_is_named(tmp_path):
    """0.28 s a megabyte it took to look for a marker in zeros."""
    path = tmp_path / "face.jpg"
    with path.open("wb") as file:
        file.write(encoded("JPEG", "RGB", {})[:300])
        file.truncate(20 * 2**30)
    with pytest.raises(images.ImageError, match=r"face\.jpg: .*longer than"):
        images.read_image(path)


def test_a_photograph_with_much_behind_it_is_read(tmp_path):
    """Telephones put films behind their photographs."""
    path = tmp_path / "face.jpg"
    content = encoded("JPEG", "RGB", {})
    path.write_bytes(content)
    alone = images.read_image(path)
    path.write_bytes(content + b"film" * 10**7)
    np.testing.assert_array_equal(images.read_image(path), alone)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_pictures_are_turned_as_pillow_turns_them(image_format, orientation, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (12, 9, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    path = tmp_path / "face"
    Image.fromarray(pixels).save(path, image_format, exif=exif)
    with Image.open(path) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    found = images.read_image(path)
    np.testing.assert_array_equal(found, expected)
    assert found.flags.c_contiguous


PEAK = """
import resource, sys
from ipcgan.data import images
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before = peak()
height, width, _ = images.read_image(sys.argv[1]).shape
print((peak() - before) / (height * width))
"""


@pytest.mark.parametrize("mode", ["RGBA", "I;16", "P"])
def test_a_pixel_needs_few_bytes_of_memory(mode, tmp_path):
    """It was 22: a copy for each conversion, all of them at the same time."""
    size = (4000, 2500)
    image = Image.new(mode, size)
    if mode == "P":
        image.info["transparency"] = 0
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    image.save(tmp_path / "large.png", compress_level=1, exif=exif)
    answer = subprocess.run(  # noqa: S603
        [sys.executable, "-c", PEAK, tmp_path / "large.png"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert answer.returncode == 0, answer.stderr
    assert float(answer.stdout) < 10
