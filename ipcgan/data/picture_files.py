"""Picture files that are written again with other faces: what was in them stays."""

from __future__ import annotations

import dataclasses
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ipcgan.data import colours, exif, marks, metadata, opening, saving

_OWN = ("JPEG", "PNG", "WEBP", "TIFF")  # written in their own format.
_WITHOUT_LOSS = ("BMP", "GIF", "PPM")  # written as PNG; all others as JPEG.
_COMPRESSIONS = ("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate")  # without loss.
_CMYK = "CMYK: written as RGB"
_TRANSPARENCY = "transparency: laid over white, as JPEG has none"
_MOST_CHUNKS = 64  # of a WebP file, before its pixels.


@dataclasses.dataclass(frozen=True, eq=False)
class Picture:
    """A picture file that was read.

    Attributes:
        path: the file.
        format: Pillow's name of its format.
        pixels: [H, W, 3] uint8 sRGB, upright, transparency laid over white.
        own: [H, W, C] uint8, upright, in the file's own colours: grey (C 1) or RGB (C
            3); `pixels` itself where these are the same.
        alpha: [H, W] uint8 opacity; None: it has none.
        colours: between `own` and sRGB; None: sRGB.
        metadata: what its copies have besides pixels.
        encoding: options of Pillow's save() by which it was written.
    """

    path: Path
    format: str
    pixels: np.ndarray
    own: np.ndarray
    alpha: np.ndarray | None
    colours: colours.Colours | None
    metadata: metadata.Metadata
    encoding: dict[str, Any]

    def without_pixels(self) -> Picture:
        """Returns what a crop's copies need, which holds no large array."""
        none = np.empty((0, 0, 3), np.uint8)
        return dataclasses.replace(self, pixels=none, own=none, alpha=None)

    def in_own_colours(self, pixels: np.ndarray) -> np.ndarray:
        """Returns the file's own pixels with the change that sRGB pixels have.

        Args:
            pixels: [H, W, 3] uint8, as `pixels`; where they are equal the result has
                the file's own values.

        Returns:
            [H, W, C] uint8, as `own`.
        """
        if self.own is self.pixels:
            return pixels
        changed = (pixels != self.pixels).any(axis=2)
        rows, columns = (np.flatnonzero(changed.any(axis=axis)) for axis in (1, 0))
        result = self.own.copy()
        if not len(rows):
            return result
        box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        # Both are converted, as colours that sRGB lacks would seem to change.
        before, after = (self._from_srgb(part[box]) for part in (self.pixels, pixels))
        added = result[box] + (after.astype(np.int16) - before)
        result[box] = added.clip(0, 255)
        return result

    def _from_srgb(self, pixels):
        picture = Image.fromarray(np.ascontiguousarray(pixels))
        if self.colours:
            picture = self.colours.from_srgb(picture)
        elif self.own.shape[2] == 1:
            picture = picture.convert("L")
        return np.asarray(picture).reshape(*pixels.shape[:2], -1)


def ending_of(name: Path) -> str:
    """Returns the ending of the aged copies of a picture of that name.

    Its own, where it names a format that carries metadata; else .png for formats
    without loss, and .jpg.
    """
    named = Image.EXTENSION.get(name.suffix.lower())
    if named in _OWN:
        return name.suffix
    return ".png" if named in _WITHOUT_LOSS else ".jpg"


def read_picture(
    path: str | os.PathLike, mark: marks.Mark = marks.AGED, name: Path | None = None
) -> Picture:
    """Reads a picture, with all that its copies of the ending ending_of keep.

    Args:
        path: the file.
        mark: of the copies.
        name: whose ending says how copies are written; None: the file's own.

    Raises:
        ImageError: as from images.read_image. Broken metadata are no error: they are
            left out, and metadata.lost says so.
    """
    path = Path(path)
    written_as = Image.EXTENSION[ending_of(name or path).lower()]
    with opening.open_image(path) as image:
        kept = metadata.read(image, written_as, mark)
        encoding = _encoding(image, path, written_as)
        own, alpha = colours.channels(exif.upright(image))
        image_format = image.format or ""
    lost, space = list(kept.lost), None
    try:
        space = colours.colours_of(kept.profile, own.mode) if kept.profile else None
    except colours.ProfileError as error:
        lost.append(f"colour profile left out: {error}")
        kept = dataclasses.replace(kept, profile=b"")
    pixels = np.array(colours.shown(own, alpha, space))
    own_pixels, opacity = pixels, None
    if own.mode == "CMYK" or (alpha is not None and written_as == "JPEG"):
        lost.append(_CMYK if own.mode == "CMYK" else _TRANSPARENCY)
        kept, space = dataclasses.replace(kept, profile=b""), None
    elif own.mode == "L" or space or alpha is not None:
        own_pixels = np.array(own).reshape(*pixels.shape[:2], -1)
        opacity = None if alpha is None else np.array(alpha)
    return Picture(
        path=path,
        format=image_format,
        pixels=pixels,
        own=own_pixels,
        alpha=opacity,
        colours=space,
        metadata=dataclasses.replace(kept, lost=tuple(lost)),
        encoding=encoding,
    )


def write_picture(
    path: Path, picture: Picture, pixels: np.ndarray, mark: marks.Mark = marks.AGED
) -> None:
    """Writes a picture with other pixels, whole or not at all.

    Args:
        path: the file; its ending is ending_of(picture.path).
        picture: what was read.
        pixels: [H, W, 3] uint8 sRGB, upright; where they equal those that were read,
            formats without loss get the very values of the file.
        mark: signs it; its source type is in the metadata.

    Raises:
        OSError: if the folder cannot be written to.
    """
    image = _image_of(picture, pixels)
    _save(path, image, picture, picture.metadata, picture.encoding, mark)


def encode_picture(picture: Picture, pixels: np.ndarray, image_format: str) -> bytes:
    """Returns the file that write_picture would write, unsigned, in memory.

    Args:
        picture: what was read.
        pixels: as for write_picture.
        image_format: Pillow's name of the format that its copies are written in.
    """
    image, file = _image_of(picture, pixels), io.BytesIO()
    options = _options(image_format, picture.metadata, picture.encoding)
    image.save(file, format=image_format, **options)
    return file.getvalue()


def write_crop(
    path: Path, picture: Picture, pixels: np.ndarray, mark: marks.Mark = marks.AGED
) -> None:
    """Writes a face that stands for a picture, of another size and in sRGB.

    Args:
        path: the file; its ending is ending_of(picture.path).
        picture: what was read; only its metadata count.
        pixels: [S, S, 3] uint8 sRGB.
        mark: signs it; its source type is in the metadata.

    Raises:
        OSError: if the folder cannot be written to.
    """
    kept = dataclasses.replace(picture.metadata, profile=b"")
    _save(path, Image.fromarray(pixels), picture, kept, {}, mark)


def _image_of(picture, pixels):
    """Returns sRGB pixels in the picture's own colours, with its opacity."""
    own = picture.in_own_colours(pixels)
    image = Image.fromarray(own[..., 0] if own.shape[2] == 1 else own)
    if picture.alpha is not None:
        image.putalpha(Image.fromarray(picture.alpha))
    return image


def _options(image_format, kept, encoding):
    """Returns the options of Pillow's save()."""
    options = saving.DEFAULTS.get(image_format, {}) | encoding
    if "qtables" in options:
        del options["quality"]  # It would scale them.
    return options | metadata.options(kept, image_format)


def _save(path, image, picture, kept, encoding, mark):
    image_format = Image.EXTENSION[path.suffix.lower()]
    options = _options(image_format, kept, encoding)
    parent = (picture.path, picture.format)
    saving.save(path, image, image_format, options, mark, parent)


def _encoding(image, path, written_as):
    """Returns the options by which copies are encoded like a picture."""
    if written_as == "JPEG":
        return metadata.jpeg_options(image)
    if written_as == "WEBP" and image.format == "WEBP" and not _is_lossless(path):
        return {"lossless": False, "quality": saving.JPEG_QUALITY, "exact": True}
    if written_as == "WEBP":
        return {"exact": True}  # Colours below full transparency stay, too.
    if written_as == "TIFF":
        compression = image.info.get("compression")
        known = image.format == "TIFF" and compression in _COMPRESSIONS
        return {"compression": compression if known else "tiff_adobe_deflate"}
    return {}


def _is_lossless(path):
    """Whether a WebP file has its pixels without loss."""
    with path.open("rb") as file:
        file.seek(12)  # RIFF, its length, WEBP
        for _ in range(_MOST_CHUNKS):
            head = file.read(8)
            if head[:4] in (b"VP8L", b"VP8 ") or len(head) < 8:
                return head[:4] == b"VP8L"
            if head[:4] == b"ANMF":  # A frame has chunks of its own.
                file.seek(16, os.SEEK_CUR)
                continue
            length = int.from_bytes(head[4:], "little")
            file.seek(length + length % 2, os.SEEK_CUR)
    return False
