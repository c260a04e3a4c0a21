"""Normalization layers that Keras does not have."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("ipcgan")
class LocalResponseNormalization(keras.layers.Layer):
    """Divides each value by the energy of its neighbours in other channels.

    y[c] = x[c] / (bias + alpha * sum of x[j]^2 for |j - c| <= radius) ** 0.75

    Input and output: [N, h, w, C]. Computed in float32, whatever the policy.

    Source: Krizhevsky, Sutskever, Hinton, NeurIPS 2012; alpha is not divided by the
    window, as in TensorFlow. The defaults are those of the IPCGAN authors' AlexNet.
    """

    def __init__(self, radius=2, alpha=2e-5, bias=1.0, **kwargs):
        super().__init__(**kwargs)
        self.radius = radius
        self.alpha = alpha
        self.bias = bias

    def call(self, features):
        x = ops.cast(features, "float32")
        # The sum over neighbouring channels as one product with a band of ones:
        # the same on every backend, and fast.
        channel = np.arange(features.shape[-1])
        near = np.abs(channel[:, None] - channel) <= self.radius
        energy = ops.matmul(ops.square(x), near.astype("float32"))
        # d ** -0.75 without the slow general power.
        inverse = ops.rsqrt(self.bias + self.alpha * energy)
        return ops.cast(x * inverse * ops.sqrt(inverse), self.compute_dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "radius": self.radius,
            "alpha": self.alpha,
            "bias": self.bias,
        }
