"""A training's folder -> a small folder of weights to give away."""

import json
import shutil
from pathlib import Path

from ipcgan import checkpoints, face_networks, families, report
from ipcgan.inference.keras_engine import GENERATORS
from ipcgan.runs.recorder import LOG
from ipcgan.runs.scoring import PLOT, SCORES

# Entries of config.json that are about the machine, not about the weights.
_LOCAL = ("_dir", "_folder", "_file", "_model", "_cache", "init_from")


def ship(
    checkpoint_dir: str, save_dir: str, mix_with: str = "", mix_share: float = 0.0
) -> Path:
    """Writes config.json and the weights that are used after training, in float16.

    Beside them go the training's log, its curves, and the scores of its checkpoints,
    where there are any.

    Args:
        checkpoint_dir: a training's folder, one of its checkpoints, or the folder of
            a pretrained face network.
        save_dir: the folder to write to; other files there are left alone.
        mix_with: another checkpoint of the same training, or "".
        mix_share: how much of it to mix in, 0 to 1.

    Returns:
        The weights' path.

    Raises:
        checkpoints.CheckpointError: if there are no such weights.
    """
    source = checkpoints.newest(Path(checkpoint_dir)) or Path(checkpoint_dir)
    names = [
        name
        for name in (*GENERATORS, *face_networks.KINDS)
        if (source / f"{name}.weights.h5").is_file()
    ]
    if not names:
        raise checkpoints.CheckpointError(
            f"{source}: no weights of a generator, {' or '.join(face_networks.KINDS)}."
        )
    target = Path(save_dir)
    target.mkdir(parents=True, exist_ok=True)
    name = names[0]
    path = target / f"{'generator' if name in GENERATORS else name}.weights.h5"
    other = Path(mix_with) / f"{name}.weights.h5" if mix_with else None
    if other and not other.is_file():
        raise checkpoints.CheckpointError(f"{other}: no such file to mix with.")
    checkpoints.shrink_weights(source / f"{name}.weights.h5", path, other, mix_share)
    values = _without_local(checkpoints.read_json(source / checkpoints.CONFIG))
    family = families.FAMILIES.get(values.get("family"))
    for other_name in family.build_others if family else ():
        file = f"{other_name}.weights.h5"
        if not (source / file).is_file():
            raise checkpoints.CheckpointError(f"{source}: no {file}.")
        second = Path(mix_with) / file if mix_with else None
        checkpoints.shrink_weights(source / file, target / file, second, mix_share)
    if (source / checkpoints.STATE).is_file():
        values["steps"] = checkpoints.read_json(source / checkpoints.STATE)["step"]
    if mix_with:
        state = Path(mix_with) / checkpoints.STATE
        step = checkpoints.read_json(state)["step"] if state.is_file() else None
        values["mixed_with"] = {"step": step, "share": mix_share}
    training = source.parent if (source / checkpoints.STATE).is_file() else source
    _ship_records(training, target)
    checkpoints.write_json(target / checkpoints.CONFIG, values)
    return path


def _ship_records(training, target):
    """Copies a training's log and scores, and draws the log's curves."""
    for name in (LOG, SCORES, PLOT):
        if (training / name).is_file():
            shutil.copyfile(training / name, target / name)
    if (training / LOG).is_file():
        entries = [json.loads(x) for x in (training / LOG).read_text().splitlines()]
        report.draw_curves(entries, target / "curves.svg")


def _without_local(values):
    return {
        key: _without_local(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if not key.endswith(_LOCAL)
    }
