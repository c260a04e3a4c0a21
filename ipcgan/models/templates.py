"""Templates in a generator: pictures of what age changes, mixed by who the face is.

With them go maps of gains, which raise and lower the contrast of a face's detail, and
displacements, which move its parts; all may be bent to where the face has its parts.
"""

import dataclasses
from typing import Any

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
_DISPLACEMENTS = "displacements"
_GAINS = "gains"
_CHANGE = "templates_stretched"
_RGB = "rgb"
_CONTRAST = "contrast"
_WARP = "warp"
_TEMPLATE_SIDE = 64  # pixels of a template's sides; larger faces stretch it.
_THUMBNAIL_SIDE = 16  # pixels.
_DISPLACEMENT_SIDE = 16  # pixels of a displacement's sides: a face bends smoothly.
_GAIN_SIDE = 32  # pixels of the sides of what contrast is raised by.
_BANDS = 4  # of the contrast, as prototypes have.
_PLACEMENT_SIDE = 64  # pixels of the face, in which its parts are looked for.
_PLACEMENT_FILTERS = (16, 32, 64, 64)


@dataclasses.dataclass(frozen=True)
class Reading:
    """What is read of a face, symbolic.

    Attributes:
        vector: [N, 128], what templates are mixed by: of the face and of the group.
        placement: [N, 16, 16, 2], by which layers.warping.Warp bends what is mixed;
            None: it is not bent.
    """

    vector: Any
    placement: Any = None


def read(image, group, sizes) -> Reading | None:
    """Reads a face by a frozen face ResNet: what its templates depend on.

    Args:
        image: [N, S, S, 3] in [-1, 1], symbolic.
        group: [N] int32 in [0, num_groups), to age it to.
        sizes: of a family. With `thumbnail` a small picture of the face is read too, as
            a face ResNet learns to overlook how a head stands and is lit. With
            `placement` a small convolutional network finds where the parts are, and
            learns it with the templates that it bends.

    Returns:
        What is read; None without templates.
    """
    if not sizes.templates:
        return None
    reader = face_resnet.build_reader(image.shape[1])
    reader.trainable = False
    x = reader(image)
    if sizes.thumbnail:
        small = layers.AveragePooling2D(
            image.shape[1] // _THUMBNAIL_SIDE, name="thumbnail"
        )(image)
        small = layers.Flatten(name="thumbnail_flat")(small)
        x = layers.Concatenate(name="reading_both")([x, small])
    x = ConcatCondition(sizes.num_groups, name="reading_condition")(x, group)
    # What a group changes depends on who it is: one layer learns that more slowly.
    for name in ("reading", "reading_again"):
        x = _dense(x, name)
    return Reading(x, _placement(image, sizes.templates) if sizes.placement else None)


def _placement(image, count):
    """Finds where a face has its parts: [N, 16, 16, 2], of `count` displacements."""
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
    x = _dense(x, "placement")
    return _mixed(x, count, "placement_shares", _displacements("placements"))


def _dense(x, name):
    return layers.Dense(
        128, activation="relu", kernel_initializer="he_normal", name=name
    )(x)


def change(reading: Reading, size: int, count: int):
    """Mixes `count` templates in learnt shares: a change [N, size, size, 3]."""
    bent = reading.placement is not None
    learnt = Templates(min(size, _TEMPLATE_SIDE) if bent else size, name=_TEMPLATES)
    mixed = _mixed(reading.vector, count, "template_shares", learnt)
    if not bent:
        return mixed
    # Bent before it is stretched: a quarter of the time, at 128 pixels.
    placed = _placed(mixed, reading, _TEMPLATES)
    return layers.Resizing(size, size, dtype="float32", name=_CHANGE)(placed)


def with_templates(change_of_maps, reading: Reading | None, count: int):
    """Adds `count` templates, in learnt shares, to a change [N, S, S, 3]."""
    if reading is None:
        return change_of_maps
    mixed = change(reading, change_of_maps.shape[1], count)
    return layers.Add(name="change")([change_of_maps, mixed])


def aged(image, change, reading: Reading | None, sizes, smoothing: int = 1):
    """Ages a face by what is read of it.

    Args:
        image: [N, S, S, 3] in [-1, 1], symbolic.
        change: what is added to it, [N, S, S, 3].
        reading: as from read(), or None.
        sizes: of a family. With `contrasts` the contrast of its detail is changed, with
            `warps` its parts are moved.
        smoothing: of layers.image_range.ChangedImage.

    Returns:
        [N, S, S, 3] float32 in [-1, 1].
    """
    x = ChangedImage(smoothing, dtype="float32", name=_RGB)(image, change)
    if reading is None:
        return x
    count = sizes.templates
    if sizes.contrasts:
        maps = Templates(_GAIN_SIDE, channels=_BANDS, largest=_GAIN_SIDE, name=_GAINS)
        gains = _mixed(reading.vector, count, "gain_shares", maps)
        gains = _placed(gains, reading, _GAINS)
        x = BandContrast(dtype="float32", name=_CONTRAST)(x, gains)
    if sizes.warps:
        moves = _displacements(_DISPLACEMENTS)
        moves = _mixed(reading.vector, count, "displacement_shares", moves)
        moves = _placed(moves, reading, _DISPLACEMENTS)
        x = Warp(dtype="float32", name=_WARP)(x, moves)
    return x


def alone(network: keras.Model) -> keras.Model:
    """Returns a network that ages by what is read, without all the rest.

    Inputs:  as the network, whose first is the face; it shares the layers.
    Output:  [N, S, S, 3], of aged().
    """
    there = {layer.name for layer in network.layers}

    def mixed(*names):
        return next(network.get_layer(name).output for name in names if name in there)

    x = network.get_layer(_RGB)(network.inputs[0], mixed(_CHANGE, _TEMPLATES))
    for layer, name in ((_CONTRAST, _GAINS), (_WARP, _DISPLACEMENTS)):
        if layer in there:
            x = network.get_layer(layer)(x, mixed(_placed_name(name), name))
    return keras.Model(network.inputs, x)


def _displacements(name):
    side = _DISPLACEMENT_SIDE
    return Templates(side, channels=2, largest=side, name=name)


def _mixed(vector, count, name, learnt):
    shares = layers.Dense(count, kernel_initializer="zeros", name=name)(vector)
    return learnt(shares)


def _placed(maps, reading, name):
    if reading.placement is None:
        return maps
    return Warp(dtype="float32", name=_placed_name(name))(maps, reading.placement)


def _placed_name(name):
    return f"{name}_placed"


def reader_of(generator: keras.Model) -> keras.Model | None:
    """Returns a generator's face ResNet, however deep it is; None without one."""
    for layer in generator.layers:
        if layer.name == READER:
            return layer
        found = reader_of(layer) if isinstance(layer, keras.Model) else None
        if found is not None:
            return found
    return None
