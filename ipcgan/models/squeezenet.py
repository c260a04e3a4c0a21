"""SqueezeNet 1.1's convolutions, and fixed random mixes of their maps.

They were trained on ImageNet's photographs of things: they see textures that face
networks are blind to.

Sources: Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters",
2016, release 1.1; the mixes: Sauer et al., "Projected GANs Converge Faster", NeurIPS
2021.
"""

from collections.abc import Mapping

import keras
import numpy as np
from keras import layers, ops

# Maps that are used, from texture to parts, with their numbers of channels.
MAPS = {"conv1": 64, "fire3": 128, "fire5": 256, "fire9": 512}
# Pixels that faces are brought to at least: below, little is left of the last map.
LEAST_SIZE = 128
_SQUEEZED = {2: 16, 3: 16, 4: 32, 5: 32, 6: 48, 7: 48, 8: 64, 9: 64}
_EXPANDED = 4  # times the squeezed, once by 1x1 and once by 3x3.
_POOLED = ("conv1", "fire3", "fire5")
_PARTS = ("squeeze1x1", "expand1x1", "expand3x3")
_MEAN = (103.939, 116.779, 123.68)  # BGR, of ImageNet.
# Channels of each mixed map: few where it is large.
MIXED = {"conv1": 32, "fire3": 64, "fire5": 128, "fire9": 128}
_SIZE = 20.0  # of what the mixes of the maps are, for faces.
_SEED = 20211106  # of the mixes, which no training changes and no checkpoint holds.


@keras.saving.register_keras_serializable("ipcgan")
class ToImageNet(layers.Layer):
    """Brings RGB in [-1, 1] to what the weights were trained on.

    Input:   [N, S, S, 3] RGB in [-1, 1].
    Output:  [N, T, T, 3] BGR 0..255 minus ImageNet's mean; T = S, or LEAST_SIZE where
             that is more.
    """

    def call(self, image):
        x = ops.cast(image, "float32")
        if image.shape[1] < LEAST_SIZE:
            size = (LEAST_SIZE, LEAST_SIZE)
            x = ops.image.resize(x, size, interpolation="bilinear")
        x = (x[..., ::-1] + 1.0) * 127.5 - np.asarray(_MEAN, "float32")
        return ops.cast(x, self.compute_dtype)


@keras.saving.register_keras_serializable("ipcgan")
class Resized(layers.Layer):
    """Resizes maps bilinearly, on any backend: [N, h, w, C] -> [N, *size, C]."""

    def __init__(self, size: tuple[int, int], **kwargs):
        super().__init__(**kwargs)
        self.size = tuple(size)

    def call(self, maps):
        x = ops.cast(maps, "float32")
        x = ops.image.resize(x, self.size, interpolation="bilinear")
        return ops.cast(x, self.compute_dtype)

    def get_config(self):
        return {**super().get_config(), "size": self.size}


def build_squeezenet(image_size: int) -> keras.Model:
    """Builds the convolutions, their weights drawn.

    Input:   image [N, S, S, 3] RGB in [-1, 1], S = image_size.
    Output:  {name: [N, s, s, MAPS[name]]}, after their ReLU; s is about T / 2, T / 4,
             T / 8 and T / 16 (see ToImageNet).
    """
    image = keras.Input((image_size, image_size, 3), name="image")
    x = ToImageNet(name="imagenet_pixels")(image)
    x = layers.Conv2D(64, 3, 2, "valid", activation="relu", name="conv1")(x)
    maps = {"conv1": x}
    x = layers.MaxPooling2D(3, 2, name="conv1_pool")(x)
    for number, squeezed in _SQUEEZED.items():
        name = f"fire{number}"
        x = _fire(x, squeezed, name)
        if name in MAPS:
            maps[name] = x
        if name in _POOLED:
            x = layers.MaxPooling2D(3, 2, name=f"{name}_pool")(x)
    return keras.Model(image, maps, name="squeezenet")


def _fire(x, squeezed, name):
    x = layers.Conv2D(squeezed, 1, activation="relu", name=f"{name}_squeeze")(x)
    wide = _EXPANDED * squeezed
    sides = [
        layers.Conv2D(
            wide,
            kernel,
            padding="same",
            activation="relu",
            name=f"{name}_{kernel}x{kernel}",
        )(x)
        for kernel in (1, 3)
    ]
    return layers.Concatenate(name=name)(sides)


def read_tensors(file: Mapping) -> list[np.ndarray]:
    """Returns what `load_tensors` takes of an HDF5 file of Keras 1.

    Args:
        file: {layer: {name: array}}, perhaps deeper; a kernel and a bias each.
    """
    tensors = []
    for layer in ("conv1", *(f"fire{n}/{part}" for n in _SQUEEZED for part in _PARTS)):
        arrays = [np.asarray(array) for array in _arrays(file[layer])]
        tensors += sorted(arrays, key=lambda array: -array.ndim)
    return tensors


def _arrays(group):
    for value in group.values():
        if hasattr(value, "values"):
            yield from _arrays(value)
        else:
            yield value


def load_tensors(network: keras.Model, tensors: list[np.ndarray]) -> None:
    """Gives a `build_squeezenet` its weights.

    Args:
        network: that.
        tensors: kernel [h, w, C, F] and bias [F] of every convolution, in the order of
            the network: conv1; of each fire squeeze, 1x1, 3x3.

    Raises:
        ValueError: if they are not that many, or a shape differs.
    """
    convolutions = [x for x in network.layers if isinstance(x, layers.Conv2D)]
    pairs = zip(tensors[::2], tensors[1::2], strict=True)
    for convolution, pair in zip(convolutions, pairs, strict=True):
        convolution.set_weights(list(pair))


def with_mixes(squeezenet: keras.Model) -> keras.Model:
    """Returns a frozen network that mixes the maps at random, always alike.

    Each map's numbers are mixed, and what is seen at larger scales is added. A
    discriminator of such mixes must use all channels; of the maps themselves it uses
    few.

    Input:   as the squeezenet.
    Output:  {name: [N, s, s, MIXED[name]]}, about 1 in size.
    """
    random = np.random.default_rng(_SEED)
    mixes, coarser = {}, None
    for name in reversed(MAPS):
        x = squeezenet.output[name]
        x = _random_mix(x, MIXED[name], random, f"{name}_mix", _SIZE)
        if coarser is not None:
            size = tuple(x.shape[1:3])
            coarser = Resized(size, name=f"{name}_coarser")(coarser)
            coarser = _random_mix(coarser, MIXED[name], random, f"{name}_coarser_mix")
            x = layers.Average(name=f"{name}_both")([x, coarser])
        mixes[name] = coarser = x
    network = keras.Model(squeezenet.input, mixes, name="squeezenet")
    network.trainable = False
    return network


def _random_mix(x, channels, random, name, size=1.0):
    """A convolution 1x1 of weights by chance, that come from NumPy on any backend."""
    kernel = random.standard_normal((1, 1, x.shape[-1], channels))
    kernel = (kernel / (size * np.sqrt(x.shape[-1]))).astype("float32")
    return layers.Conv2D(
        channels,
        1,
        use_bias=False,
        kernel_initializer=lambda shape, dtype=None: ops.cast(
            kernel, dtype or "float32"
        ),
        name=name,
    )(x)
