import cv2
import keras
import numpy as np
import pytest
from keras import ops

from ipcgan.layers.condition import ConcatCondition, YoungerThan
from ipcgan.layers.contrast import BandContrast
from ipcgan.layers.image_range import (
    ChangedImage,
    StoredScale,
    ToMeanSubtracted,
)
from ipcgan.layers.initializers import SmoothUpsampling
from ipcgan.layers.masks import Blend, EllipseMask, ellipse
from ipcgan.layers.normalization import (
    AdaptiveInstanceNormalization,
    ConditionalGroupNormalization,
    LocalResponseNormalization,
)
from ipcgan.layers.residual import ResidualSum
from ipcgan.layers.templates import Templates
from ipcgan.layers.warping import Warp


def test_condition_appends_one_map_per_group():
    features = np.full((2, 2, 2, 1), 7.0, "float32")
    result = ConcatCondition(3)(features, np.array([2, 0], "int32"))
    result = ops.convert_to_numpy(result)
    assert result.shape == (2, 2, 2, 4)
    np.testing.assert_array_equal(result[0, 1, 1], [7, 0, 0, 1])
    np.testing.assert_array_equal(result[1, 0, 1], [7, 1, 0, 0])


def test_templates_are_mixed_by_their_shares_at_any_size():
    layer = Templates(64)
    layer.build((None, 2))
    # The first rises by 1 from row to row, the second is 3 everywhere.
    rows = np.broadcast_to(np.arange(64.0)[:, None, None], (64, 64, 3))
    drawn = np.stack([rows, np.full((64, 64, 3), 3.0)]).reshape(2, -1)
    layer.templates.assign(drawn / 10.0)  # Adam's steps are of the tenfold.
    shares = np.array([[1.0, 0.0], [2.0, -1.0]], "float32")
    mixed = ops.convert_to_numpy(layer(shares))
    assert mixed.shape == (2, 64, 64, 3)
    np.testing.assert_allclose(mixed[0], rows, atol=1e-5)
    np.testing.assert_allclose(mixed[1], 2 * rows - 3, atol=1e-4)
    larger = Templates(128)
    larger.build((None, 2))
    larger.templates.assign(layer.templates)
    doubled = ops.convert_to_numpy(larger(shares))
    assert doubled.shape == (2, 128, 128, 3)
    # Middles of doubled rows lie a quarter to either side of the row's middle.
    np.testing.assert_allclose(doubled[0, 40:42, 7, 1], [19.75, 20.25], atol=1e-5)


def test_pixels_come_from_sixteenths_of_a_side_away():
    random = np.random.default_rng(0)
    image = random.uniform(-1, 1, (2, 32, 32, 3)).astype("float32")
    moves = np.zeros((2, 32, 32, 2), "float32")
    moves[0] = (0.5, -1.0)  # Of 32 pixels: one down, two to the left.
    moves[1] = (0.0, 0.25)  # Half a pixel to the right.
    moved = ops.convert_to_numpy(Warp()(image, moves))
    assert (moved.shape, moved.dtype) == ((2, 32, 32, 3), np.float32)
    np.testing.assert_allclose(moved[0, :-1, 2:], image[0, 1:, :-2], atol=1e-6)
    half = (image[1, :, :-1] + image[1, :, 1:]) / 2
    np.testing.assert_allclose(moved[1, :, :-1], half, atol=1e-6)
    # Beyond the edges it goes on as they are; farther than a sixteenth nothing comes.
    np.testing.assert_allclose(
        moved[0, :-1, :2], image[0, 1:, :1] + 0 * moved[0, 1:, :2]
    )
    far = ops.convert_to_numpy(Warp()(image, 4 * moves))
    np.testing.assert_allclose(far[0, :-2, 2:], image[0, 2:, :-2], atol=1e-6)


def test_pixels_move_as_opencv_moves_them():
    random = np.random.default_rng(1)
    image = random.uniform(-1, 1, (32, 32, 3)).astype("float32")
    moves = random.uniform(-1, 1, (32, 32, 2)).astype("float32")
    rows, columns = np.indices((32, 32), np.float32)
    expected = cv2.remap(
        image,
        columns + 2 * moves[..., 1],
        rows + 2 * moves[..., 0],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    moved = ops.convert_to_numpy(Warp()(image[None], moves[None]))[0]
    # OpenCV's weights are of 32nds.
    np.testing.assert_allclose(moved, expected, atol=0.1)
    assert np.abs(moved - expected).mean() < 0.01


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


def test_adaptive_instance_normalization_by_hand():
    layer = AdaptiveInstanceNormalization(epsilon=0.0)
    # One channel, of mean 3 and standard deviation 2, of either face.
    x = np.array([[1.0, 5.0, 1.0, 5.0], [5.0, 1.0, 5.0, 1.0]], "float32")
    x = x.reshape(2, 2, 2, 1)
    vector = np.array([[1.0, 0.0], [0.0, 1.0]], "float32")
    layer(x, vector)
    # scale, shift: (2, 10) of the first vector, (-1, 0) of the second, and a bias.
    layer.set_weights([np.array([[2.0, 10.0], [-1.0, 0.0]]), np.array([0.5, 0.0])])
    result = ops.convert_to_numpy(layer(x, vector)).reshape(2, 4)
    np.testing.assert_allclose(result[0], [6.5, 13.5, 6.5, 13.5], rtol=1e-6)
    np.testing.assert_allclose(result[1], [0.5, -0.5, 0.5, -0.5], rtol=1e-6)


def test_adaptive_instance_normalization_agrees_with_keras():
    x = np.random.default_rng(0).normal(3, 2, (2, 4, 5, 6)).astype("float32")
    layer = AdaptiveInstanceNormalization()
    result = layer(x, np.zeros((2, 3), "float32"))
    theirs = keras.layers.GroupNormalization(groups=-1, epsilon=1e-5)(x)
    np.testing.assert_allclose(result, theirs, atol=1e-5)


def test_conditional_group_normalization_by_hand():
    layer = ConditionalGroupNormalization(3, channels_per_set=2, epsilon=0.0)
    # Two sets of two channels: (1, 5) and (10, 30) at every place.
    x = np.tile(np.array([1.0, 5.0, 10.0, 30.0], "float32"), (2, 2, 2, 1))
    group = np.array([2, 0], "int32")
    layer(x, group)
    scale = np.array([[1, 1, 1, 1], [9, 9, 9, 9], [2, 3, 4, 5]], "float32")
    shift = np.array([[0, 0, 0, 0], [9, 9, 9, 9], [1, 1, 0, 0]], "float32")
    layer.set_weights([scale, shift])
    result = ops.convert_to_numpy(layer(x, group))
    np.testing.assert_allclose(result[0, 1, 0], [-1, 4, -4, 5], rtol=1e-6)
    np.testing.assert_allclose(result[1, 1, 0], [-1, 1, -1, 1], rtol=1e-6)


def test_conditional_group_normalization_agrees_with_keras():
    x = np.random.default_rng(0).normal(3, 2, (2, 4, 5, 32)).astype("float32")
    group = np.array([1, 1], "int32")
    layer = ConditionalGroupNormalization(2, spread=0.0)
    theirs = keras.layers.GroupNormalization(groups=2, epsilon=1e-5)(x)
    np.testing.assert_allclose(layer(x, group), theirs, atol=1e-5)
    # Fewer channels than a set has are one set.
    layer = ConditionalGroupNormalization(2, spread=0.0)
    theirs = keras.layers.GroupNormalization(groups=1, epsilon=1e-5)(x[..., :4])
    np.testing.assert_allclose(layer(x[..., :4], group), theirs, atol=1e-5)
    with pytest.raises(ValueError, match="multiple of 16 channels.*33"):
        ConditionalGroupNormalization(2)(np.zeros((1, 2, 2, 33)), group[:1])


def test_an_ellipse_is_one_inside_and_nothing_outside():
    mask = ellipse(20, (0.5, 0.5), (0.25, 0.5))
    np.testing.assert_array_equal(mask, mask[::-1, ::-1])
    assert mask[10, 10] == 1.0
    # The rim is at 5 and 15 across, 0 and 20 along, in pixels.
    assert mask[10, 4] == 0.0 < mask[10, 5] < 1.0
    assert mask[0, 9] > 0.0 == mask[0, 6]
    assert ellipse(4, (0.5, 0.5), (np.inf, np.inf)).min() == 1.0
    layer = EllipseMask((0.5, 0.5), (0.25, 0.5))
    result = ops.convert_to_numpy(layer(np.ones((2, 20, 20, 3), "float32")))
    np.testing.assert_array_equal(result, np.stack([mask, mask])[..., None])


def test_a_blend_takes_either_image():
    front, back = np.full((1, 1, 3, 2), 5.0), np.full((1, 1, 3, 2), -1.0)
    mask = np.array([0.0, 0.5, 1.0]).reshape(1, 1, 3, 1)
    result = ops.convert_to_numpy(Blend()(front, back, mask))
    np.testing.assert_array_equal(result[0, 0, :, 0], [-1.0, 2.0, 5.0])


def test_a_residual_sum_is_as_large_as_its_parts():
    x, y = np.random.default_rng(0).normal(size=(2, 1, 50, 50, 4)).astype("float32")
    result = ops.convert_to_numpy(ResidualSum()(x, y))
    np.testing.assert_allclose(result, (x + y) / 2**0.5, rtol=1e-5)
    assert 0.97 < result.std() < 1.03


def test_layers_remember_their_settings():
    for layer in (
        AdaptiveInstanceNormalization(1e-3),
        ConditionalGroupNormalization(3, 8, 0.1, 1e-3),
        EllipseMask((0.5, 0.4), (0.3, 0.2)),
        ConcatCondition(4),
        LocalResponseNormalization(3, 1e-4, 2.0),
        ToMeanSubtracted(9, 0.25),
    ):
        again = type(layer).from_config(layer.get_config())
        assert again.get_config() == layer.get_config()


def test_condition_joins_a_vector_too():
    layer = ConcatCondition(3)
    joined = layer(np.ones((2, 4), "float32"), np.array([2, 0]))
    expected = [[1, 1, 1, 1, 0, 0, 1], [1, 1, 1, 1, 1, 0, 0]]
    np.testing.assert_array_equal(ops.convert_to_numpy(joined), expected)


def test_how_probable_it_is_that_a_face_is_younger_than_a_group():
    logits = np.log(np.array([[0.1, 0.6, 0.3]] * 3, "float32"))
    younger = YoungerThan()(logits, np.array([0, 1, 2], "int32"))
    expected = [0.0, 0.1, 0.7]
    np.testing.assert_allclose(ops.convert_to_numpy(younger), expected, atol=1e-6)


def test_every_band_of_contrast_is_raised_by_its_own_factor():
    # Columns of a pixel each, and of two: means of 2 by 2 pixels tell them apart.
    column = np.indices((16, 16))[1]
    fine, coarse = 0.1 * (column % 2 - 0.5), 0.1 * (column // 2 % 2 - 0.5)
    image = (0.3 + fine + coarse)[None, ..., None].astype("float32")
    none = ops.convert_to_numpy(BandContrast()(image, np.zeros((1, 4, 4, 2))))
    np.testing.assert_allclose(none, image, atol=1e-6)

    raised = BandContrast()(image, np.full((1, 4, 4, 2), np.log(2.0)))
    # 16 pixels are means of four, twice; the rest, of 0.3, has no contrast.
    np.testing.assert_allclose(raised, 2 * (image - 0.3) + 0.3, atol=1e-5)


def test_contrast_is_raised_where_the_gains_are():
    column = np.indices((16, 16))[1]
    image = np.repeat((0.1 * (column % 2))[None, ..., None], 3, -1).astype("float32")
    gains = np.zeros((1, 16, 16, 1))
    gains[:, :8] = 9.0  # Taken for 1.1.
    raised = ops.convert_to_numpy(BandContrast()(image, gains))[0, :, :, 0]
    np.testing.assert_allclose(raised[8:], image[0, 8:, :, 0], atol=1e-6)
    span = raised[:8].max(axis=1) - raised[:8].min(axis=1)
    np.testing.assert_allclose(span, 0.1 * np.exp(1.1), atol=1e-4)


def test_contrast_raised_stays_within_an_images_range():
    image = np.tile([1.0, -1.0], (1, 16, 8))[..., None].astype("float32")
    raised = ops.convert_to_numpy(BandContrast()(image, np.ones((1, 16, 16, 1))))
    np.testing.assert_allclose(raised, image, atol=1e-6)
