"""Where the parts of a face are, and images bent so that they lie elsewhere."""

import cv2
import numpy as np
from scipy.spatial import Delaunay

LANDMARKS = 68
LEFT_EYE, RIGHT_EYE = slice(36, 42), slice(42, 48)  # as they are seen.
INNER_LIPS = slice(60, 68)  # between them are teeth.
_FRACTION = 4  # binary digits of a triangle's corners, as cv2 is given them.

# The landmark that each becomes in the mirror: iBUG's 68 in dlib's order.
_MIRRORED = [
    *range(16, -1, -1),  # jaw
    *range(26, 16, -1),  # brows
    *(27, 28, 29, 30, 35, 34, 33, 32, 31),  # nose
    *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),  # eyes
    *(54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55),  # lips
    *(64, 63, 62, 61, 60, 67, 66, 65),
]


def mirrored(landmarks: np.ndarray, size: int) -> np.ndarray:
    """Returns landmarks [68, 2] of the mirror image, `size` pixels wide."""
    return landmarks[_MIRRORED] * (-1.0, 1.0) + (size - 1.0, 0.0)


def inside(
    landmarks: np.ndarray,
    size: int,
    side: int,
    blur: float | None = None,
    wider: float = 0.0,
) -> np.ndarray:
    """Returns [side, side, 1] float32: 1 within landmarks, falling to 0.

    Args:
        landmarks: [L, 2] (x, y) in a picture `size` pixels wide.
        size: of that picture.
        side: of the result, in pixels.
        blur: standard deviation of its edge, in pixels; None: a 32nd of the side.
        wider: pixels by which landmarks are moved away from their middle.
    """
    away = landmarks - landmarks.mean(axis=0)
    away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-6)
    landmarks = landmarks * (side / size) + wider * away
    corners = cv2.convexHull(np.round(landmarks).astype(np.int32))
    result = np.zeros((side, side), np.float32)
    if cv2.contourArea(corners):  # Not of a mouth that is shut.
        cv2.fillConvexPoly(result, corners, 1.0)
    return cv2.GaussianBlur(result, (0, 0), blur or side / 32)[..., None]


class FaceMesh:
    """Triangles between a mean face's landmarks and the border of its picture.

    Args:
        landmarks: [68, 2] (x, y) of the mean face, in pixels.
        size: S, of the pictures' sides.
    """

    def __init__(self, landmarks: np.ndarray, size: int):
        self.landmarks, self._size = np.asarray(landmarks, np.float32), size
        self._triangles = Delaunay(self._points(landmarks)).simplices
        rows, columns = np.indices((size, size), np.float32)
        self._pixels = np.stack([columns, rows, np.ones_like(rows)], axis=-1)

    def places(self, before: np.ndarray, after: np.ndarray) -> np.ndarray:
        """Finds out from where pixels come, for an image to be bent.

        Args:
            before: [68, 2] where the image has its landmarks.
            after: [68, 2] where they shall be. The border stays.

        Returns:
            [2, S, S] float32, the x and y of each pixel, triangle by triangle; see
            `bent`.
        """
        points, others = self._points(after), self._points(before)
        corners = np.ones((len(self._triangles), 3, 3), np.float32)
        corners[..., :2] = points[self._triangles]
        # A triangle may have no area.
        maps = np.linalg.pinv(corners) @ others[self._triangles]
        drawn = np.round(corners[..., :2] * 2**_FRACTION).astype(np.int32)
        which = np.zeros((self._size, self._size), np.int32)
        for number, triangle in enumerate(drawn):
            cv2.fillConvexPoly(which, triangle, number, shift=_FRACTION)
        maps = maps.astype(np.float32)[which]
        return np.ascontiguousarray(np.einsum("ijk,ijkc->cij", self._pixels, maps))

    def _points(self, landmarks):
        """Returns landmarks and the border's eight points."""
        ends = 0.0, self._size / 2, self._size - 1.0
        border = [(x, y) for x in ends for y in ends if (x, y) != (ends[1], ends[1])]
        return np.concatenate([landmarks, border]).astype(np.float32)


def bent(image: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Returns an image [S, S] or [S, S, C] whose pixels come from places [2, S, S]."""
    x, y = places
    return cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
