"""Convolutions of doubled maps: what Keras's two layers make, and its files."""

import keras
import numpy as np
import pytest
from keras import layers

from ipcgan.layers import upsampling


def in_two_layers(size):
    maps = keras.Input((4, 6, 3))
    x = layers.Conv2D(5, size, padding="same")(layers.UpSampling2D()(maps))
    return keras.Model(maps, x)


def in_one_layer(size, **kwargs):
    maps = keras.Input((4, 6, 3))
    return keras.Model(maps, upsampling.Conv2D(5, size, **kwargs)(maps))


@pytest.mark.parametrize("size", [1, 3, 5, 7])
def test_it_is_a_convolution_of_doubled_maps_and_reads_its_files(size, tmp_path):
    two, one = in_two_layers(size), in_one_layer(size, bias_initializer="ones")
    two.layers[-1].bias.assign(np.arange(5.0))
    two.save_weights(tmp_path / "two.weights.h5")
    one.load_weights(tmp_path / "two.weights.h5")
    assert one.output_shape == two.output_shape == (None, 8, 12, 5)
    maps = np.random.default_rng(0).normal(size=(2, 4, 6, 3)).astype("float32")
    np.testing.assert_allclose(
        np.asarray(one(maps)), np.asarray(two(maps)), rtol=1e-5, atol=1e-5
    )


def test_one_pixel_by_hand():
    # A pixel of 1 becomes four; a 3x3 kernel of ones counts those within reach.
    layer = upsampling.Conv2D(1, 3, use_bias=False, kernel_initializer="ones")
    maps = np.zeros((1, 3, 3, 1), "float32")
    maps[0, 1, 1] = 1.0
    line = np.array([0, 1, 2, 2, 1, 0])
    np.testing.assert_array_equal(
        np.asarray(layer(maps))[0, ..., 0], line[:, None] * line
    )


def test_it_is_rebuilt_from_its_config():
    model = in_one_layer(5, use_bias=False)
    again = keras.Model.from_config(model.get_config())
    assert isinstance(again.layers[-1], upsampling.Conv2D)
    assert not again.layers[-1].use_bias


@pytest.mark.parametrize("size", [4, (3, 5)])
def test_other_kernels_are_refused(size):
    with pytest.raises(ValueError, match="odd"):
        upsampling.Conv2D(1, size)
