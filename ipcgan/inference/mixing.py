"""Ages between and beyond the groups: mixtures of the faces of two neighbouring groups.

The faces of two neighbouring groups are mixed, not the groups' planes before the
network: a face does not move when it ages, so nothing is seen twice; the published
weights and every export serve as they are; and the network never sees a label that it
was not trained on. The change with every year is even.

Beyond the outer groups the change from the group before goes on: the share of that
group is then below 0.
"""

import bisect
import dataclasses
from collections.abc import Sequence

import numpy as np

YOUNGEST, OLDEST = 0, 100  # years that can be asked for.
# How far the change goes on beyond an outer group, in steps from group to group: with
# two, faces of the shipped IPCGAN look painted.
MOST_BEYOND = 1.5


@dataclasses.dataclass(frozen=True)
class Target:
    """An age to show a face at.

    Attributes:
        label: for people, such as "21-30" or "37".
        suffix: for names of files, such as "1" or "age37".
        shares: (group, share) of the groups that it is mixed of; shares add up to 1.
    """

    label: str
    suffix: str
    shares: tuple[tuple[int, float], ...]

    @property
    def position(self) -> float:
        """Where it stands among the groups, 0 being the youngest."""
        return sum(group * share for group, share in self.shares)


@dataclasses.dataclass(frozen=True)
class YearScale:
    """Which years a network's groups show, and so what a year is mixed of.

    Attributes:
        group_years: years that a typical face of each group shows, rising.
        youngest: year that can be asked for; the network was trained on none younger.
    """

    group_years: tuple[float, ...]
    youngest: int = YOUNGEST

    def target(self, years: int) -> Target:
        """Returns an age as a target.

        Args:
            years: self.youngest to OLDEST. What is farther than MOST_BEYOND steps
                beyond an outer group looks as that does.
        """
        known = self.group_years
        if len(known) == 1:
            return Target(str(years), f"age{years}", ((0, 1.0),))
        lower = min(max(bisect.bisect_right(known, years) - 1, 0), len(known) - 2)
        share = (years - known[lower]) / (known[lower + 1] - known[lower])
        share = min(max(share, -MOST_BEYOND), 1 + MOST_BEYOND)
        shares = ((lower, 1.0 - share), (lower + 1, share))
        return Target(
            str(years), f"age{years}", tuple(share for share in shares if share[1])
        )


@dataclasses.dataclass(frozen=True)
class Difference:
    """An age that is so many years from a face's own.

    Attributes:
        years: above 0: older.
        scale: of the network.
    """

    years: int
    scale: YearScale

    @property
    def label(self) -> str:
        """For people, such as "+20"."""
        return f"{self.years:+d}"

    @property
    def suffix(self) -> str:
        """For names of files, such as "age+20"."""
        return f"age{self.label}"

    @property
    def position(self) -> float:
        """Where it stands among others, the youngest first."""
        return self.years

    def of_face(self, own_years: float) -> Target:
        """Returns the target for a face of this age; the nearest that can be asked."""
        years = round(own_years + self.years)
        return self.scale.target(min(max(years, self.scale.youngest), OLDEST))


def group_target(group: int, names: Sequence[str]) -> Target:
    """Returns a whole group as a target."""
    return Target(names[group], str(group), ((group, 1.0),))


def groups_of(targets: Sequence[Target]) -> tuple[int, ...]:
    """Returns the groups that targets are mixed of, each once."""
    return tuple(sorted({group for target in targets for group, _ in target.shares}))


def mix(
    aged: np.ndarray, groups: Sequence[int], targets: Sequence[Target]
) -> np.ndarray:
    """Mixes faces at groups to faces at targets.

    Args:
        aged: [N, len(groups), S, S, 3] uint8.
        groups: those of `aged`; see groups_of.
        targets: T of them.

    Returns:
        [N, T, S, S, 3] uint8.
    """
    mixed = np.empty((len(aged), len(targets), *aged.shape[2:]), np.uint8)
    for column, target in enumerate(targets):
        parts = [(aged[:, groups.index(group)], s) for group, s in target.shares]
        if len(parts) == 1:
            mixed[:, column] = parts[0][0]
        else:
            total = sum(faces.astype(np.float32) * share for faces, share in parts)
            mixed[:, column] = np.rint(total).clip(0, 255)
    return mixed


def strengthened(sources: np.ndarray, aged: np.ndarray, strength: float) -> np.ndarray:
    """Returns faces with a weaker or stronger change: source + strength * change.

    Args:
        sources: [N, S, S, 3] uint8.
        aged: [N, T, S, S, 3] uint8.
        strength: 0: the sources; 1: the aged faces.

    Returns:
        [N, T, S, S, 3] uint8.
    """
    if strength == 1:
        return aged
    start = sources[:, None].astype(np.float32)
    return np.rint(start + strength * (aged - start)).clip(0, 255).astype(np.uint8)


def in_between(images_: Sequence[np.ndarray], steps: int) -> list[np.ndarray]:
    """Returns images with steps - 1 mixtures between each and the next.

    Args:
        images_: [H, W, 3] uint8 each.
        steps: from one to the next, at least 1.
    """
    frames = []
    for first, second in zip(images_, images_[1:], strict=False):
        for step in range(steps):
            share = step / steps
            mixed = (1 - share) * first.astype(np.float32) + share * second
            frames.append(np.rint(mixed).astype(np.uint8))
    return [*frames, images_[-1]]
