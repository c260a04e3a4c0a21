"""What is computed in another way, against what it stands for."""

import keras
import numpy as np
import pytest

from ipcgan.inference import rewriting


def network(filters, kernel=7, size=(8, 12), **settings):
    image = keras.Input((*size, 5), name="image")
    settings = {"padding": "same", **settings}
    x = keras.layers.Conv2D(filters, kernel, name="to_rgb", **settings)(image)
    model = keras.Model(image, x)
    random = np.random.default_rng(0)
    model.set_weights([random.normal(size=w.shape) for w in model.get_weights()])
    return model


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kernel", [3, 7, (3, 5)])
@pytest.mark.parametrize("filters", [1, 3])
def test_a_blocked_convolution_returns_the_same(filters, kernel, bias):
    model = network(filters, kernel, use_bias=bias)
    copy = rewriting.rewritten(model)
    assert isinstance(copy.get_layer("to_rgb"), rewriting.BlockConv2D)
    images = np.random.default_rng(1).normal(size=(2, 8, 12, 5)).astype("float32")
    np.testing.assert_allclose(
        copy.predict_on_batch(images), model.predict_on_batch(images), atol=1e-4
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"filters": 5},
        {"filters": 3, "kernel": 1},
        {"filters": 3, "kernel": 4},
        {"filters": 3, "strides": 2},
        {"filters": 3, "dilation_rate": 2},
        {"filters": 3, "padding": "valid"},
        {"filters": 3, "activation": "relu"},
        {"filters": 3, "size": (7, 8)},
        {"filters": 3, "size": (None, None)},
        {"filters": 5, "groups": 5},
    ],
)
def test_other_convolutions_are_copied_as_they_are(settings):
    model = network(**settings)
    copy = rewriting.rewritten(model)
    assert type(copy.get_layer("to_rgb")) is keras.layers.Conv2D
    for before, after in zip(model.get_weights(), copy.get_weights(), strict=True):
        np.testing.assert_array_equal(after, before)


def normalized(groups=-1, **settings):
    inner = keras.Input((6, 4, 8))
    x = keras.layers.GroupNormalization(groups, name="norm", **settings)(inner)
    inner = keras.Model(inner, x, name="inner")
    image = keras.Input((6, 4, 8))
    model = keras.Model(image, inner(image))
    random = np.random.default_rng(0)
    model.set_weights([random.normal(size=w.shape) for w in model.get_weights()])
    return model


@pytest.mark.parametrize("groups", [-1, 8])
def test_a_normalization_of_maps_in_a_network_within_returns_the_same(groups):
    model = normalized(groups, epsilon=1e-5)
    copy = rewriting.rewritten(model)
    norm = copy.get_layer("inner").get_layer("norm")
    assert isinstance(norm, rewriting.MapNormalization)
    images = np.random.default_rng(1).normal(3.0, size=(2, 6, 4, 8)).astype("float32")
    np.testing.assert_allclose(
        copy.predict_on_batch(images), model.predict_on_batch(images), atol=1e-5
    )


@pytest.mark.parametrize("settings", [{"groups": 4}, {"groups": -1, "axis": 1}])
def test_other_normalizations_are_copied_as_they_are(settings):
    model = normalized(**settings)
    norm = rewriting.rewritten(model).get_layer("inner").get_layer("norm")
    assert type(norm) is keras.layers.GroupNormalization
    before = model.get_layer("inner").get_layer("norm").get_weights()
    for weights, expected in zip(norm.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weights, expected)
