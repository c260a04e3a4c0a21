"""A layer of learnt pictures, mixed in shares."""

import keras
from keras import initializers, ops

from ipcgan.layers.resizing import resized

# Pixels change by tenths, shares by ones: Adam moves both by the same step.
_GAIN = 10.0
_LARGEST = 64  # pixels of a template's sides.


@keras.saving.register_keras_serializable("ipcgan")
class Templates(keras.layers.Layer):
    """Mixes K learnt templates: what may change in an aligned face, place by place.

    Convolutions have to find the place first; a template has it.

    Input:   shares [N, K], any numbers.
    Output:  [N, size, size, channels] float32, the sum of the templates times their
             shares. They have 64 pixels a side at most, and are stretched.
    """

    def __init__(self, size: int, channels: int = 3, **kwargs):
        super().__init__(**kwargs)
        self.size, self.channels = size, channels
        self.side = min(size, _LARGEST)

    def build(self, input_shape):
        self.templates = self.add_weight(
            name="templates",
            shape=(input_shape[-1], self.side * self.side * self.channels),
            initializer=initializers.RandomNormal(stddev=0.02 / _GAIN),
        )

    def call(self, shares):
        templates = ops.cast(self.templates, self.compute_dtype)
        x = ops.cast(ops.matmul(shares, templates) * _GAIN, "float32")
        x = ops.reshape(x, (-1, self.side, self.side, self.channels))
        return resized(x, self.size)

    def compute_output_shape(self, input_shape):
        return input_shape[0], self.size, self.size, self.channels

    def get_config(self):
        return {
            **super().get_config(),
            "size": self.size,
            "channels": self.channels,
        }
