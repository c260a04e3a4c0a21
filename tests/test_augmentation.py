import numpy as np

from ipcgan.data import augmentation


def draw_image(seed=0):
    return np.random.default_rng(seed).integers(0, 256, (16, 24, 3), np.uint8)


def augmented(image, draws):
    random = np.random.default_rng(0)
    return np.stack([augmentation.age_preserving(image, random) for _ in range(draws)])


def test_augmented_image_has_shape_and_type_of_the_image():
    result = augmentation.age_preserving(draw_image(), np.random.default_rng(1))
    assert result.shape == (16, 24, 3)
    assert result.dtype == np.uint8


def test_augmenting_leaves_the_image_as_it_is():
    image = draw_image()
    augmented(image, draws=20)
    np.testing.assert_array_equal(image, draw_image())


def test_augmenting_repeats_with_the_seed_only():
    first, again = (augmented(draw_image(), draws=3) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert (first[0] != first[1]).any()


def test_flip_mirrors_left_to_right_in_half_of_the_calls():
    image = draw_image()
    random = np.random.default_rng(0)
    mirrored = 0
    for _ in range(400):
        result = augmentation.flip(image, random)
        if (result == image).all():
            continue
        np.testing.assert_array_equal(result, image[:, ::-1])
        mirrored += 1
    assert 160 < mirrored < 240  # 200, and 4 standard deviations of 10.


def test_a_red_tint_does_not_tell_after_augmenting():
    def redness(tint):
        image = np.full((16, 16, 3), tint, np.uint8)
        red, green, _ = augmented(image, draws=100).mean((1, 2)).T
        return red - green

    plain, reddish = redness((120, 120, 120)), redness((140, 120, 120))
    # Unchanged, plain is 0 and reddish is 20 in every draw.
    assert plain.max() > 20
    assert reddish.min() < 0


def test_light_and_contrast_do_not_tell_after_augmenting():
    dark, light = (
        augmented(np.full((16, 16, 3), value, np.uint8), draws=100).mean((1, 2, 3))
        for value in (110, 140)
    )
    assert dark.max() > 140
    assert light.min() < 110
