"""Fields of a family's recipe and sizes, each with its help, limits and choices.

A field says all that there is to say of a setting: its flag, the help of that flag, and
the checks of a recipe file follow from it.
"""

import dataclasses
import functools
from typing import Any

from ipcgan import config

MAX_IMAGE_SIZE = 1024  # pixels; a checkpoint that asks for more is refused.
MAX_TEMPLATES = 256
LOSS_WEIGHTS = "Loss weights"
OPTIMISATION = "Optimisation"
REGULARISATION = "Regularisation"
NETWORKS = "Networks"
GROUPS = (LOSS_WEIGHTS, OPTIMISATION, REGULARISATION, NETWORKS)  # as help has them.


def field(
    group: str,
    default: Any,
    about: str,
    *,
    high: int | None = None,
    choices: tuple[str, ...] = (),
    has_flag: bool = True,
) -> Any:
    """Returns a dataclass field that carries its help.

    Args:
        group: of GROUPS, under which help lists it.
        default: its default value; numbers are at least 0.
        about: its help, in sentences that stand alone.
        high: the largest number, of a size that must be from 1 to that.
        choices: the values that a text may have.
        has_flag: it can be given on the command line.
    """
    return dataclasses.field(
        default=default,
        metadata={
            "group": group,
            "help": about,
            "high": high,
            "choices": choices,
            "has_flag": has_flag,
        },
    )


loss_weight = functools.partial(field, LOSS_WEIGHTS)
optimisation = functools.partial(field, OPTIMISATION)
regularisation = functools.partial(field, REGULARISATION)
network = functools.partial(field, NETWORKS)

# Those of prototypes, which several families have.
prototype_loss_weight = functools.partial(
    loss_weight,
    0.0,
    "Weight of the mean squared error between an aged face and its source aged by "
    "prototypes, that is by how colour, shape and contrast of the mean face change "
    "with age, of faces that stand and are lit alike, of one gender where it is "
    "labelled; 0: none. What age is need then not be read from a network's gradients.",
)
prototype_strength = functools.partial(
    loss_weight,
    2.5,
    "How often the prototypes' change of colour is added to a face. Means lose what is "
    "not at the same place in every face: 1 shows less than the group's age.",
)
template_steps = functools.partial(
    loss_weight,
    0,
    "First steps of --max_steps in which the --templates learn the prototypes without "
    "the rest of the generator, in a tenth of the time of a step.",
)
templates = functools.partial(
    network,
    0,
    "Learnt pictures of what age changes in an aligned face, which the generator mixes "
    "by what a face ResNet (--age_pretrained_model) reads of the face, and adds to its "
    "change; 0: none, and nothing is read. It needs --generator_output=change.",
)
warps = functools.partial(
    network,
    False,
    "Move the parts of a face too: by as many learnt displacements as there are "
    "--templates, mixed like them.",
)
contrasts = functools.partial(
    network,
    False,
    "Raise and lower the contrast of a face's detail too: by as many learnt maps as "
    "there are --templates, mixed like them.",
)
thumbnail = functools.partial(
    network,
    False,
    "Let the shares of --templates depend on 16 by 16 pixels of the face, too: how it "
    "stands and is lit.",
)
blend_share = functools.partial(
    network,
    0.0,
    "Share of a face that grows older that a frozen Re-Aging GAN (--blend_model) "
    "makes; the rest is the generator's own, which a Re-Aging GAN then draws by its "
    "--templates alone; 0: none.",
)
blend_share_younger = functools.partial(
    network,
    0.0,
    "The same share of a face that grows younger; --blend_share must not be 0.",
)


def check_templates(sizes: Any) -> None:
    """Checks the field `templates` of a dataclass of sizes, and those that need it.

    Raises:
        config.ConfigError: if there are too many, or no change to add them to, if
            there are none of what another field needs, or if image_size does not fit.
    """
    for name in ("blend_share", "blend_share_younger"):
        if not 0.0 <= getattr(sizes, name) < 1.0:
            raise config.ConfigError(
                f"{name} must be at least 0 and less than 1: {getattr(sizes, name)}."
            )
    if sizes.blend_share_younger and not sizes.blend_share:
        raise config.ConfigError("blend_share_younger needs --blend_share above 0.")
    for name in ("warps", "contrasts", "thumbnail", "blend_share"):
        if getattr(sizes, name) and not sizes.templates:
            raise config.ConfigError(f"{name} needs --templates above 0.")
    for name in ("contrasts", "thumbnail"):
        if getattr(sizes, name) and sizes.image_size % 16:
            raise config.ConfigError(
                f"{name} needs an --image_size that is a multiple of 16: "
                f"{sizes.image_size}."
            )
    if not 0 <= sizes.templates <= MAX_TEMPLATES:
        raise config.ConfigError(
            f"templates must be from 0 to {MAX_TEMPLATES}: {sizes.templates}."
        )
    if sizes.templates and sizes.generator_output != "change":
        raise config.ConfigError(
            "templates needs generator_output=change: they are added to the change."
        )


def check_sizes(sizes: Any) -> None:
    """Checks every field of a dataclass of sizes by its limit or its choices.

    Raises:
        config.ConfigError: naming the field, its value and what was expected.
    """
    for each in dataclasses.fields(sizes):
        if each.metadata["high"]:
            config.check_counts(sizes, {each.name: each.metadata["high"]})
        if each.metadata["choices"]:
            config.check_choice(sizes, each.name, each.metadata["choices"])
