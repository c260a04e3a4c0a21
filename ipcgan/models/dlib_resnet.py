"""dlib's face recogniser with a gradient: the network behind DeepFace's model `Dlib`.

Source: King, "High Quality Face Recognition with Deep Metric Learning", 2017; layers as
in dlib's examples/dnn_face_recognition_ex.cpp. (He, Zhang, Ren, Sun, CVPR 2016, with
29 convolutions.)
"""

import keras
import numpy as np
from keras import layers, ops

CHIP = 150  # pixels of a side of what the network was trained on: a face chip.
PADDING = 0.25  # of a chip: how much of the face's side is left around it.
CROP_PADDING = 0.2  # the same of the crops here; see photos.template.
DESCRIPTOR = 128  # numbers.

# (filters, blocks, whether the first of them halves), from the image on.
_STAGES = (
    (32, 3, False),
    (64, 4, True),
    (128, 3, True),
    (256, 3, True),
    (256, 1, True),
)
_MEAN = (122.782, 117.001, 104.298)  # RGB, as dlib subtracts it.


@keras.saving.register_keras_serializable("ipcgan")
class ToDlibChip(layers.Layer):
    """Aligned crops -> what dlib would cut out around the same face, normalized.

    The crop is reduced to its place in the chip; around it, as in dlib's own chips,
    what the picture does not show is black.

    Input:   [N, S, S, 3] RGB in [-1, 1].
    Output:  [N, 150, 150, 3] (RGB - mean) / 256.
    """

    def call(self, image):
        inner = round(CHIP * (1 + 2 * CROP_PADDING) / (1 + 2 * PADDING))
        x = ops.image.resize(
            ops.cast(image, "float32"),
            (inner, inner),
            interpolation="bilinear",
            antialias=image.shape[1] > inner,
        )
        border = (CHIP - inner) // 2
        sides = (border, CHIP - inner - border)
        x = ops.pad((x + 1.0) * 127.5, ((0, 0), sides, sides, (0, 0)))
        x = (x - np.asarray(_MEAN, "float32")) / 256.0
        return ops.cast(x, self.compute_dtype)


def build_dlib_resnet(image_size: int) -> keras.Model:
    """Builds the network, its weights drawn.

    Args:
        image_size: of aligned crops; `chip_network` takes chips.

    Input:   image [N, S, S, 3] RGB in [-1, 1], S = image_size.
    Output:  {"descriptor": [N, 128] float32}; two pictures at most 0.6 apart
             (Euclidean) are of one person, as dlib sees it.
    """
    image = keras.Input((image_size, image_size, 3), name="image")
    chip = ToDlibChip(name="chip")(image)
    descriptor = chip_network()(chip)
    return keras.Model(image, {"descriptor": descriptor}, name="dlib_resnet")


def chip_network() -> keras.Model:
    """Builds what comes after the chip: [N, 150, 150, 3] -> [N, 128] float32."""
    chip = keras.Input((CHIP, CHIP, 3), name="normalized")
    x = _convolution(chip, 32, kernel=7, strides=2, name="stem")
    x = layers.ReLU(name="stem_relu")(x)
    x = layers.MaxPooling2D(3, 2, name="stem_pool")(x)
    for stage, (filters, blocks, halves) in enumerate(_STAGES, start=1):
        for block in range(blocks):
            name = f"stage{stage}_block{block}"
            x = _block(x, filters, halved=halves and block == 0, name=name)
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dense(DESCRIPTOR, use_bias=False, dtype="float32", name="descriptor")(x)
    return keras.Model(chip, x, name="dlib_chip_network")


def _block(x, filters, *, halved, name):
    strides = 2 if halved else 1
    y = _convolution(x, filters, kernel=3, strides=strides, name=f"{name}_conv1")
    y = layers.ReLU(name=f"{name}_conv1_relu")(y)
    y = _convolution(y, filters, kernel=3, strides=1, name=f"{name}_conv2")
    if halved:
        x = layers.AveragePooling2D(2, name=f"{name}_pool")(x)
    height = max(x.shape[1], y.shape[1])
    x, y = (_filled_up(z, height, filters, name) for z in (x, y))
    x = layers.Add(name=f"{name}_add")([x, y])
    return layers.ReLU(name=f"{name}_relu")(x)


def _convolution(x, filters, *, kernel, strides, name):
    # dlib pads what is not halved, so that its size stays, and nothing else.
    padding = "valid" if strides > 1 else "same"
    return layers.Conv2D(filters, kernel, strides, padding, name=name)(x)


def _filled_up(x, size, channels, name):
    """Maps of different sizes are added as if the smaller went on with zeros."""
    if x.shape[1] < size:
        more = size - x.shape[1]
        x = layers.ZeroPadding2D(((0, more), (0, more)), name=f"{name}_larger")(x)
    if x.shape[-1] < channels:
        more = channels - x.shape[-1]
        x = FilledUp(more, name=f"{name}_more_channels")(x)
    return x


@keras.saving.register_keras_serializable("ipcgan")
class FilledUp(layers.Layer):
    """Adds channels of zeros at the end: [N, H, W, C] -> [N, H, W, C + more]."""

    def __init__(self, more: int, **kwargs):
        super().__init__(**kwargs)
        self.more = more

    def call(self, x):
        return ops.pad(x, ((0, 0), (0, 0), (0, 0), (0, self.more)))

    def get_config(self):
        return {**super().get_config(), "more": self.more}


def tensor_shapes(network: keras.Model) -> list[tuple[int, int]]:
    """Returns the shapes of the tensors in dlib's file, for `load_tensors`."""
    shapes = []
    for convolution in _convolutions(network):
        kernel, _, channels, filters = convolution.kernel.shape
        shapes.append((filters * (kernel * kernel * channels + 1), 1))
        shapes.append((2 * filters, 1))
    return [*shapes, tuple(network.get_layer("descriptor").kernel.shape)]


def load_tensors(network: keras.Model, tensors: list[np.ndarray]) -> None:
    """Gives a `chip_network` the parameters that dlib's file has.

    Args:
        network: a chip_network.
        tensors: of tensor_shapes. A convolution's are its kernels [filters, channels,
            height, width] and its biases; then, what is multiplied by each filter and
            what is added to it ("affine", a batch normalization that has ended), which
            here the kernels and biases take in.
    """
    pairs = zip(tensors[:-1:2], tensors[1:-1:2], strict=True)
    for convolution, (both, affine) in zip(_convolutions(network), pairs, strict=True):
        kernel, _, channels, filters = convolution.kernel.shape
        kernels, biases = np.split(both[:, 0], [-filters])
        kernels = kernels.reshape(filters, channels, kernel, kernel)
        factors, summands = np.split(affine[:, 0], 2)
        kernels = kernels.transpose(2, 3, 1, 0) * factors
        convolution.set_weights([kernels, biases * factors + summands])
    network.get_layer("descriptor").set_weights([tensors[-1]])


def _convolutions(network):
    """Returns the convolutions in dlib's order."""
    return [x for x in network.layers if isinstance(x, layers.Conv2D)]
