"""Image files and arrays: decode, resize, encode, uint8 <-> [-1, 1].

The only place that knows 127.5, file formats and colour order: every array that
leaves it is RGB.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from ipcgan import atomic
from ipcgan.data import decoding

# Each has registered itself by being imported. For a format that is not registered
# Pillow would import all its plugins, which takes longer than to age a face.
_PLUGINS = (
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)
# Formats that Pillow may decode here. Others (PostScript calls a program, for
# one) are refused: a folder of photographs needs none of them.
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "PPM")
MAX_PIXELS = 89_000_000  # Pillow warns of a little more than that.
JPEG_QUALITY = 95
LEVELS = 127.5  # of 0 to 255 in one unit of [-1, 1].
_FRAME_MILLISECONDS = 120  # of an animation.
_LAST_MILLISECONDS = 1500


class ImageError(ValueError):
    """A file that is not a readable image; the message names it and says why."""


def read_image(path: str | os.PathLike) -> np.ndarray:
    """Reads an image of any common kind as RGB.

    Grey, palette, CMYK and 16-bit images are converted, transparency is laid over
    white, and a camera's orientation note is obeyed. An animation gives its first
    picture.

    Returns:
        [H, W, 3] uint8 RGB.

    Raises:
        ImageError: if the file is missing, empty, truncated, no image, or has
            more than MAX_PIXELS pixels.
    """
    path = Path(path)
    try:
        if not path.is_file():
            if path.exists() and not path.is_dir():
                raise ImageError(f"{path}: not a file, but a pipe, socket or device.")
            raise ImageError(f"{path}: no such file.")
        if path.stat().st_size == 0:
            raise ImageError(f"{path}: the file is empty.")
        if _is_heic(path):
            raise ImageError(
                f"{path}: a HEIC or AVIF picture, which cannot be read here; save it "
                "as JPEG."
            )
        with decoding.opened(path, FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ImageError(
                    f"{path}: {image.width}x{image.height} is more than the "
                    f"{MAX_PIXELS} pixels that are read."
                )
            return decoding.upright_rgb(image)
    except UnidentifiedImageError:
        raise ImageError(f"{path}: not an image ({', '.join(FORMATS)}).") from None
    except ImageError:
        raise
    except Exception as error:
        # Whatever a decoder trips over in a broken file (struct.error, SyntaxError,
        # OSError and more) is that file's fault, and must not end a whole folder.
        raise ImageError(f"{path}: cannot be decoded: {error}.") from error


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


def _is_heic(path):
    with path.open("rb") as file:
        head = file.read(12)
    return head[4:8] == b"ftyp" and head[8:11] in (b"hei", b"hev", b"mif", b"avi")


def count_pixels(path: str | os.PathLike) -> int:
    """Returns how many pixels an image file says that it has; 0 if it cannot be read.

    Only its head is read.
    """
    if not os.path.isfile(path):  # Which raises nothing, unlike Path's.
        return 0  # Opening a pipe would wait for a writer.
    try:
        with decoding.opened(Path(path), FORMATS) as image:
            return image.width * image.height
    except Exception:  # As in read_image, which says what is wrong.
        return 0


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


def write_image(path: str | os.PathLike, image: np.ndarray) -> None:
    """Writes [H, W, 3] uint8 RGB, whole or not at all.

    The format follows the name's ending; JPEG is written at quality 95.

    Raises:
        ValueError: if the ending is not one that can be written.
        OSError: if the folder cannot be written to.
    """
    path = Path(path)
    image_format = Image.EXTENSION.get(path.suffix.lower())
    if image_format not in FORMATS:
        raise ValueError(f"{path}: cannot write images that end in '{path.suffix}'.")
    _save(
        path, Image.fromarray(image), image_format, quality=JPEG_QUALITY, subsampling=0
    )


def write_animation(path: str | os.PathLike, frames: Sequence[np.ndarray]) -> None:
    """Writes [H, W, 3] uint8 frames of one size as a GIF, as write_image does.

    It runs for ever, and stays a while on the last frame.

    Raises:
        OSError: if the folder cannot be written to.
    """
    first, *others = (Image.fromarray(frame) for frame in frames)
    durations = [_FRAME_MILLISECONDS] * len(others) + [_LAST_MILLISECONDS]
    options = {"save_all": True, "append_images": others, "loop": 0}
    _save(Path(path), first, "GIF", duration=durations, **options)


def _save(path, image, image_format, **options):
    with atomic.replacing(path) as partial:
        image.save(partial, format=image_format, **options)
