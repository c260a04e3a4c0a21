"""Layers that convert [-1, 1] images for networks with habits of their own."""

import keras
import numpy as np
from keras import ops

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
        x = ops.cast(image, "float32")
        if image.shape[1:3] != (self.size, self.size):
            x = ops.image.resize(x, (self.size, self.size), interpolation="bilinear")
        x = (x + 1.0) * 127.5 - np.asarray(MEAN, "float32")
        return ops.cast(x * self.scale, self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "size": self.size, "scale": self.scale}


@keras.saving.register_keras_serializable("ipcgan")
class ClippedSum(keras.layers.Layer):
    """Adds a change to an image and keeps the result in [-1, 1].

    Inputs:  image [N, S, S, 3] in [-1, 1]; change [N, S, S, 3], any range.
    Output:  [N, S, S, 3] in [-1, 1], float32.
    """

    def call(self, image, change):
        total = ops.cast(image, "float32") + ops.cast(change, "float32")
        return ops.clip(total, -1.0, 1.0)


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
