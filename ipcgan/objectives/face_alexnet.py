"""Pretraining of the face AlexNet: loss terms, their weights, the phase.

Source: Wang et al., CVPR 2018 (softmax over people, age groups); imitating a
recogniser's descriptor is ours, for data in which nobody is named.
"""

import dataclasses

from ipcgan import losses
from ipcgan.config import PRETRAINING_TASKS
from ipcgan.training.phase import Phase


@dataclasses.dataclass(frozen=True)
class FaceAlexNetWeights:
    """Factors of the terms; 0 leaves a term out."""

    person: float = 0.0  # softmax over people.
    descriptor: float = 0.0  # squared distance from a recogniser's descriptor.
    age: float = 0.0  # softmax over age groups.

    @classmethod
    def of_tasks(cls, tasks) -> "FaceAlexNetWeights":
        """Returns the weights with which the named TASKS are trained together.

        Two strangers' descriptors are about 0.7 apart (squared), the age term starts
        at ln 5 = 1.6: the factor 5 gives both tasks a similar say.
        """
        return cls(
            person=float("identity" in tasks),
            descriptor=5.0 * ("distill" in tasks),
            age=float("age" in tasks),
        )


def terms(networks, batch, weights):
    """Returns the terms that have a weight, for a LabelledBatch."""
    outputs = networks["alexnet"](batch.image, training=True)
    result = {}
    if weights.person:
        logits = outputs["person_logits"]
        result["person"] = losses.group_cross_entropy(logits, batch.person)
    if weights.descriptor:
        descriptor = outputs["descriptor"]
        result["descriptor"] = losses.feature_distance(descriptor, batch.descriptor)
    if weights.age:
        logits = outputs["age_logits"]
        result["age"] = losses.group_cross_entropy(logits, batch.group)
    return result


def phase(weights: FaceAlexNetWeights, optimizer) -> Phase:
    """Returns the one phase of the pretraining; it trains what is not frozen.

    Raises:
        ValueError: if no term has a weight.
    """
    used = {k: v for k, v in dataclasses.asdict(weights).items() if v}
    if not used:
        raise ValueError(f"Name at least one task of {', '.join(PRETRAINING_TASKS)}.")
    return Phase(
        name="alexnet",
        trained=("alexnet",),
        objective=lambda networks, batch: terms(networks, batch, weights),
        weights=used,
        optimizer=optimizer,
    )
