"""Counts the operations of a network's convolutions."""

import keras
import numpy as np


def count_flops(network: keras.Model) -> int:
    """Counts what a network computes for one face, in its convolutions alone.

    A multiplication and the addition of its product are two operations, as in a
    processor's peak rate; papers that count the pair as one print half of this.
    """
    total = 0
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            total += count_flops(layer)
        kernel = getattr(layer, "kernel", None)
        if kernel is None or len(kernel.shape) != 4:
            continue
        # A transposed convolution spreads every pixel of its input.
        transposed = isinstance(layer, keras.layers.Conv2DTranspose)
        shape = (layer.input if transposed else layer.output).shape
        total += 2 * int(np.prod(kernel.shape)) * shape[1] * shape[2]
    return total
