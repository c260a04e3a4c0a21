"""The one table of model families."""

import dataclasses
from collections.abc import Callable

from ipcgan.models import ipcgan as ipcgan_models
from ipcgan.objectives import ipcgan as ipcgan_objectives
from ipcgan.objectives import recipes


@dataclasses.dataclass(frozen=True)
class Family:
    """What tells one family from another.

    Attributes:
        sizes: dataclass of network sizes.
        recipe: dataclass of loss weights and training aids.
        build_networks: sizes -> {name: network}, all that is trained.
        build_generator: sizes -> the network that ages, alone.
        stages: (recipe, max_steps) -> the training's stages.
    """

    sizes: type
    recipe: type
    build_networks: Callable
    build_generator: Callable
    stages: Callable


FAMILIES = {
    "ipcgan": Family(
        sizes=ipcgan_models.IPCGANSizes,
        recipe=recipes.IPCGANRecipe,
        build_networks=ipcgan_models.build_networks,
        build_generator=ipcgan_models.build_generator,
        stages=ipcgan_objectives.stages,
    ),
}
