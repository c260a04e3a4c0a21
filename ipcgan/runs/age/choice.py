"""Which faces of a photograph are aged: the value of --face, read and applied."""

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ipcgan.config import ConfigError

if TYPE_CHECKING:
    from ipcgan.photos import Face  # Loads OpenCV.

LARGEST, ALL = "largest", "all"
_NUMBER = re.compile(r"[1-9]\d{0,5}")
_POINT = re.compile(r"(\d{1,6}),(\d{1,6})")


def check(text: str) -> None:
    """Raises ConfigError for what no choice is."""
    known = text in (LARGEST, ALL) or _NUMBER.fullmatch(text) or _POINT.fullmatch(text)
    if not known:
        raise ConfigError(
            f"--face={text}: expected {LARGEST}, {ALL}, a number from 1 on, or "
            "LEFT,TOP in pixels of the upright photograph."
        )


def choose(
    text: str, found: Sequence["Face"], shape: tuple[int, ...]
) -> tuple[int, ...] | str:
    """Chooses among the faces of a photograph.

    Args:
        text: LARGEST; ALL; a face's number, of which 1 is the largest's; or LEFT,TOP, a
            pixel: the smallest face whose box contains it, else the nearest face.
        found: the faces, the largest first; at least one.
        shape: of the photograph.

    Returns:
        The numbers of the faces to age, or why there is none.
    """
    if text == ALL:
        return tuple(range(1, len(found) + 1))
    if text == LARGEST:
        return (1,)
    if point := _POINT.fullmatch(text):
        return _at((int(point[1]), int(point[2])), found, shape, text)
    number = int(text)
    if number > len(found):
        count = "1 face was" if len(found) == 1 else f"{len(found)} faces were"
        return f"--face={text}: there is no face {number}; {count} found"
    return (number,)


def _at(point, found, shape, text):
    height, width = shape[:2]
    if point[0] >= width or point[1] >= height:
        return (
            f"--face={text}: lies outside the photograph, which has {width} x {height} "
            "pixels"
        )
    return (1 + min(range(len(found)), key=lambda i: _distance(point, found[i])),)


def _distance(point, face):
    """How far a point is from a box, then from its middle, as shares of its width."""
    left, top, right, bottom = face.box
    x, y = point
    outside = math.hypot(max(left - x, x - right, 0), max(top - y, y - bottom, 0))
    middle = math.hypot(x - (left + right) / 2, y - (top + bottom) / 2)
    return outside, face.width if outside == 0 else middle
