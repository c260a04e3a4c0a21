"""The same step on TensorFlow (here) and on JAX (a process of its own)."""

import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from helpers import one_step

HERE = pathlib.Path(__file__).parent


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    path = tmp_path_factory.mktemp("jax") / "step.npz"
    environment = {
        **os.environ,
        "KERAS_BACKEND": "jax",
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_backend_optimization_level=0",  # Compiles in half the time.
    }
    jax = subprocess.Popen(  # noqa: S603
        [sys.executable, HERE / "helpers" / "one_step.py", path], env=environment
    )
    tensorflow = one_step.terms_and_gradients()
    assert jax.wait(300) == 0
    with np.load(path) as arrays:
        return tensorflow, dict(arrays)


def test_terms_agree(both):
    tensorflow, jax = both
    terms = [name for name in tensorflow if name.startswith("term ")]
    of_age_cgan = 3 + 1 + 1 + 3  # discriminator, generator, encoder, searches.
    # Generator by either mask, discriminator, penalty, templates.
    of_ragan = 2 * 4 + 2 + 1 + 1
    of_ipcgan = 4 * 11 + 2 + 1  # generators, discriminators, penalty.
    assert len(terms) == of_ipcgan + of_age_cgan + of_ragan
    for name in terms:
        # float32, sums of up to 43,264 features in another order.
        np.testing.assert_allclose(jax[name], tensorflow[name], rtol=1e-4, err_msg=name)


def test_gradients_agree(both):
    tensorflow, jax = both
    assert tensorflow.keys() == jax.keys()
    gradients = [name for name in tensorflow if name.startswith("gradient ")]
    assert len(gradients) > 30
    for name in gradients:
        a, b = tensorflow[name], jax[name]
        if name.endswith("bias") and np.abs(a).max() < 1e-2:
            continue  # Before a batch normalization: zero but for rounding.
        # The AlexNet's ReLUs and poolings break ties in different ways, which moves
        # gradients through it by up to 2 % of their largest entry; without its terms
        # the generator's largest difference is 1e-4.
        through_alexnet = name.startswith(
            (
                "gradient generator",
                "gradient bilinear",
                "gradient attack",
                "gradient search/identity",
            )
        )
        share = 3e-2 if through_alexnet else 1e-3
        np.testing.assert_allclose(
            a, b, rtol=1e-3, atol=share * max(np.abs(a).max(), 0.1), err_msg=name
        )
