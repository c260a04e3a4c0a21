"""Weight files, and the state that Keras leaves out of them; never pickled."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ipcgan import atomic
from ipcgan.checkpoints.array_files import read_arrays, write_arrays
from ipcgan.checkpoints.config_files import CheckpointError
from ipcgan.checkpoints.sums import SUMS, check_sum

if TYPE_CHECKING:
    import keras  # Else only where it is used: an exported network needs none.


def save_weights(network: keras.Model, folder: Path, name: str) -> None:
    """Writes `name`.weights.h5 and, where the network draws, `name`.random.npz."""
    import keras

    (folder / SUMS).unlink(missing_ok=True)  # They are of what was there before.
    network.save_weights(folder / f"{name}.weights.h5")
    draws = _random_state(network)
    if draws:
        arrays = {str(i): keras.ops.convert_to_numpy(v) for i, v in enumerate(draws)}
        write_arrays(folder / f"{name}.random.npz", arrays)


def load_weights(network: keras.Model, folder: Path, name: str) -> None:
    """Loads what save_weights wrote; random state only where it is there.

    Raises:
        CheckpointError: naming the file that is missing, broken or not as its sum
            says, or the layer that differs.
    """
    path = folder / f"{name}.weights.h5"
    if not path.is_file():
        raise CheckpointError(f"{path}: no such file.")
    check_sum(path)
    try:
        network.load_weights(path)
    except (ValueError, OSError, KeyError, RuntimeError) as error:
        # RuntimeError is what h5py raises where the inside of a file is broken.
        raise CheckpointError(f"{path}: does not fit {name}: {error}") from error
    _refuse_nan(network, path)
    draws = folder / f"{name}.random.npz"
    if draws.is_file():
        variables = {str(i): v for i, v in enumerate(_random_state(network))}
        arrays = read_arrays(draws, {i: v.shape for i, v in variables.items()})
        for index, variable in variables.items():
            variable.assign(arrays[index])


def _refuse_nan(network, path):
    import keras

    for weight in network.weights:
        if not np.isfinite(keras.ops.convert_to_numpy(weight)).all():
            raise CheckpointError(f"{path}: {weight.path} is not finite.")


def shrink_weights(source: Path, target: Path) -> None:
    """Copies a .weights.h5 file with its kernels in float16, half the size.

    Sums in the target's folder, of what was there before, are removed.

    Vectors (biases, batch normalization) stay in float32: they are few, and variances
    may leave float16's range. Loading gives float32 networks again.

    Raises:
        CheckpointError: if a kernel is outside float16's range.
    """
    import h5py

    (target.parent / SUMS).unlink(missing_ok=True)  # As in save_weights.
    with contextlib.ExitStack() as files:
        # Entered first, and so left last, when all of the files are closed.
        partial = files.enter_context(atomic.replacing(target))
        whole = files.enter_context(h5py.File(source))
        small = files.enter_context(h5py.File(partial, "w"))

        def copy(name, item):
            if isinstance(item, h5py.Group):
                group = small.require_group(name)
                group.attrs.update(item.attrs)
                return
            values = item[()]
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


def _random_state(network):
    # Keras leaves the state of random draws out of .weights.h5.
    weights = {id(v) for v in network.weights}
    return [v for v in network.variables if id(v) not in weights]
