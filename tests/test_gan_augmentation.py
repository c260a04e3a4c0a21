"""Augmentation of the discriminator's faces, by hand."""

import numpy as np
import pytest
from keras import ops

from ipcgan.layers.gan_augmentation import augmented

IMAGE = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 16, 16, 3)).astype("float32")


def changed(**draws):
    names = ("zoom", "down", "right", "brightness", "contrast", "saturation")
    draw = np.array([[draws.get(name, 0.0) for name in names]] * 2, "float32")
    return ops.convert_to_numpy(augmented(IMAGE, draw))


def test_nothing_drawn_changes_nothing():
    np.testing.assert_allclose(changed(), IMAGE, atol=1e-5)


def test_brightness_is_added():
    np.testing.assert_allclose(changed(brightness=1.0), IMAGE + 0.3, atol=1e-5)


def test_contrast_is_around_each_faces_mean():
    mean = IMAGE.mean(axis=(1, 2, 3), keepdims=True)
    expected = mean + 0.7 * (IMAGE - mean)
    np.testing.assert_allclose(changed(contrast=-1.0), expected, atol=1e-5)


def test_saturation_keeps_the_mean_of_the_channels():
    grey = IMAGE.mean(axis=3, keepdims=True)
    expected = grey + 0.5 * (IMAGE - grey)
    np.testing.assert_allclose(changed(saturation=-1.0), expected, atol=1e-5)


@pytest.mark.parametrize(("name", "axis"), [("down", 1), ("right", 2)])
def test_a_face_moves_by_six_hundredths_of_its_width(name, axis):
    moved = changed(**{name: 1.0})
    before = np.moveaxis(IMAGE, axis, 1)
    share = 0.06 * 16  # pixels, under one: linear between two.
    expected = share * before[:, :-1] + (1 - share) * before[:, 1:]
    np.testing.assert_allclose(np.moveaxis(moved, axis, 1)[:, 1:], expected, atol=1e-5)
