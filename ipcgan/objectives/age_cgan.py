"""Age-cGAN's loss terms and stages, and the objectives of its latent search.

Source: Antipov, Baccouche, Dugelay, "Face Aging with Conditional Generative Adversarial
Networks", ICIP 2017.
"""

import functools

import keras
from keras import ops

from ipcgan import losses
from ipcgan.families.age_cgan import AgeCGANRecipe
from ipcgan.families.family import Implementation
from ipcgan.models import age_cgan as models
from ipcgan.training.phase import Phase, Stage


def discriminator_terms(networks, batch, recipe):
    """Terms of the discriminator: real faces, made ones, and mislabelled if asked for.

    The source faces are the real ones; batch.wrong_group must not be theirs.
    """
    discriminator = networks["discriminator"]
    made = networks["generator"]([batch.noise, batch.target_group], training=True)
    real = discriminator([batch.source_image, batch.source_group], training=True)
    fake = discriminator([made, batch.target_group], training=True)
    terms = {
        "real": losses.binary_cross_entropy(real, recipe.real_label),
        "fake": losses.binary_cross_entropy(fake, 0.0),
    }
    if recipe.mismatched_loss_weight:
        inputs = [batch.source_image, batch.wrong_group]
        mismatched = discriminator(inputs, training=True)
        terms["mismatched"] = losses.binary_cross_entropy(mismatched, 0.0)
    return terms


def generator_terms(networks, batch):
    """The generator's one term: what it makes shall pass for real, of its group.

    -log D, not log(1 - D), whose gradient vanishes where the discriminator is sure
    (Goodfellow et al., NeurIPS 2014).
    """
    made = networks["generator"]([batch.noise, batch.target_group], training=True)
    logits = networks["discriminator"]([made, batch.target_group], training=True)
    return {"adversarial": losses.binary_cross_entropy(logits, 1.0)}


def encoder_terms(networks, batch):
    """The encoder's one term: its distance from the vector that generated the face.

    The faces are those of the generator that ages: averaged, by moving statistics.
    """
    generator = networks["generator_average"]
    made = generator([batch.noise, batch.target_group], training=False)
    made = keras.ops.stop_gradient(made)
    guess = networks["encoder"]([made, batch.target_group], training=True)
    return {"latent": losses.feature_distance(guess, batch.noise)}


def stages(recipe: AgeCGANRecipe, max_steps: int, batch_size: int) -> list[Stage]:
    """Returns the stages: the GAN, then the encoder of its faces.

    Args:
        recipe: of Age-cGAN.
        max_steps: of the GAN.
        batch_size: pairs of each of the encoder's steps.
    """
    steps = -(-recipe.encoder_pairs // batch_size)
    return [
        Stage("gan", max_steps, _adversarial(recipe)),
        Stage("encoder", steps, (_encoding(recipe, steps),)),
    ]


def _adversarial(recipe):
    weights = {"real": 1.0, "fake": 1.0}
    if recipe.mismatched_loss_weight:
        weights["mismatched"] = recipe.mismatched_loss_weight
    discriminator = Phase(
        name="discriminator",
        trained=("discriminator",),
        objective=functools.partial(discriminator_terms, recipe=recipe),
        weights=weights,
        optimizer=_adam(recipe.learning_rate),
    )
    generator = Phase(
        name="generator",
        trained=("generator",),
        objective=generator_terms,
        weights={"adversarial": 1.0},
        optimizer=_adam(recipe.learning_rate),
    )
    return discriminator, generator


def _adam(rate):
    return keras.optimizers.Adam(rate, beta_1=0.5, beta_2=0.999, epsilon=1e-8)


def _encoding(recipe, steps):
    rate = keras.optimizers.schedules.CosineDecay(
        recipe.encoder_learning_rate, steps, alpha=0.05
    )
    return Phase(
        name="encoder",
        trained=("encoder",),
        objective=encoder_terms,
        weights={"latent": 1.0},
        optimizer=keras.optimizers.Adam(rate),
    )


def pixel_distances(networks, latent, given):
    """Squared distance of pixels, face by face, between what is made and what is given.

    Args:
        networks: with a generator.
        latent: [N, Z].
        given: {"image": [N, S, S, 3] in [-1, 1], "group": [N]}, of the faces.

    Returns:
        [N], summed over pixels and colours.
    """
    made = networks["generator"]([latent, given["group"]], training=False)
    return losses.squared_distances(made, given["image"])


def identity_distances(networks, latent, given):
    """Squared distance of descriptors, face by face: is it the same person?

    Not in the paper: the squared distance of pixels is added, with a weight of its own.
    A recogniser ignores light and colours, and without pixels so would the search.

    Args:
        networks: with a generator, and a recogniser, which has a descriptor.
        latent: [N, Z].
        given: {"group": [N], "descriptor": [N, D], "image": [N, S, S, 3] in [-1, 1],
            "pixel_weight": [N]}, of the faces.

    Returns:
        [N]; without pixels, least where the Euclidean distance of descriptors is.
    """
    made = networks["generator"]([latent, given["group"]], training=False)
    seen = networks["recogniser"](made, training=False)["descriptor"]
    people = losses.squared_distances(seen, given["descriptor"])
    pixels = losses.squared_distances(made, given["image"])
    return people + given["pixel_weight"] * pixels


def extended_distances(networks, code, given):
    """As identity_distances, of a generator that takes extended codes.

    The sum of their squares is added: a code should be an ordinary face's, so that its
    age can be exchanged like one.

    Args:
        networks: with such a generator, and a recogniser.
        code: [N, Z + M].
        given: as for identity_distances, and {"code_weight": [N]}.

    Returns:
        [N].
    """
    squares = ops.sum(ops.square(code), axis=1)
    faces = identity_distances(networks, code, given)
    return faces + given["code_weight"] * squares


IMPLEMENTATION = Implementation(
    build_networks=models.build_networks,
    build_generator=models.build_generator,
    stages=lambda recipe, run: stages(recipe, run.max_steps, run.batch_size),
    # Generated faces have the groups of the real ones.
    draws=lambda sizes, recipe: {
        "own_group_share": 1.0,
        "with_targets": False,
        "noise_size": sizes.latent_size,
        "flip": recipe.horizontal_flip,
    },
    build_others={"encoder": models.build_encoder},
    inversions={
        "pixelwise": pixel_distances,
        "identity_preserving": identity_distances,
        "extended": extended_distances,
    },
    extended=models.extended,
)
