"""A training run's folder -> a small folder of weights to publish."""

import json
import shutil
from pathlib import Path

from ipcgan import checkpoints, face_networks, families, report
from ipcgan.inference import gender_directions
from ipcgan.inference.config_values import JUDGED_YEARS
from ipcgan.inference.keras_engine import GENERATORS, read_generator
from ipcgan.runs.evaluate.scores import PLOT
from ipcgan.runs.score_files import SCORES
from ipcgan.runs.train.recorder import LOG, step_of

# Entries of config.json that are about the machine, not about the weights.
_LOCAL = ("_dir", "_folder", "_file", "_model", "_cache", "init_from")


def ship(
    checkpoint_dir: str,
    save_dir: str,
    image_size: int | None = None,
) -> Path:
    """Writes config.json and the weights that are used after training, in float16.

    The run's log, its curves, and the scores of its checkpoints are added, where there
    are any.

    Args:
        checkpoint_dir: a training run's folder, one of its checkpoints, or the folder
            of a pretrained face network.
        save_dir: the folder to write to; other files there are left alone, but for
            gender directions, which are those of other weights.
        image_size: of the faces that the generator will age, in pixels; None: of those
            that it was trained on.

    Returns:
        The weights' path.

    Raises:
        checkpoints.CheckpointError: if there are no such weights, or they are not for
            faces of that size.
    """
    source = checkpoints.resolve(checkpoint_dir)
    names = [
        name
        for name in (*GENERATORS, *face_networks.KINDS)
        if (source / f"{name}.weights.h5").is_file()
    ]
    if not names:
        raise checkpoints.CheckpointError(
            f"{source}: no weights of a generator, {' or '.join(face_networks.KINDS)}."
        )
    values = _without_local(checkpoints.read_json(source / checkpoints.CONFIG))
    if image_size:
        values["trained_at"] = values.get("sizes", {}).get("image_size")
        values["sizes"] = {**values.get("sizes", {}), "image_size": image_size}
        values.pop(JUDGED_YEARS, None)  # They were measured at another size.
        read_generator(source, values)  # Or says why not.
    target = Path(save_dir)
    target.mkdir(parents=True, exist_ok=True)
    name = names[0]
    path = target / f"{'generator' if name in GENERATORS else name}.weights.h5"
    checkpoints.shrink_weights(source / f"{name}.weights.h5", path)
    family = families.FAMILIES.get(str(values.get("family")))
    for other_name in family.implementation.build_others if family else ():
        file = f"{other_name}.weights.h5"
        if not (source / file).is_file():
            raise checkpoints.CheckpointError(f"{source}: no {file}.")
        checkpoints.shrink_weights(source / file, target / file)
    if (source / checkpoints.STATE).is_file():
        values["steps"] = checkpoints.read_json(source / checkpoints.STATE)["step"]
    training = source.parent if (source / checkpoints.STATE).is_file() else source
    _ship_records(training, target)
    (target / gender_directions.FILE).unlink(missing_ok=True)  # Of other weights.
    checkpoints.write_json(target / checkpoints.CONFIG, values)
    checkpoints.write_sums(target, [file.name for file in target.glob("*.weights.h5")])
    return path


def _ship_records(training, target):
    """Copies a run's log and scores, and draws the log's curves."""
    for name in (LOG, SCORES, PLOT):
        if (training / name).is_file():
            shutil.copyfile(training / name, target / name)
    if (training / LOG).is_file():
        lines = (training / LOG).read_bytes().splitlines()
        entries = [json.loads(x) for x in lines if step_of(x)]
        report.draw_curves(entries, target / "curves.svg")


def _without_local(values):
    """Returns a JSON value without entries about the machine, at any depth."""
    if isinstance(values, list):
        return [_without_local(value) for value in values]
    if not isinstance(values, dict):
        return values
    return {k: _without_local(v) for k, v in values.items() if not k.endswith(_LOCAL)}
