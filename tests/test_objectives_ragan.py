"""RAGAN's terms and stages, by hand and by finite differences."""

import keras
import numpy as np
import pytest
from helpers import one_step
from keras import ops
from test_objectives import tensors_of

from ipcgan.config import ConfigError
from ipcgan.families.ragan import FAMILY, RAGANRecipe, RAGANSizes
from ipcgan.objectives import ragan as ragan_objectives
from ipcgan.training.phase import Phase
from ipcgan.training.step import make_update


def batch():
    return tensors_of(one_step.tiny_batch()._replace(source_mask=None))


def penalty_of(networks):
    terms = ragan_objectives.penalty_terms(networks, batch())
    return float(ops.convert_to_numpy(terms["gradient_penalty"]))


def test_the_weight_of_reconstruction_falls_after_a_third():
    early, late = ragan_objectives.stages(RAGANRecipe(), 30)
    assert [(s.name, s.steps) for s in (early, late)] == [("early", 10), ("late", 20)]
    for stage, reconstruction in ((early, 10.0), (late, 1.0)):
        generator, discriminator, penalty = stage.phases
        assert discriminator.weights == {"real": 1.0, "fake": 1.0}
        assert penalty.weights == {"gradient_penalty": 16.0}
        assert (penalty.every, penalty.trained) == (16, ("discriminator",))
        assert penalty.optimizer is discriminator.optimizer
        assert generator.weights == {
            "adversarial": 1.0,
            "reconstruction": reconstruction,
            "cycle": 1.0,
        }
        assert (discriminator.trained, generator.trained) == (
            ("discriminator",),
            ("generator",),
        )
    for first, later in zip(early.phases, late.phases, strict=True):
        assert first.optimizer is later.optimizer
        adam = first.optimizer
        assert (adam.beta_1, adam.beta_2) == (0.0, 0.99)
        rate = adam._learning_rate
        for step, expected in ((0, 1e-4), (30, 5e-6)):
            np.testing.assert_allclose(float(rate(step)), expected, rtol=1e-5)


def test_prototypes_come_first_and_stay_a_term():
    recipe = RAGANRecipe(prototype_loss_weight=2.0, template_steps=2, early_share=0.2)
    stages = ragan_objectives.stages(recipe, 12)
    assert [(stage.name, stage.steps) for stage in stages] == [
        ("templates", 2),
        ("early", 2),
        ("late", 8),
    ]
    assert tuple(stage.name for stage in stages) == FAMILY.stages
    generator = stages[1].phases[0]
    assert generator.weights["prototype"] == 2.0
    (phase,) = stages[0].phases
    assert (phase.trained, phase.weights) == (("generator",), {"prototype": 2.0})
    # The learning rate falls over the steps that are left.
    rate = generator.optimizer._learning_rate
    np.testing.assert_allclose(float(rate(10)), 5e-6, rtol=1e-5)
    aged = one_step.ragan_networks()["generator"]
    given = batch()
    terms, _ = generator.parts(generator.objective(one_step.ragan_networks(), given))
    image = ops.convert_to_numpy(
        aged([given.source_image, given.target_group], training=True)
    )
    expected = np.mean((image - ops.convert_to_numpy(given.prototype_image)) ** 2)
    np.testing.assert_allclose(float(terms["prototype"]), expected, rtol=1e-4)
    with pytest.raises(ConfigError, match="need a prototype_loss_weight"):
        ragan_objectives.stages(RAGANRecipe(template_steps=1), 5)
    draws = ragan_objectives.IMPLEMENTATION.draws
    sizes = RAGANSizes(image_size=32)
    assert draws(sizes, recipe)["prototype_strength"] == 2.5
    assert draws(sizes, RAGANRecipe())["prototype_strength"] == 0.0


def test_steps_of_prototypes_may_be_all():
    recipe = RAGANRecipe(
        template_steps=3, prototype_loss_weight=1.0, learning_rate_decay=True
    )
    assert [s.name for s in ragan_objectives.stages(recipe, 3)] == ["templates"]


def test_terms_without_a_weight_are_not_computed():
    recipe = RAGANRecipe(
        early_share=1.0,
        cycle_loss_weight=0.0,
        gradient_penalty_weight=0.0,
        learning_rate_decay=False,
    )
    (stage,) = ragan_objectives.stages(recipe, 5)
    networks = one_step.ragan_networks()
    for phase in stage.phases:
        terms, _ = phase.parts(phase.objective(networks, batch()))
        assert terms.keys() == phase.weights.keys()
    assert stage.phases[0].weights == {"adversarial": 1.0, "reconstruction": 10.0}
    with pytest.raises(ConfigError, match="early_share.*1.5"):
        ragan_objectives.stages(RAGANRecipe(early_share=1.5), 5)


def test_a_generator_that_copies_reconstructs():
    weights = {"adversarial": 1.0, "reconstruction": 1.0, "cycle": 1.0}
    networks = one_step.ragan_networks()
    networks["generator"] = lambda inputs, training: inputs[0]
    terms = ragan_objectives.generator_terms(networks, batch(), weights)
    assert float(terms["reconstruction"]) == float(terms["cycle"]) == 0.0
    # One that darkens by 0.1 at every call is 0.1 off, and 0.2 after there and back.
    networks["generator"] = lambda inputs, training: inputs[0] - 0.1
    terms = ragan_objectives.generator_terms(networks, batch(), weights)
    np.testing.assert_allclose(float(terms["reconstruction"]), 0.1, rtol=1e-4)
    np.testing.assert_allclose(float(terms["cycle"]), 0.2, rtol=1e-4)


def of_groups(kernel):
    """A discriminator whose logit of a group is linear in the pixels."""
    image = keras.Input((16, 16, 3))
    x = keras.layers.Flatten()(image)
    dense = keras.layers.Dense(kernel.shape[-1])
    network = keras.Model(image, dense(x), name="discriminator")
    dense.set_weights([kernel, np.arange(kernel.shape[-1], dtype="float32")])
    return network


def test_every_face_is_judged_by_the_branch_of_its_group():
    # Whatever a face looks like, branch k says k.
    nothing = np.zeros((768, 5), "float32")
    networks = {**one_step.ragan_networks(), "discriminator": of_groups(nothing)}
    terms = ragan_objectives.discriminator_terms(networks, batch(), {})
    terms |= ragan_objectives.penalty_terms(networks, batch())
    source, target = np.array([0, 1, 2, 3]), np.array([4, 1, 0, 2])
    expected = {
        "real": np.log1p(np.exp(-source)).mean(),
        "fake": np.log1p(np.exp(target)).mean(),
        "gradient_penalty": 0.0,
    }
    for name, value in expected.items():
        np.testing.assert_allclose(float(terms[name]), value, rtol=1e-5, err_msg=name)
    terms = ragan_objectives.generator_terms(networks, batch(), {})
    np.testing.assert_allclose(
        float(terms["adversarial"]), np.log1p(np.exp(-target)).mean(), rtol=1e-5
    )


def test_mismatched_is_of_untouched_faces_on_the_branch_that_is_asked_for():
    nothing = np.zeros((768, 5), "float32")
    networks = {**one_step.ragan_networks(), "discriminator": of_groups(nothing)}
    recipe = RAGANRecipe(mismatched_loss_weight=0.5)
    weights = ragan_objectives.stages(recipe, 3)[0].phases[1].weights
    assert weights["mismatched"] == 0.5
    terms = ragan_objectives.discriminator_terms(networks, batch(), weights)
    # Sources of 0, 1, 2, 3 shall become 4, 1, 0, 2: the second is what was asked for.
    asked = np.array([4, 0, 2])
    np.testing.assert_allclose(
        float(terms["mismatched"]), np.log1p(np.exp(asked)).mean(), rtol=1e-5
    )


def test_the_penalty_of_linear_branches_is_that_of_their_weights():
    kernel = np.random.default_rng(0).normal(size=(768, 5)).astype("float32")
    networks = {**one_step.ragan_networks(), "discriminator": of_groups(kernel)}
    # Real faces are of groups 0 to 3.
    expected = 0.5 * np.square(kernel[:, :4]).sum(axis=0).mean()
    np.testing.assert_allclose(penalty_of(networks), expected, rtol=1e-5)


def smooth_discriminator():
    image = keras.Input((16, 16, 3))
    x = keras.layers.Conv2D(3, 5, 4, activation="tanh")(image)
    x = keras.layers.Dense(5)(keras.layers.Flatten()(x))
    network = keras.Model(image, x, name="discriminator")
    one_step.draw_weights(network, seed=5)
    return network


@pytest.mark.parametrize("smooth", [True, False])
def test_the_penaltys_gradient_agrees_with_finite_differences(smooth):
    networks = one_step.ragan_networks()
    if smooth:
        networks["discriminator"] = smooth_discriminator()

    optimizer = keras.optimizers.SGD(1e-3)
    objective, factor = ragan_objectives.penalty_terms, {"gradient_penalty": 1.0}
    phase = Phase("penalty", ("discriminator",), objective, factor, optimizer)
    weights = networks["discriminator"].trainable_variables
    before = [w.numpy() for w in weights]
    make_update(phase, networks)(one_step.tiny_batch()._replace(source_mask=None))
    gradients = [(b - w.numpy()) / 1e-3 for w, b in zip(weights, before, strict=True)]
    size = np.sqrt(sum(np.square(g).sum() for g in gradients))
    assert size > 0.1

    def along(step):
        for weight, start, gradient in zip(weights, before, gradients, strict=True):
            weight.assign(start + step * gradient / size)
        return penalty_of(networks)

    step = 0.02
    slope = (along(step) - along(-step)) / (2 * step)
    # Of the leaky rectifiers some change sides, where the penalty has a step.
    np.testing.assert_allclose(slope, size, rtol=5e-3 if smooth else 5e-2)


def test_batch_normalization_and_a_penalty_are_refused():
    image = keras.Input((16, 16, 3))
    inner = keras.Sequential([keras.layers.BatchNormalization(name="norm")])
    x = keras.layers.Dense(5)(keras.layers.Flatten()(inner(image)))
    networks = one_step.ragan_networks()
    networks["discriminator"] = keras.Model(image, x, name="discriminator")
    with pytest.raises(ValueError, match="batch normalization .norm.*penalty"):
        ragan_objectives.penalty_terms(networks, batch())
    assert len(ragan_objectives.discriminator_terms(networks, batch(), {})) == 2
