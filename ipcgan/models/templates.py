"""Templates in a generator: pictures of what age changes, mixed by who the face is."""

import keras
from keras import layers

from ipcgan.layers.condition import ConcatCondition
from ipcgan.layers.templates import Templates
from ipcgan.layers.warping import Warp
from ipcgan.models import face_resnet

READER = "reader"  # names of layers.
TEMPLATES = "templates"
DISPLACEMENTS = "displacements"
GAINS = "gains"
CHANGE = "templates_stretched"
_TEMPLATE_SIDE = 64  # pixels of a template's sides; larger faces stretch it.
_THUMBNAIL_SIDE = 16  # pixels.
_DISPLACEMENT_SIDE = 16  # pixels of a displacement's sides: a face bends smoothly.
_GAIN_SIDE = 32  # pixels of the sides of what contrast is raised by.
_BANDS = 4  # of the contrast, as prototypes have.
_PLACEMENT_SIDE = 64  # pixels of the face, in which its parts are looked for.
_PLACEMENT_FILTERS = (16, 32, 64, 64)


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


def placement(image, count: int):
    """Finds where a face has its parts, for layers.warping.Warp.

    A small convolutional network, which learns it with the templates that it bends.

    Args:
        image: [N, S, S, 3] in [-1, 1], symbolic.
        count: of the displacements that it mixes.

    Returns:
        [N, 16, 16, 2] symbolic.
    """
    halved = max(1, image.shape[1] // _PLACEMENT_SIDE)
    x = layers.AveragePooling2D(halved, name="placement_image")(image)
    for index, filters in enumerate(_PLACEMENT_FILTERS):
        x = layers.Conv2D(
            filters,
            3,
            2,
            "same",
            activation="relu",
            kernel_initializer="he_normal",
            name=f"placement{index}",
        )(x)
    x = layers.Flatten(name="placement_flat")(x)
    x = layers.Dense(
        128, activation="relu", kernel_initializer="he_normal", name="placement"
    )(x)
    return _mixed(x, count, "placement_shares", _displacements("placements"))


def change(reading, size: int, count: int, placement=None):
    """Mixes `count` templates in learnt shares: a change [N, size, size, 3].

    Args:
        reading: as from reading().
        size: pixels.
        count: of templates.
        placement: as from placement(), by which templates are bent; None: not at all.
    """
    side = min(size, _TEMPLATE_SIDE)
    learnt = Templates(side if placement is not None else size, name=TEMPLATES)
    mixed = _mixed(reading, count, "template_shares", learnt)
    if placement is None:
        return mixed
    # Bent before it is stretched: a quarter of the time, at 128 pixels.
    placed = _placed(mixed, placement, TEMPLATES)
    return layers.Resizing(size, size, dtype="float32", name=CHANGE)(placed)


def with_templates(change_of_maps, reading, count: int, placement=None):
    """Adds `count` templates, in learnt shares, to a change [N, S, S, 3]."""
    mixed = change(reading, change_of_maps.shape[1], count, placement)
    return layers.Add(name="change")([change_of_maps, mixed])


def displacement(reading, count: int, placement=None):
    """Mixes `count` displacements in learnt shares, for layers.warping.Warp.

    Returns:
        [N, 16, 16, 2] symbolic.
    """
    mixed = _mixed(reading, count, "displacement_shares", _displacements(DISPLACEMENTS))
    return _placed(mixed, placement, DISPLACEMENTS)


def gains(reading, count: int, placement=None):
    """Mixes `count` maps of gains in learnt shares, for layers.contrast.BandContrast.

    Returns:
        [N, 32, 32, 4] symbolic, of bands that are each of half the size of the one
        before.
    """
    maps = Templates(_GAIN_SIDE, channels=_BANDS, largest=_GAIN_SIDE, name=GAINS)
    return _placed(_mixed(reading, count, "gain_shares", maps), placement, GAINS)


def _displacements(name):
    side = _DISPLACEMENT_SIDE
    return Templates(side, channels=2, largest=side, name=name)


def _mixed(reading, count, name, learnt):
    shares = layers.Dense(count, kernel_initializer="zeros", name=name)(reading)
    return learnt(shares)


def _placed(maps, placement, name):
    if placement is None:
        return maps
    return Warp(dtype="float32", name=f"{name}_placed")(maps, placement)


def output_of(network: keras.Model, name: str):
    """Returns what a network mixes: TEMPLATES, DISPLACEMENTS or GAINS, bent if it is.

    Returns:
        [N, ...] symbolic; of TEMPLATES the change, as large as the face.
    """
    there = {layer.name for layer in network.layers}
    last = CHANGE if name == TEMPLATES else f"{name}_placed"
    return network.get_layer(last if last in there else name).output


def alone(network: keras.Model) -> keras.Model:
    """Returns a network without all that its templates do not need.

    Inputs:  as the network, which has a layer TEMPLATES; it shares the layers.
    Output:  change [N, S, S, 3], of the templates alone.
    """
    return keras.Model(network.inputs, output_of(network, TEMPLATES))


def reader_of(generator: keras.Model) -> keras.Model | None:
    """Returns a generator's face ResNet, however deep it is; None without one."""
    for layer in generator.layers:
        if layer.name == READER:
            return layer
        found = reader_of(layer) if isinstance(layer, keras.Model) else None
        if found is not None:
            return found
    return None
