"""Opens pictures of which no more is read than they need, whatever their files say.

A file's size says little: three hundred bytes and a hole of 20 GB take no room on a
disk, and decoders would look through the hole byte by byte.
"""

import contextlib
import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

# What a decoder may read until it knows the picture's size. Metadata, such as a depth
# map or a film that belongs to it, are long, but are read in large pieces.
_HEAD_BYTES, _HEAD_READS = 256 * 2**20, 200_000
# After that: no format needs more for a pixel, not even noise, plus metadata.
_BYTES_PER_PIXEL, _MORE_BYTES = 12, 16 * 2**20


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
