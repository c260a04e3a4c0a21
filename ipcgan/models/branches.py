"""Discriminators with a logit for each age group, all from one forward pass."""

from collections.abc import Mapping

import keras
from keras import layers, ops

from ipcgan.families.ragan import RESIDUAL_LAST_SIDE
from ipcgan.layers.normalization import SpectralConv2D
from ipcgan.models.residual_blocks import WIDEST, convolution, residual_block


def residual(image_size: int, num_groups: int, filters: int) -> keras.Model:
    """Builds a residual discriminator of images, without normalization.

    Args:
        image_size: S; halved, without a rest, to RESIDUAL_LAST_SIDE or less.
        num_groups: K.
        filters: of the first block; they double up to WIDEST times that.

    Input:   image [N, S, S, 3] RGB in [-1, 1].
    Output:  [N, K] logits, float32: logit k says whether a face looks real and of
             group k. The others say nothing of a face that is of k.

    Source: Choi et al., "StarGAN v2", CVPR 2020.
    """
    image = keras.Input((image_size, image_size, 3), name="image")
    x = convolution(image, filters, name="stem")
    side, index = image_size, 0
    while side > RESIDUAL_LAST_SIDE:
        side, index = side // 2, index + 1
        width = filters * min(2**index, WIDEST)
        x = residual_block(x, width, resize="down", name=f"dis_{index}")
    x = layers.LeakyReLU(0.2, name="last_relu")(x)
    x = convolution(x, x.shape[-1], kernel=side, padding="valid", name="last")
    x = layers.LeakyReLU(0.2, name="flat_relu")(x)
    x = layers.Flatten(name="flat")(x)
    x = layers.Dense(num_groups, name="branches")(x)
    x = layers.Activation("linear", dtype="float32", name="logits")(x)
    return keras.Model(image, x, name="discriminator")


def of_maps(channels: Mapping[str, int], num_groups: int, filters: int) -> keras.Model:
    """Builds a discriminator of a frozen network's maps, each looked at by itself.

    Args:
        channels: {name of a map: its numbers}, finest first, each next half as large.
        num_groups: K.
        filters: of every convolution.

    Inputs:  {name: [N, s, s, channels[name]]}.
    Output:  [N, P, K] logits, float32: P patches of all maps together; all 0 at
             first.

    Source: Sauer et al., "Projected GANs Converge Faster", NeurIPS 2021; a branch for
    each group as in StarGAN v2.
    """
    inputs = {n: keras.Input((None, None, c), name=n) for n, c in channels.items()}
    logits = []
    for halvings, (name, x) in zip(
        range(len(inputs) - 1, -1, -1), inputs.items(), strict=True
    ):
        for index in range(halvings + 1):
            x = SpectralConv2D(
                filters,
                4 if index < halvings else 3,
                2 if index < halvings else 1,
                "same",
                name=f"dis_{name}_{index}",
            )(x)
            x = layers.BatchNormalization(
                momentum=0.9, epsilon=1e-3, name=f"dis_{name}_{index}_norm"
            )(x)
            x = layers.LeakyReLU(0.2, name=f"dis_{name}_{index}_relu")(x)
        x = layers.Conv2D(
            num_groups,
            3,
            padding="same",
            kernel_initializer="zeros",
            name=f"dis_{name}_branches",
        )(x)
        logits.append(layers.Reshape((-1, num_groups), name=f"dis_{name}_patches")(x))
    x = layers.Concatenate(axis=1, dtype="float32", name="logits")(logits)
    return keras.Model(inputs, x, name="discriminator")


def of_group(logits, group):
    """Returns of each face the logits of one group's branch.

    Args:
        logits: [N, K] or [N, P, K].
        group: [N] int32 in [0, K).

    Returns:
        [N] or [N, P].
    """
    chosen = ops.one_hot(group, logits.shape[-1], dtype=logits.dtype)
    if len(logits.shape) == 3:
        chosen = chosen[:, None]
    return ops.sum(logits * chosen, axis=-1)
