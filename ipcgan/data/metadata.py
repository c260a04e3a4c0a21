"""What a picture file holds besides pixels: kept, within bounds, for its aged copy."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

from PIL import Image, JpegImagePlugin, PngImagePlugin

from ipcgan.data import exif, marks
from ipcgan.data.opening import DEEP, LEFT_OUT

# Bytes of each block at most; a larger one is left out.
_MOST = {"EXIF": 1 << 20, "XMP": 1 << 20, "text": 1 << 20, "colour profile": 4 << 20}
_MOST_IN_JPEG = {"EXIF": 65_500, "XMP": 65_000}  # A segment has room for no more.
_EXIF_HEAD = b"Exif\0\0"
_IPTC = 0x0404  # captions and rights, among what Photoshop writes into JPEG.
# What a TIFF file says about itself, not how its pixels lie: description, maker, model,
# software, date, artist, copyright, five that Windows adds, EXIF, GPS.
_TIFF_DIRECTORIES = (34665, 34853)  # of EXIF, and of GPS
_TIFF_TAGS = (270, 271, 272, 305, 306, 315, 33432, *range(40091, 40096))
_TIFF_XMP = 700
# Of PNG's texts, what comes by other ways: XMP, and EXIF as ImageMagick writes it.
_NO_TEXTS = ("XML:com.adobe.xmp", "Raw profile type ")


@dataclasses.dataclass(frozen=True)
class Metadata:
    """What goes into the aged copies of a picture.

    Attributes:
        exif: from its TIFF header on, for a picture that lies upright; b"": none.
        profile: colour profile; b"": none.
        xmp: packet with the mark.
        texts: of PNG, by their keys.
        others: further options of Pillow's save().
        lost: what the file has and its copies lack, and why; for people.
    """

    exif: bytes = b""
    profile: bytes = b""
    xmp: bytes = b""
    texts: dict[str, str] = dataclasses.field(default_factory=dict)
    others: dict[str, Any] = dataclasses.field(default_factory=dict)
    lost: tuple[str, ...] = ()


def read(image: Image.Image, written_as: str, mark: marks.Mark) -> Metadata:
    """Reads what a decoded picture holds besides its pixels.

    Args:
        image: from open_image, before it is turned upright.
        written_as: Pillow's name of the format of its copies.
        mark: of these.
    """
    info = image.info
    lost: list[str] = [info[LEFT_OUT]] if LEFT_OUT in info else []
    if DEEP in info:
        lost.append("more than 8 bits a channel: read and written with 8")
    most = _MOST | (_MOST_IN_JPEG if written_as == "JPEG" else {})

    def kept(name, find: Callable[[], Any], size: Callable[[Any], int] = len):
        """Returns what is found; None where it is broken or too large, which is said.

        Whatever a broken block trips a reader over is the file's fault.
        """
        try:
            block = find()
            if size(block) <= most[name]:
                return block
            lost.append(f"{name} left out: more than {most[name]:,} bytes")
        except Exception as error:
            lost.append(f"{name} left out: broken ({error})")
        return None

    def marked(old):
        return marks.packet(mark.source_type, old)

    old = kept("XMP", lambda: _as_bytes(info.get("xmp")))
    xmp = kept("XMP", lambda: marked(old)) if old else None
    texts = {}
    if written_as == "PNG":
        texts = kept("text", lambda: _texts(image), lambda t: len("".join(t.values())))
    return Metadata(
        exif=kept("EXIF", lambda: _exif_of(image, written_as)) or b"",
        profile=kept("colour profile", lambda: info.get("icc_profile") or b"") or b"",
        xmp=xmp or marked(b""),
        texts=texts or {},
        others=_resolution(image) | (_iptc(image) if written_as == "JPEG" else {}),
        lost=tuple(lost),
    )


def options(metadata: Metadata, written_as: str) -> dict[str, Any]:
    """Returns Pillow's options to save a picture with its metadata, and its mark.

    GIF has none; see marks.gif_block.
    """
    result = dict(metadata.others)
    if metadata.profile:
        result["icc_profile"] = metadata.profile
    if written_as == "TIFF":
        tags = _tiff_tags(metadata)
        if any(tag in tags for tag in _TIFF_DIRECTORIES):
            result["compression"] = "raw"  # Pillow writes them in no other way.
        return result | {"tiffinfo": tags}
    if metadata.exif:
        result["exif"] = _EXIF_HEAD + metadata.exif
    if written_as == "PNG":
        info = PngImagePlugin.PngInfo()
        for key, text in metadata.texts.items():
            info.add_text(key, text)
        if metadata.xmp:
            info.add_itxt("XML:com.adobe.xmp", metadata.xmp.decode())
        return result | {"pnginfo": info}
    if metadata.xmp and written_as in ("JPEG", "WEBP"):
        result["xmp"] = metadata.xmp
    return result


def jpeg_options(image: Image.Image) -> dict[str, Any]:
    """Returns the options by which a JPEG picture is encoded as it was.

    Args:
        image: the picture as it was opened. Turned on its side, the tables for
            horizontal and for vertical detail change places.

    Returns:
        Quantization tables and chroma subsampling; {}: another format, or odd tables.
    """
    if not isinstance(image, JpegImagePlugin.JpegImageFile):
        return {}
    tables = [image.quantization.get(i, []) for i in range(len(image.quantization))]
    if not 1 <= len(tables) <= 4 or not all(_is_table(table) for table in tables):
        return {}
    sampling = JpegImagePlugin.get_sampling(image)
    if exif.is_sideways(exif.orientation(image)):
        tables = [[table[i % 8 * 8 + i // 8] for i in range(64)] for table in tables]
        sampling = 0 if sampling == 1 else sampling  # What was 4:2:2 would be 4:4:0.
    return {"qtables": tables, "subsampling": max(0, sampling)}


def _is_table(values):
    return len(values) == 64 and all(0 < value < 256 for value in values)


def _exif_of(image, written_as):
    """Returns the EXIF block of a picture, upright and without thumbnail."""
    if image.format == "TIFF":
        return _exif_of_tiff(image)
    block = (image.info.get("exif") or b"").removeprefix(_EXIF_HEAD)
    if not block or len(block) > _MOST["EXIF"]:
        return block
    block = exif.cleaned(block, exif.orientation(image))
    if written_as == "TIFF":
        _loaded(block).tobytes()  # Its values are written one by one: can they be?
    return block


def _exif_of_tiff(image):
    """Returns what a TIFF file says about itself as a block of its own."""
    found, chosen = image.getexif(), Image.Exif()
    for tag in (*_TIFF_TAGS, *_TIFF_DIRECTORIES):
        if tag in found:
            chosen[tag] = _with_accents(found[tag])
            if tag in _TIFF_DIRECTORIES:
                inner = found.get_ifd(tag)
                chosen[tag] = {key: _with_accents(v) for key, v in inner.items()}
    return chosen.tobytes().removeprefix(_EXIF_HEAD) if len(chosen) else b""


def _loaded(block):
    result = Image.Exif()
    result.load(_EXIF_HEAD + block)
    for tag in list(result):
        if tag not in (*_TIFF_TAGS, *_TIFF_DIRECTORIES):
            del result[tag]
        else:
            result[tag] = _with_accents(result[tag])
    return result


def _with_accents(value):
    """Returns a text as the bytes that it was read from: Pillow writes ASCII alone."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("latin-1", "replace")
    return value


def _tiff_tags(metadata):
    result = _loaded(metadata.exif) if metadata.exif else Image.Exif()
    if metadata.xmp:
        result[_TIFF_XMP] = metadata.xmp
    return result


def _texts(image):
    return {
        key: str(text)
        for key, text in getattr(image, "text", {}).items()
        if not key.startswith(_NO_TEXTS)
    }


def _resolution(image):
    """Returns the pixels per inch, where they are numbers that can be written."""
    try:
        across, down = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return {}
    if all(math.isfinite(v) and 1 <= v <= 65_535 for v in (across, down)):
        return {"dpi": (across, down)}
    return {}


def _iptc(image):
    """Returns the captions of a JPEG picture as a segment of their own.

    What else Photoshop puts there, such as a thumbnail, is left out.
    """
    blocks = image.info.get("photoshop")
    block = blocks.get(_IPTC) if isinstance(blocks, dict) else None
    if not isinstance(block, bytes) or not 0 < len(block) <= _MOST_IN_JPEG["EXIF"]:
        return {}
    content = b"Photoshop 3.0\0" + b"8BIM" + _IPTC.to_bytes(2) + b"\0\0"
    content += len(block).to_bytes(4) + block + bytes(len(block) % 2)
    return {"extra": b"\xff\xed" + (len(content) + 2).to_bytes(2) + content}


def _as_bytes(value):
    return value.encode() if isinstance(value, str) else value or b""
