"""Ages between the groups."""

import numpy as np
import pytest

from ipcgan.age_groups import CACD
from ipcgan.inference import mixing


@pytest.mark.parametrize(
    ("years", "shares"),
    [
        (11, ((0, 1.0),)),
        (100, ((4, 1.0),)),
        (60, ((4, 1.0),)),
        (18, ((0, 0.75), (1, 0.25))),  # 2.5 of the 10 years from 15.5 to 25.5
    ],
)
def test_a_year_is_mixed_of_the_groups_around_it(years, shares):
    assert mixing.year_target(years).shares == shares


def test_middles_lie_in_their_groups_and_positions_rise():
    for group, middle in enumerate(CACD.middles):
        assert CACD.group_of_age(round(middle)) == group
    positions = [mixing.year_target(years).position for years in range(11, 101)]
    assert (np.diff(positions) >= 0).all() and len(set(positions)) > 40


def test_faces_are_mixed_by_their_shares():
    aged = np.zeros((1, 2, 2, 2, 3), np.uint8)
    aged[:, 1] = 100
    targets = [mixing.year_target(28), mixing.group_target(2, CACD.names)]
    mixed = mixing.mix(aged, mixing.groups_of(targets), targets)
    assert mixing.groups_of(targets) == (1, 2)
    np.testing.assert_array_equal(mixed[0, 0], 25)
    np.testing.assert_array_equal(mixed[0, 1], 100)
