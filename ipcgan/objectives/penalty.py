"""The gradient penalty "R1", for any family's discriminator."""

from collections.abc import Callable

import keras
from keras import ops

from ipcgan import losses
from ipcgan.config import ConfigError
from ipcgan.training.phase import Phase
from ipcgan.training.step import differentiable_input_gradient

EVERY = 16  # steps: the penalty changes little from one to the next, and is expensive.


def at_real_faces(discriminator: keras.Model, logits_of: Callable, image):
    """Returns losses.gradient_penalty of a discriminator's logits at real faces.

    Args:
        discriminator: whose weights the penalty has a gradient by.
        logits_of: image [N, S, S, 3] -> [N], the logit of each face, which depends on
            that face alone; called with `training=False`.
        image: [N, S, S, 3] float32 in [-1, 1].

    Raises:
        ConfigError: if the discriminator has batch normalization, with which the
            gradient penalty would be wrong.
    """
    refuse_batch_normalization(discriminator)
    # A face's logit depends on that face alone: the sum's gradient is theirs.
    gradient = differentiable_input_gradient(lambda x: ops.sum(logits_of(x)), image)
    return losses.gradient_penalty(gradient)


def phase(objective, weight, optimizer) -> Phase:
    """Returns the penalty's own update of the discriminator, of few steps.

    Args:
        objective: returns {"gradient_penalty": at_real_faces(...)}.
        weight: that it would have in every step.
        optimizer: the discriminator's.

    Source: "lazy regularization", Karras et al., "Analyzing and Improving the Image
    Quality of StyleGAN", CVPR 2020.
    """
    return Phase(
        name="penalty",
        trained=("discriminator",),
        objective=objective,
        weights={"gradient_penalty": EVERY * weight},
        optimizer=optimizer,
        every=EVERY,
    )


def refuse_batch_normalization(network: keras.Model) -> None:
    """Raises ConfigError if a network has batch normalization, naming the layer."""
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            raise ConfigError(
                f"{network.name} has batch normalization ({layer.name}): a gradient "
                "penalty needs a network in which no face depends on another."
            )
        if isinstance(layer, keras.Model):
            refuse_batch_normalization(layer)
