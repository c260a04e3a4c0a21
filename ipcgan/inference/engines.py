"""Which engine computes a checkpoint's network, and whether its export may be used.

Nothing here imports Keras or a backend of it.
"""

import hashlib
import importlib.util
from pathlib import Path

from absl import logging

from ipcgan import checkpoints
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
]

EXPORT = "export.json"  # of which weights the exports are; written last.
FILES = {"openvino": "generator.openvino.xml", "onnx": "generator.onnx"}  # fastest 1st
MODULES = {"openvino": "openvino", "onnx": "onnxruntime"}
_MAX_SIDE = 1024  # pixels; a file that asks for more is refused.


def open_generator(folder: Path, engine: str) -> ExportedGenerator | None:
    """Opens a checkpoint's exported network.

    Args:
        folder: of the checkpoint.
        engine: one of config.ENGINES.

    Returns:
        None for Keras, and for "auto" where nothing else can be used.

    Raises:
        checkpoints.CheckpointError: if a named engine is not installed, its export is
            missing or broken, or was made of other weights.
    """
    if engine == "keras":
        return None
    for name in FILES if engine == "auto" else (engine,):
        problem = _problem(folder, name)
        if problem is None:
            return _open(folder / FILES[name], name)
        if engine != "auto":
            raise checkpoints.CheckpointError(problem)
        if (folder / FILES[name]).is_file():
            logging.warning("%s", problem)
    return None


def digest(folder: Path) -> str | None:
    """Returns what tells the weights that ageing would load from all others.

    None where the folder has none, only exports of them.
    """
    for name in ("generator_average", "generator"):
        path = folder / f"{name}.weights.h5"
        if path.is_file():
            return hashlib.sha256(path.read_bytes()).hexdigest()
    return None


def _problem(folder, name):
    """Returns why an engine cannot be used for a checkpoint, or None."""
    if importlib.util.find_spec(MODULES[name]) is None:
        return f"--engine={name}: not installed: pip install {MODULES[name]}."
    if not (folder / FILES[name]).is_file():
        return (
            f"{folder / FILES[name]}: no such file; write it with "
            f"tools/export.py --checkpoint_dir={folder}."
        )
    if not (folder / EXPORT).is_file():
        return (
            f"{folder / EXPORT}: no such file, so the weights of {FILES[name]} "
            f"are unknown; run tools/export.py --checkpoint_dir={folder} again."
        )
    values = checkpoints.read_json(folder / EXPORT)
    if digest(folder) not in (None, values.get("weights")):
        return (
            f"{folder / FILES[name]}: was exported from other weights; run "
            f"tools/export.py --checkpoint_dir={folder} again."
        )
    return None


def _open(path, name):
    generator = _OPENERS[name](path)
    side = generator.inputs[0].shape[1]
    if not isinstance(side, int) or not 1 <= side <= _MAX_SIDE:
        raise checkpoints.CheckpointError(
            f"{path}: expected an input of up to {_MAX_SIDE} pixels, got {side}."
        )
    return generator


_OPENERS = {"onnx": open_onnx, "openvino": open_openvino}
