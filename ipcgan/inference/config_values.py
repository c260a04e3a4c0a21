"""What ageing reads in a checkpoint's config.json; loads no OpenCV."""

from pathlib import Path

import numpy as np

from ipcgan import age_groups, checkpoints


def find(checkpoint_dir: str | Path) -> Path:
    """Returns the folder of a config.json: the newest checkpoint's, or that named.

    Raises:
        checkpoints.CheckpointError: if there is none.
    """
    if not str(checkpoint_dir):  # Which would be the current folder.
        raise checkpoints.CheckpointError("checkpoint_dir: expected a folder, got ''.")
    folder = checkpoints.resolve(checkpoint_dir)
    if not (folder / checkpoints.CONFIG).is_file():
        raise checkpoints.CheckpointError(
            f"{checkpoint_dir}: no checkpoint: expected {checkpoints.CONFIG} and "
            "generator.weights.h5, or folders named step-00001000."
        )
    return folder


def group_names(values: dict, path: Path) -> list[str]:
    """Returns the names of the age groups, youngest first.

    Args:
        values: the config.
        path: where it is from.

    Raises:
        checkpoints.CheckpointError: if they are no names, or not as many as the
            network has groups.
    """
    default = age_groups.CACD.names  # of weights from before there were others.
    names, sizes = values.get("groups", list(default)), values.get("sizes")
    count = len(default)
    if isinstance(sizes, dict):
        count = sizes.get("num_groups", count)
    if (
        not isinstance(names, list)
        or not all(isinstance(name, str) for name in names)
        or len(names) != count
    ):
        raise checkpoints.CheckpointError(
            f"{path}: groups must be {count} names, got {names!r}."
        )
    return names


def template(values: dict, path: Path) -> np.ndarray:
    """Returns [5, 2] where the training faces had their landmarks; see FaceAger.

    Args:
        values: the config.
        path: where it is from.

    Raises:
        checkpoints.CheckpointError: if it is no template.
    """
    from ipcgan.photos import DLIB_TEMPLATE  # Loads OpenCV.

    value = values.get("template", DLIB_TEMPLATE)
    try:
        points = np.array(value, float)
    except (TypeError, ValueError):
        points = np.zeros(0)
    # Beyond these a face would be cut, or next to nothing of the picture.
    bounded = points.shape == (5, 2) and bool(((points > 0) & (points < 1)).all())
    if not bounded or np.ptp(points, axis=0).min() < 0.05:
        raise checkpoints.CheckpointError(
            f"{path}: template must be five points [x, y] from 0 to 1, apart from each "
            f"other, got {value!r}."
        )
    return points
