"""Arrays of known shapes in .npz files: nothing larger is read, and nothing pickled."""

import io
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ipcgan.checkpoints.config_files import CheckpointError
from ipcgan.checkpoints.sums import check_sum

_HEADER = 16_384  # bytes that an array's header may have.
_LARGEST_NUMBER = 8  # bytes
_NUMBERS = "biuf"  # kinds of NumPy's types.


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Writes arrays by name as .npz."""
    named: dict[str, Any] = {k: np.asarray(v) for k, v in arrays.items()}
    with path.open("wb") as file:  # By a path, NumPy would add to its name.
        np.savez(file, **named)


def read_arrays(
    path: Path, shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, np.ndarray]:
    """Reads what write_arrays wrote.

    Args:
        path: the file.
        shapes: of each array, by name: a file of others is not read.

    Raises:
        CheckpointError: if the file is missing or broken, or has other arrays.
    """
    check_sum(path)
    try:
        with zipfile.ZipFile(path) as file:
            found = {name.removesuffix(".npy") for name in file.namelist()}
            if found != shapes.keys() or len(file.namelist()) != len(shapes):
                raise ValueError(
                    f"expected {len(shapes)} arrays, there are {len(file.namelist())}"
                )
            return {name: _read(file, name, shapes[name]) for name in shapes}
    # What zipfile and NumPy raise where a file is broken is not listed anywhere; among
    # it are zlib.error, struct.error, NotImplementedError and RuntimeError.
    except Exception as error:
        raise CheckpointError(f"{path}: cannot be read: {error}.") from error


def _read(file, name, shape):
    info = file.getinfo(f"{name}.npy")
    if info.file_size > _HEADER + _LARGEST_NUMBER * math.prod(shape):
        raise ValueError(f"{name} has {info.file_size} bytes, more than {shape} needs")
    content = file.read(info)  # At most file_size bytes, and their sum is checked.
    stream = io.BytesIO(content)
    version = np.lib.format.read_magic(stream)
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[version]
    stored, by_column, dtype = read_header(stream)
    if stored != tuple(shape) or dtype.kind not in _NUMBERS:
        raise ValueError(f"{name} is {stored} of {dtype}, expected {shape} of numbers")
    array = np.frombuffer(content, dtype, offset=stream.tell())
    return array.reshape(shape, order="F" if by_column else "C")
