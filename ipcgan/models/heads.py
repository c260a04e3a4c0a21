"""The output layers of the pretrained face networks."""

import keras
from keras import layers


def linear(x, units: int, name: str, trainable: bool = True):
    """Returns [N, units] float32 of hidden units [N, D].

    Its first weights are small: large first errors would kill the trunk's ReLUs.
    """
    return layers.Dense(
        units,
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
        dtype="float32",
        trainable=trainable,
        name=name,
    )(x)


def years(x):
    """Returns the age in years, [N] float32, of hidden units [N, D].

    It begins at the middle of a life, with numbers near 1 for Adam.
    """
    value = 40.0 + 20.0 * linear(x, 1, "age_years")
    return keras.ops.reshape(value, (-1,))
