"""A frozen Re-Aging GAN within a generator: each makes a share of the aged face.

What they get wrong differs, and halves where both are equal shares; what they get right
they have in common. Their mean is nearer to real faces than templates alone, and keeps
the person better than the Re-Aging GAN does.
"""

from collections.abc import Sequence

import keras
import numpy as np

from ipcgan.layers.normalization import GROUP_TABLES
from ipcgan.models import ragan

_NETWORK = "blended"  # a layer's name.


def blend(image, group, aged, sizes):
    """Blends an aged face with what a frozen Re-Aging GAN makes of its source.

    Args:
        image: [N, S, S, 3] in [-1, 1], symbolic: the source.
        group: [N] int32 in [0, sizes.num_groups), symbolic.
        aged: [N, S, S, 3] float32 in [-1, 1], symbolic.
        sizes: of IPCGAN, with blend_share.

    Returns:
        [N, S, S, 3] float32 in [-1, 1]; `aged` where the share is 0.
    """
    if not sizes.blend_share:
        return aged
    network = ragan.build_generator(sizes.blended())
    network.name = _NETWORK
    network.trainable = False
    other = network([image, group])
    return (1.0 - sizes.blend_share) * aged + sizes.blend_share * other


def load(generator: keras.Model, network: keras.Model, shares: Sequence) -> None:
    """Gives a generator the Re-Aging GAN that it blends with.

    Its scales and shifts of a group are mixed of those of the groups that have the same
    years: what it makes then lies between what it makes of each of them.

    Args:
        generator: with a blend_share, of K groups.
        network: the Re-Aging GAN's generator, of G groups.
        shares: [K, G], how much of each of the generator's groups is of the network's.
    """
    own = generator.get_layer(_NETWORK).weights
    for variable, theirs in zip(own, network.weights, strict=True):
        value = keras.ops.convert_to_numpy(theirs)
        if variable.name in GROUP_TABLES:
            value = np.asarray(shares, np.float32) @ value
        variable.assign(value)
