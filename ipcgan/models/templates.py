"""Templates in a generator: pictures of what age changes, mixed by who the face is."""

import keras
from keras import layers

from ipcgan.layers.condition import ConcatCondition
from ipcgan.layers.templates import Templates
from ipcgan.models import face_resnet

READER = "reader"  # names of layers.
TEMPLATES = "templates"
DISPLACEMENTS = "displacements"
GAINS = "gains"
_THUMBNAIL_SIDE = 16  # pixels.
_DISPLACEMENT_SIDE = 16  # pixels of a displacement's sides: a face bends smoothly.
_GAIN_SIDE = 32  # pixels of the sides of what contrast is raised by.
_BANDS = 4  # of the contrast, as prototypes have.


def reading(image, group, num_groups: int, thumbnail: bool = False):
    """Reads a face by a frozen face ResNet: what its templates depend on.

    Args:
        image: [N, S, S, 3] in [-1, 1], symbolic.
        group: [N] int32 in [0, num_groups), to age it to.
        num_groups: how many there are.
        thumbnail: whether a small picture of the face is read too, as a face ResNet
            learns to overlook how a head stands and is lit. S must be a multiple of 16.

    Returns:
        [N, 128] symbolic, what is read of the face and of the group.
    """
    reader = face_resnet.build_reader(image.shape[1])
    reader.trainable = False
    x = reader(image)
    if thumbnail:
        small = layers.AveragePooling2D(
            image.shape[1] // _THUMBNAIL_SIDE, name="thumbnail"
        )(image)
        small = layers.Flatten(name="thumbnail_flat")(small)
        x = layers.Concatenate(name="reading_both")([x, small])
    x = ConcatCondition(num_groups, name="reading_condition")(x, group)
    # What a group changes depends on who it is: one layer learns that more slowly.
    for name in ("reading", "reading_again"):
        x = layers.Dense(
            128, activation="relu", kernel_initializer="he_normal", name=name
        )(x)
    return x


def change(reading, size: int, count: int):
    """Mixes `count` templates in learnt shares: a change [N, size, size, 3]."""
    return _mixed(reading, count, "template_shares", Templates(size, name=TEMPLATES))


def with_templates(change_of_maps, reading, count: int):
    """Adds `count` templates, in learnt shares, to a change [N, S, S, 3]."""
    mixed = change(reading, change_of_maps.shape[1], count)
    return layers.Add(name="change")([change_of_maps, mixed])


def displacement(reading, size: int, count: int):
    """Mixes `count` displacements in learnt shares, for layers.warping.Warp.

    Returns:
        [N, size, size, 2] symbolic.
    """
    moves = Templates(size, channels=2, largest=_DISPLACEMENT_SIDE, name=DISPLACEMENTS)
    return _mixed(reading, count, "displacement_shares", moves)


def gains(reading, count: int):
    """Mixes `count` maps of gains in learnt shares, for layers.contrast.BandContrast.

    Returns:
        [N, 32, 32, 4] symbolic, of bands that are each of half the size of the one
        before.
    """
    maps = Templates(_GAIN_SIDE, channels=_BANDS, largest=_GAIN_SIDE, name=GAINS)
    return _mixed(reading, count, "gain_shares", maps)


def _mixed(reading, count, name, learnt):
    shares = layers.Dense(count, kernel_initializer="zeros", name=name)(reading)
    return learnt(shares)


def alone(network: keras.Model) -> keras.Model:
    """Returns a network without all that its templates do not need.

    Inputs:  as the network, which has a layer TEMPLATES; it shares the layers.
    Output:  change [N, S, S, 3], of the templates alone.
    """
    return keras.Model(network.inputs, network.get_layer(TEMPLATES).output)


def reader_of(generator: keras.Model) -> keras.Model | None:
    """Returns a generator's face ResNet, however deep it is; None without one."""
    for layer in generator.layers:
        if layer.name == READER:
            return layer
        found = reader_of(layer) if isinstance(layer, keras.Model) else None
        if found is not None:
            return found
    return None
