"""A checkpoint -> ONNX and OpenVINO files, each compared with Keras first."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
from absl import logging

from ipcgan import checkpoints
from ipcgan.data import images, synthetic
from ipcgan.inference import engines, rewriting

# The largest difference to Keras, in levels of 0 to 255,
TOLERANCE = {"float32": 1.0, "bfloat16": 3.0, "float16": 3.0}
# and the share of the numbers that it is of: in bfloat16 small spots at edges, which
# nobody sees, are farther off.
_LOWER_SHARE = 0.999
_FACES = 4  # that the proof is made with, each at every group.
OPSET = 18  # of ONNX.
_LEAST_HALVED = 1024  # numbers of a tensor that is stored as float16.


class ExportError(checkpoints.CheckpointError):
    """A network that cannot be exported, or whose export is not equal."""


def export(generator: keras.Model, folder: Path, num_groups: int) -> dict[str, float]:
    """Writes a generator for ONNX Runtime and OpenVINO, with any number of faces.

    Every file is written to a temporary folder, opened with its engine and compared
    with Keras; only then is it moved.

    Args:
        generator: with loaded weights.
        folder: the checkpoint's, which gets engines.FILES and engines.EXPORT.
        num_groups: of the generator.

    Returns:
        {engine and precision: largest difference to Keras, in levels}, as of prove.

    Raises:
        ExportError: if a package is missing, or an export is not equal.
    """
    partial = Path(tempfile.mkdtemp(prefix=".export-", dir=folder))
    try:
        _write(generator, partial)
        differences = prove(generator, partial, num_groups)
        values = {
            "weights": engines.digest(folder),
            "differences": differences,
            engines.SUMS: engines.sums(partial),
        }
        checkpoints.write_json(partial / engines.EXPORT, values)
        # The file that identifies the weights is removed first and written last: a kill
        # in between leaves exports that are not used, never ones of other weights.
        (folder / engines.EXPORT).unlink(missing_ok=True)
        for path in sorted(partial.iterdir(), key=lambda p: p.name == engines.EXPORT):
            os.replace(path, folder / path.name)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return differences


def _write(generator, folder):
    try:
        import openvino
        import tf2onnx  # noqa: F401  Keras uses it, and says less clearly if missing.
    except ImportError as error:
        raise ExportError(
            f"{error.name} is not installed: pip install ipcgan[export]."
        ) from error
    if keras.backend.backend() != "tensorflow":
        raise ExportError("Networks are exported with KERAS_BACKEND=tensorflow.")
    path = folder / engines.FILES["onnx"]
    generator = rewriting.rewritten(generator)
    generator(_examples(generator.inputs[0].shape[1], 1))  # Keras wants it called once.
    generator.export(path, format="onnx", opset_version=OPSET, verbose=False)
    model = openvino.convert_model(str(path))
    openvino.save_model(
        model, str(folder / engines.FILES["openvino"]), compress_to_fp16=False
    )
    _halve(path)


def _halve(path):
    """Stores an ONNX file's weights as float16; ONNX Runtime makes them float32 again.

    It does so once, when it opens the file. Shipped weights are float16 as well.
    """
    import onnx
    from onnx import numpy_helper

    model = onnx.load(path)
    graph, casts = model.graph, []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _LEAST_HALVED:
            continue
        name = tensor.name
        halved = numpy_helper.from_array(values.astype(np.float16), f"{name}:float16")
        tensor.CopyFrom(halved)
        casts.append(
            onnx.helper.make_node(
                "Cast", [tensor.name], [name], to=onnx.TensorProto.FLOAT
            )
        )
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.save(model, path)


def prove(generator: keras.Model, folder: Path, num_groups: int) -> dict[str, float]:
    """Compares the exports in a folder with Keras, in every precision that is used.

    Returns:
        {engine and precision: largest difference to Keras, in levels, and of lower
        precisions of 999 of 1,000 numbers}; without those that differ by more than
        their TOLERANCE.

    Raises:
        ExportError: if float32 differs by more.
    """
    side = generator.inputs[0].shape[1]
    inputs = _examples(side, num_groups)
    expected = np.asarray(generator.predict_on_batch(inputs))
    openers: list[Callable] = [
        lambda: engines.open_onnx(folder / engines.FILES["onnx"]),
        lambda: engines.open_openvino(folder / engines.FILES["openvino"], "f32"),
        lambda: engines.open_openvino(folder / engines.FILES["openvino"]),
    ]
    differences = {}
    for opener in openers:
        exported = opener()
        precision = exported.engine.rsplit(" ", 1)[-1]
        found = []
        for count in (1, len(expected)):
            aged = exported.predict_on_batch([array[:count] for array in inputs])
            found.append(difference(aged, expected[:count], precision))
        worst = float(np.max(found))
        tolerance = TOLERANCE.get(precision, 0.0)
        if worst <= tolerance:  # NaN is refused too.
            differences[exported.engine] = round(worst, 4)
            continue
        problem = (
            f"{exported.engine} differs from Keras by {worst:.2f} levels of 255, more "
            f"than {tolerance:.0f}"
        )
        if exported.engine.endswith("float32"):
            raise ExportError(f"{problem}; nothing was written.")
        # Engines that open the files multiply in float32 then.
        logging.warning("%s, and is not used.", problem)
    return differences


def difference(aged: np.ndarray, expected: np.ndarray, precision: str) -> float:
    """Returns how far images in [-1, 1] are from others, in levels of 0 to 255.

    Args:
        aged: of any shape.
        expected: of the same.
        precision: "float32": the largest difference counts, else the largest that 999
            of 1,000 numbers have.
    """
    share = 1.0 if precision == "float32" else _LOWER_SHARE
    return float(np.quantile(np.abs(aged - expected), share) * images.LEVELS)


def _examples(side, num_groups):
    """Returns drawn faces and noise, each at every group."""
    random = np.random.default_rng(0)
    faces = [synthetic.draw_face(group, random, side) for group in range(_FACES - 1)]
    faces.append(random.integers(0, 256, (side, side, 3), dtype=np.uint8))
    group = np.tile(np.arange(num_groups, dtype=np.int32), len(faces))
    image = images.to_unit_range(np.repeat(np.stack(faces), num_groups, axis=0))
    return [image, group]
