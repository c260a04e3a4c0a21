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
    """Returns a recipe's stages of prototypes, of those that have steps.

    Prototypes are learnt by the templates alone, then by the whole generator.

    Args:
        recipe: of a family, with template_steps, prototype_steps and
            prototype_loss_weight.
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

    return [
        Stage(
            name,
            steps,
            (
                Phase(
                    name=name,
                    trained=("generator",),
                    objective=objective,
                    weights={PROTOTYPE: recipe.prototype_loss_weight},
                    optimizer=adam(_RATE, steps),
                ),
            ),
        )
        for name, steps, objective in (
            ("templates", recipe.template_steps, template_terms),
            ("prototypes", recipe.prototype_steps, prototype_terms),
        )
        if steps
    ]


def _check(recipe, max_steps):
    templates, prototypes = recipe.template_steps, recipe.prototype_steps
    if max_steps < max(1, templates + prototypes):
        raise ConfigError(
            f"template_steps ({templates}) and prototype_steps ({prototypes}) are some "
            f"of max_steps ({max_steps}), which are 1 at least."
        )
    if templates + prototypes and not recipe.prototype_loss_weight:
        raise ConfigError(
            f"template_steps ({templates}) and prototype_steps ({prototypes}) need a "
            "prototype_loss_weight above 0."
        )
