"""HEIC and AVIF pictures; HEIC needs the extra `heif` (pillow-heif)."""

import subprocess
import sys

import numpy as np
import pytest
from helpers import exif_blocks
from helpers.age_folder import age, written
from PIL import ExifTags, Image, features

from ipcgan.data import heif, images, picture_files

AREAS = np.kron(
    np.random.default_rng(0).integers(40, 200, (4, 5, 3), np.uint8),
    np.ones((16, 16, 1), np.uint8),
)
needs_heif = pytest.mark.skipif(
    "not __import__('importlib.util').util.find_spec('pillow_heif')",
    reason="needs the extra heif: pip install pillow-heif",
)
needs_avif = pytest.mark.skipif(
    not features.check("avif"), reason="this Pillow was built without AVIF"
)


@pytest.fixture
def heic(tmp_path):
    """A HEIC file with a date, and a note that it lies on its side."""
    import pillow_heif

    path = tmp_path / "a.heic"
    file = pillow_heif.from_pillow(Image.fromarray(AREAS))
    exif = b"Exif\0\0" + exif_blocks.block(orientation=6)
    file.save(path, quality=90, exif=exif, chroma=444)
    return path


@needs_heif
def test_heic_is_read_and_becomes_jpeg(heic):
    assert images.count_pixels(heic) == 64 * 80
    picture = picture_files.read_picture(heic)
    upright = np.rot90(AREAS, -1)
    assert picture.pixels.shape == upright.shape
    assert np.abs(picture.pixels.astype(int) - upright).mean() < 6
    target = heic.with_name("b.jpg")
    picture_files.write_picture(target, picture, picture.pixels)
    with Image.open(target) as image:
        assert image.format == "JPEG" and image.size == (64, 80)
        assert image.getexif()[ExifTags.Base.DateTime] == "2019:05:04 03:02:01"
        assert image.getexif()[ExifTags.Base.Orientation] == 1


@needs_heif
def test_a_heic_crop_is_aged(checkpoint, heic, tmp_path):
    Image.open  # noqa: B018 - the plugin was registered by the fixture or is now.
    age(checkpoint, heic.parent, tmp_path / "out", groups=(1,), align="never")
    assert {"a.heic.jpg", "a.heic_1.jpg"} <= written(tmp_path / "out")


@needs_heif
def test_a_broken_heic_is_an_image_error(heic):
    content = heic.read_bytes()
    random = np.random.default_rng(0)
    for _ in range(60):
        damaged = bytearray(content)
        for place in random.integers(0, len(content), 4):
            damaged[place] = random.integers(256)
        heic.write_bytes(damaged[: random.integers(20, len(content))])
        try:
            images.read_image(heic)
        except images.ImageError:
            pass


def test_without_the_extra_one_line_names_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    path = tmp_path / "a.heic"
    path.write_bytes(b"\0\0\0\x18ftypmif1\0\0\0\0heicmif1" + bytes(99))
    with pytest.raises(images.ImageError) as caught:
        images.read_image(path)
    assert "a.heic: a HEIC picture, which needs pillow-heif" in str(caught.value)
    assert "extra `heif`" in str(caught.value) and "\n" not in str(caught.value)
    assert images.count_pixels(path) == 0


@needs_avif
def test_avif_is_read_and_becomes_jpeg(tmp_path):
    path = tmp_path / "a.avif"
    Image.fromarray(AREAS).save(path, quality=95, subsampling="4:4:4")
    assert heif.formats_of(path) == ("AVIF",)
    assert images.count_pixels(path) == 64 * 80
    assert np.abs(images.read_image(path).astype(int) - AREAS).mean() < 4
    assert picture_files.ending_of(path) == ".jpg"


def test_other_files_load_no_decoder(tmp_path):
    Image.fromarray(AREAS).save(tmp_path / "a.jpg")
    code = (
        "import sys; from ipcgan.data import images; images.read_image(sys.argv[1]); "
        "print([m for m in sys.modules if 'heif' in m or 'Avif' in m or 'Cms' in m "
        "or 'minidom' in m or 'c2pa' in m])"
    )
    made = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.jpg")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stdout.strip() == "['ipcgan.data.heif']"
