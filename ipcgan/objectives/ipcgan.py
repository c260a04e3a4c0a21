"""IPCGAN's training: loss terms and the order of the updates.

Source: Wang et al., CVPR 2018, and the authors' age_lsgan_transfer.py.
"""

import functools

import keras

from ipcgan import losses
from ipcgan.config import ConfigError
from ipcgan.objectives.recipes import IPCGANRecipe
from ipcgan.training.phase import Phase, Stage

_RISE_STEPS = 200  # of the generator's learning rate, where it decays.


def discriminator_terms(networks, batch, batch_statistics=True):
    """Terms of the discriminator; see losses.least_squares_discriminator.

    `batch_statistics` says how the generator normalizes, here and below: by those of
    the batch, or by its moving ones.
    """
    generator, discriminator = networks["generator"], networks["discriminator"]
    inputs = [batch.source_image, batch.target_group]
    fake = generator(inputs, training=batch_statistics)
    real = discriminator([batch.target_image, batch.target_group], training=True)
    mismatched = discriminator([batch.target_image, batch.wrong_group], training=True)
    fake = discriminator([fake, batch.target_group], training=True)
    return {"adversarial": losses.least_squares_discriminator(real, mismatched, fake)}


def generator_terms(networks, batch, recipe):
    """Terms of the generator: adversarial, identity, age, and the aids in use."""
    generator, discriminator = networks["generator"], networks["discriminator"]
    alexnet, layer = networks["alexnet"], recipe.fea_layer_name
    inputs = [batch.source_image, batch.target_group]
    aged = generator(inputs, training=not recipe.settle_steps)
    logits = discriminator([aged, batch.target_group], training=True)
    seen = alexnet(aged, training=False)
    features = alexnet(batch.source_image, training=False)[layer]
    terms = {
        "adversarial": losses.least_squares_generator(logits),
        "identity": losses.feature_distance(seen[layer], features),
        "age": losses.group_cross_entropy(seen["age_logits"], batch.target_group),
    }
    if recipe.years_loss_weight:
        # A face that is of the group is as old as it is.
        other = keras.ops.cast(batch.source_group != batch.target_group, "float32")
        terms["years"] = losses.years_error(
            seen["age_years"], batch.target_years, other
        )
    if recipe.reconstruction_loss_weight:
        own = keras.ops.cast(batch.source_group == batch.target_group, "float32")
        terms["reconstruction"] = losses.absolute_error(aged, batch.source_image, own)
    if recipe.tone_loss_weight:
        terms["tone"] = losses.tone_difference(aged, batch.source_image)
    if recipe.chroma_loss_weight:
        terms["chroma"] = losses.chroma_difference(aged, batch.source_image)
    if recipe.tv_loss_weight:
        terms["total_variation"] = losses.total_variation(aged)
    return terms


def copying_terms(networks, batch, batch_statistics=True):
    """The one term of a generator that learns to copy, whatever the label."""
    inputs = [batch.source_image, batch.target_group]
    copy = networks["generator"](inputs, training=batch_statistics)
    return {"reconstruction": losses.absolute_error(copy, batch.source_image)}


def stages(recipe: IPCGANRecipe, max_steps: int) -> list[Stage]:
    """Returns the training: copying where it is asked for, then the paper's.

    Args:
        recipe: weights and aids.
        max_steps: of all stages together.

    Raises:
        ConfigError: if the copying would take all steps.
    """
    ageing = max_steps - recipe.warm_start_steps - recipe.settle_steps
    if ageing < 1:
        raise ConfigError(
            f"warm_start_steps ({recipe.warm_start_steps}) and settle_steps "
            f"({recipe.settle_steps}) must be fewer than max_steps ({max_steps})."
        )
    result = []
    if recipe.warm_start_steps:
        rate = recipe.warm_start_learning_rate
        steps = recipe.warm_start_steps
        result.append(_copying("warm_start", steps, rate, batch_statistics=True))
    if recipe.settle_steps:
        rate = recipe.warm_start_learning_rate / 2
        steps = recipe.settle_steps
        result.append(_copying("settle", steps, rate, batch_statistics=False))
    result.append(Stage("adversarial", ageing, _adversarial(recipe, ageing)))
    return result


def _copying(name, steps, rate, batch_statistics):
    phase = Phase(
        name=name,
        trained=("generator",),
        objective=functools.partial(copying_terms, batch_statistics=batch_statistics),
        weights={"reconstruction": 1.0},
        optimizer=keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(rate, steps, alpha=0.05)
        ),
    )
    return Stage(name, steps, (phase,))


def _adversarial(recipe, steps):
    weights = {
        "adversarial": recipe.gan_loss_weight,
        "identity": recipe.fea_loss_weight,
        "age": recipe.age_loss_weight,
    }
    if recipe.years_loss_weight:
        weights["years"] = recipe.years_loss_weight
    if recipe.reconstruction_loss_weight:
        weights["reconstruction"] = recipe.reconstruction_loss_weight
    if recipe.tone_loss_weight:
        weights["tone"] = recipe.tone_loss_weight
    if recipe.chroma_loss_weight:
        weights["chroma"] = recipe.chroma_loss_weight
    if recipe.tv_loss_weight:
        weights["total_variation"] = recipe.tv_loss_weight

    discriminator = Phase(
        name="discriminator",
        trained=("discriminator",),
        objective=functools.partial(
            discriminator_terms, batch_statistics=not recipe.settle_steps
        ),
        weights={"adversarial": recipe.gan_loss_weight},
        optimizer=_adam(recipe, steps),
    )
    generator = Phase(
        name="generator",
        trained=("generator",),
        objective=functools.partial(generator_terms, recipe=recipe),
        weights=weights,
        optimizer=_adam(recipe, steps, rise=min(_RISE_STEPS, steps // 4)),
    )
    return discriminator, generator


def _adam(recipe, steps, rise=0):
    rate = recipe.learning_rate
    if recipe.learning_rate_decay:
        rise_to = {"warmup_target": rate, "warmup_steps": rise} if rise else {}
        first = 0.05 * rate if rise else rate
        rate = keras.optimizers.schedules.CosineDecay(
            first, steps - rise, alpha=0.05, **rise_to
        )
    return keras.optimizers.Adam(rate, beta_1=0.5, beta_2=0.999, epsilon=1e-8)
