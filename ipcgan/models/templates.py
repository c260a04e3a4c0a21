"""Templates in a generator: pictures of what age changes, mixed by who the face is.

With them go maps of gains, which raise and lower the contrast of a face's detail, and
displacements, which move its parts.
"""

import keras
from keras import layers

from ipcgan.layers.condition import ConcatCondition
from ipcgan.layers.contrast import BandContrast
from ipcgan.layers.image_range import ChangedImage
from ipcgan.layers.templates import Templates
from ipcgan.layers.warping import Warp
from ipcgan.models import face_resnet

READER = "reader"  # names of layers.
_TEMPLATES = "templates"
_RGB = "rgb"
# What follows the change, and what is mixed for it.
_AFTER_CHANGE = {"contrast": "gains", "warp": "displacements"}
_THUMBNAIL_SIDE = 16  # pixels.
_DISPLACEMENT_SIDE = 16  # pixels of a displacement's sides: a face bends smoothly.
_GAIN_SIDE = 32  # pixels of the sides of what contrast is raised by.
_BANDS = 4  # of the contrast, as prototypes have.


def read(image, sizes):
    """Reads a face by a frozen face ResNet.

    Args:
        image: [N, S, S, 3] in [-1, 1], symbolic.
        sizes: of a family.

    Returns:
        As from face_resnet.build_reader, symbolic; None without templates.
    """
    if not sizes.templates:
        return None
    reader = face_resnet.build_reader(image.shape[1])
    reader.trainable = False
    return reader(image)


def told(features, image, group, sizes):
    """Tells what a face's templates depend on.

    Args:
        features: of the face, as from read().
        image: [N, S, S, 3] in [-1, 1], symbolic: the face.
        group: [N] int32 in [0, num_groups), to age it to.
        sizes: of a family. With `thumbnail` a small picture of the face is read too, as
            a face ResNet learns to overlook how a head stands and is lit.

    Returns:
        [N, 128] symbolic, of the face and of the group; None without templates.
    """
    if features is None:
        return None
    x = features
    if sizes.thumbnail:
        small = layers.AveragePooling2D(
            image.shape[1] // _THUMBNAIL_SIDE, name="thumbnail"
        )(image)
        small = layers.Flatten(name="thumbnail_flat")(small)
        x = layers.Concatenate(name="reading_both")([x, small])
    x = ConcatCondition(sizes.num_groups, name="reading_condition")(x, group)
    # What a group changes depends on who it is: one layer learns that more slowly.
    for name in ("reading", "reading_again"):
        x = layers.Dense(
            128, activation="relu", kernel_initializer="he_normal", name=name
        )(x)
    return x


def change(reading, size: int, count: int):
    """Mixes `count` templates in learnt shares: a change [N, size, size, 3]."""
    return _mixed(reading, count, "template_shares", Templates(size, name=_TEMPLATES))


def with_templates(change_of_maps, reading, count: int):
    """Adds `count` templates, in learnt shares, to a change [N, S, S, 3].

    Args:
        change_of_maps: the change.
        reading: as from told(); None: the change stays as it is.
        count: of templates.
    """
    if reading is None:
        return change_of_maps
    mixed = change(reading, change_of_maps.shape[1], count)
    return layers.Add(name="change")([change_of_maps, mixed])


def aged(image, change, reading, sizes):
    """Ages a face by what is read of it.

    Args:
        image: [N, S, S, 3] in [-1, 1], symbolic.
        change: what is added to it, [N, S, S, 3].
        reading: as from told().
        sizes: of a family. With `contrasts` the contrast of its detail is changed, with
            `warps` its parts are moved.

    Returns:
        [N, S, S, 3] float32 in [-1, 1].
    """
    x = ChangedImage(dtype="float32", name=_RGB)(image, change)
    if sizes.contrasts:
        maps = Templates(_GAIN_SIDE, channels=_BANDS, name="gains")
        gains = _mixed(reading, sizes.templates, "gain_shares", maps)
        x = BandContrast(dtype="float32", name="contrast")(x, gains)
    if sizes.warps:
        maps = Templates(_DISPLACEMENT_SIDE, channels=2, name="displacements")
        moves = _mixed(reading, sizes.templates, "displacement_shares", maps)
        x = Warp(dtype="float32", name="warp")(x, moves)
    return x


def alone(network: keras.Model) -> keras.Model:
    """Returns a network that ages by what is read, without all the rest.

    Inputs:  as the network, whose first is the face; it shares the layers.
    Output:  [N, S, S, 3], of aged().
    """
    there = {layer.name: layer for layer in network.layers}
    x = there[_RGB](network.inputs[0], there[_TEMPLATES].output)
    for name, mixed in _AFTER_CHANGE.items():
        if name in there:
            x = there[name](x, there[mixed].output)
    return keras.Model(network.inputs, x)


def _mixed(reading, count, name, learnt):
    shares = layers.Dense(count, kernel_initializer="zeros", name=name)(reading)
    return learnt(shares)


def reader_of(generator: keras.Model) -> keras.Model | None:
    """Returns a generator's face ResNet, however deep it is; None without one."""
    for layer in generator.layers:
        if layer.name == READER:
            return layer
        found = reader_of(layer) if isinstance(layer, keras.Model) else None
        if found is not None:
            return found
    return None
