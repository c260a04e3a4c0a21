import keras
import numpy as np
import pytest
from keras import ops

from ipcgan.layers.condition import ConcatCondition
from ipcgan.layers.initializers import SmoothUpsampling
from ipcgan.layers.normalization import LocalResponseNormalization, SpectralConv2D
from ipcgan.layers.ranges import (
    ChangedImage,
    StoredScale,
    ToMeanSubtracted,
    smoothed,
)


def test_condition_appends_one_map_per_group():
    features = np.full((2, 2, 2, 1), 7.0, "float32")
    result = ConcatCondition(3)(features, np.array([2, 0], "int32"))
    result = ops.convert_to_numpy(result)
    assert result.shape == (2, 2, 2, 4)
    np.testing.assert_array_equal(result[0, 1, 1], [7, 0, 0, 1])
    np.testing.assert_array_equal(result[1, 0, 1], [7, 1, 0, 0])


def test_local_response_normalization_by_hand():
    x = np.array([1.0, 2.0, 3.0], "float32").reshape(1, 1, 1, 3)
    layer = LocalResponseNormalization(radius=1, alpha=0.5, bias=2.0)
    # Energies of the neighbourhoods: 1+4, 1+4+9, 4+9.
    expected = [1 / 4.5**0.75, 2 / 9.0**0.75, 3 / 8.5**0.75]
    np.testing.assert_allclose(
        ops.convert_to_numpy(layer(x)).ravel(), expected, rtol=1e-5
    )


def test_local_response_normalization_agrees_with_tensorflow():
    import tensorflow as tf

    x = np.random.default_rng(0).normal(0, 50, (2, 3, 3, 16)).astype("float32")
    theirs = tf.nn.local_response_normalization(x, 2, 1.0, 2e-5, 0.75)
    ours = ops.convert_to_numpy(LocalResponseNormalization()(x))
    # Two float32 ways to the power -0.75.
    np.testing.assert_allclose(ours, theirs.numpy(), rtol=2e-5)


def test_one_pixel_of_the_mean_subtracted_range():
    # White is 255 in every channel; 0 of [-1, 1] is 127.5.
    image = np.array([[[[1.0, 0.0, -1.0]]]], "float32")
    result = ops.convert_to_numpy(ToMeanSubtracted(1)(image))
    np.testing.assert_allclose(result.ravel(), [255 - 104, 127.5 - 117, 0 - 124])


def test_mean_subtraction_scales_and_resizes():
    image = np.zeros((1, 4, 4, 3), "float32")
    result = ops.convert_to_numpy(ToMeanSubtracted(7, scale=0.5)(image))
    assert result.shape == (1, 7, 7, 3)
    np.testing.assert_allclose(result[0, 3, 3, 0], (127.5 - 104) / 2)


def test_a_changed_image_stays_in_range():
    image = np.array([-0.9, 0.25, 0.9], "float32").reshape(1, 1, 1, 3)
    change = np.array([-0.5, 0.5, 0.05], "float32").reshape(1, 1, 1, 3)
    result = ops.convert_to_numpy(ChangedImage()(image, change))
    np.testing.assert_allclose(result.ravel(), [-1.0, 0.75, 0.95])


def test_smoothing_twice_by_hand():
    dot = np.zeros((1, 7, 7, 1), "float32")
    dot[0, 3, 3] = 1.0
    result = ops.convert_to_numpy(smoothed(dot, 2))[0, :, :, 0]
    expected = np.zeros((7, 7))
    line = np.array([1, 4, 6, 4, 1]) / 16
    expected[1:6, 1:6] = np.outer(line, line)
    np.testing.assert_allclose(result, expected, atol=1e-7)
    np.testing.assert_array_equal(ops.convert_to_numpy(smoothed(dot, 0)), dot)


@pytest.mark.parametrize("size", [2, 3, 16])
def test_smoothing_often_is_smoothing_once_again_and_again(size):
    """Up to the border too, also where the border is wider than the image."""
    image = np.random.default_rng(0).normal(size=(2, size, size + 1, 3))
    again = image = image.astype("float32")
    for _ in range(5):
        again = smoothed(again)
    np.testing.assert_allclose(
        ops.convert_to_numpy(smoothed(image, 5)),
        ops.convert_to_numpy(again),
        atol=1e-6,
    )


def test_a_change_is_smoothed_and_a_checkerboard_vanishes():
    image = np.zeros((1, 6, 6, 1), "float32")
    dot = image.copy()
    dot[0, 2, 3] = 0.16
    result = ops.convert_to_numpy(ChangedImage()(image, dot))[0, :, :, 0]
    expected = np.zeros((6, 6))
    expected[1:4, 2:5] = np.outer([1, 2, 1], [1, 2, 1]) * 0.01
    np.testing.assert_allclose(result, expected, atol=1e-8)

    checkerboard = np.indices((6, 6)).sum(axis=0) % 2 - 0.5
    change = checkerboard.astype("float32")[None, ..., None]
    result = ops.convert_to_numpy(ChangedImage()(image, change))[0, 1:-1, 1:-1]
    np.testing.assert_allclose(result, 0.0, atol=1e-7)


def test_what_repeats_every_four_pixels_is_halved_by_each_smoothing():
    image = np.zeros((1, 16, 16, 1), "float32")
    stripes = np.sin(np.arange(16) * np.pi / 2)[None, :] * np.ones((16, 1))
    change = stripes.astype("float32")[None, ..., None]
    result = ops.convert_to_numpy(ChangedImage(smoothing=4)(image, change))
    inner = np.s_[0, 4:-4, 4:-4, 0]
    np.testing.assert_allclose(result[inner], change[inner] / 16, atol=1e-6)


def test_smooth_upsampling_of_a_flat_image_is_flat():
    layer = keras.layers.Conv2DTranspose(
        4, 3, 2, "same", kernel_initializer=SmoothUpsampling(stddev=1.0, seed=0)
    )
    result = ops.convert_to_numpy(layer(np.ones((1, 5, 5, 2), "float32")))
    inside = result[:, 1:-1, 1:-1]
    # Every pixel is the sum of the two random numbers, whatever its place.
    np.testing.assert_allclose(
        inside, np.broadcast_to(inside[:, :1, :1], inside.shape), rtol=1e-5
    )
    assert inside.std(axis=-1).min() > 0.1
    with pytest.raises(ValueError, match="3x3.*5, 5"):
        SmoothUpsampling()((5, 5, 2, 4))


def test_stored_scale_is_kept_with_the_weights(tmp_path):
    def network():
        image = keras.Input((2,), name="image")
        return keras.Model(image, StoredScale(name="scale")(image))

    first, second = network(), network()
    first.get_layer("scale").scale.assign(3.0)
    first.save_weights(tmp_path / "network.weights.h5")
    second.load_weights(tmp_path / "network.weights.h5")
    result = ops.convert_to_numpy(second(np.array([[1.0, 2.0]], "float32")))
    np.testing.assert_allclose(result, [[3.0, 6.0]])
    assert not second.trainable_variables


def test_layers_remember_their_settings():
    for layer in (
        ConcatCondition(4),
        LocalResponseNormalization(3, 1e-4, 2.0),
        ToMeanSubtracted(9, 0.25),
    ):
        again = type(layer).from_config(layer.get_config())
        assert again.get_config() == layer.get_config()


def test_spectral_convolution_divides_by_the_largest_singular_value():
    layer = SpectralConv2D(5, 3, padding="same")
    x = np.random.default_rng(0).normal(size=(1, 4, 4, 2)).astype("float32")
    layer(x)
    kernel = np.random.default_rng(1).normal(size=(3, 3, 2, 5)).astype("float32")
    layer.kernel.assign(kernel)
    for _ in range(60):
        result = layer(x, training=True)
    largest = np.linalg.svd(kernel.reshape(18, 5), compute_uv=False)[0]
    plain = keras.layers.Conv2D(5, 3, padding="same")
    plain(x)
    plain.set_weights([kernel / largest, np.zeros(5)])
    np.testing.assert_allclose(result, plain(x), atol=1e-5)
    np.testing.assert_array_equal(layer.kernel.numpy(), kernel)
    assert [v.name for v in layer.trainable_variables] == ["kernel", "bias"]


def test_spectral_convolution_is_at_rest_outside_of_training():
    layer = SpectralConv2D(3, 3)
    x = np.ones((1, 4, 4, 2), "float32")
    layer(x)
    before = layer.direction.numpy()
    layer(x, training=False)
    np.testing.assert_array_equal(layer.direction.numpy(), before)


def test_condition_joins_a_vector_too():
    layer = ConcatCondition(3)
    joined = layer(np.ones((2, 4), "float32"), np.array([2, 0]))
    expected = [[1, 1, 1, 1, 0, 0, 1], [1, 1, 1, 1, 1, 0, 0]]
    np.testing.assert_array_equal(ops.convert_to_numpy(joined), expected)
