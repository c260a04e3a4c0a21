"""The training step on the JAX backend; the only file that imports it.

Its trick: inside a StatelessScope an ordinary stateful objective is a pure function.
"""

import jax
import keras


def says_lost(error):
    """Whether an error can mean that another process is gone.

    Gloo's come as ValueError too, where an array is made of parts.
    """
    return isinstance(error, jax.errors.JaxRuntimeError) or "Gloo" in str(error)


def connect(count, hosts, timeout):
    """See devices.connect."""
    if count and count > 1:  # Processors are one device, unless they are divided.
        jax.config.update("jax_num_cpu_devices", count)
    if hosts.processes > 1:
        found = (hosts.address, hosts.processes, hosts.rank)
        given = (None, None, None) if hosts.by_slurm else found
        jax.distributed.initialize(*given, heartbeat_timeout_seconds=timeout)
    every = range(jax.process_count())
    used = [d for process in every for d in jax.local_devices(process)[:count]]
    engine = keras.distribution.DataParallel(devices=used, auto_shard_dataset=False)
    return engine, jax.process_index(), len(used) // len(every)


def distribute(engine, values):
    """Divides arrays of this process, [N, ...] in any nest, over its devices."""

    def over_devices(value):
        if isinstance(value, jax.Array):
            return value
        layout = engine.get_data_layout(value.shape).backend_layout
        return jax.make_array_from_process_local_data(layout, value)

    return jax.tree.map(over_devices, values)


def make_total(engine):
    """Returns a function of such a divided array: its sum over the first axis."""
    everywhere = jax.sharding.NamedSharding(
        engine.device_mesh.backend_mesh, jax.sharding.PartitionSpec()
    )
    return jax.jit(lambda values: values.sum(0), out_shardings=everywhere)


def make_update(phase, networks, engine=None):
    """See step.make_update."""
    # Every variable belongs to one group: what this phase trains, what any
    # forward pass may change (moving averages), what stays as it is.
    trained = [w for name in phase.trained for w in networks[name].trainable_variables]
    taken = {id(v) for v in trained}
    moving = [
        v
        for network in networks.values()
        for v in network.non_trainable_variables
        if network.trainable and id(v) not in taken
    ]
    taken |= {id(v) for v in moving}
    fixed = [
        v for net in networks.values() for v in net.variables if id(v) not in taken
    ]
    phase.optimizer.build(trained)
    slots = phase.optimizer.variables

    def loss(trained_values, moving_values, fixed_values, batch):
        mapping = zip(
            trained + moving + fixed,
            trained_values + moving_values + fixed_values,
            strict=True,
        )
        with keras.StatelessScope(state_mapping=list(mapping)) as scope:
            terms, made = phase.parts(phase.objective(networks, batch))
            total = phase.total(terms)
        return total, (terms, made, [scope.get_current_value(v) for v in moving])

    @jax.jit
    def step(trained_values, moving_values, slot_values, fixed_values, batch):
        gradients, (terms, made, moving_values) = jax.grad(loss, has_aux=True)(
            trained_values, moving_values, fixed_values, batch
        )
        trained_values, slot_values = phase.optimizer.stateless_apply(
            slot_values, gradients, trained_values
        )
        return terms, made, trained_values + moving_values + slot_values

    def update(batch):
        groups = (trained, moving, slots, fixed)
        if engine:
            batch = distribute(engine, batch)
        terms, made, changed = step(
            *([v.value for v in group] for group in groups), batch
        )
        for variable, value in zip(trained + moving + slots, changed, strict=True):
            variable.assign(value)
        return terms, made

    return update


def input_gradient(function, inputs):
    """See step.input_gradient."""
    return jax.lax.stop_gradient(jax.grad(function)(inputs))


def differentiable_input_gradient(function, inputs):
    """See step.differentiable_input_gradient.

    Within an update the networks' weights are those of its StatelessScope, which are
    traced: they are read, never written, so nothing of the inner trace leaves it.
    """
    return jax.grad(function)(inputs)


def make_gradient(function, networks):
    """See step.make_gradient."""
    # As arguments: as constants of the compiled function they could not change.
    variables = [v for network in networks.values() for v in network.variables]

    @jax.jit
    def compute(variable_values, inputs, given):
        def total(rows):
            mapping = list(zip(variables, variable_values, strict=True))
            with keras.StatelessScope(state_mapping=mapping):
                values = function(networks, rows, given)
            return values.sum(), values

        gradients, values = jax.grad(total, has_aux=True)(inputs)
        return values, gradients

    def gradient(inputs, given):
        return compute([v.value for v in variables], inputs, given)

    return gradient


def make_average(network, average, engine=None):
    """Returns a function of a float32 momentum that moves `average` towards `network`.

    average = momentum * average + (1 - momentum) * network.

    Moving statistics are averaged like weights, so that they belong together.
    """
    # Once: going through the layers takes longer than mixing.
    averages, variables = average.variables, network.variables

    @jax.jit
    def mix(averaged, current, momentum):
        return [
            momentum * a + (1.0 - momentum) * c
            for a, c in zip(averaged, current, strict=True)
        ]

    def update(momentum):
        mixed = mix([v.value for v in averages], [v.value for v in variables], momentum)
        for variable, value in zip(averages, mixed, strict=True):
            variable.assign(value)

    return update
