"""Saves, finds and restores the checkpoints of a training run."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from absl import logging

from ipcgan import atomic
from ipcgan.checkpoints.array_files import read_arrays, write_arrays
from ipcgan.checkpoints.config_files import (
    CONFIG,
    CheckpointError,
    read_json,
    write_json,
)
from ipcgan.checkpoints.shipped import located
from ipcgan.checkpoints.sums import check_sums, write_sums
from ipcgan.checkpoints.weight_files import load_weights, save_weights

if TYPE_CHECKING:
    import keras  # Else only where it is used: an exported network needs none.

_NAME = re.compile(r"step-(\d{8,})")
STATE = "state.json"  # step and data order; only SUMS is written later.


def newest(run_dir: Path) -> Path | None:
    """Returns the checkpoint of the highest step that is not damaged, or None.

    Warns of each damaged one.

    Raises:
        CheckpointError: if all are damaged.
    """
    problem = None
    for _, path in reversed(complete(run_dir)):
        try:
            check_sums(path)
        except CheckpointError as error:
            problem = error
            logging.warning("%s The checkpoint before it is taken.", error)
        else:
            return path
    if problem:
        raise CheckpointError(f"{run_dir}: every checkpoint is damaged: {problem}")
    return None


def set_aside_damaged(run_dir: Path, newest: Path | None) -> None:
    """Renames the checkpoints after the newest whole one to NAME.damaged.

    Training makes their steps again.

    Raises:
        OSError: if that cannot be done.
    """
    for _, path in reversed(complete(run_dir)):
        if path == newest:
            break
        aside = path.with_name(f"{path.name}.damaged")
        shutil.rmtree(aside, ignore_errors=True)
        os.replace(path, aside)
        logging.warning("%s: set aside as %s.", path, aside.name)


def resolve(folder: str | Path) -> Path:
    """Returns the newest checkpoint of a run's folder; else the folder itself.

    A shipped network is found from any folder.

    Raises:
        CheckpointError: if there are some, and all are damaged.
    """
    folder = located(folder)
    return newest(folder) or folder


def complete(run_dir: Path) -> list[tuple[int, Path]]:
    """Returns (step, path) of every whole checkpoint below `run_dir`, by step."""
    if not run_dir.is_dir():
        return []
    named = ((_NAME.fullmatch(path.name), path) for path in run_dir.iterdir())
    return sorted(
        (int(match[1]), path)
        for match, path in named
        if match and (path / STATE).is_file()
    )


def save(
    run_dir: Path,
    networks: Mapping[str, keras.Model],
    optimizers: Mapping[str, keras.optimizers.Optimizer],
    state: dict,
    *,
    config: dict,
    max_to_keep: int,
) -> Path:
    """Writes the checkpoint of state["step"], then removes the oldest ones.

    Nothing is removed before the new one is complete, except what an earlier, killed
    run left half written.

    Raises:
        NotFiniteError: naming a weight that is NaN or infinite; nothing is written.
        CheckpointError: if it cannot be written (a full disk, say); earlier checkpoints
            are unchanged.
    """
    _check_finite(networks, state["step"])
    path = run_dir / f"step-{state['step']:08d}"
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        _remove_remains(run_dir)
        with atomic.new_folder(path) as partial:
            for name, network in networks.items():
                save_weights(network, partial, name)
            for name, optimizer in optimizers.items():
                slots: dict = {}
                optimizer.save_own_variables(slots)
                write_arrays(partial / f"{name}.optimizer.npz", slots)
            write_json(partial / CONFIG, config)
            write_json(partial / STATE, state)
            write_sums(partial, [file.name for file in partial.iterdir()])
            for file in partial.iterdir():
                with file.open("rb") as handle:
                    os.fsync(handle.fileno())
    except OSError as error:
        raise CheckpointError(
            f"{path}: cannot be written: {error}. Earlier checkpoints are untouched."
        ) from error
    for _, old in complete(run_dir)[:-max_to_keep]:
        # Renamed first: a kill in between leaves remains, never half a checkpoint.
        remains = old.with_name(f".{old.name}.partial")
        os.replace(old, remains)
        shutil.rmtree(remains)
    return path


def _check_finite(networks, step):
    import keras

    from ipcgan.training.trainer import NotFiniteError

    for network in networks.values():
        for weight in network.weights:
            if not np.isfinite(keras.ops.convert_to_numpy(weight)).all():
                raise NotFiniteError(
                    f"{weight.path} is not finite after step {step}; a lower "
                    "--learning_rate may help. Earlier checkpoints are untouched."
                )


def _remove_remains(run_dir):
    """Removes what killed runs left: half written, or half removed."""
    for path in run_dir.iterdir():
        incomplete = _NAME.fullmatch(path.name) and not (path / STATE).is_file()
        if incomplete or path.match(".step-*.partial"):
            shutil.rmtree(path)


def restore(
    path: Path,
    networks: Mapping[str, keras.Model],
    optimizers: Mapping[str, keras.optimizers.Optimizer],
) -> dict:
    """Loads networks and optimizers, which must be built; returns the state.

    Raises:
        CheckpointError: if a file is missing or does not fit.
    """
    for name, network in networks.items():
        load_weights(network, path, name)
    for name, optimizer in optimizers.items():
        shapes = {str(i): v.shape for i, v in enumerate(optimizer.variables)}
        arrays = read_arrays(path / f"{name}.optimizer.npz", shapes)
        optimizer.load_own_variables(arrays)
    state = read_json(path / STATE)
    _check_state(state, path / STATE)
    logging.info("Resumed from %s.", path)
    return state


def _check_state(state, path):
    stages = state.get("stages", [])
    whole = type(state.get("step")) is int and isinstance(stages, list)
    if not whole or not all(
        isinstance(s, list) and [type(part) for part in s] == [str, int] for s in stages
    ):
        raise CheckpointError(
            f"{path}: expected a whole number as step, and stages as [name, steps]."
        )
