"""A discriminator with a logit for each age group, all from one forward pass."""

import keras
from keras import layers, ops

from ipcgan.families.ragan import RESIDUAL_LAST_SIDE
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


def of_group(logits, group):
    """Returns of each face the logit of one group's branch.

    Args:
        logits: [N, K].
        group: [N] int32 in [0, K).

    Returns:
        [N].
    """
    chosen = ops.one_hot(group, logits.shape[-1], dtype=logits.dtype)
    return ops.sum(logits * chosen, axis=-1)
