"""A checkpoint with an exported network alone, which needs no Keras to age faces.

Its faces at group g are those that came in with (1 - 0.15 g) of their contrast.
"""

import json

import numpy as np

from ipcgan import checkpoints
from ipcgan.inference import engines

SIZE = 64
CONTRASTS = np.array([1 - 0.15 * group for group in range(5)], np.float32)


def write(folder):
    """Writes the checkpoint of an IPCGAN; returns the folder."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    faces = ["N", SIZE, SIZE, 3]
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["contrasts", "group"], ["flat"]),
            helper.make_node("Reshape", ["flat", "shape"], ["contrast"]),
            helper.make_node("Mul", ["image", "contrast"], ["aged"]),
        ],
        "generator",
        [
            helper.make_tensor_value_info("image", TensorProto.FLOAT, faces),
            helper.make_tensor_value_info("group", TensorProto.INT32, ["N"]),
        ],
        [helper.make_tensor_value_info("aged", TensorProto.FLOAT, faces)],
        [
            numpy_helper.from_array(CONTRASTS, "contrasts"),
            numpy_helper.from_array(np.array([-1, 1, 1, 1]), "shape"),
        ],
    )
    opset = helper.make_opsetid("", 17)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=8)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / engines.FILES["onnx"]
    onnx.save(model, path)
    sums = {path.name: checkpoints.sha256(path)}
    (folder / engines.EXPORT).write_text(json.dumps({engines.SUMS: sums}))
    sizes = {"image_size": SIZE, "num_groups": 5}
    checkpoints.write_json(folder / "config.json", {"family": "ipcgan", "sizes": sizes})
    return folder
