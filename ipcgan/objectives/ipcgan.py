"""IPCGAN's training: loss terms and the order of the updates.

Source: Wang et al., CVPR 2018, and the authors' age_lsgan_transfer.py.
"""

import functools

import keras

from ipcgan import losses
from ipcgan.config import ConfigError
from ipcgan.layers.framing import reframed
from ipcgan.layers.ranges import smoothed
from ipcgan.objectives import penalty
from ipcgan.objectives.recipes import IPCGANRecipe
from ipcgan.training.phase import Phase, Stage

_RISE_STEPS = 200  # of the generator's learning rate, where it decays.


def judged_by(recipe: IPCGANRecipe) -> tuple[str, ...]:
    """Returns the outputs of the face AlexNet that the terms are about."""
    names = [recipe.fea_layer_name, "age_logits"]
    if recipe.years_loss_weight:
        names.append("age_years")
    if recipe.descriptor_loss_weight:
        names.append("descriptor")
    if recipe.gender_loss_weight:
        names.append("gender_logits")
    return tuple(names)


def discriminator_terms(networks, batch, recipe, batch_statistics=True):
    """Terms of the discriminator; see losses.least_squares_discriminator.

    `batch_statistics` says how the generator normalizes, here and below: by those of
    the batch, or by its moving ones.
    """
    inputs = [batch.source_image, batch.target_group]
    aged = networks["generator"](inputs, training=batch_statistics)
    target_view = _view(networks, batch, batch.target_image, recipe)
    real = _logits(networks, target_view, batch.target_group)
    mismatched = _logits(networks, target_view, batch.wrong_group)
    fake = _logits(networks, _view(networks, batch, aged, recipe), batch.target_group)
    adversarial = losses.least_squares_discriminator(real, mismatched, fake)
    terms = {"adversarial": adversarial}
    if recipe.gradient_penalty_weight:
        terms["gradient_penalty"] = _penalty(networks["discriminator"], batch)
    return terms


def _penalty(discriminator, batch):
    """R1 at real faces of the target group, of the mean of a face's patches."""

    def logits_of(image):
        inputs = {"image": image, "group": batch.target_group}
        logits = discriminator(inputs, training=False)
        return keras.ops.mean(logits, axis=(1, 2, 3))

    return penalty.at_real_faces(
        discriminator, logits_of, keras.ops.convert_to_tensor(batch.target_image)
    )


def _view(networks, batch, image, recipe):
    """Returns what there is of an image for the discriminator to read, by name."""
    if "image" in networks["discriminator"].input:
        return {"image": image}
    return _seen(networks, batch, image, recipe)


def _seen(networks, batch, image, recipe):
    """Returns what the face AlexNet says of an image: of the batch, or made of it."""
    image = smoothed(image, recipe.judge_smoothing)
    if batch.frame is not None:
        image = reframed(image, batch.frame)
    return networks["alexnet"](image, training=False)


def _logits(networks, view, group):
    discriminator = networks["discriminator"]
    named = {**view, "group": group}
    return discriminator({n: named[n] for n in discriminator.input}, training=True)


def generator_terms(networks, batch, recipe, batch_statistics=True):
    """Terms of the generator: adversarial, identity, age, and the aids in use."""
    layer = recipe.fea_layer_name
    inputs = [batch.source_image, batch.target_group]
    aged = networks["generator"](inputs, training=batch_statistics)
    seen = _seen(networks, batch, aged, recipe)
    logits = _logits(networks, {"image": aged, **seen}, batch.target_group)
    source = _seen(networks, batch, batch.source_image, recipe)
    terms = {
        "adversarial": losses.least_squares_generator(logits),
        "identity": losses.feature_distance(seen[layer], source[layer]),
        "age": losses.group_cross_entropy(seen["age_logits"], batch.target_group),
    }
    if recipe.years_loss_weight:
        # A face that is of the group is as old as it is.
        other = keras.ops.cast(batch.source_group != batch.target_group, "float32")
        change = batch.target_years - source["age_years"]
        wanted = batch.target_years + recipe.years_overshoot * change
        terms["years"] = losses.squared_years_error(seen["age_years"], wanted, other)
    if recipe.descriptor_loss_weight:
        terms["descriptor"] = losses.feature_distance(
            seen["descriptor"], source["descriptor"], recipe.descriptor_margin
        )
    if recipe.gender_loss_weight:
        terms["gender"] = losses.changed_opinion(
            seen["gender_logits"], source["gender_logits"]
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
    if ageing < max(1, recipe.fixed_statistics_steps):
        raise ConfigError(
            f"warm_start_steps ({recipe.warm_start_steps}), settle_steps "
            f"({recipe.settle_steps}) and fixed_statistics_steps "
            f"({recipe.fixed_statistics_steps}) must leave some of max_steps "
            f"({max_steps}) for ageing."
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
    return result + _ageing(recipe, ageing)


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


def _ageing(recipe, steps):
    fixed = steps if recipe.settle_steps else recipe.fixed_statistics_steps
    optimizers = {
        "discriminator": _adam(
            recipe, recipe.discriminator_learning_rate or recipe.learning_rate, steps
        ),
        "generator": _adam(
            recipe, recipe.learning_rate, steps, rise=min(_RISE_STEPS, steps // 4)
        ),
    }
    parts = (("adversarial", steps - fixed, True), ("fixed_statistics", fixed, False))
    return [
        Stage(name, count, _adversarial(recipe, optimizers, batch_statistics))
        for name, count, batch_statistics in parts
        if count
    ]


def _adversarial(recipe, optimizers, batch_statistics):
    weights = {
        "adversarial": recipe.gan_loss_weight,
        "identity": recipe.fea_loss_weight,
        "age": recipe.age_loss_weight,
    }
    if recipe.years_loss_weight:
        weights["years"] = recipe.years_loss_weight
    if recipe.descriptor_loss_weight:
        weights["descriptor"] = recipe.descriptor_loss_weight
    if recipe.gender_loss_weight:
        weights["gender"] = recipe.gender_loss_weight
    if recipe.reconstruction_loss_weight:
        weights["reconstruction"] = recipe.reconstruction_loss_weight
    if recipe.tone_loss_weight:
        weights["tone"] = recipe.tone_loss_weight
    if recipe.chroma_loss_weight:
        weights["chroma"] = recipe.chroma_loss_weight
    if recipe.tv_loss_weight:
        weights["total_variation"] = recipe.tv_loss_weight

    of_discriminator = {"adversarial": recipe.gan_loss_weight}
    if recipe.gradient_penalty_weight:
        of_discriminator["gradient_penalty"] = recipe.gradient_penalty_weight
    discriminator = Phase(
        name="discriminator",
        trained=("discriminator",),
        objective=functools.partial(
            discriminator_terms, recipe=recipe, batch_statistics=batch_statistics
        ),
        weights=of_discriminator,
        optimizer=optimizers["discriminator"],
    )
    generator = Phase(
        name="generator",
        trained=("generator",),
        objective=functools.partial(
            generator_terms, recipe=recipe, batch_statistics=batch_statistics
        ),
        weights=weights,
        optimizer=optimizers["generator"],
    )
    return discriminator, generator


def _adam(recipe, rate, steps, rise=0):
    if recipe.learning_rate_decay:
        rise_to = {"warmup_target": rate, "warmup_steps": rise} if rise else {}
        first = 0.05 * rate if rise else rate
        rate = keras.optimizers.schedules.CosineDecay(
            first, steps - rise, alpha=0.05, **rise_to
        )
    return keras.optimizers.Adam(rate, beta_1=0.5, beta_2=0.999, epsilon=1e-8)
