"""The five age groups of CACD that IPCGAN ages between.

Source: Wang et al., CVPR 2018 (11-20, 21-30, 31-40, 41-50, 50+).
"""

# (youngest, oldest) age in whole years, both inclusive; the last has no upper end.
GROUPS = ((11, 20), (21, 30), (31, 40), (41, 50), (51, None))
# Years that a face of the group shows: the middle of its ages.
MIDDLES = (15.5, 25.5, 35.5, 45.5, 60.0)
NAMES = tuple(f"{low}+" if high is None else f"{low}-{high}" for low, high in GROUPS)


def group_of_age(age: int) -> int | None:
    """Returns the group number of an age in years; None below the youngest group."""
    for group, (low, high) in enumerate(GROUPS):
        if age >= low and (high is None or age <= high):
            return group
    return None


def group_of_name(name: str) -> int | None:
    """Returns the group with this name, such as "21-30", or number, such as "1".

    Returns None where `name` is neither.
    """
    if name in NAMES:
        return NAMES.index(name)
    if name.isdecimal() and int(name) < len(NAMES):
        return int(name)
    return None
