"""Upsampling and convolution in one layer, without the enlarged map."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("ipcgan>upsampling")
class Conv2D(keras.layers.Conv2D):
    """keras.layers.UpSampling2D followed by keras.layers.Conv2D, at lower cost.

    The enlarged map holds each pixel four times, so a 5x5 kernel sees at most nine
    different ones. The kernel is summed into four 3x3 kernels, one for each pixel of
    the four, which work on the original map: 36 products instead of 100.

    It has the name and the weights of Keras's layer, so that weight files fit both.

    Args:
        filters: C.
        kernel_size: odd, height and width; 1 or 3 are no cheaper so.
        **kwargs: of keras.layers.Conv2D; strides, padding, dilation and groups are not
            to be chosen.

    Input:   [N, H, W, channels].
    Output:  [N, 2H, 2W, C].
    """

    def __init__(self, filters: int, kernel_size: int, **kwargs):
        super().__init__(filters, kernel_size, **{**kwargs, "padding": "same"})
        height, width = self.kernel_size
        if height != width or height % 2 == 0:
            raise ValueError(f"kernel_size must be odd, one for both: {kernel_size}.")

    def convolution_op(self, inputs, kernel):
        sums = ops.cast(_taps(self.kernel_size[0]), kernel.dtype)
        # p, q: which of the four pixels; r, s: rows and columns of the small kernels.
        kernels = ops.einsum("pra,abio->prbio", sums, kernel)
        kernels = ops.einsum("qsb,prbio->rsipqo", sums, kernels)
        kernels = ops.reshape(kernels, (*kernels.shape[:3], 4 * self.filters))
        x = ops.conv(inputs, kernels, padding="same")
        height, width = inputs.shape[1:3]
        x = ops.reshape(x, (-1, height, width, 2, 2, self.filters))
        x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
        return ops.reshape(x, (-1, 2 * height, 2 * width, self.filters))

    def compute_output_shape(self, input_shape):
        batch, height, width, _ = input_shape
        return (batch, 2 * height, 2 * width, self.filters)


def _taps(size):
    """Returns [2, small, size]: which pixel of the original map each row hits."""
    reach = size // 2
    # Pixel p of two, moved by offset, comes from the pixel before doubling at:
    at = (np.arange(2)[:, None] + np.arange(-reach, reach + 1)) // 2
    small = np.arange(at.min(), at.max() + 1)
    return (at[:, None, :] == small[:, None]).astype("float32")
