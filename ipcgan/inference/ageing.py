"""Ages each face to a group of its own, or to single years."""

from collections.abc import Sequence

import numpy as np

from ipcgan.inference import mixing
from ipcgan.inference.ager import FaceAger


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


def age_to_years(
    ager: FaceAger, faces: np.ndarray, years: Sequence[int], source_groups=None
) -> np.ndarray:
    """Ages every face to every year, mixed of the groups around it.

    Args:
        ager: ages the faces; its age groups must be known here.
        faces: [N, H, W, 3] uint8 RGB, as for FaceAger.age.
        years: T of them; see mixing.year_target.
        source_groups: as for FaceAger.age.

    Returns:
        [N, T, S, S, 3] uint8 RGB, S = ager.image_size.

    Raises:
        checkpoints.CheckpointError: if the age groups are not known here.
    """
    targets = [mixing.year_target(year, ager.age_groups) for year in years]
    groups = mixing.groups_of(targets)
    aged = ager(faces, groups, source_groups=source_groups)
    return mixing.mix(aged, groups, targets)
