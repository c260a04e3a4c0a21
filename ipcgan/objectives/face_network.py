"""Pretraining of a face network: loss terms, their weights, the phase.

Source: Wang et al., CVPR 2018 (softmax over people, age groups); imitating a
recogniser's descriptor is ours, for data without names.
"""

import dataclasses

from keras import ops

from ipcgan import losses
from ipcgan.config import PRETRAINING_TASKS
from ipcgan.training.phase import Phase
from ipcgan.training.step import input_gradient


@dataclasses.dataclass(frozen=True)
class FaceNetworkWeights:
    """Factors of the terms; 0 leaves a term out."""

    person: float = 0.0  # softmax over people.
    descriptor: float = 0.0  # squared distance from a recogniser's descriptor.
    age: float = 0.0  # softmax over age groups.
    years: float = 0.0  # error of the age, in decades.
    gender: float = 0.0  # softmax over male and female.

    @classmethod
    def of_tasks(cls, tasks) -> "FaceNetworkWeights":
        """Returns the weights with which the named TASKS are trained together.

        Two strangers' descriptors are about 0.7 apart (squared), the age term starts
        at ln 5 = 1.6: the factor 5 gives both tasks a similar influence.
        """
        return cls(
            person=float("identity" in tasks),
            descriptor=5.0 * ("distill" in tasks),
            age=float("age" in tasks),
            years=float("years" in tasks),
            gender=float("gender" in tasks),
        )


def terms(networks, batch, weights):
    """Returns the terms that have a weight, for a LabelledBatch.

    Where the batch names radii, the faces are attacked first.
    """
    network, image = networks["face_network"], batch.image
    if batch.attack_radius is not None:
        image = attacked(network, batch, weights)
    return _terms_of(network(image, training=True), batch, weights)


def attacked(network, batch, weights):
    """Changes each face so that the network errs most, as far as a small step can.

    A generator that is trained against an ordinary classifier finds dots and tints that
    stand for an age. A classifier that was trained on attacked faces responds to what
    people see: folds, skin, hair.

    Returns:
        [N, S, S, 3] in [-1, 1]: each face, moved by its radius (L2, over all of its
        pixels) along the gradient of the weighted terms.

    Source: Goodfellow, Shlens, Szegedy, ICLR 2015 (one step along the gradient);
    Santurkar et al., NeurIPS 2019 (robust classifiers guide image synthesis).
    """

    def loss(image):
        named = _terms_of(network(image, training=False), batch, weights)
        factors = dataclasses.asdict(weights)
        return sum(factors[name] * value for name, value in named.items())

    image = ops.convert_to_tensor(batch.image)
    gradient = input_gradient(loss, image)
    length = ops.sqrt(ops.sum(ops.square(gradient), axis=(1, 2, 3), keepdims=True))
    radius = batch.attack_radius[:, None, None, None]
    return ops.clip(image + radius * gradient / (length + 1e-12), -1.0, 1.0)


def _terms_of(outputs, batch, weights):
    result, labelled = {}, batch.labelled
    if weights.person:
        logits = outputs["person_logits"]
        result["person"] = losses.group_cross_entropy(logits, batch.person, labelled)
    if weights.descriptor:
        descriptor = outputs["descriptor"]
        result["descriptor"] = losses.feature_distance(descriptor, batch.descriptor)
    if weights.age:
        logits = outputs["age_logits"]
        result["age"] = losses.group_cross_entropy(logits, batch.group, labelled)
    if weights.years:
        result["years"] = losses.years_error(
            outputs["age_years"], batch.years, labelled
        )
    if weights.gender:
        logits = outputs["gender_logits"]
        result["gender"] = losses.group_cross_entropy(logits, batch.gender, labelled)
    return result


def phase(weights: FaceNetworkWeights, optimizer) -> Phase:
    """Returns the one phase of the pretraining; it trains what is not frozen.

    Raises:
        ValueError: if no term has a weight.
    """
    used = {k: v for k, v in dataclasses.asdict(weights).items() if v}
    if not used:
        raise ValueError(f"Name at least one task of {', '.join(PRETRAINING_TASKS)}.")
    return Phase(
        name="face_network",
        trained=("face_network",),
        objective=lambda networks, batch: terms(networks, batch, weights),
        weights=used,
        optimizer=optimizer,
    )
