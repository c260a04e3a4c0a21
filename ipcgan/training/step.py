"""The training step on whichever backend Keras runs."""

import keras


def backend():
    """Returns the module of the backend that Keras runs on.

    Raises:
        RuntimeError: if training does not run on it.
    """
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


def make_update(phase, networks, engine=None):
    """Returns a compiled function that trains.

    batch -> ({term: unweighted value}, {field of the batch: what the phase made}).

    Args:
        phase: whose networks it trains.
        networks: built within the scope of the devices, where there are several.
        engine: of devices.Devices. With several devices the batch is this process'
            share, the terms are of the whole batch, and what was made stays divided.
    """
    return backend().make_update(phase, networks, engine)


def input_gradient(function, inputs):
    """Returns the gradient of a scalar function by its inputs, as a constant.

    For use within an objective: nothing flows back through it.

    Args:
        function: inputs -> scalar; its networks must not change any variable
            (`training=False`).
        inputs: a tensor.

    Returns:
        A tensor of the inputs' shape.
    """
    return backend().input_gradient(function, inputs)


def differentiable_input_gradient(function, inputs):
    """Returns the gradient of a scalar function by its inputs, not as a constant.

    For use within an objective: what is made of it has a gradient by the weights, so
    that the gradient itself can be trained (a gradient penalty).

    Args:
        function: inputs -> scalar; its networks must not change any variable
            (`training=False`), and must have no batch normalization: TensorFlow's
            second derivative of its statistics is not the true one.
        inputs: a tensor.

    Returns:
        A tensor of the inputs' shape.
    """
    return backend().differentiable_input_gradient(function, inputs)


def make_gradient(function, networks):
    """Returns a compiled function of each row's value and gradient.

    For searching inputs, not for training: networks stay as they are.

    Args:
        function: (networks, inputs [N, ...], given) -> [N]; row n depends on row n of
            the inputs alone. `given` is any dict of tensors.
        networks: {name: network}, called with `training=False`; their weights may be
            reloaded between two calls.

    Returns:
        (inputs, given) -> (values [N], gradients [N, ...]).
    """
    return backend().make_gradient(function, networks)


def make_average(network, average, engine=None):
    """Returns a compiled function of a momentum that moves `average` to `network`."""
    return backend().make_average(network, average, engine)
