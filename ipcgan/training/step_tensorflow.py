"""The training step on the TensorFlow backend; the only file that imports it."""

import tensorflow as tf


def says_lost(error):
    """Whether an error can mean that another process is gone."""
    return isinstance(error, tf.errors.OpError)


def connect(count, hosts, timeout):
    """See devices.connect; the engine has a timeout of its own."""
    tf.get_logger().setLevel("WARNING")  # Of every reduction that it compiles, a line.
    gpus = tf.config.list_physical_devices("GPU")[:count]
    if gpus:
        tf.config.set_visible_devices(gpus, "GPU")
    elif count and count > 1:  # Processors are one device, unless they are divided.
        (cpu,) = tf.config.list_physical_devices("CPU")
        parts = [tf.config.LogicalDeviceConfiguration()] * count
        tf.config.set_logical_device_configuration(cpu, parts)
    if hosts.processes > 1:
        engine = tf.distribute.MultiWorkerMirroredStrategy()
    else:
        devices = tf.config.list_logical_devices("GPU" if gpus else "CPU")
        engine = tf.distribute.MirroredStrategy([each.name for each in devices])
    return engine, hosts.rank, len(engine.extended.worker_devices)


def distribute(engine, values):
    """Divides arrays of this process, [N, ...] in any nest, over its devices."""
    local = len(engine.extended.worker_devices)

    def over_devices(value):
        if value is None or isinstance(value, tf.distribute.DistributedValues):
            return value
        parts = iter(tf.split(value, local))
        return engine.experimental_distribute_values_from_function(
            lambda _: next(parts)
        )

    return tf.nest.map_structure(over_devices, values)


def make_total(engine):
    """Returns a function of such a divided array: its sum over the first axis."""

    @tf.function(reduce_retracing=True)
    def total(values):
        return engine.reduce("SUM", values, axis=0)

    return total


def make_update(phase, networks, engine=None):
    """See step.make_update."""
    engine = engine or tf.distribute.get_strategy()  # That of one device.
    devices = engine.num_replicas_in_sync
    trained = [w for name in phase.trained for w in networks[name].trainable_variables]
    with engine.scope():
        phase.optimizer.build(trained)

    def of_device(batch):
        # As the function's own tracing does, for tf.config.run_functions_eagerly.
        batch = tf.nest.map_structure(_tensor, batch)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in trained])
            terms, made = phase.parts(phase.objective(networks, batch))
            # Keras' optimizers add up what the devices have.
            total = phase.total(terms) / devices
        # A phase may train a part of a network; the rest gets zeros, as in JAX.
        gradients = tape.gradient(
            total,
            [variable.value for variable in trained],
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
        phase.optimizer.apply(gradients, trained)
        return terms, made

    @tf.function
    def update(batch):
        if devices == 1:
            return of_device(batch)
        terms, made = engine.run(of_device, (batch,))
        return {n: engine.reduce("MEAN", v, axis=None) for n, v in terms.items()}, made

    if devices == 1:
        return update
    return lambda batch: update(distribute(engine, batch))


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


def make_average(network, average, engine=None):
    """Returns a function of a float32 momentum that moves `average` towards `network`.

    average = momentum * average + (1 - momentum) * network.

    Moving statistics are averaged like weights, so that they belong together.
    """
    engine = engine or tf.distribute.get_strategy()

    def of_device(momentum):
        pairs = zip(average.variables, network.variables, strict=True)
        for averaged, variable in pairs:
            averaged.assign(momentum * averaged + (1.0 - momentum) * variable)

    @tf.function
    def update(momentum):
        engine.run(of_device, (momentum,))

    return update


def read_checkpoint(prefix):
    """Reads a TensorFlow checkpoint (bundle) as {variable name: NumPy array}."""
    reader = tf.train.load_checkpoint(prefix)
    return {
        name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()
    }
