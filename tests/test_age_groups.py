import pytest

from ipcgan import age_groups
from ipcgan.age_groups import AGE_CGAN, CACD, FFHQ_AGING, GROUPINGS, AgeGroups


def test_names_are_those_of_the_papers():
    assert CACD.names == ("11-20", "21-30", "31-40", "41-50", "51+")
    assert AGE_CGAN.names == ("0-18", "19-29", "30-39", "40-49", "50-59", "60+")
    assert FFHQ_AGING.names[:5] == ("0-2", "3-6", "7-9", "10-14", "15-19")
    assert FFHQ_AGING.names[5:] == ("20-29", "30-39", "40-49", "50-69", "70+")


@pytest.mark.parametrize("groups", GROUPINGS.values())
def test_groups_follow_each_other_and_middles_lie_in_them(groups):
    for (_, end), (start, _) in zip(groups.ranges, groups.ranges[1:], strict=False):
        assert start == end + 1
    for group, middle in enumerate(groups.middles):
        assert groups.group_of_age(round(middle)) == group
    assert len(groups) == len(groups.middles) == len(groups.names)
    assert age_groups.with_names(list(groups.names)) is groups


def test_the_first_group_of_adults():
    assert [groups.first_adult for groups in (CACD, AGE_CGAN, FFHQ_AGING)] == [1, 1, 5]


def test_groups_of_other_names_are_nobodys():
    assert age_groups.with_names(["young", "old"]) is None


@pytest.mark.parametrize(
    ("age", "group"),
    [
        (-1, None),
        (0, None),
        (10, None),
        (11, 0),
        (20, 0),
        (21, 1),
        (30, 1),
        (31, 2),
        (40, 2),
        (41, 3),
        (50, 3),
        (51, 4),
        (116, 4),
    ],
)
def test_group_of_age_at_the_edges(age, group):
    assert CACD.group_of_age(age) == group


@pytest.mark.parametrize(
    ("age", "group"),
    [(-1, None), (0, 0), (10, 0), (18, 0), (19, 1), (29, 1), (30, 2), (59, 4), (60, 5)],
)
def test_the_six_groups_begin_with_the_newborn(age, group):
    assert AGE_CGAN.group_of_age(age) == group


@pytest.mark.parametrize(
    ("name", "group"),
    [("11-20", 0), ("51+", 4), ("0", 0), ("4", 4)],
)
def test_group_of_name_knows_names_and_numbers(name, group):
    assert CACD.group_of_name(name) == group


@pytest.mark.parametrize("name", ["", "5", "-1", "1.0", "10-20", "51", "50+", "²"])
def test_group_of_name_gives_none_for_anything_else(name):
    assert CACD.group_of_name(name) is None


@pytest.mark.parametrize(
    ("age", "group"),
    [(-1, None), (0, 0), (2, 0), (3, 1), (9, 2), (10, 3), (15, 4), (29, 5), (50, 8)]
    + [(69, 8), (70, 9), (116, 9)],
)
def test_the_ten_groups_are_of_a_whole_life(age, group):
    assert FFHQ_AGING.group_of_age(age) == group


def test_groups_have_shares_of_the_years_of_others():
    shares = FFHQ_AGING.shares(CACD)
    assert len(shares) == 5
    # 11 to 20: 11 to 14, 15 to 19, and 20.
    assert shares[0] == (0, 0, 0, 0.4, 0.5, 0.1, 0, 0, 0, 0)
    # 51 to 89: 51 to 69, and 70 to 89.
    assert shares[4] == (0,) * 8 + (19 / 39, 20 / 39)
    assert CACD.shares(CACD)[3] == (0, 0, 0, 1, 0)
    # Nobody there is younger than 11.
    assert AGE_CGAN.shares(CACD)[0] == (0.8, 0.2, 0, 0, 0, 0)


def test_years_that_no_group_has_are_in_none():
    of_fourteens = AgeGroups(((9, 14),), (11.5,), (0,))
    assert CACD.shares(of_fourteens) == ((1, 0, 0, 0, 0),)
    with pytest.raises(ValueError, match=r"age group 0-2 is of 11-20, .*, 51\+$"):
        CACD.shares(FFHQ_AGING)
