"""Which engine computes a checkpoint's network, and whether its export may be used.

Nothing here imports Keras or a backend of it.
"""

import importlib.util
from collections.abc import Callable
from pathlib import Path

from absl import logging

from ipcgan import checkpoints, config
from ipcgan.inference.exported_generator import AT_ONCE, ExportedGenerator
from ipcgan.inference.onnx_engine import open_onnx
from ipcgan.inference.openvino_engine import open_openvino

__all__ = [
    "AT_ONCE",
    "ExportedGenerator",
    "digest",
    "open_generator",
    "open_onnx",
    "open_openvino",
    "sums",
]

EXPORT = "export.json"  # of which weights the exports are; written last.
FILES = {"openvino": "generator.openvino.xml", "onnx": "generator.onnx"}  # fastest 1st
# All that an engine reads.
_ALL_FILES = {
    "openvino": (FILES["openvino"], "generator.openvino.bin"),
    "onnx": (FILES["onnx"],),
}
SUMS = "sha256"  # key of EXPORT: the sum of each file, by name.
MODULES = {"openvino": "openvino", "onnx": "onnxruntime"}


def open_generator(
    folder: Path, engine: str, threads: int = 0
) -> ExportedGenerator | None:
    """Opens a checkpoint's exported network.

    Args:
        folder: of the checkpoint.
        engine: one of config.ENGINES.
        threads: that it may use; 0: all cores.

    Returns:
        None for Keras, and for "auto" where nothing else can be used; there is a
        warning of each export that cannot.

    Raises:
        checkpoints.CheckpointError: if a named engine is not installed, its export is
            missing or damaged, or was made of other weights.
        config.ConfigError: if there is no such engine.
    """
    if engine not in config.ENGINES:
        raise config.ConfigError(
            f"--engine={engine}: expected one of {', '.join(config.ENGINES)}."
        )
    if engine == "keras":
        return None
    for name in FILES if engine == "auto" else (engine,):
        try:
            values = _check(folder, name)
            options = _precision(values) if name == "openvino" else {}
            return _OPENERS[name](folder / FILES[name], threads=threads, **options)
        except checkpoints.CheckpointError as error:
            if engine != "auto":
                raise
            if (folder / FILES[name]).is_file():
                logging.warning("%s Another engine is used.", error)
    return None


def sums(folder: Path) -> dict[str, str]:
    """Returns the SHA-256 sums of the exports in a folder, by name."""
    names = [name for files in _ALL_FILES.values() for name in files]
    return {name: checkpoints.sha256(folder / name) for name in names}


def digest(folder: Path) -> str | None:
    """Returns what tells the weights that ageing would load from all others.

    None where the folder has none, only exports of them.
    """
    for name in ("generator_average", "generator"):
        path = folder / f"{name}.weights.h5"
        if path.is_file():
            return checkpoints.sha256(path)
    return None


def _precision(values):
    """Returns options of OpenVINO: float32, unless less was compared with Keras.

    Who exports may have a processor without.
    """
    compared = values.get("differences")
    lower = isinstance(compared, dict) and "OpenVINO, bfloat16" in compared
    return {} if lower else {"precision": "f32"}


def _check(folder, name):
    """Returns what EXPORT says.

    Raises:
        CheckpointError: if an engine cannot be used for a checkpoint.
    """
    again = f"run tools/export.py --checkpoint_dir={folder} again."
    if importlib.util.find_spec(MODULES[name]) is None:
        problem = f"--engine={name}: not installed: pip install {MODULES[name]}."
        raise checkpoints.CheckpointError(problem)
    path = folder / FILES[name]
    if not path.is_file():
        problem = f"no such file; {again.removesuffix(' again.')}."
        raise checkpoints.CheckpointError(f"{path}: {problem}")
    if not (folder / EXPORT).is_file():
        raise checkpoints.CheckpointError(
            f"{folder / EXPORT}: no such file, so the weights of {FILES[name]} "
            f"are unknown; {again}"
        )
    values = checkpoints.read_json(folder / EXPORT)
    if digest(folder) not in (None, values.get("weights")):
        raise checkpoints.CheckpointError(
            f"{path}: was exported from other weights; {again}"
        )
    expected = values.get(SUMS)
    for file in _ALL_FILES[name]:
        try:
            found = checkpoints.sha256(folder / file)
        except OSError as error:
            raise checkpoints.CheckpointError(
                f"{folder / file}: cannot be read: {error}."
            ) from error
        if not isinstance(expected, dict) or expected.get(file) != found:
            raise checkpoints.CheckpointError(
                f"{folder / file}: its SHA-256 sum is not that in {EXPORT}: it is "
                f"damaged, or another; {again}"
            )
    return values


_OPENERS: dict[str, Callable[..., ExportedGenerator]] = {
    "onnx": open_onnx,
    "openvino": open_openvino,
}
