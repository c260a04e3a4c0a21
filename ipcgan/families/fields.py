"""Fields of a family's recipe and sizes, each with its help, limits and choices.

A field says all that there is to say of a setting: its flag, the help of that flag, and
the checks of a recipe file follow from it.
"""

import dataclasses
import functools
from typing import Any

from ipcgan import config

MAX_IMAGE_SIZE = 1024  # pixels; a checkpoint that asks for more is refused.
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
