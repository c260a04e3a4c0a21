"""Exported networks: ONNX Runtime and OpenVINO, behind Keras' one call.

Nothing here imports Keras or a backend of it.
"""

import functools
import hashlib
import importlib.util
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from absl import logging

from ipcgan import checkpoints, config

EXPORT = "export.json"  # of which weights the exports are; written last.
FILES = {"openvino": "generator.openvino.xml", "onnx": "generator.onnx"}  # fastest 1st
MODULES = {"openvino": "openvino", "onnx": "onnxruntime"}
_MANY = 8  # faces, from which on OpenVINO computes one by one.
_MAX_SIDE = 1024  # pixels; a file that asks for more is refused.


class ExportedGenerator:
    """A generator that another library computes.

    Attributes:
        inputs: of [image, group], each with its `shape`, as a keras.Model has them.
        engine: the library, and the precision that it multiplies in.
    """

    def __init__(self, predict, side: int | None, engine: str):
        self._predict = predict
        self.engine = engine
        self.inputs = [
            SimpleNamespace(shape=(None, side, side, 3)),
            SimpleNamespace(shape=(None,)),
        ]

    def predict_on_batch(self, inputs: list[np.ndarray]) -> np.ndarray:
        """Ages faces.

        Args:
            inputs: images [N, S, S, 3] float32 in [-1, 1], and groups [N] int32.

        Returns:
            [N, S, S, 3] float32 in [-1, 1].
        """
        image, group = inputs
        return self._predict(np.ascontiguousarray(image), group)


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
        config.ConfigError: if there is no such engine.
    """
    if engine not in config.ENGINES:
        raise config.ConfigError(
            f"--engine={engine}: expected one of {', '.join(config.ENGINES)}."
        )
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


def _broken(path, error):
    reason = str(error).strip().splitlines()[-1:] or ["no reason given"]
    return checkpoints.CheckpointError(f"{path}: cannot be read: {reason[0]}")


def open_onnx(path: Path) -> ExportedGenerator:
    """Opens an ONNX file with ONNX Runtime."""
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as states

    problems = (
        states.InvalidProtobuf,
        states.InvalidGraph,
        states.Fail,
        states.RuntimeException,
        states.InvalidArgument,
        states.NoSuchFile,
        states.NotImplemented,
    )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        shape = {i.name: i.shape for i in session.get_inputs()}["image"]
    except (*problems, KeyError) as error:
        raise _broken(path, error) from error

    def predict(image, group):
        return session.run(None, {"image": image, "group": group})[0]

    return ExportedGenerator(predict, shape[1], "ONNX Runtime, float32")


def open_openvino(path: Path, precision: str = "") -> ExportedGenerator:
    """Opens OpenVINO's XML file, whose weights lie in the same folder.

    Few faces share all cores. Many are computed one by one, each by few cores: these
    need not wait for each other at every layer, and what a layer writes is still in
    the cache when the next one reads it.

    Args:
        path: of the XML file.
        precision: such as "f32"; "": what the processor multiplies fastest in.
    """
    hints = {"INFERENCE_PRECISION_HINT": precision} if precision else {}

    def compiled(hint):
        options = {**hints, "PERFORMANCE_HINT": hint}
        return _openvino_core().compile_model(network, "CPU", options)

    try:
        network = _openvino_core().read_model(str(path))
        model = compiled("LATENCY")
        image = model.input("image").get_partial_shape()
        used = model.get_property("INFERENCE_PRECISION_HINT")
    except RuntimeError as error:  # All that OpenVINO raises.
        raise _broken(path, error) from error
    request = model.create_infer_request()

    @functools.cache  # Compiled on first use: that takes as long as ageing 5 faces.
    def apart():
        return _OneByOne(compiled("THROUGHPUT"))

    def predict(image, group):
        if len(image) >= _MANY:
            return apart()(image, group)
        result = request.infer({"image": image, "group": group})
        return np.array(result[0])  # The request's own memory is used again.

    side = image[1].get_length() if image[1].is_static else None
    name = {"f32": "float32", "bf16": "bfloat16", "f16": "float16"}.get(
        used.to_string(), used.to_string()
    )
    return ExportedGenerator(predict, side, f"OpenVINO, {name}")


class _OneByOne:
    """Computes faces one by one, as many at the same time as OpenVINO thinks best."""

    def __init__(self, model):
        import openvino

        self._queue = openvino.AsyncInferQueue(model)
        self._queue.set_callback(self._keep)

    def __call__(self, image, group):
        self._results = results = np.empty_like(image)
        for face in range(len(image)):
            one = slice(face, face + 1)
            self._queue.start_async({"image": image[one], "group": group[one]}, one)
        self._queue.wait_all()
        self._results = None
        return results

    def _keep(self, request, one):
        self._results[one] = request.get_output_tensor(0).data


@functools.cache
def _openvino_core():
    """Returns the one core of this process, which lives as long as the process.

    A core gives the thread a stack of its own for signal handlers, and puts back what
    was there before when it is let go. Of two cores let go in the order they were made,
    the second puts back the first one's, which is no longer mapped: the next signal,
    such as Ctrl-C, would end the process with a segmentation fault.
    """
    import openvino

    return openvino.Core()


_OPENERS = {"onnx": open_onnx, "openvino": open_openvino}
