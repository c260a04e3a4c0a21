"""Five landmarks -> a similarity transform to a template, and the face cut out by it.

A crop's pixel (x, y) lies at ((x + 0.5) / size, (y + 0.5) / size), shares of its side.
"""

import math

import cv2
import numpy as np

# Where dlib.get_face_chip(photo, landmarks, padding=0.2), which cut out UTKFace's
# faces, puts its five landmarks: outer and inner corner of the eye on the right of the
# picture, then of that on the left, and the base of the nose; shares (x, y) of the
# side. 297 faces of UTKFace have theirs within 0.005 of it, in the mean.
DLIB_TEMPLATE = np.array(
    [
        (0.758, 0.295),
        (0.605, 0.306),
        (0.228, 0.295),
        (0.381, 0.306),
        (0.493, 0.592),
    ]
)
DLIB_TEMPLATE.flags.writeable = False
_ASPECT = 1.25  # of the sides of what may be a crop.
# Of its longer side, in pixels or over the network's size: FFHQ's crops have 1,024.
_MOST_PIXELS, _MOST_TIMES = 1024, 8
_NEAR = 0.06  # share of the side by which landmarks of a crop lie off the template.


def to_crop(points: np.ndarray, template: np.ndarray, size: int) -> np.ndarray:
    """Returns the similarity transform that brings landmarks nearest to a template.

    Args:
        points: [5, 2] landmarks (x, y) in the photograph, in pixels.
        template: [5, 2] where they should lie, as shares of the side.
        size: side of the crop, in pixels.

    Returns:
        [2, 3] float64: pixels of the photograph -> pixels of the crop. It turns,
        scales and moves, and never mirrors.

    Raises:
        ValueError: if all points are one.

    Source: Umeyama, "Least-squares estimation of transformation parameters between two
    point patterns", PAMI 1991; in the plane a product of complex numbers.
    """
    target = np.asarray(template) * size - 0.5
    from_mean, to_mean = points.mean(axis=0), target.mean(axis=0)
    a, b = ((p - m) @ (1, 1j) for p, m in ((points, from_mean), (target, to_mean)))
    spread = np.vdot(a, a).real
    if spread == 0:
        raise ValueError("The landmarks are all at one point.")
    z = np.vdot(a, b) / spread
    turn = np.array([[z.real, -z.imag], [z.imag, z.real]])
    return np.column_stack([turn, to_mean - turn @ from_mean])


def scale_of(transform: np.ndarray) -> float:
    """Returns how many pixels of the crop one pixel of the photograph becomes."""
    return math.hypot(*transform[:, 0])


def angle_of(transform: np.ndarray) -> float:
    """Returns how far it turns clockwise, in degrees from -180 to 180."""
    return math.degrees(math.atan2(transform[1, 0], transform[0, 0]))


def apply(transform: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Transforms points [N, 2]."""
    return points @ transform[:, :2].T + transform[:, 2]


def corners_in_photo(transform: np.ndarray, size: int) -> np.ndarray:
    """Returns the crop's corners in the photograph, [4, 2] in pixels."""
    far = size - 0.5
    square = np.array([(-0.5, -0.5), (far, -0.5), (far, far), (-0.5, far)])
    return apply(cv2.invertAffineTransform(transform), square)


def cut(photo: np.ndarray, transform: np.ndarray, size: int) -> np.ndarray:
    """Cuts a face out; every pixel of the photograph counts, however large it is.

    Args:
        photo: [H, W, 3] uint8.
        transform: [2, 3], from to_crop.
        size: side of the crop, in pixels.

    Returns:
        [size, size, 3] uint8; beyond the photograph its border is repeated.
    """
    corners = corners_in_photo(transform, size)
    height, width = photo.shape[:2]
    left, top = np.clip(np.floor(corners.min(axis=0)) - 2, 0, (width - 1, height - 1))
    right, bottom = np.clip(np.ceil(corners.max(axis=0)) + 3, 1, (width, height))
    left, top = int(min(left, right - 1)), int(min(top, bottom - 1))
    part = photo[top : int(bottom), left : int(right)]
    # Cut out at least as large as it is, then averaged: else pixels would be skipped.
    factor = max(1, math.ceil(1 / scale_of(transform)))
    fine = transform * factor
    fine[:, 2] += (factor - 1) / 2 + fine[:, :2] @ (left, top)
    side = size * factor
    crop = cv2.warpAffine(
        part,
        fine,
        (side, side),
        flags=cv2.INTER_LINEAR if factor > 1 else cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if factor == 1:
        return crop
    return cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA)


def share_inside(transform: np.ndarray, size: int, shape: tuple[int, ...]) -> float:
    """Returns how much of a crop lies on a photograph of `shape`, 0 to 1."""
    corners = corners_in_photo(transform, size).astype(np.float32)
    height, width = shape[:2]
    photo = np.array(
        [(-0.5, -0.5), (width - 0.5, -0.5), (width - 0.5, height - 0.5)]
        + [(-0.5, height - 0.5)],
        np.float32,
    )
    common, _ = cv2.intersectConvexConvex(corners, photo)
    return min(1.0, common / cv2.contourArea(corners))


def small_square(shape: tuple[int, ...], size: int) -> bool:
    """Whether an image is taken for a crop at first sight, without a search for faces.

    It is about square, and at most twice as large as the network's `size`.
    """
    short, long = sorted(shape[:2])
    return long <= 2 * size and long <= _ASPECT * short


def may_be_crop(shape: tuple[int, ...], size: int) -> bool:
    """Whether an image is not plainly a photograph: about square, and not huge.

    Args:
        shape: [H, W, ...] of the image.
        size: of the network, in pixels.
    """
    short, long = sorted(shape[:2])
    return long <= _ASPECT * short and long <= max(_MOST_PIXELS, _MOST_TIMES * size)


def is_aligned(
    points: np.ndarray, shape: tuple[int, ...], template: np.ndarray
) -> bool:
    """Whether an image, with landmarks `points` [5, 2], is a crop already.

    It is about square, and its middle square has the landmarks where the template has
    them.
    """
    height, width = shape[:2]
    side = min(height, width)
    if max(height, width) > _ASPECT * side:
        return False
    shares = (points + 0.5 - ((width - side) / 2, (height - side) / 2)) / side
    return bool(np.hypot(*(shares - template).T).mean() <= _NEAR)
