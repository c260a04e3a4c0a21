"""A photograph at full size, half, a quarter and so on, to cut squares out of."""

import cv2
import numpy as np

_SMALLEST = 64  # pixels; the longer side of the last level, or less.


class Pyramid:
    """A photograph and its reduced copies.

    A pixel of a reduced copy is the mean of the pixels that it stands for, so a small
    square is cut out of a large photograph without skipping any, and in little time.

    Args:
        photo: [H, W, 3] uint8 RGB.
    """

    def __init__(self, photo: np.ndarray):
        self.photo = photo
        self._levels = [photo]
        while max(self._levels[-1].shape) > _SMALLEST:
            height, width = self._levels[-1].shape[:2]
            size = (-(-width // 2), -(-height // 2))
            half = cv2.resize(self._levels[-1], size, interpolation=cv2.INTER_AREA)
            self._levels.append(half)

    def reduced(self, longest: int) -> np.ndarray:
        """Returns a copy whose longer side has `longest` pixels, or the photograph."""
        height, width = self.photo.shape[:2]
        scale = longest / max(height, width)
        if scale >= 1:
            return self.photo
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        level = next(e for e in reversed(self._levels) if max(e.shape) >= longest)
        return cv2.resize(level, size, interpolation=cv2.INTER_AREA)

    def square(
        self, middle: np.ndarray, side: float, angle: float, size: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Cuts a square out.

        Args:
            middle: [2] (x, y) of the square in the photograph, in pixels.
            side: of the square there, in pixels.
            angle: by which it is turned to lie upright, in degrees clockwise.
            size: side of the result, in pixels.

        Returns:
            ([size, size, 3] uint8, the border repeated beyond the photograph; [2, 3],
            pixels of the photograph -> pixels of the result).
        """
        level = 0
        while level + 1 < len(self._levels) and side >= 2 ** (level + 1) * size:
            level += 1
        image = self._levels[level]
        turn = _turn(angle) * size / side
        transform = np.column_stack([turn, (size - 1) / 2 - turn @ middle])
        ratio = np.array(self.photo.shape[1::-1]) / image.shape[1::-1]
        here = transform.copy()
        here[:, 2] += turn @ ((ratio - 1) / 2)
        here[:, :2] *= ratio
        square = cv2.warpAffine(
            image,
            here,
            (size, size),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return square, transform


def _turn(angle):
    """Returns the matrix [2, 2] that turns (x, y), y down, clockwise by degrees."""
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return np.array([[cosine, -sine], [sine, cosine]])
