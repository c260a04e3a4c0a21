"""Image files and arrays: decode, resize, encode, uint8 <-> [-1, 1].

The only place that knows 127.5, file formats and colour order: every array that
leaves it is RGB.
"""

import os
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from ipcgan.data import colours, decoding, exif, marks, saving
from ipcgan.data.opening import (
    FORMATS,
    MAX_PIXELS,
    ImageError,
    count_pixels,
    open_image,
)

__all__ = [
    "FORMATS",
    "LEVELS",
    "MAX_PIXELS",
    "ImageError",
    "count_pixels",
    "read_image",
    "read_labels",
    "resize",
    "resize_to",
    "shrink",
    "to_uint8",
    "to_unit_range",
    "write_image",
]

LEVELS = 127.5  # of 0 to 255 in one unit of [-1, 1].


def read_image(path: str | os.PathLike) -> np.ndarray:
    """Reads an image of any common kind as RGB.

    Grey, palette, CMYK and 16-bit images are converted, a colour profile is applied,
    transparency is laid over white, and a camera's orientation note is obeyed. An
    animation gives its first picture.

    Returns:
        [H, W, 3] uint8 sRGB.

    Raises:
        ImageError: if the file is missing, empty, truncated, no image, or has
            more than MAX_PIXELS pixels.
    """
    with open_image(path) as image:
        own, alpha = colours.channels(exif.upright(image))
        profile = image.info.get("icc_profile")
        return np.array(colours.shown(own, alpha, colours.found(profile, own.mode)))


def read_labels(path: str | os.PathLike) -> np.ndarray:
    """Reads a picture whose pixels are numbers of labels, not colours.

    Returns:
        [H, W] uint8.

    Raises:
        ImageError: if it cannot be read, or has more than one channel of 8 bits.
    """
    try:
        with decoding.opened(Path(path), FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ImageError(f"{path}: more than {MAX_PIXELS} pixels.")
            if image.mode not in ("L", "P"):
                raise ImageError(
                    f"{path}: expected labels, one channel of 8 bits, got a picture of "
                    f"mode {image.mode}."
                )
            return np.array(image)
    except ImageError:
        raise
    except Exception as error:  # As in read_image.
        raise ImageError(f"{path}: cannot be read: {error}.") from error


def resize(image: np.ndarray, size: int) -> np.ndarray:
    """Resizes an image to a square, cutting the longer side evenly.

    Args:
        image: [H, W, 3] uint8.
        size: side of the result, in pixels.

    Returns:
        [size, size, 3] uint8; `image` itself where it has that size already, else
        an array of its own, which keeps nothing of a larger image in memory.
    """
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    if height == width == size:
        return image
    image = image[top : top + side, left : left + side]
    if side == size:
        return image.copy()
    method = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    return cv2.resize(image, (size, size), interpolation=method)


def shrink(image: np.ndarray, longest: int) -> np.ndarray:
    """Reduces an image so that its longer side has at most `longest` pixels."""
    height, width = image.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return image
    return resize_to(image, max(1, round(width * scale)), max(1, round(height * scale)))


def resize_to(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """Resizes an image [H, W, 3] uint8, whatever becomes of its proportions."""
    method = cv2.INTER_AREA if height < image.shape[0] else cv2.INTER_CUBIC
    return cv2.resize(image, (width, height), interpolation=method)


def to_unit_range(image: np.ndarray) -> np.ndarray:
    """Maps uint8 0..255 to float32 [-1, 1]; any shape."""
    return image.astype(np.float32) / LEVELS - 1.0


def to_uint8(image: np.ndarray) -> np.ndarray:
    """Maps float [-1, 1] to uint8 0..255, rounded; values outside are clipped.

    A fixed map: the authors' release stretched every saved image to its own
    lightest and darkest value, which shifted colours.
    """
    values = (np.asarray(image, np.float32) + 1.0) * LEVELS
    return np.rint(values.clip(0.0, 255.0)).astype(np.uint8)


def write_image(
    path: str | os.PathLike, image: np.ndarray, mark: marks.Mark | None = None
) -> None:
    """Writes [H, W, 3] uint8 sRGB, whole or not at all.

    The format follows the name's ending; JPEG is written at quality 95, WebP without
    loss.

    Args:
        path: the file.
        image: the picture.
        mark: what made it; None: no AI.

    Raises:
        ValueError: if the ending is not one that can be written.
        OSError: if the folder cannot be written to.
    """
    path = Path(path)
    image_format = Image.EXTENSION.get(path.suffix.lower())
    if image_format not in FORMATS:
        raise ValueError(f"{path}: cannot write images that end in '{path.suffix}'.")
    options = saving.plain_options(image_format, mark)
    saving.save(path, Image.fromarray(image), image_format, options, mark)
