"""Takes one step of every phase of a tiny family; run on each backend, then compared.

As a program: one_step.py OUT.npz, with TensorFlow made impossible to import.
"""

import sys

import numpy as np

TINY_SIZES = {
    "image_size": 16,
    "generator_filters": 4,
    "residual_blocks": 1,
    "discriminator_filters": 4,
}
TINY_AGE_CGAN_SIZES = {
    "image_size": 16,
    "num_groups": 5,
    "latent_size": 6,
    "generator_filters": 4,
    "discriminator_filters": 4,
    "encoder_filters": 4,
    "encoder_units": 8,
}
TINY_RAGAN_SIZES = {
    "image_size": 16,
    "num_groups": 5,
    "generator_filters": 4,
    "encoder_blocks": 1,
    "modulator_blocks": 1,
    "age_vector_size": 6,
    "discriminator_filters": 4,
}


def tiny_alexnet():
    """A face AlexNet with few fully connected units, weights drawn by NumPy."""
    from ipcgan.models import alexnet as alexnet_models

    sizes = alexnet_models.AlexNetSizes(
        image_size=16,
        trunk_size=67,
        fully_connected=4,
        num_people=0,
        descriptor_size=3,
        reads_years=True,
        reads_gender=True,
        dropout=0.0,
        pixel_scale=1 / 64,
    )
    alexnet = alexnet_models.build_alexnet(sizes)
    draw_weights(alexnet, seed=3)
    alexnet.trainable = False
    return alexnet, sizes


def tiny_face_resnet():
    """A face ResNet of 32 pixels that reads all there is, weights drawn by NumPy."""
    from ipcgan.models import face_resnet as face_resnet_models

    sizes = face_resnet_models.FaceResNetSizes(
        image_size=32,
        trunk_size=32,
        filters=4,
        hidden=8,
        descriptor_size=3,
        reads_years=True,
        reads_gender=True,
    )
    network = face_resnet_models.build_face_resnet(sizes)
    draw_weights(network, seed=4)
    return network, sizes


def draw_weights(network, seed):
    """Gives a network the same weights on every backend."""
    random = np.random.default_rng(seed)
    for weight in network.weights:
        if weight.name.endswith("kernel"):
            scale = (2.0 / np.prod(weight.shape[:-1])) ** 0.5
            weight.assign(random.normal(0.0, scale, weight.shape).astype("float32"))
        elif weight.name in ("group_scale", "group_shift"):
            mean = float(weight.name == "group_scale")
            weight.assign(random.normal(mean, 0.3, weight.shape).astype("float32"))
        elif weight.name == "templates":
            weight.assign(random.normal(0.0, 0.01, weight.shape).astype("float32"))


def tiny_batch():
    """Four faces of noise, with every kind of label."""
    from ipcgan.batch import FaceBatch

    random = np.random.default_rng(0)
    return FaceBatch(
        source_image=random.uniform(-1, 1, (4, 16, 16, 3)).astype("float32"),
        source_group=np.array([0, 1, 2, 3], "int32"),
        target_image=random.uniform(-1, 1, (4, 16, 16, 3)).astype("float32"),
        target_group=np.array([4, 1, 0, 2], "int32"),
        wrong_group=np.array([0, 2, 1, 4], "int32"),
        target_years=np.array([60, 25, 15, 35], "float32"),
        noise=random.standard_normal((4, 6), "float32"),
        source_mask=random.uniform(0, 1, (4, 16, 16, 1)).astype("float32"),
        aged_image=random.uniform(-1, 1, (4, 16, 16, 3)).astype("float32"),
        prototype_image=random.uniform(-1, 1, (4, 16, 16, 3)).astype("float32"),
    )


def attacked_batch():
    """Four labelled faces of noise, to be attacked."""
    from ipcgan.batch import LabelledBatch

    random = np.random.default_rng(1)
    return LabelledBatch(
        image=random.uniform(-0.5, 0.5, (4, 16, 16, 3)).astype("float32"),
        group=np.array([0, 1, 2, 4], "int32"),
        years=np.array([15, 25, 35, 65], "float32"),
        attack_radius=np.array([0.0, 0.5, 1.0, 2.0], "float32"),
    )


def ipcgan_networks(**sizes):
    """Tiny networks of IPCGAN with the same weights on every backend."""
    from ipcgan.models import ipcgan as ipcgan_models

    sizes = ipcgan_models.IPCGANSizes(**TINY_SIZES, **sizes)
    networks = ipcgan_models.build_networks(sizes)
    for seed, network in enumerate(networks.values()):
        draw_weights(network, seed)
    networks["alexnet"] = tiny_alexnet()[0]
    return networks


def ipcgan_phases():
    """Yields (phase, networks): IPCGAN's, and those of its other networks.

    They take plain gradient steps, so that a step shows the gradient.
    """
    import dataclasses

    import keras

    from ipcgan.families.ipcgan import IPCGANRecipe
    from ipcgan.objectives import ipcgan as ipcgan_objectives

    recipe = IPCGANRecipe(
        years_loss_weight=1.0,
        descriptor_loss_weight=1.0,
        gender_loss_weight=1.0,
        prototype_loss_weight=50.0,
        reconstruction_loss_weight=50.0,
        tone_loss_weight=10.0,
        chroma_loss_weight=10.0,
        tv_loss_weight=1e-3,
    )
    for stage in ipcgan_objectives.stages(recipe, 2):
        for phase in stage.phases:
            phase = dataclasses.replace(phase, optimizer=keras.optimizers.SGD(1e-3))
            yield phase, ipcgan_networks()
            if phase.name == "discriminator":
                residual = dataclasses.replace(
                    phase, name="residual", optimizer=keras.optimizers.SGD(1e-3)
                )
                yield residual, ipcgan_networks(discriminator="residual")
            else:
                bilinear = dataclasses.replace(
                    phase, name="bilinear", optimizer=keras.optimizers.SGD(1e-3)
                )
                yield bilinear, ipcgan_networks(upsampling="bilinear")
                both = dataclasses.replace(
                    phase, name="templates", optimizer=keras.optimizers.SGD(1e-3)
                )
                yield (
                    both,
                    ipcgan_networks(
                        generator_output="change",
                        templates=2,
                        warps=True,
                    ),
                )
                alone = dataclasses.replace(
                    phase, name="generator alone", optimizer=keras.optimizers.SGD(1e-3)
                )
                yield (
                    alone,
                    ipcgan_networks(
                        generator="templates",
                        generator_output="change",
                        templates=2,
                        warps=True,
                        contrasts=True,
                    ),
                )
    penalized = dataclasses.replace(recipe, gradient_penalty_weight=1.0)
    phase = ipcgan_objectives.stages(penalized, 2)[0].phases[-1]
    phase = dataclasses.replace(phase, optimizer=keras.optimizers.SGD(1e-3))
    yield phase, ipcgan_networks(discriminator="residual")


def age_cgan_networks(**sizes):
    """Tiny networks of Age-cGAN with the same weights on every backend."""
    from ipcgan.models import age_cgan as age_cgan_models

    sizes = age_cgan_models.AgeCGANSizes(**{**TINY_AGE_CGAN_SIZES, **sizes})
    networks = age_cgan_models.build_networks(sizes)
    networks["generator_average"] = age_cgan_models.build_generator(sizes)
    for seed, network in enumerate(networks.values()):
        draw_weights(network, seed)
    return networks


def age_cgan_phases():
    """Yields (phase, networks) of Age-cGAN's stages, with plain gradient steps."""
    import dataclasses

    import keras

    from ipcgan.families.age_cgan import AgeCGANRecipe
    from ipcgan.objectives import age_cgan as age_cgan_objectives

    recipe = AgeCGANRecipe(real_label=0.9, mismatched_loss_weight=1.0)
    for stage in age_cgan_objectives.stages(recipe, max_steps=1, batch_size=4):
        for phase in stage.phases:
            phase = dataclasses.replace(phase, optimizer=keras.optimizers.SGD(1e-3))
            yield phase, age_cgan_networks()


def ragan_networks(**sizes):
    """Tiny networks of RAGAN with the same weights on every backend."""
    from ipcgan.models import ragan as ragan_models

    sizes = ragan_models.RAGANSizes(**{**TINY_RAGAN_SIZES, **sizes})
    networks = ragan_models.build_networks(sizes)
    for seed, network in enumerate(networks.values()):
        draw_weights(network, seed)
    return networks


def ragan_phases(only=""):
    """Yields (phase, networks) of RAGAN's first stages, with plain gradient steps."""
    import dataclasses

    import keras

    from ipcgan.families.ragan import RAGANRecipe
    from ipcgan.objectives import ragan as ragan_objectives

    recipe = RAGANRecipe(template_steps=1, prototype_loss_weight=50.0)
    changes = {"generator_output": "change", "templates": 2}
    for stage in ragan_objectives.stages(recipe, max_steps=4)[:2]:
        sizes = changes if stage.name == "templates" else {}
        for phase in stage.phases:
            if only not in ("", phase.name):
                continue
            phase = dataclasses.replace(phase, optimizer=keras.optimizers.SGD(1e-3))
            yield phase, ragan_networks(**sizes)


def terms_and_gradients():
    """Returns {phase/term: value} and {phase/weight path: gradient} of one step."""
    plain = tiny_batch()._replace(source_mask=None)  # By the network's own ellipse.
    return (
        _of_phases("", ipcgan_phases())
        | _of_phases("age_cgan ", age_cgan_phases())
        | _of_phases("ragan ", ragan_phases())
        | _of_phases("ragan ellipse ", ragan_phases(only="generator"), plain)
        | _attack()
        | _search()
    )


def _of_phases(prefix, phases, batch=None):
    from ipcgan.training.step import make_update

    batch, result = batch or tiny_batch(), {}
    for phase, networks in phases:
        before = {id(w): w.numpy() for n in networks.values() for w in n.weights}
        for name, value in make_update(phase, networks)(batch)[0].items():
            result[f"term {prefix}{phase.name}/{name}"] = np.array(value)
        for name in phase.trained:
            for weight in networks[name].trainable_variables:
                step = (before[id(weight)] - weight.numpy()) / 1e-3
                result[f"gradient {prefix}{phase.name}/{weight.path}"] = step
    return result


def _attack():
    """Returns what an attack does to the faces of a labelled batch."""
    from ipcgan.objectives import face_network

    alexnet, _ = tiny_alexnet()
    weights = face_network.FaceNetworkWeights(age=1.0, years=1.0)
    batch = attacked_batch()
    image = face_network.attacked(alexnet, batch, weights)
    return {"gradient attack": np.array(image) - batch.image}


def _search():
    """Returns values and gradients of the objectives of the latent search."""
    from ipcgan.families import FAMILIES
    from ipcgan.training.step import make_gradient

    batch = tiny_batch()
    networks = {**age_cgan_networks(), "recogniser": tiny_alexnet()[0]}
    code = FAMILIES["age_cgan"].implementation
    extended = code.extended(networks["generator"])
    longer = np.zeros((4, extended.inputs[0].shape[1]), "float32")
    longer[:, : batch.noise.shape[1]] = batch.noise
    given = {
        "image": batch.source_image,
        "group": batch.source_group,
        "descriptor": np.ones((4, 3), "float32"),
        "pixel_weight": np.full(4, 0.1, "float32"),
        "code_weight": np.full(4, 0.01, "float32"),
    }
    result = {}
    for name, objective in code.inversions.items():
        points = batch.noise
        if name == "extended":
            networks, points = {**networks, "generator": extended}, longer
        values, gradients = make_gradient(objective, networks)(points, given)
        result[f"term search/{name}"] = np.array(values)
        result[f"gradient search/{name}"] = np.array(gradients)
    return result


if __name__ == "__main__":
    sys.modules["tensorflow"] = None  # Importing it is an error from here on.
    np.savez(sys.argv[1], **terms_and_gradients())
