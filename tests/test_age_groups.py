import pytest

from ipcgan import age_groups


def test_names_are_those_of_the_paper():
    assert age_groups.NAMES == ("11-20", "21-30", "31-40", "41-50", "51+")


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
    assert age_groups.group_of_age(age) == group


@pytest.mark.parametrize(
    ("name", "group"),
    [("11-20", 0), ("51+", 4), ("0", 0), ("4", 4)],
)
def test_group_of_name_knows_names_and_numbers(name, group):
    assert age_groups.group_of_name(name) == group


@pytest.mark.parametrize("name", ["", "5", "-1", "1.0", "10-20", "51", "50+", "²"])
def test_group_of_name_gives_none_for_anything_else(name):
    assert age_groups.group_of_name(name) is None
