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

    The change is smoothed by (1, 2, 1) / 4 along both axes, and continued as in a
    mirror at its edges: what alternates from pixel to pixel vanishes.

    Inputs:  image [N, S, S, 3] in [-1, 1]; change [N, S, S, 3], any range.
    Output:  [N, S, S, 3] in [-1, 1], float32.

    Source: the filter of Zhang, "Making Convolutional Networks Shift-Invariant Again",
    ICML 2019.
    """

    def call(self, image, change):
        change = ops.cast(change, "float32")
        sides = (1, 1)
        change = ops.pad(change, ((0, 0), sides, sides, (0, 0)), mode="symmetric")
        for _ in range(2):  # (1, 1) / 2 twice.
            change = ops.average_pool(change, 2, 1, padding="valid")
        return ops.clip(ops.cast(image, "float32") + change, -1.0, 1.0)


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
