"""Stages in which a generator learns to age by prototypes, before anything teaches.

What prototypes are: ipcgan.data.prototypes.
"""

from collections.abc import Callable

import keras

from ipcgan import losses
from ipcgan.config import ConfigError
from ipcgan.training.phase import Phase, Stage

_RATE = 1e-3  # Adam's: nothing oscillates here.
PROTOTYPE = "prototype"  # the term's name.


def prototype_loss(aged, batch):
    """The generator's distance from faces aged by prototypes."""
    return losses.squared_error(aged, batch.prototype_image)


def prototype_terms(networks, batch):
    """That distance, and nothing else."""
    inputs = [batch.source_image, batch.target_group]
    aged = networks["generator"](inputs, training=True)
    return {PROTOTYPE: prototype_loss(aged, batch)}


def draws(recipe) -> dict[str, float]:
    """Returns what FaceBatches draws for a recipe's prototypes, by name."""
    used = recipe.prototype_loss_weight
    return {"prototype_strength": recipe.prototype_strength if used else 0.0}


def stages(
    recipe,
    max_steps: int,
    aged_by_templates: Callable[[keras.Model], keras.Model],
    adam: Callable[[float, int], keras.optimizers.Optimizer],
) -> list[Stage]:
    """Returns the stage in which templates learn prototypes, if it has steps.

    Args:
        recipe: of a family, with template_steps and prototype_loss_weight.
        max_steps: of all its stages together.
        aged_by_templates: the generator -> it without all but its templates.
        adam: (learning rate, steps) -> an optimizer.

    Raises:
        ConfigError: if max_steps has too few, or prototypes have steps and no weight.
    """
    _check(recipe, max_steps)

    def template_terms(networks, batch):
        generator = aged_by_templates(networks["generator"])
        return prototype_terms({"generator": generator}, batch)

    steps = recipe.template_steps
    if not steps:
        return []
    phase = Phase(
        name="templates",
        trained=("generator",),
        objective=template_terms,
        weights={PROTOTYPE: recipe.prototype_loss_weight},
        optimizer=adam(_RATE, steps),
    )
    return [Stage("templates", steps, (phase,))]


def _check(recipe, max_steps):
    steps = recipe.template_steps
    if max_steps < max(1, steps):
        raise ConfigError(
            f"template_steps ({steps}) are some of max_steps ({max_steps}), which are "
            "1 at least."
        )
    if steps and not recipe.prototype_loss_weight:
        raise ConfigError(
            f"template_steps ({steps}) need a prototype_loss_weight above 0."
        )
