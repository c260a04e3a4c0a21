"""Colour profiles against formulas: into sRGB and back."""

import numpy as np
import pytest
from helpers import profiles
from PIL import Image, ImageCms

from ipcgan.data import colours, images

SOME = np.array([[(200, 120, 90), (90, 60, 40), (128, 128, 128), (240, 200, 180)]])
ROUNDED = 1.5  # levels of 255: LittleCMS computes with 16 bits, and rounds to 8.


def as_image(pixels):
    return Image.fromarray(np.asarray(pixels, np.uint8))


def test_a_profile_is_applied():
    space = colours.colours_of(profiles.rgb_profile(), "RGB")
    shown = np.asarray(space.to_srgb(as_image(SOME))).astype(int)
    expected = profiles.adobe_to_srgb(SOME)
    assert np.abs(expected - SOME).max() > 10  # It matters.
    np.testing.assert_allclose(shown, expected, atol=ROUNDED)
    back = np.asarray(space.from_srgb(as_image(expected.round()))).astype(int)
    np.testing.assert_allclose(back, SOME, atol=2)


def test_a_grey_profile_is_applied():
    space = colours.colours_of(profiles.grey_profile(1.8), "L")
    grey = np.array([[0, 60, 128, 200, 255]])
    shown = np.asarray(space.to_srgb(as_image(grey))).astype(int)
    expected = 255 * profiles.srgb_curve((grey / 255) ** 1.8)
    assert np.abs(expected - grey).max() > 10
    np.testing.assert_allclose(shown, np.stack([expected] * 3, -1), atol=ROUNDED)


def test_srgb_needs_no_conversion():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert colours.colours_of(srgb, "RGB") is None


@pytest.mark.parametrize(
    ("profile", "mode"),
    [
        (b"no profile", "RGB"),
        (profiles.rgb_profile()[:200], "RGB"),
        (profiles.rgb_profile(), "L"),
        (profiles.grey_profile(2.2), "RGB"),
        (profiles.rgb_profile(), "CMYK"),
    ],
    ids="text cut rgb-of-grey grey-of-rgb rgb-of-cmyk".split(),
)
def test_a_profile_that_cannot_be_used_is_an_error(profile, mode):
    with pytest.raises(colours.ProfileError, match="cannot be used"):
        colours.colours_of(profile, mode)
    assert colours.found(profile, mode) is None


def test_images_are_read_in_srgb(tmp_path):
    as_image(SOME).save(tmp_path / "a.png", icc_profile=profiles.rgb_profile())
    read = images.read_image(tmp_path / "a.png")
    np.testing.assert_allclose(read, profiles.adobe_to_srgb(SOME), atol=ROUNDED)
    as_image(SOME).save(tmp_path / "b.png", icc_profile=b"no profile")
    np.testing.assert_array_equal(images.read_image(tmp_path / "b.png"), SOME)
