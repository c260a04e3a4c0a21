"""Layers that convert [-1, 1] images to the input ranges of other networks."""

import keras
import numpy as np
from keras import ops

from ipcgan.layers.resizing import resized

# As the authors' code has it: Caffe's mean in its BGR order, applied to RGB.
MEAN = (104.0, 117.0, 124.0)


@keras.saving.register_keras_serializable("ipcgan")
class ToMeanSubtracted(keras.layers.Layer):
    """Resizes RGB in [-1, 1] to size x size and maps it to 0..255 minus the mean.

    Input:   [N, S, S, 3] RGB in [-1, 1].
    Output:  [N, size, size, 3] (RGB - (104, 117, 124)) * scale.
    """

    def __init__(self, size: int, scale: float = 1.0, **kwargs):
        super().__init__(**kwargs)
        self.size = size
        self.scale = scale

    def call(self, image):
        x = resized(ops.cast(image, "float32"), self.size)
        x = (x + 1.0) * 127.5 - np.asarray(MEAN, "float32")
        return ops.cast(x * self.scale, self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "size": self.size, "scale": self.scale}


@keras.saving.register_keras_serializable("ipcgan")
class ChangedImage(keras.layers.Layer):
    """Adds a change, smoothed, to an image and keeps the result in [-1, 1].

    The change is smoothed by (1, 2, 1) / 4 along both axes, `smoothing` times over.
    Once takes away what alternates from pixel to pixel, four times also what repeats
    every four pixels: the grids that transposed convolutions of stride 2 write.

    Inputs:  image [N, S, S, 3] in [-1, 1]; change [N, S, S, 3], any range.
    Output:  [N, S, S, 3] in [-1, 1], float32.

    Source: the filter of Zhang, "Making Convolutional Networks Shift-Invariant Again",
    ICML 2019.
    """

    def __init__(self, smoothing: int = 1, **kwargs):
        super().__init__(**kwargs)
        self.smoothing = smoothing

    def call(self, image, change):
        change = smoothed(ops.cast(change, "float32"), self.smoothing)
        return ops.clip(ops.cast(image, "float32") + change, -1.0, 1.0)

    def get_config(self):
        return {**super().get_config(), "smoothing": self.smoothing}


def smoothed(image, times: int = 1):
    """Smooths an image by (1, 2, 1) / 4 along both axes, `times` over.

    Much like a Gaussian blur of sqrt(times / 2) pixels.

    Args:
        image: [N, H, W, C]; continued as in a mirror at its edges.
        times: 0 and more.

    Returns:
        [N, H, W, C].
    """
    while times:
        # A mirrored image smoothed is the smoothed image mirrored, so one border does
        # for all times; but no mirror shows more than there is.
        border = min(times, *image.shape[1:3])
        sides = (border, border)
        image = ops.pad(image, ((0, 0), sides, sides, (0, 0)), mode="symmetric")
        for _ in range(2 * border):  # (1, 1) / 2 twice.
            image = ops.average_pool(image, 2, 1, padding="valid")
        times -= border
    return image


@keras.saving.register_keras_serializable("ipcgan")
class StoredScale(keras.layers.Layer):
    """Multiplies by one stored number, which is set once and never trained.

    Input and output: any shape; the output is float32. The number is 1 until it is
    assigned, and is saved with the network's weights.
    """

    def build(self, input_shape):
        self.scale = self.add_weight(
            name="scale", shape=(), initializer="ones", trainable=False, dtype="float32"
        )

    def call(self, features):
        return ops.cast(features, "float32") * ops.cast(self.scale, "float32")
