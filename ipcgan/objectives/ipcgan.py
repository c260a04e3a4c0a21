"""IPCGAN's loss terms, and the order of its updates.

Source: Wang et al., CVPR 2018, and the authors' age_lsgan_transfer.py.
"""

import functools

import keras

from ipcgan import losses
from ipcgan.batch import AGED
from ipcgan.families.family import Implementation
from ipcgan.families.ipcgan import IPCGANRecipe
from ipcgan.models import ipcgan as models
from ipcgan.models.branches import of_group
from ipcgan.objectives import penalty, prototypes, terms
from ipcgan.objectives.ipcgan_terms import GENERATOR_TERMS, ForwardPass
from ipcgan.training.phase import Phase, Stage

_RISE_STEPS = 200  # of the generator's learning rate, where it decays.


def discriminator_terms(networks, batch):
    """Terms of the discriminator; see losses.least_squares_discriminator.

    The aged faces are those that the generator's update made.
    """
    real, mismatched = _logits(
        networks, batch.target_image, batch.target_group, batch.wrong_group
    )
    (fake,) = _logits(networks, batch.aged_image, batch.target_group)
    return {"adversarial": losses.least_squares_discriminator(real, mismatched, fake)}


def penalty_terms(networks, batch):
    """The gradient penalty of the discriminator at real faces of the target group."""
    discriminator = networks["discriminator"]

    def logits_of(image):
        logits = discriminator(image, training=False)
        return of_group(logits, batch.target_group)

    image = keras.ops.convert_to_tensor(batch.target_image)
    value = penalty.at_real_faces(discriminator, logits_of, image)
    return {"gradient_penalty": value}


def _logits(networks, image, *groups):
    """Returns the discriminator's logits of faces for each of `groups`, [N] int32."""
    discriminator = networks["discriminator"]
    if isinstance(discriminator.input, dict):  # It is told the group.
        inputs = ({"image": image, "group": group} for group in groups)
        return [discriminator(each, training=True) for each in inputs]
    logits = discriminator(image, training=True)
    return [of_group(logits, group) for group in groups]


def generator_terms(networks, batch, recipe):
    """The GENERATOR_TERMS that a recipe asks for, and the aged faces."""
    inputs = [batch.source_image, batch.target_group]
    aged = networks["generator"](inputs, training=True)
    (logits,) = _logits(networks, aged, batch.target_group)
    after = networks["alexnet"](aged, training=False)
    before = networks["alexnet"](batch.source_image, training=False)
    forward = ForwardPass(batch, aged, logits, after, before)
    return {AGED: aged, **terms.values(GENERATOR_TERMS, forward, recipe)}


def stages(recipe: IPCGANRecipe, max_steps: int) -> list[Stage]:
    """Returns the stages: prototypes, where there are steps of them, and the paper's.

    Args:
        recipe: of IPCGAN.
        max_steps: of all stages together.

    Raises:
        ConfigError: if there are no steps, or fewer than those of prototypes, or if
            there are such steps and they have no weight.
    """
    found = prototypes.stages(
        recipe, max_steps, models.aged_by_templates, functools.partial(_adam, recipe)
    )
    steps = max_steps - sum(stage.steps for stage in found)
    if steps:
        found.append(Stage("adversarial", steps, _phases(recipe, steps)))
    return found


def _phases(recipe, steps):
    generator = Phase(
        name="generator",
        trained=("generator",),
        objective=functools.partial(generator_terms, recipe=recipe),
        weights=terms.weights(GENERATOR_TERMS, recipe),
        optimizer=_adam(
            recipe, recipe.learning_rate, steps, rise=min(_RISE_STEPS, steps // 4)
        ),
        makes=(AGED,),
    )
    discriminator = Phase(
        name="discriminator",
        trained=("discriminator",),
        objective=discriminator_terms,
        weights={"adversarial": recipe.gan_loss_weight},
        optimizer=_adam(
            recipe,
            recipe.discriminator_learning_rate or recipe.learning_rate,
            steps,
        ),
    )
    if not recipe.gradient_penalty_weight:
        return generator, discriminator
    lazy = penalty.phase(
        penalty_terms,
        recipe.gradient_penalty_weight,
        discriminator.optimizer,
    )
    return generator, discriminator, lazy


def _adam(recipe, rate, steps, rise=0):
    if recipe.learning_rate_decay:
        rise_to = {"warmup_target": rate, "warmup_steps": rise} if rise else {}
        first = 0.05 * rate if rise else rate
        rate = keras.optimizers.schedules.CosineDecay(
            first, steps - rise, alpha=0.05, **rise_to
        )
    return keras.optimizers.Adam(rate, beta_1=0.5, beta_2=0.999, epsilon=1e-8)


IMPLEMENTATION = Implementation(
    build_networks=models.build_networks,
    build_generator=models.build_generator,
    stages=lambda recipe, run: stages(recipe, run.max_steps),
    draws=lambda sizes, recipe: {
        "own_group_share": recipe.own_group_share,
        "matched": recipe.matched_targets,
        **prototypes.draws(recipe),
    },
    teacher_outputs=lambda recipe: terms.reads(GENERATOR_TERMS, recipe),
)
