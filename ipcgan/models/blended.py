"""A frozen Re-Aging GAN within a generator: each makes a share of the aged face.

What they get wrong differs, and halves where both are equal shares; what they get right
they have in common. Their mean is nearer to real faces than templates alone, and keeps
the person better than the Re-Aging GAN does.
"""

from collections.abc import Sequence

import keras

from ipcgan.layers.condition import GroupTable
from ipcgan.models import ragan

_NETWORK, _TABLE = "blended", "blended_groups"  # names of layers.


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
    table = GroupTable(sizes.num_groups, dtype="float32", name=_TABLE)
    other = network([image, table(group)])
    return (1.0 - sizes.blend_share) * aged + sizes.blend_share * other


def load(generator: keras.Model, weights: Sequence, groups: Sequence[int]) -> None:
    """Gives a generator the Re-Aging GAN that it blends with.

    Args:
        generator: with a blend_share.
        weights: of the Re-Aging GAN, in the order of its get_weights().
        groups: of each of the generator's groups the Re-Aging GAN's.
    """
    generator.get_layer(_NETWORK).set_weights(weights)
    generator.get_layer(_TABLE).table.assign(groups)
