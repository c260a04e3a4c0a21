import numpy as np
import pytest
from keras import ops

from ipcgan.config import ConfigError
from ipcgan.objectives import ipcgan as ipcgan_objectives
from ipcgan.objectives.recipes import IPCGANRecipe


def test_the_published_recipe_is_one_stage_of_two_phases():
    (stage,) = ipcgan_objectives.stages(IPCGANRecipe(), 100)
    assert (stage.name, stage.steps) == ("adversarial", 100)
    discriminator, generator = stage.phases
    assert discriminator.weights == {"adversarial": 75.0}
    assert generator.weights == {"adversarial": 75.0, "identity": 0.5e-4, "age": 30.0}


def test_aids_add_stages_and_terms():
    recipe = IPCGANRecipe(
        warm_start_steps=5, settle_steps=3, tv_loss_weight=1.0, tone_loss_weight=2.0
    )
    stages = ipcgan_objectives.stages(recipe, 20)
    assert [(s.name, s.steps) for s in stages] == [
        ("warm_start", 5),
        ("settle", 3),
        ("adversarial", 12),
    ]
    weights = stages[-1].phases[1].weights
    assert (weights["total_variation"], weights["tone"]) == (1.0, 2.0)


def test_copying_must_leave_steps_for_ageing():
    recipe = IPCGANRecipe(warm_start_steps=5, settle_steps=5)
    with pytest.raises(ConfigError, match=r"\(5\).*\(5\).*\(10\)"):
        ipcgan_objectives.stages(recipe, 10)


def test_the_generators_rate_rises_before_it_falls():
    recipe = IPCGANRecipe(learning_rate=1.0, learning_rate_decay=True)
    (stage,) = ipcgan_objectives.stages(recipe, 1000)

    def rates(phase, *steps):
        schedule = phase.optimizer._learning_rate
        return [float(ops.convert_to_numpy(schedule(step))) for step in steps]

    discriminator, generator = stage.phases
    # From a twentieth in a straight line to 1 at step 200, then half a cosine.
    np.testing.assert_allclose(
        rates(generator, 0, 100, 200, 600, 1000),
        [0.05, 0.525, 1.0, 0.525, 0.05],
        rtol=1e-3,
    )
    np.testing.assert_allclose(
        rates(discriminator, 0, 500, 1000), [1.0, 0.525, 0.05], rtol=1e-3
    )
