"""Ages between the groups, beyond them, and from a face's own."""

import numpy as np
import pytest

from ipcgan.age_groups import CACD, FFHQ_AGING
from ipcgan.inference import mixing
from ipcgan.inference.mixing import Difference, YearScale

MIDDLES = YearScale(CACD.middles, 11)
JUDGED = YearScale((20.0, 30.0, 50.0))


def rounded(target):
    return [(group, round(share, 6)) for group, share in target.shares]


@pytest.mark.parametrize(
    ("scale", "years", "shares"),
    [
        (MIDDLES, 60, [(4, 1.0)]),
        (MIDDLES, 18, [(0, 0.75), (1, 0.25)]),  # 2.5 of the 10 years from 15.5 to 25.5
        (JUDGED, 30, [(1, 1.0)]),
        (JUDGED, 35, [(1, 0.75), (2, 0.25)]),
        # Beyond: half a step of 20 years, and half a step of 10.
        (JUDGED, 60, [(1, -0.5), (2, 1.5)]),
        (JUDGED, 15, [(0, 1.5), (1, -0.5)]),
        # At most one and a half.
        (JUDGED, 100, [(1, -1.5), (2, 2.5)]),
        (JUDGED, 0, [(0, 2.5), (1, -1.5)]),
        (YearScale((40.0,)), 70, [(0, 1.0)]),
    ],
)
def test_a_year_is_mixed_of_the_groups_around_it(scale, years, shares):
    assert rounded(scale.target(years)) == shares


@pytest.mark.parametrize("groups", [CACD, FFHQ_AGING])
def test_middles_lie_in_their_groups_and_positions_rise(groups):
    for group, middle in enumerate(groups.middles):
        assert groups.group_of_age(round(middle)) == group
    scale = YearScale(groups.middles)
    positions = [scale.target(years).position for years in range(11, 82)]
    assert (np.diff(positions) > 0).all()


def test_faces_are_mixed_by_their_shares():
    aged = np.zeros((1, 2, 2, 2, 3), np.uint8)
    aged[:, 1] = 100
    targets = [MIDDLES.target(28), mixing.group_target(2, CACD.names)]
    mixed = mixing.mix(aged, mixing.groups_of(targets), targets)
    assert mixing.groups_of(targets) == (1, 2)
    np.testing.assert_array_equal(mixed[0, 0], 25)
    np.testing.assert_array_equal(mixed[0, 1], 100)


def test_beyond_the_last_group_its_change_goes_on_and_levels_stay_in_range():
    aged = np.zeros((1, 2, 1, 1, 3), np.uint8)
    aged[0, 0, 0, 0], aged[0, 1, 0, 0] = (100, 200, 30), (150, 250, 10)
    mixed = mixing.mix(aged, (1, 2), [JUDGED.target(60)])
    # Half of +50, +50 and -20 more, the second to 275.
    np.testing.assert_array_equal(mixed[0, 0, 0, 0], (175, 255, 0))


@pytest.mark.parametrize(
    ("strength", "expected"),
    [(0.0, (100, 10)), (0.5, (125, 85)), (1.0, (150, 160)), (2.0, (200, 255))],
)
def test_the_strength_scales_the_change(strength, expected):
    source = np.array([100, 10], np.uint8).reshape(1, 1, 1, 2)
    aged = np.array([150, 160], np.uint8).reshape(1, 1, 1, 1, 2)
    found = mixing.strengthened(source, aged, strength)
    assert tuple(found.ravel()) == expected


@pytest.mark.parametrize(
    ("own", "difference", "expected"),
    [(37.2, 20, "57"), (37.2, -10, "27"), (15.0, -10, "11"), (95.0, 20, "100")],
)
def test_a_difference_is_counted_from_the_faces_own_age(own, difference, expected):
    target = Difference(difference, MIDDLES)
    assert target.of_face(own) == MIDDLES.target(int(expected))
    assert target.label == f"{difference:+d}"
    assert target.suffix == f"age{difference:+d}"
