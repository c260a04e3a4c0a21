"""Pictures' own colours -> sRGB, as the networks know them, and back."""

import functools
import io

import numpy as np
from PIL import Image

_DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I")  # Pillow's modes of 16-bit grey.
_GREY = ("1", "L", "LA", "La")
_STEP = 51  # of the colours by which a profile is compared with sRGB.


class ProfileError(ValueError):
    """A profile that is broken, or of another kind of picture."""


class Colours:
    """The colours of a file's own profile.

    Args:
        profile: as it lies in the file.
        mode: of the picture: "RGB", "L" (grey) or "CMYK".

    Raises:
        ProfileError: if it is broken, or of another kind of picture.
    """

    def __init__(self, profile: bytes, mode: str):
        from PIL import ImageCms  # Slow, and most pictures have none.

        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            self._there = _transform(own, srgb, mode, "RGB")
            if mode != "CMYK":  # No picture is written in it.
                self._back = _transform(srgb, own, "RGB", mode)
        except Exception as error:  # As in images.read_image: the file's fault.
            raise ProfileError(f"cannot be used: {error}") from error

    def to_srgb(self, picture: Image.Image) -> Image.Image:
        """Returns a picture of the profile's mode in sRGB."""
        return self._there.apply(picture)

    def from_srgb(self, picture: Image.Image) -> Image.Image:
        """Returns an sRGB picture in the profile's colours; not for CMYK."""
        return self._back.apply(picture)


def _transform(source, target, source_mode, target_mode):
    from PIL import ImageCms

    return ImageCms.buildTransform(
        source,
        target,
        source_mode,
        target_mode,
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


@functools.lru_cache(maxsize=16)
def colours_of(profile: bytes, mode: str) -> Colours | None:
    """Returns a profile's colours; None: they are sRGB's, to a level of 255.

    Raises:
        ProfileError: if it is broken, or of another kind of picture.
    """
    colours = Colours(profile, mode)
    if mode == "CMYK":
        return colours
    levels = np.arange(0, 256, _STEP, dtype=np.uint8)
    if mode == "L":
        grey = colours.to_srgb(Image.fromarray(levels[None]))
        same = np.abs(np.asarray(grey)[0].T.astype(int) - levels).max() <= 1
    else:
        cube = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(1, -1, 3)
        shown = np.asarray(colours.to_srgb(Image.fromarray(cube))).astype(int)
        same = np.abs(shown - cube).max() <= 1
    return None if same else colours


def found(profile: bytes | None, mode: str) -> Colours | None:
    """Returns a profile's colours; None: sRGB's, as of pictures without a good one."""
    try:
        return colours_of(profile, mode) if profile else None
    except ProfileError:
        return None


def channels(image: Image.Image) -> tuple[Image.Image, Image.Image | None]:
    """Returns a picture's colours and its opacity, 8 bits a channel.

    Args:
        image: of any mode, upright.

    Returns:
        (mode "L" for grey, "CMYK", or "RGB" for all others; mode "L" for the opacity,
        or None).
    """
    if image.mode in _DEEP:
        # Pillow's own conversion clips 16-bit grey at 255 instead of scaling it.
        levels = np.asarray(image).astype(np.float32) / 257.0
        return Image.fromarray(np.rint(levels.clip(0, 255)).astype(np.uint8)), None
    grey = image.mode in _GREY
    if image.has_transparency_data:
        *own, alpha = image.convert("LA" if grey else "RGBA").split()
        return own[0] if grey else Image.merge("RGB", own), alpha
    if image.mode == "CMYK":
        return image, None
    mode = "L" if grey else "RGB"
    return image if image.mode == mode else image.convert(mode), None


def shown(
    own: Image.Image, alpha: Image.Image | None, colours: Colours | None
) -> Image.Image:
    """Returns what channels() gave as sRGB, laid over white."""
    picture = colours.to_srgb(own) if colours else own
    picture = picture if picture.mode == "RGB" else picture.convert("RGB")
    if alpha is None:
        return picture
    return Image.composite(picture, Image.new("RGB", own.size, "white"), alpha)
