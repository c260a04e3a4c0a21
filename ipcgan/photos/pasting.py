"""Pastes an aged face back into its photograph.

What is added to the photograph is the difference between the aged face and the face
that the network saw, enlarged. So what the network cannot see, all that is finer than
its pixels, stays in the photograph as it was; and where nothing ages, nothing changes.

The difference reaches to hairline, ears and jaw, and adds no tint, so that the face
matches the neck. Hair goes on beyond the crop: there the difference at the crop's
border goes on too, without detail, and fades out.
"""

import dataclasses
import math
from collections.abc import Sequence

import cv2
import numpy as np

from ipcgan.photos import alignment

_STRIP = 512  # rows that are changed at a time: a large face takes no more memory.
_MARGIN = 5 / 16  # share of the crop's side by which the change goes on beyond it.
# The mask's oval, from its middle to its rim, in distances between the eyes' outer
# corners; and the share of it over which it fades out. Chosen by how much of the
# ageing is left in photographs, and by eye.
_ACROSS, _ABOVE, _BELOW = 0.98, 1.5, 1.0
_FADE, _FADE_ABOVE = 0.25, 0.4
_SKIN_ACROSS, _SKIN_ALONG = 0.78, 0.86  # of the oval that is mostly skin.
# Of that oval's radius: where hair may begin, and where it may be anywhere.
_HAIR_FROM, _HAIR_TO = 0.7, 0.95
# How much darker than skin hair begins to be, and surely is, as shares of the skin.
_DARK_FROM, _DARK_TO = 0.3, 0.55
# How much is left of what lightens dark hair: beside a face, and above it.
_GREYING, _GREYING_ABOVE = 0.15, 0.6
_HAIRS = 1 / 128  # share of the side: standard deviation of what is no single hair.
_LUMA = np.array((0.299, 0.587, 0.114), np.float32)  # of red, green and blue.
_BORDER = 0.04  # share of the side at which any mask has faded out.
_DETAIL = 0.1  # share of the side, along the crop's border, over which detail ends.
_BLUR = 1 / 16  # share of the side: standard deviation of what has no detail.


@dataclasses.dataclass(frozen=True)
class FaceMask:
    """Where a crop's change goes in its photograph; see face_mask.

    Attributes:
        share: [S + 2M, S + 2M] float32, how much of the change is added at each pixel,
            0 to 1, for M pixels more at each side than the crop of S pixels has; 0
            along the border.
        skin: [S, S] bool, the part of the crop that is mostly skin.
        hair: [S, S] float32, 0 to 1, how much is left out of what lightens a pixel if
            it is dark hair; 0 where the face has eyes and mouth.
    """

    share: np.ndarray
    skin: np.ndarray
    hair: np.ndarray

    @property
    def margin(self) -> int:
        """M, in pixels."""
        return (len(self.share) - len(self.skin)) // 2


def face_mask(template: np.ndarray, size: int) -> FaceMask:
    """Returns where a crop's change goes: an oval from within the hair to the chin.

    Args:
        template: [5, 2] the crop's landmarks, as shares of its side.
        size: side of the crop, in pixels.
    """
    margin = round(_MARGIN * size)
    along, across = _from_the_middle(template, size, margin)
    half = np.where(along < 0, _ABOVE, _BELOW)
    radius, up = _radius(along / half, across / _ACROSS)
    fade = _FADE + (_FADE_ABOVE - _FADE) * up
    pixels = np.arange(size + 2 * margin) + 0.5
    border = np.minimum(pixels, pixels[::-1]) / (_BORDER * size) - 0.5
    inside = np.minimum((1 - radius) / fade, np.minimum.outer(border, border))
    along, across = _from_the_middle(template, size, 0)
    radius, up = _radius(along / _SKIN_ALONG, across / _SKIN_ACROSS)
    greying = _GREYING + (_GREYING_ABOVE - _GREYING) * up
    hair = _rising(radius, _HAIR_FROM, _HAIR_TO) * (1.0 - greying).astype(np.float32)
    return FaceMask(_rising(inside, 0.0, 1.0), radius < 1, hair)


def _rising(values, start, end):
    """Returns 0 up to a start, 1 from an end on, with no edge at either."""
    t = np.clip((values - start) / (end - start), 0.0, 1.0)
    return (t * t * (3 - 2 * t)).astype(np.float32)


def _from_the_middle(template, size, margin):
    """Returns each pixel's place down and to the right of the face's middle.

    In distances between the eyes' outer corners: [S + 2M, S + 2M] each.
    """
    template = np.asarray(template, float)
    eyes, nose = template[:4].mean(axis=0), template[4]
    unit = math.dist(template[0], template[2])
    down = (nose - eyes) / math.dist(nose, eyes)
    shares = (np.arange(-margin, size + margin) + 0.5) / size
    offset = np.stack(np.meshgrid(shares, shares), axis=-1) - eyes - 0.43 * unit * down
    return offset @ down / unit, offset @ (-down[1], down[0]) / unit


def _radius(along, across):
    """Returns (radius in an oval, 1 at its rim; how far it points up, 0 to 1)."""
    # Wider than an ellipse at the eyes, for the folds around them, narrower at the jaw.
    power = np.where(along < 0, 2.6, 1.8)
    parts = np.abs(along) ** power, np.abs(across) ** power
    total = np.maximum(sum(parts), 1e-9)
    return total ** (1 / power), np.where(along < 0, parts[0] / total, 0.0)


def change_of(seen: np.ndarray, aged: np.ndarray, mask: FaceMask) -> np.ndarray:
    """Returns what ageing changed within the mask, without overall tint or fog on hair.

    A change that the whole face has in common is a tint, not a wrinkle, and would leave
    a step in colour at the neck, which does not change. The tint is the median, since
    most of a face is skin: eyes, teeth, folds and shadows may change freely. Hair and
    background do not count: greying hair, for one, would darken the face.

    Args:
        seen: [S, S, 3] uint8, the face that the network saw.
        aged: [S, S, 3] uint8, what it made of it.
        mask: of crops of S pixels.

    Returns:
        [S + 2M, S + 2M, 3] float32, in levels of 0 to 255, M pixels more at each side
        than the crop: the difference, less each colour's median where there is skin,
        times the mask.
    """
    change = aged.astype(np.float32) - seen
    change -= np.median(change[mask.skin], axis=0)
    change = _without_fog(change, seen, mask)
    return _continued(change, mask.margin) * mask.share[..., None]


def _without_fog(change, seen, mask):
    """Returns a change that lightens dark hair less.

    A network lightens hair all over its crop. Of long hair, or a fringe, that is only
    a part: in the photograph it looks like fog that ends in a halo.
    """
    light = cv2.GaussianBlur(seen @ _LUMA, (0, 0), _HAIRS * len(seen))
    skin = max(float(np.median(light[mask.skin])), 1.0)
    dark = _rising((skin - light) / skin, _DARK_FROM, _DARK_TO)
    left_out = dark * mask.hair
    added = change.mean(axis=-1)
    kept = change * (1.0 - left_out)[..., None]
    return kept + (left_out * np.minimum(added, 0.0))[..., None]


def _continued(change, margin):
    """Returns a crop's change, and beyond it what it has at its border, blurred."""
    size = len(change)
    edges = (margin,) * 4
    blur = _BLUR * size
    coarse = cv2.GaussianBlur(change, (0, 0), blur)
    coarse = cv2.copyMakeBorder(coarse, *edges, cv2.BORDER_REPLICATE)
    coarse = cv2.GaussianBlur(coarse, (0, 0), blur)
    pixels = np.arange(size) + 0.5
    near = np.clip(np.minimum(pixels, pixels[::-1]) / (_DETAIL * size), 0.0, 1.0)
    inside = np.pad(np.minimum.outer(near, near), margin)[..., None]
    fine = cv2.copyMakeBorder(change, *edges, cv2.BORDER_CONSTANT)
    return coarse + inside.astype(np.float32) * (fine - coarse)


def paste(
    photo: np.ndarray, change: np.ndarray, transform: np.ndarray, margin: int = 0
) -> None:
    """Adds a face's change to its photograph, in place.

    Args:
        photo: [H, W, 3] uint8.
        change: [S + 2M, S + 2M, 3] float32 in levels, 0 along its border; see
            change_of.
        transform: [2, 3], pixels of the photograph -> pixels of the crop.
        margin: M, in pixels.
    """
    size = len(change)
    transform = transform.copy()
    transform[:, 2] += margin
    scale = alignment.scale_of(transform)
    if scale > 1:  # The face is smaller than the crop: no pixel may be skipped.
        change = cv2.GaussianBlur(change, (0, 0), 0.5 * scale)
    corners = alignment.corners_in_photo(transform, size)
    height, width = photo.shape[:2]
    left, top = np.clip(np.floor(corners.min(axis=0)), 0, (width, height)).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=0)) + 1, 0, (width, height))
    right, bottom = int(right), int(bottom)
    if left >= right:
        return
    for start in range(top, bottom, _STRIP):
        strip = photo[start : min(start + _STRIP, bottom), left:right]
        back = transform.copy()
        back[:, 2] += back[:, :2] @ (left, start)
        added = cv2.warpAffine(
            change,
            back,
            (strip.shape[1], strip.shape[0]),
            flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        )
        # Rounds, and stays within 0 to 255.
        strip[:] = cv2.add(strip, added, dtype=cv2.CV_8U)


def paste_all(
    photo: np.ndarray,
    crops: np.ndarray,
    aged: np.ndarray,
    transforms: Sequence[np.ndarray],
    mask: FaceMask,
) -> np.ndarray:
    """Returns a photograph with all of its aged faces.

    Args:
        photo: [H, W, 3] uint8, which stays as it is.
        crops: [F, S, S, 3] uint8, the faces that the network saw.
        aged: [F, S, S, 3] uint8, what it made of them.
        transforms: F times [2, 3], pixels of the photograph -> pixels of the crop.
        mask: of crops of S pixels.

    Returns:
        [H, W, 3] uint8.
    """
    photo = photo.copy()
    for crop, face, transform in zip(crops, aged, transforms, strict=True):
        paste(photo, change_of(crop, face, mask), transform, mask.margin)
    return photo
