"""Ages between the groups: blends of the faces of two neighbouring groups.

The faces of two neighbouring groups are mixed, not the groups' planes before the
network: a face does not move when it ages, so nothing is seen twice; the published
weights and every export serve as they are; and the network never sees a label that it
was not trained on. The change with every year is even.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from ipcgan.age_groups import CACD, AgeGroups

YOUNGEST, OLDEST = 11, 100  # years that can be asked for.


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


def group_target(group: int, names: Sequence[str]) -> Target:
    """Returns a whole group as a target."""
    return Target(names[group], str(group), ((group, 1.0),))


def year_target(years: int, groups: AgeGroups = CACD) -> Target:
    """Returns an age as a target; beyond the outer groups' middles, those groups.

    Args:
        years: YOUNGEST to OLDEST.
        groups: to mix of.
    """
    middles = groups.middles
    position = float(np.interp(years, middles, range(len(middles))))
    lower = min(int(position), len(middles) - 2)
    upper_share = position - lower
    shares = ((lower, 1.0 - upper_share), (lower + 1, upper_share))
    return Target(
        str(years), f"age{years}", tuple(share for share in shares if share[1] > 0)
    )


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
            mixed[:, column] = np.rint(total)
    return mixed


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
