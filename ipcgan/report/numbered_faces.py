"""A photograph -> a small picture of it in which its faces have boxes and numbers."""

from collections.abc import Sequence

import cv2
import numpy as np

from ipcgan.data import images

_LONGEST = 1600  # pixels.
_AGED, _OTHER, _PAPER = (0, 170, 60), (120, 120, 120), (255, 255, 255)
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def numbered_faces(
    photo: np.ndarray,
    boxes: Sequence[tuple[float, float, float, float]],
    aged: Sequence[int],
) -> np.ndarray:
    """Draws boxes and their numbers, from 1 on.

    Args:
        photo: [H, W, 3] uint8 RGB, which stays as it is.
        boxes: left, top, right, bottom of each face, in the photograph's pixels.
        aged: numbers of the faces that were aged; their boxes are green, others grey.

    Returns:
        [h, w, 3] uint8, the longer side at most 1,600 pixels.
    """
    picture = images.shrink(photo, _LONGEST).copy()
    scale = picture.shape[1] / photo.shape[1]
    thick = max(1, round(max(picture.shape) / 600))
    for number, box in enumerate(boxes, start=1):
        left, top, right, bottom = (round(scale * edge) for edge in box)
        colour = _AGED if number in aged else _OTHER
        cv2.rectangle(picture, (left, top), (right, bottom), colour, thick)
        _label(picture, str(number), (left, top), colour, thick)
    return picture


def _label(picture, text, corner, colour, thick):
    """Writes a number on a plate above a box's corner, or within the picture."""
    size = 0.35 + 0.15 * thick
    (width, height), below = cv2.getTextSize(text, _FONT, size, thick)
    plate = (width + 4, height + below + 2)
    left = int(np.clip(corner[0], 0, max(0, picture.shape[1] - plate[0])))
    top = int(np.clip(corner[1] - plate[1], 0, max(0, picture.shape[0] - plate[1])))
    cv2.rectangle(picture, (left, top), (left + plate[0], top + plate[1]), colour, -1)
    place = (left + 2, top + height + 1)
    cv2.putText(picture, text, place, _FONT, size, _PAPER, thick, cv2.LINE_AA)
