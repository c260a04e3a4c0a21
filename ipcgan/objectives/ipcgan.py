"""IPCGAN's training: loss terms and the order of the updates.

Source: Wang et al., CVPR 2018, and the authors' age_lsgan_transfer.py.
"""

import keras

from ipcgan import losses
from ipcgan.config import ConfigError
from ipcgan.objectives.recipes import IPCGANRecipe
from ipcgan.training.phase import Phase, Stage

_RISE_STEPS = 200  # of the generator's learning rate, where it decays.


def discriminator_terms(networks, batch):
    """Terms of the discriminator; see losses.least_squares_discriminator."""
    generator, discriminator = networks["generator"], networks["discriminator"]
    fake = generator([batch.source_image, batch.target_group], training=True)
    real = discriminator([batch.target_image, batch.target_group], training=True)
    mismatched = discriminator([batch.target_image, batch.wrong_group], training=True)
    fake = discriminator([fake, batch.target_group], training=True)
    return {"adversarial": losses.least_squares_discriminator(real, mismatched, fake)}


def generator_terms(networks, batch, recipe):
    """Terms of the generator: adversarial, identity, age, and the aids in use."""
    generator, discriminator = networks["generator"], networks["discriminator"]
    alexnet, layer = networks["alexnet"], recipe.fea_layer_name
    aged = generator([batch.source_image, batch.target_group], training=True)
    logits = discriminator([aged, batch.target_group], training=True)
    seen = alexnet(aged, training=False)
    features = alexnet(batch.source_image, training=False)[layer]
    terms = {
        "adversarial": losses.least_squares_generator(logits),
        "identity": losses.feature_distance(seen[layer], features),
        "age": losses.group_cross_entropy(seen["age_logits"], batch.target_group),
    }
    if recipe.reconstruction_loss_weight:
        own = keras.ops.cast(batch.source_group == batch.target_group, "float32")
        terms["reconstruction"] = losses.absolute_error(aged, batch.source_image, own)
    if recipe.tone_loss_weight:
        terms["tone"] = losses.tone_difference(aged, batch.source_image)
    if recipe.tv_loss_weight:
        terms["total_variation"] = losses.total_variation(aged)
    return terms


def warm_start_terms(networks, batch):
    """The one term of a generator that learns to copy, whatever the label."""
    copy = networks["generator"](
        [batch.source_image, batch.target_group], training=True
    )
    return {"reconstruction": losses.absolute_error(copy, batch.source_image)}


def stages(recipe: IPCGANRecipe, max_steps: int) -> list[Stage]:
    """Returns the training: a warm start where it is asked for, then the paper's.

    Args:
        recipe: weights and aids.
        max_steps: of all stages together.

    Raises:
        ConfigError: if the warm start would take all steps.
    """
    if recipe.warm_start_steps >= max_steps:
        raise ConfigError(
            f"warm_start_steps ({recipe.warm_start_steps}) must be fewer than "
            f"max_steps ({max_steps})."
        )
    copying, ageing = recipe.warm_start_steps, max_steps - recipe.warm_start_steps
    weights = {
        "adversarial": recipe.gan_loss_weight,
        "identity": recipe.fea_loss_weight,
        "age": recipe.age_loss_weight,
    }
    if recipe.reconstruction_loss_weight:
        weights["reconstruction"] = recipe.reconstruction_loss_weight
    if recipe.tone_loss_weight:
        weights["tone"] = recipe.tone_loss_weight
    if recipe.tv_loss_weight:
        weights["total_variation"] = recipe.tv_loss_weight

    discriminator = Phase(
        name="discriminator",
        trained=("discriminator",),
        objective=discriminator_terms,
        weights={"adversarial": recipe.gan_loss_weight},
        optimizer=_adam(recipe, ageing),
    )
    generator = Phase(
        name="generator",
        trained=("generator",),
        objective=lambda networks, batch: generator_terms(networks, batch, recipe),
        weights=weights,
        optimizer=_adam(recipe, ageing, rise=min(_RISE_STEPS, ageing // 4)),
    )
    result = [Stage("adversarial", ageing, (discriminator, generator))]
    if copying:
        rate = keras.optimizers.schedules.CosineDecay(
            recipe.warm_start_learning_rate, copying, alpha=0.05
        )
        warm_start = Phase(
            name="warm_start",
            trained=("generator",),
            objective=warm_start_terms,
            weights={"reconstruction": 1.0},
            optimizer=keras.optimizers.Adam(rate, name="warm_start"),
        )
        result.insert(0, Stage("warm_start", copying, (warm_start,)))
    return result


def _adam(recipe, steps, rise=0):
    rate = recipe.learning_rate
    if recipe.learning_rate_decay:
        rise_to = {"warmup_target": rate, "warmup_steps": rise} if rise else {}
        first = 0.05 * rate if rise else rate
        rate = keras.optimizers.schedules.CosineDecay(
            first, steps - rise, alpha=0.05, **rise_to
        )
    return keras.optimizers.Adam(rate, beta_1=0.5, beta_2=0.999, epsilon=1e-8)
