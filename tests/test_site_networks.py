"""What the site's networks and landmarks lose when they are made small."""

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from ipcgan.photos import (
    DLIB_TEMPLATE,
    MissingWeightsError,
    alignment,
    dlib_landmarks,
)
from ipcgan.web.site import landmark_file, networks


def of_one_matrix(values):
    """A network that multiplies by a matrix in float16, as exports have it."""
    rows, columns = values.shape
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["w16"], ["w"], to=TensorProto.FLOAT),
            helper.make_node("MatMul", ["x", "w"], ["y"]),
        ],
        "network",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", rows])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", columns])],
        [numpy_helper.from_array(values.astype(np.float16), "w16")],
    )
    opset = helper.make_opsetid("", 17)
    return helper.make_model(graph, opset_imports=[opset], ir_version=8)


def run(model, **inputs):
    session = onnxruntime.InferenceSession(model.SerializeToString())
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, inputs), strict=True))


def test_large_weights_are_bytes_and_err_by_half_a_step():
    random = np.random.default_rng(0)
    values = random.normal(size=(400, 300)).astype(np.float16).astype(np.float32)
    values[:, 7] = 0  # A step of 0 could not be divided by.
    model = networks.shrink_generator(of_one_matrix(values))
    assert len(model.SerializeToString()) < 1.05 * values.size
    kept = run(model, x=np.eye(400, dtype=np.float32))["y"]
    steps = np.abs(values).max(axis=0) / 63  # 7 bits: from -63 to 63.
    assert (np.abs(kept - values) <= 0.501 * steps).all()
    assert np.abs(kept - values).max() > 0


def test_small_weights_stay():
    values = np.random.default_rng(1).normal(size=(30, 20))
    model = of_one_matrix(values)
    assert networks.shrink_generator(model) == model


def test_another_file_is_no_landmarks(tmp_path):
    path = tmp_path / "other.dat"
    path.write_bytes(b"\1\2" + dlib_landmarks().read_bytes()[:1000])
    with pytest.raises(MissingWeightsError, match="not dlib's predictor"):
        landmark_file.convert(path)
    with pytest.raises(MissingWeightsError, match="No such file"):
        landmark_file.convert(tmp_path / "none.dat")


def test_the_landmarks_lie_where_the_page_looks():
    """Five sizes, then the landmarks of a mean face, in a box from 0 to 1."""
    content = landmark_file.convert(dlib_landmarks())
    assert np.frombuffer(content, "<u4", 5).tolist() == [15, 500, 15, 5, 800]
    start = np.frombuffer(content, "<f4", 10, 20).reshape(5, 2)
    # The box is dlib's: the template's face lies in it, if they are fitted.
    fitted = alignment.apply(
        alignment.to_crop(DLIB_TEMPLATE, start + 0.5, 1), DLIB_TEMPLATE
    )
    np.testing.assert_allclose(fitted, start, atol=0.03)
    leaves = 15 * 500 * 16 * 10
    assert len(content) == 20 + 40 + 60 + 15 * 800 * 9 + 15 * 500 * 15 * 6 + 3 * leaves
