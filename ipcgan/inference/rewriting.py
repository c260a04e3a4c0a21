"""Rewrites a network so that CPUs compute the same result faster."""

import keras
import numpy as np
from keras import ops

_SIDE = 2  # of a block, in pixels.
_FEW = 4  # output channels; of more, processors' registers are filled anyway.


class BlockConv2D(keras.layers.Layer):
    """A convolution of stride 1 that computes the pixels of a 2x2 block together.

    Processors compute 16 output channels at a time, and of a picture's three leave
    most of it idle. With a kernel one larger and stride 2, the four pixels of a block
    are twelve channels, each a sum of the same products: the kernel of a pixel is the
    given one, moved to its place, among zeros.

    Input:   [N, H, W, C], H and W even.
    Output:  [N, H, W, F], what the given convolution returns.

    Args:
        convolution: built, as `can_be_blocked` wants it.
    """

    def __init__(self, convolution: keras.layers.Conv2D):
        super().__init__(name=convolution.name, dtype=convolution.dtype_policy)
        self._filters = convolution.filters
        kernel = convolution.get_weights()[0]
        rows, columns, channels, filters = kernel.shape
        blocked = np.zeros(
            (rows + 1, columns + 1, channels, _SIDE, _SIDE, filters), kernel.dtype
        )
        for y in range(_SIDE):
            for x in range(_SIDE):
                blocked[y : y + rows, x : x + columns, :, y, x] = kernel
        self._weights = [blocked.reshape(rows + 1, columns + 1, channels, -1)]
        if convolution.use_bias:
            self._weights.append(np.tile(convolution.get_weights()[1], _SIDE**2))
        self._blocks = keras.layers.Conv2D(
            _SIDE**2 * filters,
            (rows + 1, columns + 1),
            _SIDE,
            "same",  # Pads as much as the given one, and on the same sides.
            use_bias=convolution.use_bias,
            dtype=convolution.dtype_policy,
            name="blocks",
        )

    def build(self, input_shape):
        self._blocks.build(input_shape)
        self._blocks.set_weights(self._weights)

    def call(self, features):
        blocks = self._blocks(features)
        height, width = blocks.shape[1:3]
        x = ops.reshape(blocks, (-1, height, width, _SIDE, _SIDE, self._filters))
        x = ops.transpose(x, (0, 1, 3, 2, 4, 5))  # block, row in it, block, column
        return ops.reshape(x, (-1, height * _SIDE, width * _SIDE, self._filters))


def can_be_blocked(layer: keras.layers.Layer) -> bool:
    """Whether a BlockConv2D would return the same, and faster."""
    return (
        type(layer) is keras.layers.Conv2D
        and layer.filters <= _FEW
        and min(layer.kernel_size) > 1
        and all(side % 2 for side in layer.kernel_size)
        and layer.strides == layer.dilation_rate == (1, 1)
        and layer.padding == "same"
        and layer.groups == 1
        and layer.data_format == "channels_last"
        and layer.activation is keras.activations.linear
        and all(side and side % _SIDE == 0 for side in layer.input.shape[1:3])
    )


class MapNormalization(keras.layers.Layer):
    """A group normalization of one channel a group: what instance normalization is.

    Keras gives each group an axis of its own, also where it has a single channel, and
    OpenVINO takes ten times as long for means over the axes around it.

    Input and output: [N, H, W, C].

    Args:
        normalization: built, as `has_maps_for_groups` wants it.
    """

    def __init__(self, normalization: keras.layers.GroupNormalization):
        super().__init__(name=normalization.name, dtype=normalization.dtype_policy)
        self._epsilon = normalization.epsilon
        self._scale, self._shift = normalization.get_weights()

    def call(self, features):
        mean, variance = ops.moments(features, (1, 2), keepdims=True)
        factor = self._scale * ops.rsqrt(variance + self._epsilon)
        return factor * features + (self._shift - factor * mean)


def has_maps_for_groups(layer: keras.layers.Layer) -> bool:
    """Whether a MapNormalization would return the same, and faster."""
    return (
        type(layer) is keras.layers.GroupNormalization
        and layer.groups in (-1, layer.input.shape[-1])
        and len(layer.input.shape) == 4  # noqa: PLR2004  [N, H, W, C]
        and layer.axis in (-1, 3)
        and layer.scale
        and layer.center
    )


def rewritten(network: keras.Model) -> keras.Model:
    """Returns a copy of a functional network, with what is faster in its place.

    Networks within it are rewritten as well.

    Args:
        network: with loaded weights.
    """

    def clone(layer):
        if can_be_blocked(layer):
            return BlockConv2D(layer)
        if has_maps_for_groups(layer):
            return MapNormalization(layer)
        return type(layer).from_config(layer.get_config())

    copy = keras.models.clone_model(network, clone_function=clone, recursive=True)
    _copy_weights(network, copy)
    return copy


def _copy_weights(network, copy):
    for layer, there in zip(network.layers, copy.layers, strict=True):
        if isinstance(layer, keras.Model):
            _copy_weights(layer, there)
        elif type(there) is type(layer):
            there.set_weights(layer.get_weights())
