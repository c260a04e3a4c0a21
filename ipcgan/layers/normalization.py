"""Normalization layers that Keras does not have."""

import keras
import numpy as np
from keras import ops

# Weights [num_groups, C] of a conditional normalization.
GROUP_TABLES = ("group_scale", "group_shift")


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
class AdaptiveInstanceNormalization(keras.layers.Layer):
    """Adaptive instance normalization: scale and shift are linear in a vector.

    y = (1 + scale) * (x - mean) / sqrt(variance + epsilon) + shift, with mean and
    variance over height and width, and scale and shift linear in the vector.

    Inputs:  features [N, h, w, C]; vector [N, Z].
    Output:  [N, h, w, C]. Computed in float32, whatever the policy.

    Source: Huang, Belongie, "Arbitrary Style Transfer in Real-time with Adaptive
    Instance Normalization", ICCV 2017; linear in a vector as in Karras, Laine, Aila,
    CVPR 2019.
    """

    def __init__(self, epsilon: float = 1e-5, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, features_shape, vector_shape):
        channels = features_shape[-1]
        # Biases, so that a zero vector gives plain instance normalization.
        self.kernel = self.add_weight(
            name="kernel",
            shape=(vector_shape[-1], 2 * channels),
            initializer="glorot_uniform",
            autocast=False,
        )
        self.bias = self.add_weight(
            name="bias", shape=(2 * channels,), initializer="zeros", autocast=False
        )

    def call(self, features, vector):
        style = ops.matmul(ops.cast(vector, "float32"), self.kernel) + self.bias
        scale, shift = ops.split(style[:, None, None, :], 2, axis=-1)
        x = ops.cast(features, "float32")
        mean, inverse = _moments(x, (1, 2), self.epsilon)
        # As one factor and one summand: two passes over the map less.
        factor = (1.0 + scale) * inverse
        return ops.cast(factor * x + (shift - factor * mean), self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}


@keras.saving.register_keras_serializable("ipcgan")
class ConditionalGroupNormalization(keras.layers.Layer):
    """Group normalization whose scale and shift depend on the age group.

    y = scale[group] * (x - mean) / sqrt(variance + epsilon) + shift[group], with mean
    and variance over height, width and `channels_per_set` channels of one face. So a
    face's result depends on that face and group alone, in training and after.

    Inputs:  features [N, h, w, C], C a multiple of channels_per_set or less than that;
             group [N] int32 in [0, num_groups).
    Output:  [N, h, w, C]. Computed in float32, whatever the policy.

    First scales are near 1 and first shifts near 0, both drawn with a standard
    deviation of `spread` for every group: with the same for all, groups would take
    thousands of small steps to come apart.

    Source: Wu, He, "Group Normalization", ECCV 2018; a scale and shift for each label
    as in Dumoulin, Shlens, Kudlur, "A Learned Representation for Artistic Style", ICLR
    2017.
    """

    def __init__(
        self,
        num_groups: int,
        channels_per_set: int = 16,
        spread: float = 0.3,
        epsilon: float = 1e-5,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_groups = num_groups
        self.channels_per_set = channels_per_set
        self.spread = spread
        self.epsilon = epsilon

    def build(self, features_shape, group_shape):
        channels = features_shape[-1]
        self._sets = max(1, channels // self.channels_per_set)
        if channels % self._sets:
            raise ValueError(
                f"Expected a multiple of {self.channels_per_set} channels, or less, "
                f"got {channels}."
            )
        for name, mean in zip(GROUP_TABLES, (1.0, 0.0), strict=True):
            weight = self.add_weight(
                name=name,
                shape=(self.num_groups, channels),
                initializer=keras.initializers.RandomNormal(mean, self.spread),
                autocast=False,
            )
            setattr(self, name, weight)

    def call(self, features, group):
        channels, x = features.shape[-1], ops.cast(features, "float32")
        shape = (-1, *features.shape[1:3], self._sets, channels // self._sets)
        mean, inverse = (
            ops.repeat(ops.reshape(value, (-1, 1, 1, self._sets)), shape[-1], axis=-1)
            for value in _moments(ops.reshape(x, shape), (1, 2, 4), self.epsilon)
        )
        chosen = ops.one_hot(group, self.num_groups, dtype="float32")
        scale, shift = (
            ops.matmul(chosen, weight)[:, None, None, :]
            for weight in (self.group_scale, self.group_shift)
        )
        factor = scale * inverse
        return ops.cast(factor * x + (shift - factor * mean), self.compute_dtype)

    def get_config(self):
        return {
            **super().get_config(),
            "num_groups": self.num_groups,
            "channels_per_set": self.channels_per_set,
            "spread": self.spread,
            "epsilon": self.epsilon,
        }


def _moments(x, axes, epsilon):
    """Returns (mean, 1 / standard deviation)."""
    mean, variance = ops.moments(x, axes, keepdims=True)
    return mean, ops.rsqrt(variance + epsilon)
