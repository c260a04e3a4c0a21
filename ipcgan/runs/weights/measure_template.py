"""Training faces -> the template that a checkpoint's photographs are aligned to."""

from pathlib import Path

import numpy as np

from ipcgan import checkpoints
from ipcgan.data import faces, sources
from ipcgan.data.records import DataError
from ipcgan.photos.template import measure_template

_SIDE = 200  # pixels at which the faces are measured.
_NAMES = ("outer right", "inner right", "outer left", "inner left", "nose")


def measure(
    dataset: str, root_folder: str, num_faces: int, checkpoint_dir: str
) -> list[str]:
    """Measures the template of a data set's training split.

    Args:
        dataset: how labels are read from names; see data.sources.
        root_folder: folder of the images.
        num_faces: how many to measure, drawn over all of them.
        checkpoint_dir: folder whose config.json gets it as "template"; "": none.

    Returns:
        Lines of text.

    Raises:
        DataError: if no face is found in any image.
        checkpoints.CheckpointError: if there is no config.json.
    """
    path = Path(checkpoint_dir) / checkpoints.CONFIG
    values = checkpoints.read_json(path) if checkpoint_dir else {}
    records = sources.read_split(dataset, root_folder, "", "train")
    order = np.random.default_rng(0).permutation(len(records))
    chosen, _ = faces.read_faces((records[i] for i in order), _SIDE, num_faces)
    try:
        mean, spread, count = measure_template(chosen.pixels)
    except ValueError as error:
        raise DataError(f"{root_folder}: {error}") from error
    if checkpoint_dir:
        template = [[round(float(x), 4) for x in point] for point in mean]
        checkpoints.rewrite_json(path, {**values, "template": template})
    return [
        f"{count} of {len(chosen)} faces; shares of the side, standard deviation:",
        *(
            f"{name}: {x:.4f} {y:.4f}, {dx:.4f} {dy:.4f}"
            for name, (x, y), (dx, dy) in zip(_NAMES, mean, spread, strict=True)
        ),
    ]
