"""Baselines that a useful figure must beat: blurred and tinted faces.

The untouched copy and real faces, the other baselines, need no function.
"""

import cv2
import numpy as np

BLUR_PIXELS = 2.0  # standard deviation of the Gaussian.


def blur(faces: np.ndarray) -> np.ndarray:
    """Blurs [N, S, S, 3] uint8 faces by a Gaussian of BLUR_PIXELS."""
    return np.stack([cv2.GaussianBlur(face, (0, 0), BLUR_PIXELS) for face in faces])


def tint(faces: np.ndarray, real: np.ndarray) -> np.ndarray:
    """Shifts all colours so that the mean colour of the faces is that of real ones.

    This is what a model does that learnt colour as the easiest sign of age.

    Args:
        faces: [N, S, S, 3] uint8.
        real: [M, S, S, 3] uint8, of the target group.

    Returns:
        [N, S, S, 3] uint8: every face shifted by the same amount.
    """
    shift = real.mean(axis=(0, 1, 2)) - faces.mean(axis=(0, 1, 2))  # [3]
    shifted = np.rint(faces.astype(np.float32) + shift.astype(np.float32))
    return shifted.clip(0, 255).astype(np.uint8)
