"""The terms of IPCGAN's generator: one table, and how each is computed.

A new term takes a line of the table, its weight in IPCGANRecipe, and its loss.

Source: Wang et al., CVPR 2018, for the three that are always there; the others are
ours.
"""

from typing import Any, NamedTuple

import keras

from ipcgan import losses
from ipcgan.batch import FaceBatch
from ipcgan.objectives import prototypes
from ipcgan.objectives.terms import Term


class ForwardPass(NamedTuple):
    """What the generator's terms are computed from.

    Attributes:
        batch: the FaceBatch.
        aged: [N, S, S, 3] in [-1, 1], its source faces aged to its target groups.
        logits: the discriminator's, of the aged faces with their target groups.
        after: {output: tensor} of the face AlexNet for the aged faces.
        before: the same for the source faces.
    """

    batch: FaceBatch
    aged: Any
    logits: Any
    after: dict
    before: dict


def _adversarial(x, recipe):
    return losses.least_squares_generator(x.logits)


def _identity(x, recipe):
    layer = recipe.fea_layer_name
    return losses.feature_distance(x.after[layer], x.before[layer])


def _age(x, recipe):
    return losses.group_cross_entropy(x.after["age_logits"], x.batch.target_group)


def _years(x, recipe):
    batch = x.batch
    # A face that is of the group is as old as it is.
    other = keras.ops.cast(batch.source_group != batch.target_group, "float32")
    return losses.squared_years_error(x.after["age_years"], batch.target_years, other)


def _descriptor(x, recipe):
    return losses.feature_distance(
        x.after["descriptor"], x.before["descriptor"], recipe.descriptor_margin
    )


def _gender(x, recipe):
    return losses.kl_divergence(x.after["gender_logits"], x.before["gender_logits"])


def _prototype(x, recipe):
    return prototypes.prototype_loss(x.aged, x.batch)


def _reconstruction(x, recipe):
    batch = x.batch
    own = keras.ops.cast(batch.source_group == batch.target_group, "float32")
    return losses.absolute_error(x.aged, batch.source_image, own)


def _tone(x, recipe):
    return losses.tone_difference(x.aged, x.batch.source_image)


def _chroma(x, recipe):
    return losses.chroma_difference(x.aged, x.batch.source_image)


def _total_variation(x, recipe):
    return losses.total_variation(x.aged)


def _reading(*outputs):
    return lambda recipe: outputs


# In the order of the log.
GENERATOR_TERMS = (
    Term("adversarial", "gan_loss_weight", _adversarial, always=True),
    Term(
        "identity",
        "fea_loss_weight",
        _identity,
        reads=lambda recipe: (recipe.fea_layer_name,),
        always=True,
    ),
    Term("age", "age_loss_weight", _age, _reading("age_logits"), always=True),
    Term("years", "years_loss_weight", _years, _reading("age_years")),
    Term("descriptor", "descriptor_loss_weight", _descriptor, _reading("descriptor")),
    Term("gender", "gender_loss_weight", _gender, _reading("gender_logits")),
    Term(prototypes.PROTOTYPE, "prototype_loss_weight", _prototype),
    Term("reconstruction", "reconstruction_loss_weight", _reconstruction),
    Term("tone", "tone_loss_weight", _tone),
    Term("chroma", "chroma_loss_weight", _chroma),
    Term("total_variation", "tv_loss_weight", _total_variation),
)
