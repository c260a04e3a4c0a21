"""Networks of Re-Aging GAN (RAGAN): a generator that guides itself, a discriminator.

Source: Makhmudkhujaev, Hong, Park, "Re-Aging GAN: Toward Personalized Face Age
Transformation", ICCV 2021. There is no public code, and the paper lists neither filters
nor how many blocks there are. Of what follows "published" is in the paper, and "ours"
is a choice of this project, with its reason. 64 pixels, the default sizes; an arrow
down halves height and width, one up doubles them.

| block | output | |
|---|---|---|
| stem: convolution 3 | 64x64x32 | published (a convolution); size: ours |
| mask: stem x mask goes on, stem x (1 - mask) is kept | 64x64x32 | published |
| encoder: 3 residual blocks down, 1 at the end, instance normalization | 8x8x256 | \
published (residual, down); number and normalization: ours, as StarGAN v2 |
| modulator: 2 residual blocks down, normalized by age group | 2x2x256 | published |
| its mean over the map, dense: the age-aware vector | 128 | published (a compact \
vector); mean and length: ours |
| decoder: 1 residual block, 3 up, adaptive instance normalization | 64x64x32 | \
published (residual, up, driven by the vector); number: ours |
| mask again: decoded x mask + stem x (1 - mask) | 64x64x32 | published |
| to_rgb: convolution 3, tanh | 64x64x3 | ours: as most generators |
| blend: face x mask + input x (1 - mask) | 64x64x3 | ours |

Further choices of ours:

- The paper normalizes the modulator by a conditional *batch* normalization. Here it is
  a conditional *group* normalization, so that a face's result depends on that face
  alone and batches may be small; and not an instance normalization, which would take
  the sizes of channels away, by which faces differ.
- The last blend is of pixels: behind the face they are the input's, exactly. Features
  that are carried around the face would have to be decoded to what they were.
- The mask is an ellipse around the head, where the crops have it, so that a generator
  needs a face and an age group alone. Where a data set has segmentation maps, training
  shows it those as well ("by_mask", the same network with the mask as an input).
- generator_output="change" (not the default) adds what is made to the input, as
  IPCGAN's does; templates (not the default either) are added to that change, mixed by
  what a face ResNet reads of the face, which also joins the age-aware vector.
- With a blend_share, templates alone make one part of a face, and a frozen generator
  without templates the other.
- 64 pixels (published: 256), 32 filters: two processor cores can train that.

The discriminator is residual, halves down to 4x4 and has one logit for each age group
(published: StarGAN v2's, a branch for each group) and no normalization (ours, as
StarGAN v2's: its gradient penalty would not be true with batch normalization). Ten
groups, 64 pixels: generator 6,331,523 parameters, 1.49 GFLOP a face (a multiplication
and an addition counted as two); discriminator 2,856,746, 0.46 GFLOP.
"""

import math

import keras
import numpy as np
from keras import initializers, layers

from ipcgan.families.ragan import RAGANSizes
from ipcgan.layers.masks import Blend, EllipseMask, ellipse
from ipcgan.layers.normalization import (
    AdaptiveInstanceNormalization,
    ConditionalGroupNormalization,
)
from ipcgan.models import blended, branches, templates
from ipcgan.models.residual_blocks import WIDEST, convolution, residual_block
from ipcgan.photos.alignment import DLIB_TEMPLATE

BY_MASK = "by_mask"  # name of the layer that is the generator with a mask as an input.
# Where crops have the eyes: the middle between them, and the distance of their outer
# corners; shares of the side. "ffhq" is computed from FFHQ's alignment, whose crops
# are four times as wide as the pupils are apart.
_EYES = {
    "dlib": (DLIB_TEMPLATE[:4].mean(axis=0), math.dist(*DLIB_TEMPLATE[[0, 2]])),
    "ffhq": (np.array((0.5, 0.473)), 0.351),
}


def build_networks(sizes: RAGANSizes) -> dict[str, keras.Model]:
    """Builds what a training run needs, by name."""
    return {
        "generator": build_generator(sizes),
        "discriminator": build_discriminator(sizes),
    }


def default_mask(sizes: RAGANSizes) -> np.ndarray:
    """Returns the mask [S, S] of faces without a segmentation, from 0 to 1."""
    return head_mask(sizes.image_size, sizes.face_mask)


def head_mask(image_size: int, face_mask: str) -> np.ndarray:
    """Returns where crops have the head, [S, S] from 0 to 1; 0 is the background.

    Args:
        image_size: S, pixels.
        face_mask: one of RAGANSizes.face_mask: whose crops they are.
    """
    return ellipse(image_size, *_head(face_mask))


def _head(crops):
    """Returns (middle, half axes) of an ellipse around a head, hair and chin."""
    if crops == "none":
        return (0.5, 0.5), (math.inf, math.inf)
    (x, y), unit = _EYES[crops]
    return (float(x), float(y + 0.28 * unit)), (0.9 * unit, 1.17 * unit)


def build_generator(sizes: RAGANSizes) -> keras.Model:
    """Builds the network that ages a face to a given age group.

    Inputs:  image [N, S, S, 3] RGB in [-1, 1], S = sizes.image_size;
             group [N] int32 in [0, sizes.num_groups).
    Output:  image [N, S, S, 3] RGB in [-1, 1], float32; the input where the mask is 0.

    Its layer BY_MASK is the same network with a third input, mask [N, S, S, 1] from 0
    to 1: how much of a pixel is of the face.
    """
    image, group = _face_inputs(sizes)
    mask = EllipseMask(*_head(sizes.face_mask), name="mask")(image)
    x = _generator_by_mask(sizes)([image, group, mask])
    return keras.Model([image, group], x, name="generator")


def _face_inputs(sizes):
    image = keras.Input((sizes.image_size, sizes.image_size, 3), name="image")
    return image, keras.Input((), dtype="int32", name="group")


def _generator_by_mask(sizes):
    if sizes.blend_share:
        return _templates_by_mask(sizes)
    filters = sizes.generator_filters
    widths = [
        filters * min(2**index, WIDEST) for index in range(sizes.encoder_blocks + 1)
    ]
    image, group = _face_inputs(sizes)
    mask = keras.Input((sizes.image_size, sizes.image_size, 1), name="mask")

    stem = convolution(image, filters, name="stem")
    x = layers.Multiply(name="masked")([stem, mask])
    norm = _instance_norm
    for index, width in enumerate(widths[1:], start=1):
        x = residual_block(x, width, norm, resize="down", name=f"encoder{index}")
    for index in range(1, sizes.residual_blocks + 1):
        x = residual_block(x, widths[-1], norm, name=f"identity{index}")
    identity = x  # [N, S/8, S/8, 8 * filters]

    def norm(x, name):
        return ConditionalGroupNormalization(sizes.num_groups, name=name)(x, group)

    for index in range(1, sizes.modulator_blocks + 1):
        x = residual_block(x, widths[-1], norm, resize="down", name=f"modulator{index}")
    x = layers.LeakyReLU(0.2, name="modulator_relu")(x)
    x = layers.GlobalAveragePooling2D(name="modulator_mean")(x)
    vector = layers.Dense(sizes.age_vector_size, name="age_vector")(x)
    reading = templates.told(templates.read(image, sizes), image, group, sizes)
    if reading is not None:
        told = layers.Dense(
            sizes.age_vector_size, kernel_initializer="zeros", name="told"
        )(reading)
        vector = layers.Add(name="told_add")([vector, told])

    def norm(x, name):
        return AdaptiveInstanceNormalization(name=name)(x, vector)

    x = identity
    for index in range(1, sizes.residual_blocks + 1):
        x = residual_block(x, widths[-1], norm, name=f"aged{index}")
    for index, width in enumerate(widths[-2::-1], start=1):
        x = residual_block(x, width, norm, resize="up", name=f"decoder{index}")
    x = Blend(name="carried")(x, stem, mask)
    x = layers.LeakyReLU(0.2, name="decoded_relu")(x)
    if sizes.generator_output == "change":
        x = convolution(x, 3, name="to_rgb", init=initializers.Zeros())
        x = templates.with_templates(x, reading, sizes.templates)
        x = templates.aged(image, x, reading, sizes)
    else:
        x = convolution(x, 3, name="to_rgb")
        x = layers.Activation("tanh", dtype="float32", name="rgb")(x)
    x = Blend(dtype="float32", name="blend")(x, image, mask)
    return keras.Model([image, group, mask], x, name=BY_MASK)


def _templates_by_mask(sizes):
    """Templates, blended with what a frozen generator without them makes."""
    image, group = _face_inputs(sizes)
    mask = keras.Input((sizes.image_size, sizes.image_size, 1), name="mask")
    features = templates.read(image, sizes)
    reading = templates.told(features, image, group, sizes)
    x = templates.change(reading, sizes.image_size, sizes.templates)
    x = templates.aged(image, x, reading, sizes)
    network = blended.frozen(build_generator(sizes.blended()))
    x = blended.blend(network([image, group]), group, features, x, sizes)
    x = Blend(dtype="float32", name="blend")(x, image, mask)
    return keras.Model([image, group, mask], x, name=BY_MASK)


def aged_by_templates(generator: keras.Model) -> keras.Model:
    """Returns a generator without all that its templates do not need.

    Inputs and output: as the generator, of which it shares the layers.
    """
    by_mask = generator.get_layer(BY_MASK)
    alone = templates.alone(by_mask)
    image, _, mask = alone.inputs
    aged = by_mask.get_layer("blend")(alone.output, image, mask)
    aged = keras.Model(alone.inputs, aged)
    image, group = generator.inputs
    mask = generator.get_layer("mask").output
    return keras.Model(generator.inputs, aged([image, group, mask]))


def build_discriminator(sizes: RAGANSizes) -> keras.Model:
    """Builds the network that tells real faces of each age group from all others.

    Input:   image [N, S, S, 3] RGB in [-1, 1], S = sizes.image_size.
    Output:  [N, sizes.num_groups] logits, float32: see branches.residual.
    """
    return branches.residual(
        sizes.image_size, sizes.num_groups, sizes.discriminator_filters
    )


def _instance_norm(x, name):
    # The affine part of StarGAN v2's; statistics of one face.
    return layers.GroupNormalization(groups=-1, epsilon=1e-5, name=name)(x)
