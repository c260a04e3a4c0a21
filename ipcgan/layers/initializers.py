"""Initialisers that Keras does not have."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("ipcgan")
class SmoothUpsampling(keras.initializers.Initializer):
    """Initialiser of a 3x3 transposed convolution of stride 2 that leaves no grid.

    Each kernel is one random number per pair of channels times the weights of linear
    interpolation. With independent weights every second pixel of the output has other
    contributions than its neighbours, and a checkerboard stands in every image until
    it is unlearnt.

    Args:
        stddev: of the random numbers.
        seed: of their draw; None: Keras' global one.

    Source: Odena, Dumoulin, Olah, "Deconvolution and Checkerboard Artifacts", Distill
    2016 (the fault); linear weights as in Long, Shelhamer, Darrell, CVPR 2015.
    """

    def __init__(self, stddev: float = 0.02, seed: int | None = None):
        self.stddev = stddev
        self.seed = seed

    def __call__(self, shape, dtype=None):
        if tuple(shape[:2]) != (3, 3):
            raise ValueError(f"Expected a kernel of 3x3, got {shape}.")
        draw = keras.initializers.RandomNormal(stddev=self.stddev, seed=self.seed)
        line = ops.convert_to_tensor([0.5, 1.0, 0.5], dtype=dtype)
        weights = ops.reshape(line[:, None] * line, (3, 3, 1, 1))
        return weights * draw((1, 1, *shape[2:]), dtype=dtype)

    def get_config(self):
        return {"stddev": self.stddev, "seed": self.seed}
