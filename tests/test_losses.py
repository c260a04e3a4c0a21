import numpy as np
import pytest
from keras import ops

from ipcgan import losses


def logits(value, shape=(2, 3, 3, 1)):
    return ops.full(shape, value)


@pytest.mark.parametrize(
    ("real", "mismatched", "fake", "expected"),
    [
        (1.0, 0.0, 0.0, 0.0),  # a perfect discriminator
        (0.0, 0.0, 0.0, 0.5),  # rejects everything: 0.5 * 1
        (1.0, 1.0, 1.0, 0.5),  # accepts everything: 0.5 * 0.5 * (1 + 1)
        (1.0, 0.0, 2.0, 1.0),  # 0.5 * 0.5 * 2^2
    ],
)
def test_least_squares_discriminator(real, mismatched, fake, expected):
    loss = losses.least_squares_discriminator(
        logits(real), logits(mismatched), logits(fake)
    )
    np.testing.assert_allclose(ops.convert_to_numpy(loss), expected, rtol=1e-6)


def test_least_squares_discriminator_rejects_other_shapes():
    with pytest.raises(ValueError, match=r"\(2, 3, 3, 1\).*\(2, 1, 1, 1\)"):
        losses.least_squares_discriminator(
            logits(1.0), logits(0.0), logits(0.0, shape=(2, 1, 1, 1))
        )


def test_years_error_is_in_decades():
    years, target = np.array([20.0, 50.0, 65.0]), np.array([25.0, 30.0, 65.0])
    error = losses.years_error(years, target)
    np.testing.assert_allclose(ops.convert_to_numpy(error), (0.5 + 2.0 + 0.0) / 3)


def test_squared_years_error_is_of_the_faces_that_count():
    years, target = np.array([20.0, 50.0, 65.0]), np.array([25.0, 30.0, 65.0])
    error = losses.squared_years_error(years, target, np.array([1.0, 1.0, 0.0]))
    np.testing.assert_allclose(ops.convert_to_numpy(error), (0.25 + 4.0) / 2)
    error = losses.squared_years_error(years, target, np.zeros(3))
    assert float(ops.convert_to_numpy(error)) == 0.0


@pytest.mark.parametrize(("fake", "expected"), [(1.0, 0.0), (0.0, 0.5), (3.0, 2.0)])
def test_least_squares_generator(fake, expected):
    loss = losses.least_squares_generator(logits(fake))
    np.testing.assert_allclose(ops.convert_to_numpy(loss), expected, rtol=1e-6)


def test_feature_distance_sums_over_features_and_averages_over_faces():
    features = ops.convert_to_tensor(np.zeros((2, 2, 3, 5), "float32"))
    # The first face differs by 2 in each of its 30 features, the second in none.
    other = np.zeros((2, 2, 3, 5), "float32")
    other[0] = 2.0
    loss = losses.feature_distance(features, ops.convert_to_tensor(other))
    np.testing.assert_allclose(ops.convert_to_numpy(loss), 30 * 4 / 2)


def test_a_margin_of_feature_distance_counts_face_by_face():
    a, b = np.zeros((2, 2), "float32"), np.array([[1, 1], [0, 3]], "float32")
    loss = losses.feature_distance(a, b, margin=4.0)  # Of squared distances 2 and 9.
    np.testing.assert_allclose(ops.convert_to_numpy(loss), 2.5)


def test_feature_distance_takes_flat_features():
    a, b = ops.zeros((3, 4)), ops.ones((3, 4))
    np.testing.assert_allclose(ops.convert_to_numpy(losses.feature_distance(a, b)), 4.0)


def test_feature_distance_rejects_other_shapes():
    with pytest.raises(ValueError, match=r"\(2, 3\).*\(2, 4\)"):
        losses.feature_distance(ops.zeros((2, 3)), ops.zeros((2, 4)))


def test_group_cross_entropy_of_a_guess_is_the_log_of_the_number_of_groups():
    loss = losses.group_cross_entropy(ops.zeros((4, 5)), np.array([0, 1, 2, 4]))
    np.testing.assert_allclose(ops.convert_to_numpy(loss), np.log(5.0), rtol=1e-6)


def test_group_cross_entropy_by_hand():
    # softmax of (ln 3, 0) is (3/4, 1/4).
    guess = ops.convert_to_tensor(np.log(np.array([[3.0, 1.0], [3.0, 1.0]], "float32")))
    loss = losses.group_cross_entropy(guess, np.array([0, 1]))
    expected = -(np.log(0.75) + np.log(0.25)) / 2
    np.testing.assert_allclose(ops.convert_to_numpy(loss), expected, rtol=1e-6)


def test_group_cross_entropy_rejects_maps():
    with pytest.raises(ValueError, match=r"\[N, K\].*\(2, 3, 3, 1\)"):
        losses.group_cross_entropy(logits(0.0), np.array([0, 0]))


def test_absolute_error_of_chosen_faces():
    image, other = ops.zeros((2, 4, 4, 3)), np.zeros((2, 4, 4, 3), "float32")
    other[0], other[1] = 0.5, 2.0
    other = ops.convert_to_tensor(other)

    def error(*of_face):
        return ops.convert_to_numpy(losses.absolute_error(image, other, *of_face))

    np.testing.assert_allclose(error(), 1.25)
    np.testing.assert_allclose(error(ops.convert_to_tensor([1.0, 0.0])), 0.5)
    np.testing.assert_allclose(error(ops.convert_to_tensor([0.0, 0.0])), 0.0)


def test_squared_error_is_the_mean_over_pixels():
    image = ops.zeros((2, 4, 4, 3))
    other = np.zeros((2, 4, 4, 3), "float32")
    other[0] = 0.5  # one face of two: 0.25 / 2
    assert float(losses.squared_error(image, other)) == 0.125
    with pytest.raises(ValueError, match="one shape"):
        losses.squared_error(image, other[:1])


def test_absolute_error_rejects_other_shapes():
    with pytest.raises(ValueError, match="one shape"):
        losses.absolute_error(ops.zeros((1, 4, 4, 3)), ops.zeros((1, 2, 2, 3)))


def test_total_variation_counts_each_edge_once():
    image = np.zeros((2, 2, 3, 1), "float32")
    image[0, :, 2] = 1.0  # one upright edge, two rows high; the second face has none
    loss = losses.total_variation(ops.convert_to_tensor(image))
    np.testing.assert_allclose(ops.convert_to_numpy(loss), 2.0 / 2)


def test_tone_difference_sees_colour_and_no_lines():
    image = np.zeros((1, 32, 32, 3), "float32")
    lines = image.copy()
    lines[:, ::2], lines[:, 1::2] = 0.5, -0.5  # means of 0 everywhere
    red = image.copy()
    red[:, :16, :16, 0] = 0.8  # one channel of one block of four
    loss = losses.tone_difference

    def value(other):
        return ops.convert_to_numpy(
            loss(ops.convert_to_tensor(image), ops.convert_to_tensor(other))
        )

    np.testing.assert_allclose(value(lines), 0.0, atol=1e-7)
    np.testing.assert_allclose(value(red), 0.8 / (3 * 4), rtol=1e-5)


def test_chroma_difference_sees_colour_and_no_brightness():
    image = ops.zeros((1, 2, 2, 3))
    lighter = ops.full((1, 2, 2, 3), 0.6)
    red = np.zeros((1, 2, 2, 3), "float32")
    red[0, 0, 0, 0] = 0.9  # less its mean of 0.3: 0.6, -0.3, -0.3

    def value(other):
        return ops.convert_to_numpy(losses.chroma_difference(image, other))

    np.testing.assert_allclose(value(lighter), 0.0, atol=1e-6)
    np.testing.assert_allclose(value(ops.convert_to_tensor(red)), 1.2 / 12, rtol=1e-5)


@pytest.mark.parametrize(
    ("logit", "label", "expected"),
    [
        (0.0, 1.0, np.log(2)),
        (0.0, 0.0, np.log(2)),
        (np.log(9), 1.0, np.log(10 / 9)),  # p = 0.9
        (np.log(9), 0.0, np.log(10)),
        # The entropy of 0.9: as low as a smoothed label can be.
        (np.log(9), 0.9, -0.9 * np.log(0.9) - 0.1 * np.log(0.1)),
        (1000.0, 0.0, 1000.0),  # neither infinite nor without a gradient.
        (-1000.0, 0.0, 0.0),
    ],
)
def test_binary_cross_entropy(logit, label, expected):
    loss = losses.binary_cross_entropy(ops.full((3, 1), logit), label)
    np.testing.assert_allclose(float(loss), expected, rtol=1e-5, atol=1e-7)


def test_squared_distances_are_of_each_face():
    features = np.zeros((2, 2, 2, 3), "float32")
    other = np.zeros_like(features)
    other[1, 0, 0] = 1.0, 2.0, -2.0
    of_each = losses.squared_distances(features, other)
    np.testing.assert_allclose(ops.convert_to_numpy(of_each), [0.0, 9.0])
    with pytest.raises(ValueError, match="one shape"):
        losses.squared_distances(features, other[:1])


def test_labels_of_faces_that_do_not_count_are_not_looked_at():
    logits = ops.convert_to_tensor([[0.0, 0.0], [9.0, 0.0]])
    of_face = ops.convert_to_tensor([1.0, 0.0])
    group = np.array([1, 1], "int32")
    entropy = losses.group_cross_entropy(logits, group, of_face)
    assert float(entropy) == pytest.approx(np.log(2.0))
    years, ages = ops.convert_to_tensor([20.0, 90.0]), np.array([25, 0], "float32")
    assert float(losses.years_error(years, ages, of_face)) == pytest.approx(0.5)
    assert float(losses.years_error(years, ages, 0.0 * of_face)) == 0.0


def test_kl_divergence_by_hand():
    # From (1/2, 1/2) to (3/4, 1/4): ln(2/3) / 2 + ln(2) / 2.
    before = ops.zeros((1, 2))
    after = ops.convert_to_tensor([[np.log(3.0), 0.0]], "float32")
    expected = 0.5 * np.log(2 / 3) + 0.5 * np.log(2)
    moved = losses.kl_divergence(after, before)
    assert float(moved) == pytest.approx(expected, rel=1e-5)
    # What is added to all logits alike says nothing.
    assert float(losses.kl_divergence(after + 7.0, after)) == pytest.approx(
        0.0, abs=1e-6
    )


def test_kl_divergence_rejects_other_shapes():
    with pytest.raises(ValueError, match=r"\(1, 2\).*\(1, 3\)"):
        losses.kl_divergence(ops.zeros((1, 2)), ops.zeros((1, 3)))


def test_gradient_penalty_is_half_the_squared_norm_of_each_face():
    gradient = np.zeros((2, 2, 2, 3), "float32")
    gradient[0, 1, 0] = 2.0, -1.0, 2.0  # squared norm 9; the second face has 0.
    loss = losses.gradient_penalty(ops.convert_to_tensor(gradient))
    np.testing.assert_allclose(ops.convert_to_numpy(loss), 0.5 * 9 / 2)
