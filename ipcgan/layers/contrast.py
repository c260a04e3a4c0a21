"""A layer that raises and lowers the contrast of a face's detail."""

import keras
from keras import ops

from ipcgan.layers.resizing import resized

_MOST = 1.1  # of a gain: contrast is three times as much, or a third, at most.


@keras.saving.register_keras_serializable("ipcgan")
class BandContrast(keras.layers.Layer):
    """Multiplies each band of an image's detail by a factor, place by place.

    What is added to a face cannot deepen the lines that it has; a factor can.

    Inputs:  image [N, S, S, C] in [-1, 1]; gains [N, T, T, B], natural logarithms of
             the factors of B bands, finest first, each of half the size of the one
             before; beyond -1.1 and 1.1 as these. S must be a multiple of 2 ** B.
    Output:  [N, S, S, C] in [-1, 1], float32; the image itself where gains are 0.

    Source: Burt and Adelson, "The Laplacian Pyramid as a Compact Image Code", 1983;
    here with means of 2 by 2 pixels, interpolated.
    """

    def call(self, image, gains):
        rest = ops.cast(image, "float32")
        factors = ops.exp(ops.clip(ops.cast(gains, "float32"), -_MOST, _MOST))
        bands = []
        for index in range(gains.shape[-1]):
            smaller = ops.average_pool(rest, 2, 2)
            band = rest - resized(smaller, rest.shape[1])
            factor = resized(factors[..., index : index + 1], rest.shape[1])
            bands.append(band * factor)
            rest = smaller
        for band in reversed(bands):
            rest = band + resized(rest, band.shape[1])
        return ops.clip(rest, -1.0, 1.0)

    def compute_output_shape(self, image_shape, gains_shape):
        return image_shape
