"""HEIC and AVIF pictures: their decoders are loaded when the first such file comes."""

from pathlib import Path

_BOX = 4096  # bytes of a file's first box that are looked at, at most.
_AVIF = (b"avif", b"avis")
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
_EITHER = (b"mif1", b"msf1", b"mif2", b"miaf")  # HEIC, unless AVIF is named too.


class MissingDecoderError(ValueError):
    """A picture whose decoder is not installed; says how it is."""


def formats_of(path: Path) -> tuple[str, ...]:
    """Returns the name by which Pillow knows a HEIC or AVIF file, ready to be opened.

    Returns:
        (name,); () for another file.

    Raises:
        MissingDecoderError: if the decoder is not installed.
        OSError: if the file cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(_BOX)
    if head[4:8] != b"ftyp":
        return ()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    brands = {head[8:12], *(head[i : i + 4] for i in range(16, end, 4))}
    if head[8:12] not in (*_AVIF, *_HEIC, *_EITHER):
        return ()
    if brands & set(_AVIF):
        return _avif()
    return _heic()


def _avif():
    from PIL import features

    if not features.check("avif"):
        raise MissingDecoderError(
            "an AVIF picture, which this Pillow was built without; install Pillow from "
            "PyPI, or save the picture as JPEG"
        )
    from PIL import AvifImagePlugin  # noqa: F401 - registers itself.

    return ("AVIF",)


def _heic():
    try:
        import pillow_heif
    except ImportError:
        raise MissingDecoderError(
            "a HEIC picture, which needs pillow-heif (the extra `heif`): pip install "
            "pillow-heif, or save the picture as JPEG"
        ) from None
    pillow_heif.register_heif_opener(thumbnails=False)
    return ("HEIF",)
