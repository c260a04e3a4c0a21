"""Opens picture files: which formats, how large, and what is wrong with a file."""

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

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

from ipcgan.data import decoding, heif

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
# Formats that Pillow may decode here, and HEIF and AVIF. Others (PostScript calls a
# program, for one) are refused: a folder of photographs needs none of them.
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "PPM")
MAX_PIXELS = 89_000_000  # Pillow warns of a little more than that.
# Keys of Image.info: what was not read, and why; whether 8 bits were more.
LEFT_OUT, DEEP = "ipcgan left out", "ipcgan deep"
_MOST_BYTES = 2**28  # of a PNG file that is read again without its texts.
_PNG = b"\x89PNG\r\n\x1a\n"
_TEXTS = (b"tEXt", b"zTXt", b"iTXt", b"iCCP")


class ImageError(ValueError):
    """A file that is not a readable image; the message names it and says why."""


@contextlib.contextmanager
def open_image(path: str | os.PathLike) -> Iterator[Image.Image]:
    """Decodes a picture of any kind that is read, for a `with` block to work with.

    Its `info` has LEFT_OUT and DEEP where these say something.

    Raises:
        ImageError: if the file is missing, empty, truncated, no image, or has
            more than MAX_PIXELS pixels; also for what goes wrong in the block.
    """
    path = Path(path)
    try:
        if not path.is_file():
            if path.exists() and not path.is_dir():
                raise ImageError(f"{path}: not a file, but a pipe, socket or device.")
            raise ImageError(f"{path}: no such file.")
        if path.stat().st_size == 0:
            raise ImageError(f"{path}: the file is empty.")
        with _decoded(path) as image:
            yield image
    except UnidentifiedImageError:
        raise ImageError(f"{path}: not an image ({', '.join(FORMATS)}).") from None
    except heif.MissingDecoderError as error:
        raise ImageError(f"{path}: {error}.") from None
    except ImageError:
        raise
    except Exception as error:
        # Whatever a decoder trips over in a broken file (struct.error, SyntaxError,
        # OSError and more) is that file's fault, and must not end a whole folder.
        raise ImageError(f"{path}: cannot be decoded: {error}.") from error


def count_pixels(path: str | os.PathLike) -> int:
    """Returns how many pixels an image file says that it has; 0 if it cannot be read.

    Only its head is read.
    """
    return read_head(path)[1]


def read_head(path: str | os.PathLike) -> tuple[str, int]:
    """Returns Pillow's name of a file's format, and its pixels, from its head alone.

    Returns:
        ("", 0) if it cannot be read; open_image says why.
    """
    if not os.path.isfile(path):  # Which raises nothing, unlike Path's.
        return "", 0  # Opening a pipe would wait for a writer.
    try:
        with _opened(Path(path)) as image:
            return image.format or "", image.width * image.height
    except Exception:  # As in open_image.
        return "", 0


def _opened(path):
    return decoding.opened(path, (*FORMATS, *heif.formats_of(path)))


@contextlib.contextmanager
def _decoded(path):
    with contextlib.ExitStack() as files:
        try:
            image = files.enter_context(_opened(path))
            _load(path, image)
        except (ImageError, decoding.TooLongError):
            raise
        except ValueError as error:
            # Pillow refuses PNG files whose texts or profile unpack to more than a
            # megabyte, and pictures need neither.
            bare = _without_texts(path)
            if bare is None:
                raise
            image = files.enter_context(Image.open(bare, formats=("PNG",)))
            _load(path, image)
            image.info[LEFT_OUT] = f"texts, XMP and colour profile left out: {error}"
        yield image


def _load(path, image):
    """Decodes a picture unless it is too large."""
    if image.width * image.height > MAX_PIXELS:
        raise ImageError(
            f"{path}: {image.width}x{image.height} is more than the {MAX_PIXELS} "
            "pixels that are read."
        )
    tiles = str(image.tile[:1])  # how the first pixels lie; known until load().
    image.load()
    deep = image.mode.startswith("I") or ";16" in tiles
    if deep or image.info.get("bit_depth", 8) > 8:
        image.info[DEEP] = True


def _without_texts(path):
    """Returns a PNG file without what Pillow may refuse; None for another file."""
    if path.stat().st_size > _MOST_BYTES:
        return None
    with path.open("rb") as file:
        if file.read(len(_PNG)) != _PNG:
            return None
        bare = io.BytesIO(_PNG)
        bare.seek(0, os.SEEK_END)
        while len(head := file.read(8)) == 8:
            content = file.read(int.from_bytes(head[:4], "big") + 4)  # and checksum
            if head[4:] not in _TEXTS:
                bare.write(head + content)
    bare.seek(0)
    return bare
