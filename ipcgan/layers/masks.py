"""Layers that separate a face from its background."""

import keras
import numpy as np
from keras import ops

_FADE = 0.25  # share of the half axes over which an ellipse fades out, inside it.


def ellipse(
    size: int, middle: tuple[float, float], half_axes: tuple[float, float]
) -> np.ndarray:
    """Returns how much of each pixel of a square image is within an upright ellipse.

    Args:
        size: side of the image, in pixels.
        middle: (x, y), as shares of the side.
        half_axes: (across, along), as shares of the side.

    Returns:
        [size, size] float32: 1 in the middle, 0 from the ellipse's rim on, and without
        an edge in between.
    """
    shares = (np.arange(size) + 0.5) / size
    x, y = np.meshgrid(shares, shares)
    radius = np.hypot((x - middle[0]) / half_axes[0], (y - middle[1]) / half_axes[1])
    t = np.clip((1.0 - radius) / _FADE, 0.0, 1.0)
    return (t * t * (3.0 - 2.0 * t)).astype(np.float32)


@keras.saving.register_keras_serializable("ipcgan")
class EllipseMask(keras.layers.Layer):
    """Makes the same mask for every image: see ellipse.

    Input:   image [N, S, S, C]; only its shape counts.
    Output:  [N, S, S, 1] from 0 to 1, float32.
    """

    def __init__(self, middle, half_axes, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        self.middle = tuple(middle)
        self.half_axes = tuple(half_axes)

    def call(self, image):
        mask = ellipse(image.shape[1], self.middle, self.half_axes)
        return mask[None, :, :, None] + ops.zeros_like(image[..., :1])

    def get_config(self):
        return {
            **super().get_config(),
            "middle": self.middle,
            "half_axes": self.half_axes,
        }


@keras.saving.register_keras_serializable("ipcgan")
class Blend(keras.layers.Layer):
    """Takes one image, or its features, where a mask is 1, and another where it is 0.

    Inputs:  front [N, h, w, C]; back [N, h, w, C]; mask [N, h, w, 1] from 0 to 1.
    Output:  [N, h, w, C]; exactly `back` where the mask is 0.
    """

    def call(self, front, back, mask):
        return mask * front + (1.0 - mask) * back
