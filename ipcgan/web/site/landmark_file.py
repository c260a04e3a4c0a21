"""dlib's file of five landmarks -> a smaller one, which engine/landmarks.js reads.

dlib writes every digit that a number may have, 9 MB in all. Thresholds are compared
with differences of whole levels, so nothing is lost if they are rounded down. What the
trees' leaves add is rounded to 20 bits: every tree sees a little else if those before
it added a little else, and with fewer bits most landmarks end up a pixel away.

Source of the format: dlib's serialize.h, float_details.h and shape_predictor.h.
"""

import math
from pathlib import Path

import numpy as np

from ipcgan.photos import MissingWeightsError

# Of the predictor: cascades, trees, splits of a tree, landmarks, pixels looked at.
_SHAPE = (15, 500, 15, 5, 800)
_LARGEST = 2**19 - 1  # of what a leaf adds, in steps.


def convert(path: Path) -> bytes:
    """Returns dlib's predictor as engine/landmarks.js reads it; little-endian.

    Args:
        path: of dlib's file.

    Raises:
        MissingWeightsError: if it is no such file.
    """
    try:
        return _written(*_read(_Numbers(path.read_bytes())))
    except (OSError, IndexError, OverflowError, ValueError) as error:
        raise MissingWeightsError(
            f"{path}: not dlib's predictor of five landmarks: {error}."
        ) from error


class _Numbers:
    """dlib's numbers, one after the other."""

    def __init__(self, content: bytes):
        self._content, self._place = content, 0

    def whole(self) -> int:
        """How many bytes, and the sign; then these, the lowest first."""
        head = self._content[self._place]
        start = self._place + 1
        self._place = start + (head & 15)
        value = int.from_bytes(self._content[start : self._place], "little")
        return -value if head & 128 else value

    def real(self) -> float:
        return math.ldexp(self.whole(), self.whole())

    def matrix(self) -> list[float]:
        rows, columns = abs(self.whole()), abs(self.whole())
        return [self.real() for _ in range(rows * columns)]

    def expect(self, name: str, count: int) -> None:
        found = self.whole()
        if found != count:
            raise ValueError(f"expected {count} {name}, found {found}")

    def end(self) -> None:
        if self._place != len(self._content):
            raise ValueError("there is more in it")


def _read(numbers):
    cascades, trees, splits, points, pixels = _SHAPE
    numbers.expect("as version", 1)
    start = numbers.matrix()
    numbers.expect("cascades", cascades)
    split, leaves = [], []
    for _ in range(cascades):
        numbers.expect("trees", trees)
        for _ in range(trees):
            numbers.expect("splits", splits)
            split += [
                (numbers.whole(), numbers.whole(), numbers.real())
                for _ in range(splits)
            ]
            numbers.expect("leaves", splits + 1)
            leaves += [numbers.matrix() for _ in range(splits + 1)]
    anchors, offsets = [], []
    numbers.expect("cascades", cascades)
    for _ in range(cascades):
        numbers.expect("pixels", pixels)
        anchors += [numbers.whole() for _ in range(pixels)]
    numbers.expect("cascades", cascades)
    for _ in range(cascades):
        numbers.expect("pixels", pixels)
        offsets += [(numbers.real(), numbers.real()) for _ in range(pixels)]
    numbers.end()
    added = np.array(leaves).reshape(cascades, -1)
    return np.array(start).reshape(2 * points), split, added, anchors, offsets


def _written(start, split, added, anchors, offsets):
    first, second, threshold = np.array(split).T
    scales = np.abs(added).max(axis=1, keepdims=True) / _LARGEST
    steps = np.rint(added / scales).astype("<i4").reshape(-1).view("u1").reshape(-1, 4)
    parts = [
        np.array(_SHAPE, "<u4"),
        start.astype("<f4"),
        scales.astype("<f4"),
        np.array(offsets, "<f4"),
        first.astype("<u2"),
        second.astype("<u2"),
        np.floor(threshold).astype("<i2"),
        np.array(anchors, "u1"),
        steps[:, :3].T,  # In three planes, which compress better.
    ]
    return b"".join(part.tobytes() for part in parts)
