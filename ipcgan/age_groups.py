"""Age groups: named tables of ranges, defined here only."""

import dataclasses
from collections.abc import Sequence

LAST_AGE = 89  # Few faces are older.
_GROWN_UP = 18  # years


@dataclasses.dataclass(frozen=True)
class AgeGroups:
    """One way to divide ages into groups, youngest first.

    Attributes:
        ranges: (youngest, oldest) age in whole years, both inclusive; the last has no
            upper end.
        middles: years that a face of the group shows: the middle of its ages.
        targets: default groups to age to.
    """

    ranges: tuple[tuple[int, int | None], ...]
    middles: tuple[float, ...]
    targets: tuple[int, ...]

    def __len__(self):
        return len(self.ranges)

    @property
    def names(self) -> tuple[str, ...]:
        """Such as "21-30" and "51+"."""
        return tuple(
            f"{low}+" if high is None else f"{low}-{high}" for low, high in self.ranges
        )

    @property
    def first_adult(self) -> int:
        """Number of the youngest group of adults alone."""
        return next(k for k, (low, _) in enumerate(self.ranges) if low >= _GROWN_UP)

    def group_of_age(self, age: int) -> int | None:
        """Returns the group number of an age in years; None below the youngest."""
        for group, (low, high) in enumerate(self.ranges):
            if age >= low and (high is None or age <= high):
                return group
        return None

    def shares(self, other: "AgeGroups") -> tuple[tuple[float, ...], ...]:
        """Returns which shares of the years of another's groups each one here has.

        Open ranges end at LAST_AGE, and years that no group here has do not count.

        Returns:
            For each group of `other` a share for each group here; they sum to 1.

        Raises:
            ValueError: if no year of a group of `other` is of any group here.
        """
        found = []
        for name, theirs in zip(other.names, other.ranges, strict=True):
            years = set(_years(theirs))
            common = [len(years.intersection(_years(mine))) for mine in self.ranges]
            if not any(common):
                raise ValueError(
                    f"no year of age group {name} is of {', '.join(self.names)}"
                )
            found.append(tuple(count / sum(common) for count in common))
        return tuple(found)

    def group_of_name(self, name: str) -> int | None:
        """Returns the group with this name, such as "21-30", or number, such as "1".

        Returns None where `name` is neither.
        """
        if name in self.names:
            return self.names.index(name)
        if name.isdecimal() and int(name) < len(self):
            return int(name)
        return None


def _years(ages):
    low, high = ages
    return range(low, LAST_AGE + 1 if high is None else high + 1)


# Source: Wang et al., CVPR 2018 (11-20, 21-30, 31-40, 41-50, 50+). The authors age to
# the four older ones.
CACD = AgeGroups(
    ranges=((11, 20), (21, 30), (31, 40), (41, 50), (51, None)),
    middles=(15.5, 25.5, 35.5, 45.5, 60.0),
    targets=(1, 2, 3, 4),
)
# Source: Antipov, Baccouche, Dugelay, ICIP 2017.
AGE_CGAN = AgeGroups(
    ranges=((0, 18), (19, 29), (30, 39), (40, 49), (50, 59), (60, None)),
    middles=(9.0, 24.0, 34.5, 44.5, 54.5, 67.0),
    targets=(0, 1, 2, 3, 4, 5),
)
# Source: Or-El, Sengupta, Fried, Shechtman, Kemelmacher-Shlizerman, "Lifespan Age
# Transformation Synthesis", ECCV 2020 (FFHQ-Aging); RAGAN's too.
FFHQ_AGING = AgeGroups(
    ranges=(
        (0, 2),
        (3, 6),
        (7, 9),
        (10, 14),
        (15, 19),
        (20, 29),
        (30, 39),
        (40, 49),
        (50, 69),
        (70, None),
    ),
    middles=(1.0, 4.5, 8.0, 12.0, 17.0, 24.5, 34.5, 44.5, 59.5, 76.0),
    targets=(0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
)
# By the name of --age_groups.
GROUPINGS = {"cacd": CACD, "published": AGE_CGAN, "ffhq_aging": FFHQ_AGING}


def with_names(names: Sequence[str]) -> AgeGroups | None:
    """Returns the groups with these names; None: a checkpoint may have its own."""
    for groups in GROUPINGS.values():
        if groups.names == tuple(names):
            return groups
    return None
