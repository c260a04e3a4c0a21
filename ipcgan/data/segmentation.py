"""Segmentation maps: which pixels are of a face, by CelebAMask-HQ's 19 labels.

Source: Lee, Liu, Wu, Luo, "MaskGAN: Towards Diverse and Interactive Facial Image
Manipulation", CVPR 2020 (labels); FFHQ-Aging's maps have them too.
"""

from pathlib import Path

import numpy as np

from ipcgan.data import images
from ipcgan.data.records import DataError

NUM_LABELS = 19
# Background, hat, earring, necklace, clothes: what LATS greys out. Skin, hair, ears
# and neck, which age, are the face.
BACKGROUND = (0, 14, 15, 16, 18)
_IS_FACE = np.array(
    [0 if label in BACKGROUND else 255 for label in range(NUM_LABELS)], np.uint8
)


def read_mask(path: Path, size: int) -> np.ndarray:
    """Reads a map as a mask, cut to a square and resized as faces are.

    Returns:
        [size, size] uint8: 255 where the face is, in between at its rim.

    Raises:
        DataError: if it is no map of these labels.
    """
    try:
        labels = images.read_labels(path)
    except images.ImageError as error:
        raise DataError(str(error)) from error
    if labels.max(initial=0) >= NUM_LABELS:
        raise DataError(
            f"{path}: expected labels from 0 to {NUM_LABELS - 1}, got {labels.max()}."
        )
    return images.resize(_IS_FACE[labels], size)
