"""Networks of Age-cGAN: a generator of faces, a discriminator, and an encoder.

Source: Antipov, Baccouche, Dugelay, "Face Aging with Conditional Generative Adversarial
Networks", ICIP 2017, whose networks are those of Radford, Metz, Chintala, "Unsupervised
Representation Learning with Deep Convolutional GANs" (DCGAN), ICLR 2016. The paper does
not list filters; these are DCGAN's.
"""

import math

import keras
import numpy as np
from keras import initializers, layers

from ipcgan.families.age_cgan import STRIDES, AgeCGANSizes
from ipcgan.layers import upsampling
from ipcgan.layers.condition import ConcatCondition

_KERNEL = 5  # pixels, as DCGAN's.
# Of the generator: layers whose maps an extended code changes. The last block's would
# be nearly the picture itself, and would show the old age through the new one.
_CHANGED = ("dense_norm", "conv1_norm", "conv2_norm")


def build_networks(sizes: AgeCGANSizes) -> dict[str, keras.Model]:
    """Builds what a training run needs, by name."""
    return {
        "generator": build_generator(sizes),
        "discriminator": build_discriminator(sizes),
        "encoder": build_encoder(sizes),
    }


def build_generator(sizes: AgeCGANSizes) -> keras.Model:
    """Builds the network that makes a face of an age group out of numbers.

    Inputs:  latent [N, Z], Z = sizes.latent_size, normal; group [N] int32 in
             [0, sizes.num_groups).
    Output:  image [N, S, S, 3] RGB in [-1, 1], float32, S = sizes.image_size.
    """
    filters, side = sizes.generator_filters, sizes.image_size // STRIDES
    latent = keras.Input((sizes.latent_size,), name="latent")
    group = keras.Input((), dtype="int32", name="group")
    x = ConcatCondition(sizes.num_groups, name="condition")(latent, group)
    x = layers.Dense(
        side * side * 8 * filters,
        use_bias=False,
        kernel_initializer=_normal(),
        name="dense",
    )(x)
    x = layers.Reshape((side, side, 8 * filters), name="map")(x)
    x = _norm("dense_norm")(x)
    x = layers.ReLU(name="dense_relu")(x)
    for index, scale in enumerate((4, 2, 1), start=1):
        x = _doubled_conv(x, scale * filters, use_bias=False, name=f"conv{index}")
        x = _norm(f"conv{index}_norm")(x)
        x = layers.ReLU(name=f"conv{index}_relu")(x)
    x = _doubled_conv(x, 3, name="to_rgb")  # [N, S, S, 3]
    x = layers.Activation("tanh", dtype="float32", name="rgb")(x)
    return keras.Model([latent, group], x, name="generator")


def extended(generator: keras.Model) -> keras.Model:
    """Returns the generator, of longer codes that describe a face more closely.

    The latent vector says what kind of face it is; the rest is added to the normalised
    maps of the first three blocks, whatever the age group, and says what the latent
    vector cannot.

    Inputs:  code [N, Z + M], the latent vector and M numbers, 0 where nothing changes;
             group [N] int32.
    Output:  as the generator's.

    Source: Kang, Kim, Cho, "GAN Inversion for Out-of-Range Images with Geometric
    Transformations", ICCV 2021, which adds one map of StyleGAN's.
    """
    latent, group = generator.inputs
    shapes = [generator.get_layer(name).output.shape[1:] for name in _CHANGED]
    ends = latent.shape[1] + np.cumsum([0, *(math.prod(shape) for shape in shapes)])
    code = keras.Input((int(ends[-1]),), name="code")
    changes = {
        name: layers.Reshape(shape, name=f"{name}_change")(code[:, start:end])
        for name, shape, start, end in zip(
            _CHANGED, shapes, ends[:-1], ends[1:], strict=True
        )
    }
    x = generator.get_layer("condition")(code[:, : latent.shape[1]], group)
    after = [layer.name for layer in generator.layers].index("condition") + 1
    for layer in generator.layers[after:]:  # one after the other.
        x = layer(x)
        if layer.name in changes:
            x = layers.Add(name=f"{layer.name}_changed")([x, changes[layer.name]])
    return keras.Model([code, group], x, name="extended")


def build_discriminator(sizes: AgeCGANSizes) -> keras.Model:
    """Builds the network that tells real faces of a group from made ones.

    Inputs:  image [N, S, S, 3] RGB in [-1, 1]; group [N] int32 in
             [0, sizes.num_groups).
    Output:  [N, 1] logits, float32: above 0 where a face looks real and of the group.
    """
    image, group = _face_inputs(sizes)
    x = _halving_blocks(image, group, sizes, sizes.discriminator_filters)
    x = layers.Flatten(name="flat")(x)
    x = layers.Dense(1, kernel_initializer=_normal(), name="dense")(x)
    x = layers.Activation("linear", dtype="float32", name="logits")(x)
    return keras.Model([image, group], x, name="discriminator")


def build_encoder(sizes: AgeCGANSizes) -> keras.Model:
    """Builds the network that guesses the latent vector of a face.

    Inputs:  image [N, S, S, 3] RGB in [-1, 1]; group [N] int32 in
             [0, sizes.num_groups), the age group that the face is of.
    Output:  latent [N, Z], float32.
    """
    image, group = _face_inputs(sizes)
    x = _halving_blocks(image, group, sizes, sizes.encoder_filters)
    x = layers.Flatten(name="flat")(x)
    x = layers.Dense(sizes.encoder_units, use_bias=False, name="dense1")(x)
    x = _norm("dense1_norm")(x)
    x = layers.LeakyReLU(0.2, name="dense1_relu")(x)
    x = layers.Dense(sizes.latent_size, name="dense2")(x)
    x = layers.Activation("linear", dtype="float32", name="latent")(x)
    return keras.Model([image, group], x, name="encoder")


def _face_inputs(sizes):
    image = keras.Input((sizes.image_size, sizes.image_size, 3), name="image")
    return image, keras.Input((), dtype="int32", name="group")


def _halving_blocks(image, group, sizes, filters):
    """Four convolutions of stride 2; the age group joins the first one's output."""
    x = _halving_conv(image, filters, name="conv1")
    x = layers.LeakyReLU(0.2, name="conv1_relu")(x)
    x = ConcatCondition(sizes.num_groups, name="condition")(x, group)
    for index, scale in enumerate((2, 4, 8), start=2):
        x = _halving_conv(x, scale * filters, use_bias=False, name=f"conv{index}")
        x = _norm(f"conv{index}_norm")(x)
        x = layers.LeakyReLU(0.2, name=f"conv{index}_relu")(x)
    return x  # [N, S/16, S/16, 8 * filters]


def _doubled_conv(x, filters, *, name, use_bias=True):
    """A convolution of maps of twice the size."""
    return upsampling.Conv2D(
        filters,
        _KERNEL,
        use_bias=use_bias,
        kernel_initializer=_normal(),
        name=name,
    )(x)


def _halving_conv(x, filters, *, name, use_bias=True):
    return layers.Conv2D(
        filters,
        _KERNEL,
        2,
        "same",
        use_bias=use_bias,
        kernel_initializer=_normal(),
        name=name,
    )(x)


def _normal():
    return initializers.RandomNormal(stddev=0.02)  # DCGAN's.


def _norm(name):
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-3, name=name)
