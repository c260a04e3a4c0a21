"""The networks as browsers load them: small files, whose weights are made float32."""

import numpy as np
import onnx
from onnx import helper, numpy_helper

_LEVELS = 63  # of a weight stored in a byte, on either side of 0: 7 bits, compressed.
# Numbers of a tensor that is stored in bytes. Smaller matrices read age groups beside
# features: one step for both would be too coarse, and they are few.
_LEAST_MATRIX, _LEAST_KERNEL = 80_000, 10_000


def shrink_generator(model: onnx.ModelProto) -> onnx.ModelProto:
    """Returns a network whose large weights are bytes, each output with its own step.

    ONNX Runtime multiplies them out once, when it opens the file.

    Args:
        model: with weights in float16, as inference.export writes it; others stay.
    """
    model = _copied(model)
    graph = model.graph
    casts = {node.input[0]: node for node in graph.node if node.op_type == "Cast"}
    users = {name: node for node in graph.node for name in node.input}
    nodes = []
    for tensor in list(graph.initializer):
        cast = casts.get(tensor.name)
        if tensor.data_type != onnx.TensorProto.FLOAT16 or cast is None:
            continue
        user = users[cast.output[0]]
        values = numpy_helper.to_array(tensor).astype(np.float32)
        is_kernel = user.op_type == "Conv"
        if values.size < (_LEAST_KERNEL if is_kernel else _LEAST_MATRIX):
            continue
        axis = 0 if is_kernel else values.ndim - 1  # of the outputs.
        others = tuple(i for i in range(values.ndim) if i != axis)
        steps = np.abs(values).max(axis=others, keepdims=True) / _LEVELS
        steps[steps == 0] = 1.0
        rounded = np.rint(values / steps).astype(np.int8)
        tensor.CopyFrom(numpy_helper.from_array(rounded, tensor.name))
        graph.initializer.append(numpy_helper.from_array(steps, f"{tensor.name}:steps"))
        result = cast.output[0]
        cast.output[0] = f"{result}:steps"
        inputs = [cast.output[0], f"{tensor.name}:steps"]
        nodes.append((cast, helper.make_node("Mul", inputs, [result])))
    for cast, node in nodes:
        graph.node.insert(list(graph.node).index(cast) + 1, node)
    return model


def _copied(model):
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    return copy
