"""RAGAN's loss terms, and the order of its updates.

Source: Makhmudkhujaev, Hong, Park, "Re-Aging GAN: Toward Personalized Face Age
Transformation", ICCV 2021.
"""

import functools

import keras
from keras import ops

from ipcgan import losses
from ipcgan.batch import AGED
from ipcgan.config import ConfigError
from ipcgan.families.family import Implementation
from ipcgan.families.ragan import RAGANRecipe
from ipcgan.models import ragan as models
from ipcgan.models.branches import of_group
from ipcgan.objectives import penalty, prototypes
from ipcgan.training.phase import Phase, Stage


def discriminator_terms(networks, batch, weights):
    """Terms of the discriminator, each on the branch of the face's age group.

    The source faces are the real ones, of their own groups; the aged ones are those
    that the generator's update made. The mismatched term is present only where
    `weights` names it. It shows untouched source faces to the branch of the target
    group, so that the discriminator learns to reject a generator that copies its input.
    """
    discriminator = networks["discriminator"]
    image = ops.convert_to_tensor(batch.source_image)
    logits = discriminator(image, training=False)
    real = of_group(logits, batch.source_group)
    fake = _branch(discriminator, batch.aged_image, batch.target_group)
    terms = {
        "real": losses.binary_cross_entropy(real, 1.0),
        "fake": losses.binary_cross_entropy(fake, 0.0),
    }
    if "mismatched" in weights:
        asked = of_group(logits, batch.target_group)
        other = ops.cast(
            ops.not_equal(batch.source_group, batch.target_group), asked.dtype
        )
        terms["mismatched"] = losses.binary_cross_entropy(asked, 0.0, other)
    return terms


def penalty_terms(networks, batch):
    """The gradient penalty of the discriminator at the real faces.

    Raises:
        ConfigError: if the discriminator has batch normalization.
    """
    discriminator = networks["discriminator"]
    value = penalty.at_real_faces(
        discriminator,
        lambda x: _branch(discriminator, x, batch.source_group),
        ops.convert_to_tensor(batch.source_image),
    )
    return {"gradient_penalty": value}


def generator_terms(networks, batch, weights):
    """Terms of the generator: adversarial, and those of the others that have a weight.

    That of prototypes is ours.

    Reconstruction is of one half of the faces, at their own age group, cycle of the
    other half, which were aged and are aged back: ageing is the most expensive part of
    a step. It makes the aged faces.

    -log D for the first, not log(1 - D), whose gradient vanishes where the
    discriminator is sure (Goodfellow et al., NeurIPS 2014).
    """
    image = ops.convert_to_tensor(batch.source_image)
    aged = _aged(networks, image, batch.target_group, batch)
    logits = _branch(networks["discriminator"], aged, batch.target_group)
    terms = {AGED: aged, "adversarial": losses.binary_cross_entropy(logits, 1.0)}
    first, second = _halves(batch)
    if "reconstruction" in weights:
        wanted = _rows(image, first)
        same = _aged(networks, wanted, batch.source_group, batch, first)
        terms["reconstruction"] = losses.absolute_error(same, wanted)
    if "cycle" in weights:
        before = _rows(aged, second)
        back = _aged(networks, before, batch.source_group, batch, second)
        terms["cycle"] = losses.absolute_error(back, _rows(image, second))
    if prototypes.PROTOTYPE in weights:
        terms[prototypes.PROTOTYPE] = prototypes.prototype_loss(aged, batch)
    return terms


def _halves(batch):
    """Returns the rows of two halves: one of each two neighbours is in each.

    Which one changes with their random targets, and with nothing else: devices that
    share a batch, with an even number of faces each, choose as one device does.
    """
    count = batch.source_image.shape[0]
    group = ops.cast(batch.target_group, "int32")
    half = count // 2
    pair = 2 * ops.arange(half, dtype="int32")
    second = (group[: 2 * half : 2] + group[1::2]) % 2
    alone = ops.arange(2 * half, count, dtype="int32")
    return ops.concatenate([pair + second, alone]), pair + 1 - second


def _rows(values, rows):
    return values if rows is None else ops.take(values, rows, axis=0)


def _aged(networks, image, group, batch, rows=None):
    """Ages faces by their own masks, where they have them; a mask stays as it is.

    `rows` are those of the batch that the images are of; None: all.
    """
    generator, group = networks["generator"], _rows(group, rows)
    if batch.source_mask is None:
        return generator([image, group], training=True)
    by_mask = generator.get_layer(models.BY_MASK)
    mask = _rows(batch.source_mask, rows)
    return by_mask([image, group, mask], training=True)


def _branch(discriminator, image, group):
    """Returns [N]: of every face the logit of a group."""
    # Nothing in it depends on `training`, and an input's gradient may write nothing.
    return of_group(discriminator(image, training=False), group)


def stages(recipe: RAGANRecipe, max_steps: int) -> list[Stage]:
    """Returns the stages: prototypes, where there are steps of them, and the paper's.

    The paper's are two, which differ in the reconstruction's weight.

    Args:
        recipe: of RAGAN.
        max_steps: of all stages together.

    Raises:
        ConfigError: if the early stage's share is more than all, if there are fewer
            steps than those of prototypes, or if there are such steps and they have no
            weight.
    """
    if not 0.0 <= recipe.early_share <= 1.0:
        raise ConfigError(f"early_share must be from 0 to 1: {recipe.early_share}.")
    found = prototypes.stages(
        recipe, max_steps, models.aged_by_templates, functools.partial(_adam, recipe)
    )
    steps = max_steps - sum(stage.steps for stage in found)
    if not steps:
        return found
    optimizers = {
        name: _adam(recipe, recipe.learning_rate, steps)
        for name in ("discriminator", "generator")
    }
    early = round(recipe.early_share * steps)
    parts = (
        ("early", early, recipe.reconstruction_loss_weight),
        ("late", steps - early, recipe.late_reconstruction_loss_weight),
    )
    return found + [
        Stage(name, count, _adversarial(recipe, optimizers, reconstruction))
        for name, count, reconstruction in parts
        if count
    ]


def _adversarial(recipe, optimizers, reconstruction):
    adversarial = recipe.gan_loss_weight
    mismatched = {"mismatched": recipe.mismatched_loss_weight}
    optional = {
        "reconstruction": reconstruction,
        "cycle": recipe.cycle_loss_weight,
        prototypes.PROTOTYPE: recipe.prototype_loss_weight,
    }
    phases = (
        _phase(
            "generator",
            generator_terms,
            {"adversarial": adversarial, **_used(optional)},
            optimizers,
            makes=(AGED,),
        ),
        _phase(
            "discriminator",
            discriminator_terms,
            {"real": adversarial, "fake": adversarial, **_used(mismatched)},
            optimizers,
        ),
    )
    weight = recipe.gradient_penalty_weight
    if not weight:
        return phases
    lazy = penalty.phase(penalty_terms, weight, optimizers["discriminator"])
    return (*phases, lazy)


def _used(weights):
    return {name: weight for name, weight in weights.items() if weight}


def _phase(name, objective, weights, optimizers, makes=()):
    return Phase(
        name=name,
        trained=(name,),
        objective=functools.partial(objective, weights=weights),
        weights=weights,
        optimizer=optimizers[name],
        makes=makes,
    )


def _adam(recipe, rate, steps):
    if recipe.learning_rate_decay:
        rate = keras.optimizers.schedules.CosineDecay(rate, steps, alpha=0.05)
    return keras.optimizers.Adam(rate, beta_1=0.0, beta_2=0.99, epsilon=1e-8)


IMPLEMENTATION = Implementation(
    build_networks=models.build_networks,
    build_generator=models.build_generator,
    stages=lambda recipe, run: stages(recipe, run.max_steps),
    draws=lambda sizes, recipe: {
        "with_targets": False,
        "flip": recipe.horizontal_flip,
        "default_mask": models.default_mask(sizes),
        "segmentation_share": recipe.segmentation_share,
        **prototypes.draws(recipe),
    },
)
