"""A frozen Re-Aging GAN within a generator of templates: it makes a share of a face.

What the two get wrong differs, and halves where both are equal shares; what they get
right they have in common. Their mean is nearer to real faces than templates alone, and
keeps the person better than the Re-Aging GAN does.
"""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers

from ipcgan.layers.condition import YoungerThan
from ipcgan.layers.masks import Blend
from ipcgan.layers.normalization import GROUP_TABLES
from ipcgan.models import heads

_NETWORK, _AGES = "blended", "blended_ages"  # names of layers.


def frozen(network: keras.Model) -> keras.Model:
    """Returns the Re-Aging GAN that is blended with, which is not trained."""
    network.name = _NETWORK
    network.trainable = False
    return network


def blend(others, group, features, aged, sizes):
    """Blends an aged face with what a frozen Re-Aging GAN makes of its source.

    The share goes from sizes.blend_share_younger to sizes.blend_share with the
    probability that the source is of a younger group than it is aged to: of faces that
    grow younger the Re-Aging GAN makes old ones pale, or of the other gender, and draws
    smears in those of children.

    Args:
        others: [N, S, S, 3] in [-1, 1], symbolic: the source aged by frozen().
        group: [N] int32 in [0, sizes.num_groups), symbolic.
        features: of the source, as from templates.read().
        aged: [N, S, S, 3] float32 in [-1, 1], symbolic: by templates.
        sizes: with both shares.

    Returns:
        [N, S, S, 3] float32 in [-1, 1].
    """
    logits = heads.linear(features, sizes.num_groups, _AGES, trainable=False)
    older = YoungerThan(dtype="float32", name="blended_older")(logits, group)
    younger = sizes.blend_share_younger
    share = layers.Rescaling(
        sizes.blend_share - younger, younger, dtype="float32", name="share"
    )(older)
    share = layers.Reshape((1, 1, 1), dtype="float32", name="share_map")(share)
    return Blend(dtype="float32", name="blended_faces")(others, aged, share)


def within(generator: keras.Model) -> keras.Model:
    """Returns a generator's frozen Re-Aging GAN, however deep; without one itself."""
    return _find(generator, _NETWORK) or generator


def _find(network, name):
    """Returns a network's layer of a name, however deep; None without one."""
    networks = [network]
    for each in networks:  # Which grows meanwhile.
        for layer in each.layers:
            if layer.name == name:
                return layer
            if isinstance(layer, keras.Model):
                networks.append(layer)
    return None


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
        age_head: (kernel [R, K], bias [K]): logits of the K groups, of what a face's
            templates.read() says.
    """
    own = within(generator).weights
    for variable, theirs in zip(own, network.weights, strict=True):
        value = keras.ops.convert_to_numpy(theirs)
        if variable.name in GROUP_TABLES:
            value = np.asarray(shares, np.float32) @ value
        variable.assign(value)
    _find(generator, _AGES).set_weights(age_head)
