"""EXIF: the orientation applied and set to 1, the thumbnail removed, the rest kept."""

import struct
from typing import Any

from PIL import Image

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = (5, 6, 7, 8)  # Width and height change places.
_ORIENTATION, _EXIF_IFD = 0x0112, 0x8769
_SIZES = ((0x0100, 0x0101), (0xA002, 0xA003))  # width and height
_THUMBNAILS = ((0x0201, 0x0202), (0x0111, 0x0117))  # where it lies, and its length
_SHORT, _LONG = 3, 4  # types of values, of 2 and 4 bytes
_ENTRY = 12  # bytes


class ExifError(ValueError):
    """A block that is not EXIF."""


def orientation(image: Image.Image) -> int:
    """Returns a picture's note of how it lies, 1 to 8; 1 where there is none."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # Whatever a broken note trips Pillow over.
        return 1
    return value if value in _TURNS else 1


def upright(image: Image.Image) -> Image.Image:
    """Returns a picture as its note of how it lies asks for."""
    turn = _TURNS.get(orientation(image))
    return image if turn is None else image.transpose(turn)


def is_sideways(note: int) -> bool:
    """Whether an orientation makes the width of a picture its height."""
    return note in _SIDEWAYS


def cleaned(block: bytes, note: int) -> bytes:
    """Returns an EXIF block for a picture that now lies upright, without thumbnail.

    The bytes are changed where they lie: written anew, camera makers' own notes would
    move, and the offsets in them count from the block's start.

    Args:
        block: from its TIFF header on.
        note: the orientation that was applied.

    Raises:
        ExifError: if it is broken.
    """
    try:
        return _Block(block).cleaned(note)
    except struct.error as error:
        raise ExifError(f"EXIF ends too early: {error}") from error


class _Block:
    """The bytes of a block; struct.error where they end too early."""

    def __init__(self, block):
        order = {b"II": "<", b"MM": ">"}.get(block[:2])
        if order is None:
            raise ExifError("EXIF has no TIFF header")
        self._bytes, self._order = bytearray(block), order

    def cleaned(self, note):
        (first,) = self._read("I", 4)
        entries, end = self._entries(first)
        if _ORIENTATION in entries:
            self._write("HIHH", entries[_ORIENTATION] + 2, _SHORT, 1, 1, 0)
        if note in _SIDEWAYS:
            self._swap_sizes(entries)
            if _EXIF_IFD in entries:
                (inner,) = self._read("I", entries[_EXIF_IFD] + 8)
                self._swap_sizes(self._entries(inner)[0])
        (second,) = self._read("I", end)
        if second:
            self._remove_thumbnail(self._entries(second)[0])
            self._write("I", end, 0)
        return bytes(self._bytes)

    def _read(self, kinds, start) -> tuple[Any, ...]:
        return struct.unpack_from(self._order + kinds, self._bytes, start)

    def _write(self, kinds, start, *values):
        struct.pack_into(self._order + kinds, self._bytes, start, *values)

    def _entries(self, start):
        """Returns where the entries of a directory lie, by tag, and where they end."""
        (count,) = self._read("H", start)
        first, end = start + 2, start + 2 + _ENTRY * count
        places = range(first, end, _ENTRY)
        return {self._read("H", place)[0]: place for place in places}, end

    def _swap_sizes(self, entries):
        for pair in _SIZES:
            if all(tag in entries for tag in pair):
                # Type, count and value, as they are.
                one, other = (slice(entries[t] + 2, entries[t] + _ENTRY) for t in pair)
                block = self._bytes
                block[one], block[other] = block[other], block[one]

    def _numbers(self, place):
        """Returns the values of an entry."""
        kind, count, start = self._read("HII", place + 2)
        size = {_SHORT: 2, _LONG: 4}.get(kind)
        if size is None or count * size > len(self._bytes):
            raise ExifError("EXIF has a thumbnail that lies nowhere")
        inside = count * size <= 4
        letter = "H" if size == 2 else "I"
        return self._read(f"{count}{letter}", place + 8 if inside else start)

    def _remove_thumbnail(self, entries):
        """Overwrites it, and forgets it where nothing comes after it."""
        for pair in _THUMBNAILS:
            if not all(tag in entries for tag in pair):
                continue
            starts, lengths = (self._numbers(entries[tag]) for tag in pair)
            for start, length in zip(starts, lengths, strict=False):
                end = min(start + length, len(self._bytes))
                self._bytes[start:end] = bytes(max(0, end - start))
        for place in entries.values():
            self._bytes[place : place + _ENTRY] = bytes(_ENTRY)
