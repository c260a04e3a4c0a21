"""Ages each face to a group of its own, or all faces to targets such as years."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from ipcgan import checkpoints
from ipcgan.inference import mixing
from ipcgan.inference.ager import FaceAger
from ipcgan.inference.generators import Aged
from ipcgan.inference.mixing import Difference, Target


@dataclasses.dataclass(frozen=True)
class AgedToTargets:
    """N faces at T targets.

    Attributes:
        faces: [N, T, S, S, 3] uint8 RGB.
        at_groups: the faces at the groups that targets are mixed of.
        own_years: [N] the faces' own ages by which differences were found, else None.
        labels: of each face its T ages: "37" where +20 was asked for at 17.
    """

    faces: np.ndarray
    at_groups: Aged
    own_years: np.ndarray | None
    labels: tuple[tuple[str, ...], ...]


def age_each(
    ager: FaceAger, faces: np.ndarray, groups: Sequence[int], source_groups=None
) -> np.ndarray:
    """Ages each face to one group of its own.

    Args:
        ager: by which.
        faces: [N, H, W, 3] uint8 RGB, N at least 1, as for FaceAger.age.
        groups: N numbers, of each face's target.
        source_groups: as for FaceAger.age.

    Returns:
        [N, S, S, 3] uint8 RGB, S = ager.image_size.
    """
    size = ager.image_size
    result = np.empty((len(faces), size, size, 3), np.uint8)
    wanted = np.asarray(groups)
    own = np.full(len(faces), -1) if source_groups is None else source_groups
    for group in np.unique(wanted):
        rows = np.flatnonzero(wanted == group)
        of_rows = np.asarray(own)[rows]
        result[rows] = ager(faces[rows], (int(group),), source_groups=of_rows)[:, 0]
    return result


def year_targets(ager: FaceAger, years: Sequence[int]) -> list[Target]:
    """Returns years as targets of a network.

    Raises:
        checkpoints.CheckpointError: if it is not known which years its groups show, or
            it was trained on none as young.
    """
    scale = ager.year_scale
    if scale is None:
        raise checkpoints.CheckpointError(
            "It is not known which years this network's groups show: "
            f"{', '.join(ager.group_names)}."
        )
    if min(years) < scale.youngest:
        raise checkpoints.CheckpointError(
            f"--ages={min(years)}: this network ages to {scale.youngest} to "
            f"{mixing.OLDEST} years."
        )
    return [scale.target(year) for year in years]


def age_to_targets(
    ager: FaceAger,
    faces: np.ndarray,
    targets: Sequence[Target | Difference],
    *,
    strength: float = 1.0,
    own_ages: Callable[[np.ndarray], np.ndarray] | None = None,
    companions: np.ndarray | None = None,
    source_groups: Sequence[int] | np.ndarray | None = None,
) -> AgedToTargets:
    """Ages every face to every target.

    Args:
        ager: by which.
        faces: [N, H, W, 3] uint8 RGB, as for FaceAger.age.
        targets: T of them.
        strength: of the change, 0 to 2; see mixing.strengthened.
        own_ages: [N, S, S, 3] uint8 -> [N] years; asked where a target is a difference
            from them.
        companions: as for FaceAger.age.
        source_groups: as for FaceAger.age.

    Raises:
        TypeError, ValueError, checkpoints.CheckpointError: as FaceAger.age does.
    """
    faces = ager.prepare(faces)
    own_years = None
    if any(isinstance(target, Difference) for target in targets):
        if own_ages is None:
            raise ValueError("Differences are counted from own ages: own_ages is None.")
        own_years = own_ages(faces)
    rows = [_of_face(targets, own_years, face) for face in range(len(faces))]
    groups = mixing.groups_of([target for row in rows for target in row]) or (0,)
    aged = ager.age(faces, groups, companions, source_groups)
    size = ager.image_size
    mixed = np.empty((len(faces), len(targets), size, size, 3), np.uint8)
    for face, row in enumerate(rows):
        mixed[face] = mixing.mix(aged.faces[face : face + 1], groups, row)[0]
    return AgedToTargets(
        mixing.strengthened(faces, mixed, strength),
        aged,
        own_years,
        tuple(tuple(target.label for target in row) for row in rows),
    )


def _of_face(targets, own_years, face):
    """The targets of one face, whose own age differences are counted from."""
    return [
        target if isinstance(target, Target) else target.of_face(own_years[face])
        for target in targets
    ]
