"""Opens exported networks with OpenVINO; any number of threads may use one."""

import functools
import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from ipcgan.inference.exported_generator import (
    ExportedGenerator,
    broken,
    checked_side,
)

_MANY = 8  # faces, from which on several are computed at the same time.
_NAMES = {"f32": "float32", "bf16": "bfloat16", "f16": "float16"}  # of precisions.
_making_core, _first_calls = threading.Lock(), threading.Lock()


def open_openvino(
    path: Path, precision: str = "", threads: int = 0
) -> ExportedGenerator:
    """Opens OpenVINO's XML file, whose weights lie in the same folder.

    Faces are computed one by one: what a layer writes is still in the cache when the
    next one reads it, and OpenVINO takes twice as long where the number of faces is
    unknown. Of few each has all cores. Of many several are computed at the same time,
    each by few cores, which need not wait for each other at every layer.

    Args:
        path: of the XML file.
        precision: such as "f32"; "": what the processor multiplies fastest in.
        threads: that all calls together may use; 0: all cores.

    Raises:
        checkpoints.CheckpointError: if it cannot be read.
    """
    hints = {"INFERENCE_PRECISION_HINT": precision} if precision else {}
    if threads:
        hints["INFERENCE_NUM_THREADS"] = str(threads)

    def compiled(hint):
        options = {**hints, "PERFORMANCE_HINT": hint}
        return _core().compile_model(network, "CPU", options)

    try:
        network = _core().read_model(str(path))
        image = network.input("image").get_partial_shape()
        side = checked_side(path, image[1].get_length() if image[1].is_static else None)
        network.reshape({"image": [1, side, side, 3], "group": [1]})
        model = compiled("LATENCY")
        used = model.get_property("INFERENCE_PRECISION_HINT").to_string()
        # One request has all cores: more would wait for it.
        few = _OneByOne(model, 1, side)
    except RuntimeError as error:  # All that OpenVINO raises.
        raise broken(path, error) from error
    compiling = threading.Lock()

    @functools.cache  # Compiled on first use: that takes as long as ageing 10 faces.
    def many():
        model = compiled("THROUGHPUT")
        count = model.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS")
        return _OneByOne(model, count, side)

    def predict(image, group):
        if len(image) < _MANY:
            return few(image, group)
        with compiling:
            compute = many()
        return compute(image, group)

    return ExportedGenerator(predict, side, f"OpenVINO, {_NAMES.get(used, used)}")


class _Requests:
    """Infer requests of a compiled model: each has memory that one caller uses."""

    def __init__(self, model, count, side):
        self._free: queue.SimpleQueue = queue.SimpleQueue()
        face = np.zeros((1, side, side, 3), np.float32), np.zeros(1, np.int32)
        for _ in range(count):
            request = model.create_infer_request()
            # Its first call prepares much, once for the whole process: threads that
            # came together would each hold what the other waits for, for ever, one
            # Python's lock and one OpenVINO's.
            with _first_calls:
                _infer(request, *face)
            self._free.put(request)

    def infer(self, image, group):
        request = self._free.get()  # Waits for one.
        try:
            return _infer(request, image, group)
        finally:
            self._free.put(request)


def _infer(request, image, group):
    import openvino

    # As tensors, for which OpenVINO need not resize those of the request.
    inputs = {"image": openvino.Tensor(image), "group": openvino.Tensor(group)}
    # The request's own memory is overwritten by its next caller.
    return np.array(request.infer(inputs)[0])


class _OneByOne:
    """Computes faces one by one.

    All callers' faces go through the same few threads.

    Args:
        model: of a single face; its shapes are known, so that no request is prepared
            for others while they run at the same time.
        count: of faces that are computed at the same time.
        side: of the face, in pixels.
    """

    def __init__(self, model, count, side):
        self._requests = _Requests(model, count, side)
        self._pool = ThreadPoolExecutor(count, "openvino")

    def __call__(self, image, group):
        faces = [slice(face, face + 1) for face in range(len(image))]
        aged = self._pool.map(
            lambda one: self._requests.infer(image[one], group[one]), faces
        )
        return np.concatenate(list(aged))


def _core():
    """Returns the one core of this process, which lives as long as the process.

    A core gives the thread a stack of its own for signal handlers, and puts back what
    was there before when it is let go. Of two cores let go in the order they were made,
    the second puts back the first one's, which is no longer mapped: the next signal,
    such as Ctrl-C, would end the process with a segmentation fault.
    """
    with _making_core:
        return _only_core()


@functools.cache
def _only_core():
    import openvino

    return openvino.Core()
