"""The training step on the TensorFlow backend; the only file that imports it."""

import tensorflow as tf


def make_update(phase, networks):
    """See step.make_update."""
    trained = [w for name in phase.trained for w in networks[name].trainable_variables]
    phase.optimizer.build(trained)

    @tf.function
    def update(batch):
        # As the function's own tracing does, for tf.config.run_functions_eagerly.
        batch = tf.nest.map_structure(_tensor, batch)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in trained])
            terms, made = phase.parts(phase.objective(networks, batch))
            total = phase.total(terms)
        # A phase may train a part of a network; the rest gets zeros, as in JAX.
        gradients = tape.gradient(
            total,
            [variable.value for variable in trained],
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
        phase.optimizer.apply(gradients, trained)
        return terms, made

    return update


def _tensor(value):
    return None if value is None else tf.convert_to_tensor(value)


def input_gradient(function, inputs):
    """See step.input_gradient."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(inputs)
        value = function(inputs)
    return tf.stop_gradient(tape.gradient(value, inputs))


def differentiable_input_gradient(function, inputs):
    """See step.differentiable_input_gradient.

    The tape of the update, around this one, records what this one computes.
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(inputs)
        value = function(inputs)
    return tape.gradient(value, inputs)


def make_gradient(function, networks):
    """See step.make_gradient."""

    @tf.function
    def gradient(inputs, given):
        inputs, given = tf.nest.map_structure(_tensor, (inputs, given))
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(inputs)
            values = function(networks, inputs, given)
            total = tf.reduce_sum(values)
        return values, tape.gradient(total, inputs)

    return gradient


def make_average(network, average):
    """Returns a function of a float32 momentum that moves `average` towards `network`.

    average = momentum * average + (1 - momentum) * network.

    Moving statistics are averaged like weights, so that they belong together.
    """

    @tf.function
    def update(momentum):
        pairs = zip(average.variables, network.variables, strict=True)
        for averaged, variable in pairs:
            averaged.assign(momentum * averaged + (1.0 - momentum) * variable)

    return update


def read_checkpoint(prefix):
    """Reads a TensorFlow checkpoint (bundle) as {variable name: NumPy array}."""
    reader = tf.train.load_checkpoint(prefix)
    return {
        name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()
    }
