"""Folders of weights and state: written beside, then renamed; never pickled.

A checkpoint holds `config.json`, `<network>.weights.h5`, `<network>.random.npz` where
a network draws (dropout), `<phase>.optimizer.npz` and `state.json` (step and data
order). A run's folder holds checkpoints named `step-00001000`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import reprlib
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from absl import logging

if TYPE_CHECKING:
    import keras  # Else only where it is used: an exported network needs none.

_NAME = re.compile(r"step-(\d{8,})")
STATE = "state.json"  # step and data order; written last.
CONFIG = "config.json"  # what was trained, and how: read before any weights.
CHANGES = "changes"  # of CONFIG: what a training that went on did otherwise.
BEGUN_WITH = "init_from"  # of CONFIG: the weights that a training began with.


class CheckpointError(ValueError):
    """A checkpoint that is missing, broken, or of another training."""


def write_json(path: Path, values: dict) -> None:
    """Writes JSON beside `path` and renames it."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(json.dumps(values, indent=2, sort_keys=True) + "\n")
        os.replace(partial, path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def read_json(path: Path) -> dict:
    """Reads a JSON object.

    Raises:
        CheckpointError: if the file is missing or not a JSON object.
    """
    try:
        values = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path}: cannot be read: {error}.") from error
    if not isinstance(values, dict):
        raise CheckpointError(f"{path}: expected a JSON object.")
    return values


def changes(values: dict, path: Path) -> list[dict]:
    """Returns the CHANGES of a config.json, by step: {"step": 7, KEY: [before, now]}.

    Args:
        values: the config.
        path: where it is from.

    Raises:
        CheckpointError: if they are not of that kind.
    """
    found = values.get(CHANGES, [])
    whole = isinstance(found, list) and all(map(_is_change, found))
    if not whole:
        raise CheckpointError(
            f"{path}: {CHANGES}: expected a list of objects with a whole step and "
            f"[before, now] by key, got {reprlib.repr(found)}."
        )
    return found


def _is_change(value):
    return (
        isinstance(value, dict)
        and type(value.get("step")) is int
        and all(
            isinstance(both, list) and len(both) == 2
            for key, both in value.items()
            if key != "step"
        )
    )


def newest(run_dir: Path) -> Path | None:
    """Returns the checkpoint of the highest step below `run_dir`, or None."""
    found = complete(run_dir)
    return found[-1][1] if found else None


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
        CheckpointError: if it cannot be written (a full disk, say); the checkpoints
            from before are as they were.
    """
    _check_finite(networks, state["step"])
    path = run_dir / f"step-{state['step']:08d}"
    partial = run_dir / f".{path.name}.partial"
    try:
        run_dir.mkdir(parents=True, exist_ok=True)
        _remove_remains(run_dir)
        partial.mkdir()
        for name, network in networks.items():
            save_weights(network, partial, name)
        for name, optimizer in optimizers.items():
            slots: dict = {}
            optimizer.save_own_variables(slots)
            _write_arrays(partial / f"{name}.optimizer.npz", slots)
        write_json(partial / CONFIG, config)
        write_json(partial / STATE, state)
        for file in partial.iterdir():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())
        os.replace(partial, path)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
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
        arrays = _read_arrays(path / f"{name}.optimizer.npz")
        if len(arrays) != len(optimizer.variables):
            raise CheckpointError(
                f"{path}: the optimizer of {name} has {len(optimizer.variables)} "
                f"variables, the file {len(arrays)}."
            )
        optimizer.load_own_variables(arrays)
    state = read_json(path / STATE)
    logging.info("Resumed from %s.", path)
    return state


def save_weights(network: keras.Model, folder: Path, name: str) -> None:
    """Writes `name`.weights.h5 and, where the network draws, `name`.random.npz."""
    import keras

    network.save_weights(folder / f"{name}.weights.h5")
    draws = _random_state(network)
    if draws:
        arrays = {str(i): keras.ops.convert_to_numpy(v) for i, v in enumerate(draws)}
        _write_arrays(folder / f"{name}.random.npz", arrays)


def load_weights(network: keras.Model, folder: Path, name: str) -> None:
    """Loads what save_weights wrote; random state only where it is there.

    Raises:
        CheckpointError: naming the file that is missing or broken, or the layer that
            differs.
    """
    path = folder / f"{name}.weights.h5"
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file.")
    try:
        network.load_weights(path)
    except (ValueError, OSError, KeyError, RuntimeError) as error:
        # RuntimeError is what h5py raises where the inside of a file is broken.
        raise CheckpointError(f"{path}: does not fit {name}: {error}") from error
    _refuse_nan(network, path)
    draws = folder / f"{name}.random.npz"
    if draws.is_file():
        arrays = _read_arrays(draws)
        for index, variable in enumerate(_random_state(network)):
            variable.assign(arrays[str(index)])


def _refuse_nan(network, path):
    import keras

    for weight in network.weights:
        if not np.isfinite(keras.ops.convert_to_numpy(weight)).all():
            raise CheckpointError(f"{path}: {weight.path} is not finite.")


def shrink_weights(
    source: Path, target: Path, others: Sequence[Path] = (), share: float = 0.0
) -> None:
    """Copies a .weights.h5 file with its kernels in float16, half the size.

    With `others`, later or earlier files of the same training, the weights are mixed:
    (1 - share) * source + share * the mean of the others.

    Vectors (biases, batch normalization) stay in float32: they are few, and variances
    may leave float16's range. Loading gives float32 networks again.

    Raises:
        CheckpointError: if a kernel is outside float16's range.
    """
    import h5py

    partial = target.with_name(f".{target.name}.partial")
    with contextlib.ExitStack() as files:
        whole = files.enter_context(h5py.File(source))
        mixed = [files.enter_context(h5py.File(other)) for other in others]
        small = files.enter_context(h5py.File(partial, "w"))

        def copy(name, item):
            if isinstance(item, h5py.Group):
                group = small.require_group(name)
                group.attrs.update(item.attrs)
                return
            values = item[()]
            if mixed:
                mean = np.mean([other[name][()] for other in mixed], axis=0)
                values = (1.0 - share) * values + share * mean
                values = values.astype(item.dtype)
            if values.ndim > 1:
                values = values.astype(np.float16)
                if not np.isfinite(values).all():
                    raise CheckpointError(f"{source}: {name} does not fit float16.")
            dataset = small.create_dataset(
                name, data=values, compression="gzip" if values.ndim > 1 else None
            )
            dataset.attrs.update(item.attrs)

        small.attrs.update(whole.attrs)
        whole.visititems(copy)
    os.replace(partial, target)


def _random_state(network):
    # Keras leaves the state of random draws out of .weights.h5.
    weights = {id(v) for v in network.weights}
    return [v for v in network.variables if id(v) not in weights]


def _write_arrays(path, arrays):
    np.savez(path, **{k: np.asarray(v) for k, v in arrays.items()})


def _read_arrays(path):
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{path}: cannot be read: {error}.") from error
