"""A picture's bands of detail, and its brightness and colour apart."""

import cv2
import numpy as np

BANDS = 4  # each of half the size of the one before.
_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # of RGB; ITU-R BT.601.


def split(image: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Splits an image [S, S, ...] into BANDS of its detail, finest first, and the rest.

    Source: Burt and Adelson, "The Laplacian Pyramid as a Compact Image Code", 1983.
    """
    bands = []
    for _ in range(BANDS):
        smaller = cv2.pyrDown(image)
        bands.append(image - cv2.pyrUp(smaller, dstsize=image.shape[1::-1]))
        image = smaller
    return bands, image


def joined(bands: list[np.ndarray], rest: np.ndarray) -> np.ndarray:
    """Returns the image that has these bands and this rest."""
    for band in reversed(bands):
        rest = band + cv2.pyrUp(rest, dstsize=band.shape[1::-1])
    return rest


def resized(image: np.ndarray, side: int) -> np.ndarray:
    """Returns an image of another size; averaged where it becomes smaller."""
    how = cv2.INTER_AREA if side < len(image) else cv2.INTER_LINEAR
    return cv2.resize(image, (side, side), interpolation=how)


def luminance_and_chroma(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Splits RGB [..., 3] into luminance [..., 1] and what it adds to it, float32."""
    luminance = (image.astype(np.float32) @ _LUMINANCE)[..., None]
    return luminance, image - luminance


def colourfulness(image: np.ndarray) -> float:
    """Returns the root mean square of an image's chroma; 0 for shades of grey."""
    return float(np.sqrt(np.square(luminance_and_chroma(image)[1]).mean()))
