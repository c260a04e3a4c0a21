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


@keras.saving.register_keras_serializable("ipcgan")
class SpectralConv2D(keras.layers.Conv2D):
    """Convolution whose kernel is divided by its largest singular value.

    The kernel [h, w, C, F] is taken as a matrix [h * w * C, F]; one power iteration
    per training call keeps up with its largest singular value. The stored kernel is
    left as it is, unlike in Keras' SpectralNormalization, whose write to a trainable
    weight is lost on JAX: the same training on both backends.

    Source: Miyato, Kataoka, Koyama, Yoshida, "Spectral Normalization for Generative
    Adversarial Networks", ICLR 2018.
    """

    def build(self, input_shape):
        super().build(input_shape)
        self.direction = self.add_weight(
            name="direction",
            shape=(1, self.filters),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            trainable=False,
            dtype="float32",
            autocast=False,
        )

    def call(self, inputs, training=False):
        kernel = ops.cast(self.kernel, "float32")
        matrix = ops.reshape(kernel, (-1, self.filters))
        fixed = ops.stop_gradient(matrix)
        left = ops.normalize(ops.matmul(self.direction, ops.transpose(fixed)))
        right = ops.normalize(ops.matmul(left, fixed))
        if training:
            self.direction.assign(right)
        largest = ops.sum(ops.matmul(left, matrix) * right)
        outputs = self.convolution_op(
            inputs, ops.cast(kernel / largest, self.compute_dtype)
        )
        return outputs + ops.cast(self.bias, self.compute_dtype)
