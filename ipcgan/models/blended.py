"""A frozen Re-Aging GAN within a generator: it makes a share of faces that grow older.

What the two get wrong differs, and halves where both are equal shares; what they get
right they have in common. Their mean is nearer to real faces than templates alone, and
keeps the person better than the Re-Aging GAN does. Faces that grow younger are left to
the generator: the Re-Aging GAN makes old ones pale, or of the other gender.
"""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers

from ipcgan.layers.condition import YoungerThan
from ipcgan.layers.masks import Blend
from ipcgan.layers.normalization import GROUP_TABLES
from ipcgan.models import heads, ragan

_NETWORK, _AGES = "blended", "blended_ages"  # names of layers.


def blend(image, group, features, aged, sizes):
    """Blends an aged face with what a frozen Re-Aging GAN makes of its source.

    The share is sizes.blend_share times the probability that the source is of a younger
    group than it is aged to.

    Args:
        image: [N, S, S, 3] in [-1, 1], symbolic: the source.
        group: [N] int32 in [0, sizes.num_groups), symbolic.
        features: of the source, as from templates.read().
        aged: [N, S, S, 3] float32 in [-1, 1], symbolic.
        sizes: of IPCGAN, with blend_share.

    Returns:
        [N, S, S, 3] float32 in [-1, 1].
    """
    network = ragan.build_generator(sizes.blended())
    network.name = _NETWORK
    network.trainable = False
    logits = heads.linear(features, sizes.num_groups, _AGES, trainable=False)
    older = YoungerThan(dtype="float32", name="blended_older")(logits, group)
    share = layers.Rescaling(sizes.blend_share, dtype="float32", name="share")(older)
    share = layers.Reshape((1, 1, 1), dtype="float32", name="share_map")(share)
    return Blend(dtype="float32", name="blend")(network([image, group]), aged, share)


def load(
    generator: keras.Model,
    network: keras.Model,
    shares: Sequence,
    age_head: tuple[np.ndarray, np.ndarray],
) -> None:
    """Gives a generator the Re-Aging GAN that it blends with.

    Its scales and shifts of a group are mixed of those of the groups that have the same
    years: what it makes then lies between what it makes of each of them.

    Args:
        generator: with a blend_share, of K groups.
        network: the Re-Aging GAN's generator, of G groups.
        shares: [K, G], how much of each of the generator's groups is of the network's.
        age_head: as from face_networks.read_age_head, of K groups.
    """
    own = generator.get_layer(_NETWORK).weights
    for variable, theirs in zip(own, network.weights, strict=True):
        value = keras.ops.convert_to_numpy(theirs)
        if variable.name in GROUP_TABLES:
            value = np.asarray(shares, np.float32) @ value
        variable.assign(value)
    generator.get_layer(_AGES).set_weights(age_head)
