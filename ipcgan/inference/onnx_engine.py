"""Opens exported networks with ONNX Runtime."""

from pathlib import Path

from ipcgan import onnx_session
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
    try:
        session = onnx_session.open_session(path, threads=threads)
        side = {i.name: i.shape for i in session.get_inputs()}["image"][1]
    except (onnx_session.UnreadableNetworkError, KeyError, IndexError) as error:
        raise broken(path, error) from error

    side = checked_side(path, side)

    def predict(image, group):
        return session.run(None, {"image": image, "group": group})[0]

    return ExportedGenerator(predict, side, "ONNX Runtime, float32")
