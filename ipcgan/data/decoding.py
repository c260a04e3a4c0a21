"""Decodes pictures in bounded time and memory, whatever their files say.

A file's size says little: three hundred bytes and a hole of 20 GB take no room on a
disk, and decoders would look through the hole byte by byte.
"""

import contextlib
import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image

# What a decoder may read until it knows the picture's size. Metadata, such as a depth
# map or a film that belongs to it, are long, but are read in large pieces.
_HEAD_BYTES, _HEAD_READS = 256 * 2**20, 200_000
# After that: no format needs more for a pixel, not even noise, plus metadata.
_BYTES_PER_PIXEL, _MORE_BYTES = 12, 16 * 2**20
_STRIP = 2**20  # pixels that are converted at a time.
# A camera's orientation note -> a view of the upright picture as the camera stored it.
_STORED = {
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.transpose(1, 0, 2),
    6: np.rot90,
    7: lambda image: image[::-1, ::-1].transpose(1, 0, 2),
    8: lambda image: np.rot90(image, -1),
}


class TooLongError(ValueError):
    """A file of which more would have to be read than its picture needs."""


@contextlib.contextmanager
def opened(path: Path, formats: Sequence[str]) -> Iterator[Image.Image]:
    """Yields Pillow's image of a file whose head was read.

    Args:
        path: the file.
        formats: that Pillow may decode.

    Raises:
        TooLongError: here or while the picture is decoded, if more would be read than
            its pixels need.
    """
    with (
        _BoundedFile(path) as file,
        Image.open(file, formats=tuple(formats)) as image,
    ):
        pixels = image.width * image.height
        file.allow(_MORE_BYTES + _BYTES_PER_PIXEL * pixels)
        yield image


class _BoundedFile(io.BufferedReader):
    """A file of which no more is read than is allowed, in no more pieces."""

    def __init__(self, path):
        super().__init__(io.FileIO(os.fspath(path)))
        self.allow(_HEAD_BYTES)

    def allow(self, number):
        self._bytes, self._reads = number, _HEAD_READS

    def read(self, size=-1):
        data = super().read(self._bytes + 1 if size is None or size < 0 else size)
        self._bytes -= len(data)
        self._reads -= 1
        if self._bytes < 0 or self._reads < 0:
            raise TooLongError("the file is far longer than its picture needs")
        return data


def upright_rgb(image: Image.Image) -> np.ndarray:
    """Decodes a picture and converts it, strip by strip, to [H, W, 3] uint8 RGB.

    Transparency is laid over white, and a camera's orientation note is obeyed. Needs
    about seven bytes of memory for each pixel: four are Pillow's.
    """
    image.load()
    # Only now: some formats turn a picture themselves while it is loaded.
    note = image.getexif().get(ExifTags.Base.Orientation, 1)
    width, height = image.size
    lies = note in (5, 6, 7, 8)
    result = np.empty((width, height, 3) if lies else (height, width, 3), np.uint8)
    stored = _STORED[note](result) if note in _STORED else result
    rows = max(1, _STRIP // width)
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        stored[top:bottom] = _to_rgb(image.crop((0, top, width, bottom)))
    return result


def _to_rgb(image):
    if image.mode in ("I;16", "I;16B", "I;16L", "I;16N", "I"):
        # Pillow's own conversion clips 16-bit grey at 255 instead of scaling it.
        grey = np.asarray(image).astype(np.float32) / 257.0
        return np.rint(grey.clip(0, 255)).astype(np.uint8)[..., None]
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        background = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(background, image)
    return np.asarray(image.convert("RGB"))
