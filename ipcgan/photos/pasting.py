"""Pastes an aged face back into its photograph.

What is added to the photograph is the difference between the aged face and the face
that the network saw, enlarged. So what the network cannot see, all that is finer than
its pixels, stays in the photograph as it was; and where nothing ages, nothing changes.
The difference fades out inside the face and adds no tint, so that the face matches the
neck, ears and hair of the photograph.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from ipcgan.photos import alignment

_STRIP = 512  # rows that are changed at a time: a large face takes no more memory.
_FEATHER = 0.38  # share of the mask's radius over which the change fades in.
_BORDER = 0.04  # share of the side at which any mask has faded out.


def face_mask(template: np.ndarray, size: int) -> np.ndarray:
    """Returns how much of each pixel of a crop belongs to the face: an oval.

    It reaches from above the brows to the chin, fades to nothing inside the face, and
    leaves ears, hair and background alone.

    Args:
        template: [5, 2] the crop's landmarks, as shares of its side.
        size: side, in pixels.

    Returns:
        [size, size] float32 from 0 to 1; 0 along the border.
    """
    template = np.asarray(template, float)
    eyes, nose = template[:4].mean(axis=0), template[4]
    unit = math.dist(template[0], template[2])  # between the eyes' outer corners.
    down = (nose - eyes) / math.dist(nose, eyes)
    middle = eyes + 0.43 * unit * down
    shares = (np.arange(size) + 0.5) / size
    offset = np.stack(np.meshgrid(shares, shares), axis=-1) - middle
    along, across = offset @ down, offset @ (-down[1], down[0])
    # Wider than an ellipse at the eyes, for the folds around them, narrower at the jaw.
    power = np.where(along < 0, 2.6, 1.8)
    radius = np.abs(across / (0.78 * unit)) ** power
    radius = (radius + np.abs(along / (0.86 * unit)) ** power) ** (1 / power)
    border = np.minimum(shares, 1 - shares) / _BORDER - 0.5
    inside = np.minimum((1 - radius) / _FEATHER, np.minimum.outer(border, border))
    t = np.clip(inside, 0.0, 1.0)
    return (t * t * (3 - 2 * t)).astype(np.float32)  # no edge at either end.


def change_of(seen: np.ndarray, aged: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Returns what ageing changed within the mask, without an overall tint.

    A change that the whole face has in common is a tint, not a wrinkle, and would leave
    a step in colour at neck and ears, which do not change. The tint is the median,
    since most of a face is skin: eyes, teeth, folds and shadows may change freely. Hair
    and background do not count: greying hair, for one, would darken the face.

    Args:
        seen: [S, S, 3] uint8, the face that the network saw.
        aged: [S, S, 3] uint8, what it made of it.
        mask: [S, S] from face_mask, from 0 to 1, or a part of it for a weaker change.

    Returns:
        [S, S, 3] float32, in levels of 0 to 255: the difference, less each colour's
        median where the mask is above 0, times the mask.
    """
    change = aged.astype(np.float32) - seen
    inside = change[mask > 0]
    if len(inside):
        change -= np.median(inside, axis=0)
    return change * mask[..., None]


def paste(photo: np.ndarray, change: np.ndarray, transform: np.ndarray) -> None:
    """Adds a face's change to its photograph, in place.

    Args:
        photo: [H, W, 3] uint8.
        change: [S, S, 3] float32 in levels, 0 along its border; see change_of.
        transform: [2, 3], pixels of the photograph -> pixels of the crop.
    """
    size = len(change)
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
    mask: np.ndarray,
) -> np.ndarray:
    """Returns a photograph with all of its aged faces.

    Args:
        photo: [H, W, 3] uint8, which stays as it is.
        crops: [F, S, S, 3] uint8, the faces that the network saw.
        aged: [F, S, S, 3] uint8, what it made of them.
        transforms: F times [2, 3], pixels of the photograph -> pixels of the crop.
        mask: [S, S]; see change_of.

    Returns:
        [H, W, 3] uint8.
    """
    photo = photo.copy()
    for crop, face, transform in zip(crops, aged, transforms, strict=True):
        paste(photo, change_of(crop, face, mask), transform)
    return photo
