"""The training step on whichever backend Keras runs."""

import keras


def _backend():
    if keras.backend.backend() == "tensorflow":
        from ipcgan.training import step_tensorflow

        return step_tensorflow
    if keras.backend.backend() == "jax":
        from ipcgan.training import step_jax

        return step_jax
    raise RuntimeError(
        f"Training runs on tensorflow and jax, not on {keras.backend.backend()}; "
        "set KERAS_BACKEND."
    )


def make_update(phase, networks):
    """Returns a compiled function: batch -> {term: unweighted value}; it trains."""
    return _backend().make_update(phase, networks)


def make_average(network, average):
    """Returns a compiled function of a momentum that moves `average` to `network`."""
    return _backend().make_average(network, average)
