"""A layer that moves the parts of a face."""

import keras
from keras import ops

from ipcgan.layers.resizing import resized

_REACH = 16  # the farthest move is a side of the image divided by this.


@keras.saving.register_keras_serializable("ipcgan")
class Warp(keras.layers.Layer):
    """Takes every pixel of an image from a place nearby, interpolated linearly.

    Inputs:  image [N, S, S, C]; displacement [N, T, T, 2], (down, right) to where a
             pixel is taken from, in sixteenths of S; beyond -1 and 1 as these;
             interpolated to S.
    Output:  [N, S, S, C] float32. Beyond its edges the image goes on as they are.

    Source: Jaderberg et al., "Spatial Transformer Networks", NeurIPS 2015.
    """

    def call(self, image, displacement):
        size, channels = image.shape[1], image.shape[3]
        pixels = ops.reshape(ops.cast(image, "float32"), (-1, channels))
        moves = resized(ops.cast(displacement, "float32"), size)
        moves = ops.clip(moves, -1.0, 1.0) * (size / _REACH)
        line = ops.arange(size, dtype="float32")
        y = ops.clip(moves[..., 0] + line[:, None], 0.0, size - 1.0)
        x = ops.clip(moves[..., 1] + line, 0.0, size - 1.0)
        # The last pixel has none after it.
        top, left = (
            ops.minimum(ops.floor(y), size - 2.0),
            ops.minimum(ops.floor(x), size - 2.0),
        )
        down, right = (y - top)[..., None], (x - left)[..., None]
        first = ops.cast(top * size + left, "int32")
        first = first + size**2 * ops.arange(ops.shape(image)[0])[:, None, None]

        def taken(step):
            return ops.take(pixels, first + step, axis=0)

        above = taken(0) * (1.0 - right) + taken(1) * right
        below = taken(size) * (1.0 - right) + taken(size + 1) * right
        return above * (1.0 - down) + below * down

    def compute_output_shape(self, image_shape, displacement_shape):
        return image_shape
