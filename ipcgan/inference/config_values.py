"""What ageing reads in a checkpoint's config.json; loads no OpenCV."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ipcgan import age_groups, checkpoints
from ipcgan.inference.mixing import OLDEST, YearScale

JUDGED_YEARS = "judged_years"  # key of config.json.
LEAST_STEP = 0.5  # years from a group to the next: less could not be divided by.


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


def judged_years(values: dict, path: Path, num_groups: int) -> list[float] | None:
    """Returns which years the faces of each group were judged at; None: not measured.

    Args:
        values: the config.
        path: where it is from.
        num_groups: of the network.

    Raises:
        checkpoints.CheckpointError: if they are no rising years, one for each group.
    """
    years = values.get(JUDGED_YEARS)
    if years is None:
        return None
    if (
        not isinstance(years, list)
        or len(years) != num_groups
        or not all(type(y) in (int, float) and 0 <= y <= OLDEST for y in years)
        or any(
            later - y < LEAST_STEP for y, later in zip(years, years[1:], strict=False)
        )
    ):
        raise checkpoints.CheckpointError(
            f"{path}: {JUDGED_YEARS} must be {num_groups} years from 0 to {OLDEST}, "
            f"each at least {LEAST_STEP} above the one before, got {years!r}."
        )
    return years


def year_scale(
    names: Sequence[str], judged: Sequence[float] | None
) -> YearScale | None:
    """Returns which years a network's groups show; None where that is not known.

    Args:
        names: of the groups.
        judged: which years their faces were judged at; None: the middles of the groups
            stand for them.
    """
    groups = age_groups.with_names(names)
    years = judged or (groups.middles if groups else None)
    if years is None:
        return None
    return YearScale(tuple(years), groups.ranges[0][0] if groups else 0)


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


def check_predicts_years(folder: str) -> None:
    """Looks, without loading it, whether a face network can predict own ages here.

    Raises:
        checkpoints.CheckpointError: if it cannot: it or Keras is missing, or it has not
            learnt to predict years.
    """
    path = Path(folder) / checkpoints.CONFIG
    otherwise = "or say how old the faces are: --source_age=40."
    if importlib.util.find_spec("keras") is None:
        raise checkpoints.CheckpointError(
            f"{folder}: predicts the faces' own ages, which years such as +20 are "
            f"counted from, by Keras, which is not installed: pip install keras "
            f"tensorflow, {otherwise}"
        )
    if not path.is_file():
        raise checkpoints.CheckpointError(
            f"--age_pretrained_model={folder}: no pretrained face network. It predicts "
            f"the faces' own ages, which years such as +20 are counted from; name one, "
            f"{otherwise}"
        )
    sizes = checkpoints.read_json(path).get("sizes")
    if not isinstance(sizes, dict) or not sizes.get("reads_years"):
        raise checkpoints.CheckpointError(
            f"--age_pretrained_model={folder}: has not learnt to predict years, which "
            f"years such as +20 are counted from; name one that was pretrained with "
            f"--task=years, {otherwise}"
        )
