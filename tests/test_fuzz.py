"""Files that were damaged at random: each is an image or an ImageError, never more."""

import io

import numpy as np
import pytest
from helpers import exif_blocks, profiles
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from test_marks import OLD

from ipcgan import config
from ipcgan.data import images, picture_files
from ipcgan.photos import DLIB_TEMPLATE
from ipcgan.runs.age.inputs import Prepared, Reader

KEPT = {
    "exif": b"Exif\0\0" + exif_blocks.block(thumbnail=bytes(range(40))),
    "icc_profile": profiles.rgb_profile(),
}
# JPEG twice, progressive too; every other format that is read, in several modes.
KINDS = [
    ("JPEG", "RGB", {}),
    ("JPEG", "CMYK", {"progressive": True}),
    ("PNG", "RGBA", {}),
    ("PNG", "P", {}),
    ("PNG", "I;16", {}),
    ("WEBP", "RGB", {}),
    ("BMP", "RGB", {}),
    ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    ("TIFF", "L", {}),
    ("GIF", "P", {}),
    ("PPM", "RGB", {}),
    # With all that a file may hold besides pixels.
    ("JPEG", "RGB", KEPT | {"xmp": OLD}),
    ("PNG", "RGB", KEPT),
    ("WEBP", "RGB", KEPT | {"xmp": OLD, "lossless": True}),
    ("TIFF", "RGB", KEPT),
]


def encoded(image_format, mode, options):
    pixels = np.random.default_rng(0).integers(0, 256, (12, 9, 3), dtype=np.uint8)
    image = Image.fromarray(pixels)
    if mode == "I;16":
        image = Image.fromarray(pixels[..., 0].astype(np.uint16) * 257)
    else:
        image = image.convert(mode)
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


FILES = [encoded(*kind) for kind in KINDS]


@st.composite
def damaged(draw):
    """A valid image with bytes changed, mostly in its head, cut off or put in."""
    content = bytearray(draw(st.sampled_from(FILES)))
    for _ in range(draw(st.integers(1, 4))):
        last = max(0, len(content) - 1)
        position = draw(st.integers(0, min(60, last)) | st.integers(0, last))
        how = draw(st.sampled_from(["change", "change", "cut", "insert", "repeat"]))
        if how == "change" and content:
            content[position] = draw(
                st.sampled_from([0, 1, 127, 255]) | st.integers(0, 255)
            )
        elif how == "cut":
            del content[position : position + draw(st.integers(1, 40))]
        elif how == "insert":
            content[position:position] = draw(st.binary(min_size=1, max_size=12))
        else:
            content += content[position:]
    return bytes(content)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz") / "face.jpg"


@pytest.mark.filterwarnings("ignore")  # Pillow warns of what it repairs.
@settings(
    max_examples=2000,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(content=damaged())
def test_no_damage_is_more_than_a_reason(file, content):
    file.write_bytes(content)
    settings_ = config.AgeConfig("", "", "", align="never")
    found = Reader(settings_, 16, DLIB_TEMPLATE)(file)
    assert images.count_pixels(file) >= 0
    if isinstance(found, Prepared):
        assert found.crops.shape == (1, 16, 16, 3)
        # What was kept of it can be written.
        target = file.with_name("aged.jpg")
        picture_files.write_crop(target, found.picture, found.crops[0])
        assert images.read_image(target).shape == (16, 16, 3)
    else:
        assert found and str(file) not in found
