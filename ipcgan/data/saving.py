"""Pictures -> files: whole or not at all, marked as made by AI, and signed."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ipcgan import atomic
from ipcgan.data import marks, metadata

JPEG_QUALITY = 95
# How a format is written where nothing says how.
DEFAULTS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": JPEG_QUALITY, "subsampling": 0},
    "WEBP": {"lossless": True},
    # Level 6, Pillow's own, takes thrice as long for files 6 % smaller.
    "PNG": {"compress_level": 1},
}
_FRAME_MILLISECONDS = 120  # of an animation.
_LAST_MILLISECONDS = 1500
_GIF_END = b";"


def save(
    path: Path,
    image: Image.Image,
    image_format: str,
    options: dict,
    mark: marks.Mark | None = None,
    parent: tuple[Path, str] | None = None,
) -> None:
    """Writes a picture.

    Args:
        path: the file.
        image: the picture.
        image_format: Pillow's name of its format.
        options: of Pillow's save(), with the mark's XMP; not for GIF.
        mark: what made it; None: no AI.
        parent: file and format of the picture that it was made of, for credentials.

    Raises:
        OSError: if the folder cannot be written to.
    """
    with atomic.replacing(path) as partial:
        image.save(partial, format=image_format, **options)
        if mark and image_format == "GIF":
            _mark_gif(partial, marks.packet(mark.source_type))
        if mark and mark.credentials:
            mark.credentials.sign(partial, image_format, mark.source_type, parent)


def write_animation(
    path: str | os.PathLike,
    frames: Sequence[np.ndarray],
    mark: marks.Mark | None = None,
    parent: tuple[Path, str] | None = None,
) -> None:
    """Writes [H, W, 3] uint8 frames of one size as a GIF, as write_image does.

    It runs for ever, and stays a while on the last frame.

    Raises:
        OSError: if the folder cannot be written to.
    """
    first, *others = (Image.fromarray(frame) for frame in frames)
    durations = [_FRAME_MILLISECONDS] * len(others) + [_LAST_MILLISECONDS]
    options = {"save_all": True, "append_images": others, "loop": 0}
    options["duration"] = durations
    save(Path(path), first, "GIF", options, mark, parent)


def plain_options(image_format: str, mark: marks.Mark | None) -> dict:
    """Returns the options by which a picture of no file is saved, marked or not."""
    xmp = marks.packet(mark.source_type) if mark else b""
    found = metadata.options(metadata.Metadata(xmp=xmp), image_format)
    return DEFAULTS.get(image_format, {}) | found


def _mark_gif(path, xmp):
    """Puts an XMP packet before the end of a GIF file."""
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        if file.read() != _GIF_END:
            raise OSError(f"{path}: a GIF without an end")
        file.seek(-1, os.SEEK_END)
        file.write(marks.gif_block(xmp) + _GIF_END)
