"""Faces of black-and-white photographs stay without colour."""

import numpy as np
import pytest

from ipcgan.data import colourless
from ipcgan.inference.ager import FaceAger

GREY = np.random.default_rng(0).integers(50, 150, (64, 64, 1), dtype=np.uint8)


@pytest.mark.parametrize("colour", [0, 3, 12])
def test_a_face_without_colour_gets_none(colour):
    """As a JPEG file an old photograph may be off by a level or two."""
    seen = GREY + np.array([colour, 0, 0], np.uint8)
    made = seen[None].repeat(2, axis=0)
    made[1, 30:35, 28:36] -= np.array([40, 10, 20], np.uint8)
    found = colourless.kept(seen, made)
    np.testing.assert_array_equal(found[0], seen)
    # 0.299 * 40 + 0.587 * 10 + 0.114 * 20 = 20.11: as bright as the change in colour.
    expected = (40, 10, 20) if colour > 4 else (20, 20, 20)
    np.testing.assert_array_equal(found[1, 32, 32], seen[32, 32] - np.array(expected))


def test_levels_stay_within_a_picture():
    seen = np.full((4, 4, 3), 250, np.uint8)
    # Green weighs more than red and blue: 250 + 0.587 * 5 - 0.413 * 10 = 248.8.
    made = np.full((1, 4, 4, 3), (240, 255, 240), np.uint8)
    assert set(colourless.kept(seen, made).ravel()) == {249}
    white = np.full((4, 4, 3), 255, np.uint8)
    assert set(colourless.kept(white, white[None]).ravel()) == {255}


def test_an_ager_gives_no_colour_to_a_face_that_has_none(checkpoint):
    ager = FaceAger.from_checkpoint(checkpoint, engine="keras")
    side = ager.image_size
    grey = np.resize(GREY, (1, side, side, 1)).repeat(3, axis=-1)
    aged = ager(grey, groups=(0, 4))
    assert np.ptp(aged, axis=-1).max() == 0
    red = grey // np.uint8([1, 2, 2])
    assert np.ptp(ager(red, groups=(4,)), axis=-1).max() > 0
    # Its own colours do not depend on who is aged beside it.
    both = ager(np.concatenate([grey, red]), groups=(0, 4))
    np.testing.assert_array_equal(both[:1], aged)
