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


def where_older(others, group, features, aged, sizes):
    """Blends an aged face with what a frozen Re-Aging GAN makes of its source.

    The share is sizes.blend_share times the probability that the source is of a younger
    group than it is aged to. Faces that grow younger are left to the templates: the
    Re-Aging GAN makes old ones pale, or of the other gender.

    Args:
        others: [N, S, S, 3] in [-1, 1], symbolic: the source aged by frozen().
        group: [N] int32 in [0, sizes.num_groups), symbolic.
        features: of the source, as from templates.read().
        aged: [N, S, S, 3] float32 in [-1, 1], symbolic: by templates.
        sizes: with blend_share.

    Returns:
        [N, S, S, 3] float32 in [-1, 1].
    """
    logits = heads.linear(features, sizes.num_groups, _AGES, trainable=False)
    older = YoungerThan(dtype="float32", name="blended_older")(logits, group)
    share = layers.Rescaling(sizes.blend_share, dtype="float32", name="share")(older)
    share = layers.Reshape((1, 1, 1), dtype="float32", name="share_map")(share)
    return Blend(dtype="float32", name="blend")(others, aged, share)


def everywhere(others, aged, share):
    """Blends all faces alike.

    Args:
        others: [N, S, S, 3] in [-1, 1], symbolic: the source aged by frozen().
        aged: [N, S, S, 3] float32 in [-1, 1], symbolic: by templates.
        share: of `others`, from 0 to 1.

    Returns:
        [N, S, S, 3] float32 in [-1, 1].
    """
    others = layers.Rescaling(share, dtype="float32", name="share")(others)
    aged = layers.Rescaling(1.0 - share, dtype="float32", name="share_rest")(aged)
    return layers.Add(dtype="float32", name="blend_all")([others, aged])


def within(generator: keras.Model) -> keras.Model:
    """Returns a generator's frozen Re-Aging GAN, however deep; without one itself."""
    networks = [generator]
    for network in networks:  # Which grows meanwhile.
        for layer in network.layers:
            if layer.name == _NETWORK:
                return layer
            if isinstance(layer, keras.Model):
                networks.append(layer)
    return generator


def load(
    generator: keras.Model,
    network: keras.Model,
    shares: Sequence,
    age_head: tuple[np.ndarray, np.ndarray] | None,
) -> None:
    """Gives a generator the Re-Aging GAN that it blends with.

    Its scales and shifts of a group are mixed of those of the groups that have the same
    years: what it makes then lies between what it makes of each of them.

    Args:
        generator: with a blend_share, of K groups.
        network: the Re-Aging GAN's generator, of G groups.
        shares: [K, G], how much of each of the generator's groups is of the network's.
        age_head: of where_older(), as from face_networks.read_age_head, of K groups.
    """
    own = within(generator).weights
    for variable, theirs in zip(own, network.weights, strict=True):
        value = keras.ops.convert_to_numpy(theirs)
        if variable.name in GROUP_TABLES:
            value = np.asarray(shares, np.float32) @ value
        variable.assign(value)
    if age_head:
        generator.get_layer(_AGES).set_weights(age_head)
