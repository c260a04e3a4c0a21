from types import SimpleNamespace

import keras
import numpy as np
import pytest
from helpers import one_step
from keras import ops

from ipcgan.config import ConfigError
from ipcgan.families.age_cgan import AgeCGANRecipe
from ipcgan.families.ipcgan import IPCGANRecipe, IPCGANSizes
from ipcgan.models import ipcgan as ipcgan_models
from ipcgan.objectives import age_cgan as age_cgan_objectives
from ipcgan.objectives import face_network, ipcgan_terms, prototypes
from ipcgan.objectives import ipcgan as ipcgan_objectives


def test_the_published_recipe_is_one_stage_of_two_phases():
    (stage,) = ipcgan_objectives.stages(IPCGANRecipe(), 100)
    assert (stage.name, stage.steps) == ("adversarial", 100)
    generator, discriminator = stage.phases
    assert discriminator.weights == {"adversarial": 75.0}
    assert generator.weights == {"adversarial": 75.0, "identity": 0.5e-4, "age": 30.0}


def test_a_weight_adds_its_term():
    recipe = IPCGANRecipe(
        tv_loss_weight=1.0,
        tone_loss_weight=2.0,
        years_loss_weight=3.0,
    )
    (stage,) = ipcgan_objectives.stages(recipe, 20)
    weights = stage.phases[0].weights
    assert (weights["total_variation"], weights["tone"]) == (1.0, 2.0)
    assert weights["years"] == 3.0


EXTRA_WEIGHTS = [
    term.weight for term in ipcgan_terms.GENERATOR_TERMS if not term.always
]


@pytest.mark.parametrize("weight", [*EXTRA_WEIGHTS, None])
def test_the_terms_are_those_that_have_a_weight(weight):
    """What is computed, weighed and read from the teacher comes from one table."""
    recipe = IPCGANRecipe(**({weight: 2.0} if weight else {}))
    (stage,) = ipcgan_objectives.stages(recipe, 20)
    terms = ipcgan_objectives.generator_terms(
        one_step.ipcgan_networks(), tensors_of(one_step.tiny_batch()), recipe
    )
    weights = stage.phases[0].weights
    assert list(terms) == ["aged_image", *weights]
    assert len(weights) == 3 + bool(weight)
    outputs = ipcgan_objectives.IMPLEMENTATION.teacher_outputs(recipe)
    expected = {"conv5": "fea_loss_weight", "age_logits": "age_loss_weight"}
    of_weight = {
        "years_loss_weight": "age_years",
        "descriptor_loss_weight": "descriptor",
        "gender_loss_weight": "gender_logits",
    }
    if weight in of_weight:
        expected[of_weight[weight]] = weight
    assert outputs == expected


def test_a_published_term_is_computed_though_its_weight_is_0():
    (stage,) = ipcgan_objectives.stages(IPCGANRecipe(fea_loss_weight=0.0), 20)
    assert stage.phases[0].weights == {"adversarial": 75.0, "identity": 0, "age": 30.0}


def test_prototypes_are_learnt_alone_before_anything_teaches():
    recipe = IPCGANRecipe(prototype_loss_weight=2.0, template_steps=2)
    stages = ipcgan_objectives.stages(recipe, 10)
    assert [(stage.name, stage.steps) for stage in stages] == [
        ("templates", 2),
        ("adversarial", 8),
    ]
    (templates,), generator = stages[0].phases, stages[1].phases[0]
    assert templates.trained == ("generator",)
    assert templates.weights == {"prototype": 2.0}
    assert templates.optimizer is not generator.optimizer
    assert generator.weights["prototype"] == 2.0
    # A mean squared error: of a picture of 0.25 everywhere from one of -0.5.
    batch = SimpleNamespace(
        source_image=np.full((2, 4, 4, 3), 0.25, "float32"),
        target_group=np.array([0, 1]),
        prototype_image=np.full((2, 4, 4, 3), -0.5, "float32"),
    )
    networks = {"generator": lambda inputs, training: inputs[0]}
    terms = prototypes.prototype_terms(networks, batch)
    assert float(terms["prototype"]) == 0.5625


def test_templates_learn_prototypes_without_the_rest_of_the_generator():
    sizes = IPCGANSizes(
        image_size=16, generator_filters=2, generator_output="change", templates=2
    )
    generator = ipcgan_models.build_generator(sizes)
    templates = generator.get_layer("templates").templates
    templates.assign(np.full(templates.shape, 0.01, "float32"))
    generator.get_layer("template_shares").bias.assign([1.0, 2.0])
    batch = SimpleNamespace(
        source_image=np.full((2, 16, 16, 3), 0.25, "float32"),
        target_group=np.array([0, 1]),
        prototype_image=np.full((2, 16, 16, 3), -0.5, "float32"),
    )
    # The trunk's change would be 0.1; templates' are ten times their values.
    generator.get_layer("to_rgb").bias.assign([0.1] * 3)
    alone = ipcgan_models.aged_by_templates(generator)
    terms = prototypes.prototype_terms({"generator": alone}, batch)
    # 0.25 and 0.3 of templates, from -0.5.
    assert float(terms["prototype"]) == pytest.approx(1.05**2, rel=1e-5)
    terms = prototypes.prototype_terms({"generator": generator}, batch)
    assert float(terms["prototype"]) == pytest.approx(1.15**2, rel=1e-5)


def test_a_run_may_learn_prototypes_alone():
    recipe = IPCGANRecipe(
        prototype_loss_weight=1.0, template_steps=3, learning_rate_decay=True
    )
    (stage,) = ipcgan_objectives.stages(recipe, 3)
    assert (stage.name, stage.steps) == ("templates", 3)


def test_steps_of_prototypes_without_a_weight_or_too_many_are_refused():
    with pytest.raises(ConfigError, match=r"template_steps \(3\).*weight above 0"):
        ipcgan_objectives.stages(IPCGANRecipe(template_steps=3), 10)
    recipe = IPCGANRecipe(template_steps=11, prototype_loss_weight=1.0)
    with pytest.raises(ConfigError, match=r"template_steps \(11\).*\(10\)"):
        ipcgan_objectives.stages(recipe, 10)


def test_no_steps_at_all_are_refused():
    with pytest.raises(ConfigError, match=r"max_steps \(0\)"):
        ipcgan_objectives.stages(IPCGANRecipe(), 0)


def test_the_generators_rate_rises_before_it_falls():
    recipe = IPCGANRecipe(learning_rate=1.0, learning_rate_decay=True)
    (stage,) = ipcgan_objectives.stages(recipe, 1000)

    def rates(phase, *steps):
        schedule = phase.optimizer._learning_rate
        return [float(ops.convert_to_numpy(schedule(step))) for step in steps]

    generator, discriminator = stage.phases
    # From a twentieth in a straight line to 1 at step 200, then half a cosine.
    np.testing.assert_allclose(
        rates(generator, 0, 100, 200, 600, 1000),
        [0.05, 0.525, 1.0, 0.525, 0.05],
        rtol=1e-3,
    )
    np.testing.assert_allclose(
        rates(discriminator, 0, 500, 1000), [1.0, 0.525, 0.05], rtol=1e-3
    )


def test_an_attack_moves_each_face_by_its_radius_and_raises_the_loss():
    alexnet, _ = one_step.tiny_alexnet()
    weights = face_network.FaceNetworkWeights(age=1.0, years=1.0)
    batch = one_step.attacked_batch()
    attacked = ops.convert_to_numpy(face_network.attacked(alexnet, batch, weights))
    moved = np.sqrt(np.square(attacked - batch.image).sum(axis=(1, 2, 3)))
    # Pixels start within 0.5 of 0: at these radii none is stopped at 1.
    np.testing.assert_allclose(moved, batch.attack_radius, rtol=1e-3, atol=1e-6)

    def loss(image):
        there = batch._replace(image=image, attack_radius=None)
        terms = face_network.terms({"face_network": alexnet}, there, weights)
        return sum(float(ops.convert_to_numpy(value)) for value in terms.values())

    assert loss(attacked) > loss(batch.image)


def tensors_of(batch):
    return type(batch)(
        *(None if x is None else ops.convert_to_tensor(x) for x in batch)
    )


def test_a_face_of_the_group_owes_no_years():
    recipe = IPCGANRecipe(years_loss_weight=1.0)
    networks = one_step.ipcgan_networks()
    batch = tensors_of(one_step.tiny_batch())
    own = batch._replace(source_group=batch.target_group)
    terms = ipcgan_objectives.generator_terms(networks, own, recipe)
    assert float(terms["years"]) == 0.0
    terms = ipcgan_objectives.generator_terms(networks, batch, recipe)
    assert float(terms["years"]) > 0.0


def test_years_that_lack_are_squared_in_decades():
    networks = one_step.ipcgan_networks()
    alexnet = networks["alexnet"]

    def reads_40_years_always(image, training):
        return {**alexnet(image), "age_years": 0.0 * image[:, 0, 0, 0] + 40.0}

    networks["alexnet"] = reads_40_years_always
    batch = tensors_of(one_step.tiny_batch())
    batch = batch._replace(
        source_group=0 * batch.target_group,
        target_group=0 * batch.target_group + 4,
        target_years=0.0 * batch.target_years + 60.0,
    )
    recipe = IPCGANRecipe(years_loss_weight=1.0)
    terms = ipcgan_objectives.generator_terms(networks, batch, recipe)
    # From 40 to 60 are 2 decades.
    assert float(terms["years"]) == pytest.approx(4.0, rel=1e-5)


def test_a_copy_keeps_its_descriptor():
    recipe = IPCGANRecipe(descriptor_loss_weight=1.0)
    networks = one_step.ipcgan_networks()
    batch = tensors_of(one_step.tiny_batch())
    terms = ipcgan_objectives.generator_terms(networks, batch, recipe)
    assert float(terms["descriptor"]) > 0.0
    networks["generator"] = lambda inputs, training: inputs[0]
    terms = ipcgan_objectives.generator_terms(networks, batch, recipe)
    assert float(terms["descriptor"]) == 0.0


def test_the_penalty_of_linear_branches_is_that_of_their_weights_every_16th_step():
    image = keras.Input((16, 16, 3))
    branches = keras.layers.Dense(5, name="branches")
    flat = keras.layers.Flatten()(image)
    discriminator = keras.Model(image, branches(flat), name="discriminator")
    kernel = np.random.default_rng(0).normal(size=(768, 5)).astype("float32")
    branches.set_weights([kernel, np.zeros(5, "float32")])
    networks = {**one_step.ipcgan_networks(), "discriminator": discriminator}
    batch = tensors_of(one_step.tiny_batch())
    terms = ipcgan_objectives.penalty_terms(networks, batch)
    # Target faces are of groups 4, 1, 0 and 2.
    expected = 0.5 * np.square(kernel[:, [4, 1, 0, 2]]).sum(axis=0).mean()
    np.testing.assert_allclose(float(terms["gradient_penalty"]), expected, rtol=1e-5)
    recipe = IPCGANRecipe(gradient_penalty_weight=10.0)
    phase = ipcgan_objectives.stages(recipe, 3)[0].phases[-1]
    assert (phase.weights, phase.every) == ({"gradient_penalty": 160.0}, 16)


def test_a_penalty_that_cannot_be_is_refused():
    networks = one_step.ipcgan_networks()
    batch = tensors_of(one_step.tiny_batch())
    with pytest.raises(ConfigError, match="batch normalization"):
        ipcgan_objectives.penalty_terms(networks, batch)


def test_a_discriminator_with_branches_answers_for_the_groups_it_is_asked_for():
    """Whatever a face looks like, branch k says k."""
    networks = one_step.ipcgan_networks(discriminator="residual")
    layer = networks["discriminator"].get_layer("branches")
    kernel, bias = layer.get_weights()
    layer.set_weights([0 * kernel, np.arange(5, dtype=bias.dtype)])
    batch = tensors_of(one_step.tiny_batch())
    terms = ipcgan_objectives.discriminator_terms(networks, batch)
    target, wrong = np.array([4, 1, 0, 2]), np.array([0, 2, 1, 4])
    expected = np.square(target - 1).mean() + 0.5 * (
        np.square(wrong).mean() + np.square(target).mean()
    )
    np.testing.assert_allclose(float(terms["adversarial"]), 0.5 * expected, rtol=1e-5)


def test_the_discriminator_judges_what_the_generators_update_made():
    networks = one_step.ipcgan_networks()
    (stage,) = ipcgan_objectives.stages(IPCGANRecipe(), 5)
    generator, discriminator = stage.phases
    batch = tensors_of(one_step.tiny_batch())
    terms, made = generator.parts(generator.objective(networks, batch))
    assert terms.keys() == generator.weights.keys()
    assert made["aged_image"].shape == batch.source_image.shape

    def never(inputs, training):
        raise AssertionError("The faces need not be aged again.")

    networks["generator"] = never
    discriminator.objective(networks, batch._replace(**made))


def test_age_cgan_is_a_gan_and_then_an_encoder():
    recipe = AgeCGANRecipe(encoder_pairs=100, real_label=0.9)
    gan, encoder = age_cgan_objectives.stages(recipe, max_steps=7, batch_size=32)
    assert (gan.name, gan.steps) == ("gan", 7)
    assert (encoder.name, encoder.steps) == ("encoder", 4)  # 4 * 32 >= 100 pairs.
    assert [phase.trained for phase in (*gan.phases, *encoder.phases)] == [
        ("discriminator",),
        ("generator",),
        ("encoder",),
    ]
    assert gan.phases[0].weights == {"real": 1.0, "fake": 1.0}
    conditioned = AgeCGANRecipe(mismatched_loss_weight=0.5)
    (discriminator, _), _ = (
        stage.phases for stage in age_cgan_objectives.stages(conditioned, 7, 32)
    )
    assert discriminator.weights == {"real": 1.0, "fake": 1.0, "mismatched": 0.5}


def test_age_cgans_discriminator_is_told_what_is_real():
    # Says 3 of real faces with their own group, -2 of all else.
    def discriminate(inputs, training):
        face, group = inputs
        right = ops.cast(ops.equal(group, batch.source_group), "float32")
        real = ops.cast(ops.all(ops.equal(face, batch.source_image)), "float32")
        return ops.expand_dims(5.0 * right * real - 2.0, -1)

    batch = tensors_of(one_step.tiny_batch())
    batch = batch._replace(target_group=batch.source_group)
    batch = batch._replace(wrong_group=(batch.source_group + 1) % 5)
    networks = {
        "generator": one_step.age_cgan_networks()["generator"],
        "discriminator": discriminate,
    }
    recipe = AgeCGANRecipe(real_label=0.9, mismatched_loss_weight=1.0)
    terms = age_cgan_objectives.discriminator_terms(networks, batch, recipe)
    # log(1 + e^x) - label * x.
    assert float(terms["real"]) == pytest.approx(np.log1p(np.exp(3)) - 0.9 * 3)
    assert float(terms["fake"]) == pytest.approx(np.log1p(np.exp(-2)))
    assert float(terms["mismatched"]) == pytest.approx(np.log1p(np.exp(-2)))
    terms = age_cgan_objectives.generator_terms(networks, batch)
    assert float(terms["adversarial"]) == pytest.approx(np.log1p(np.exp(-2)) + 2)


def test_the_encoder_learns_of_the_averaged_generator():
    batch = tensors_of(one_step.tiny_batch())
    networks = {
        # The face is the latent vector itself; the encoder is 1 off in one of six.
        "generator_average": lambda inputs, training: inputs[0],
        "encoder": lambda inputs, training: inputs[0] + np.eye(6, dtype="float32")[0],
    }
    terms = age_cgan_objectives.encoder_terms(networks, batch)
    assert float(terms["latent"]) == pytest.approx(1.0, rel=1e-5)
