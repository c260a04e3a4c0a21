"""Opens exported networks with ONNX Runtime."""

from pathlib import Path

from ipcgan.inference.exported_generator import (
    ExportedGenerator,
    broken,
    checked_side,
)


def open_onnx(path: Path, threads: int = 0) -> ExportedGenerator:
    """Opens an ONNX file with ONNX Runtime, whose sessions any thread may run.

    Args:
        path: of the file.
        threads: that a call may use; 0: all cores.

    Raises:
        checkpoints.CheckpointError: if it cannot be read.
    """
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
    options.intra_op_num_threads = threads
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        side = {i.name: i.shape for i in session.get_inputs()}["image"][1]
    except (*problems, KeyError, IndexError) as error:
        raise broken(path, error) from error

    side = checked_side(path, side)

    def predict(image, group):
        return session.run(None, {"image": image, "group": group})[0]

    return ExportedGenerator(predict, side, "ONNX Runtime, float32")
