"""Opens ONNX files with ONNX Runtime: the face detector, a judge, exported networks."""

from pathlib import Path
from typing import Any


class UnreadableNetworkError(RuntimeError):
    """A file that is no network; the message is ONNX Runtime's."""


def open_session(
    network: Path | bytes, *, threads: int = 0, spinning: bool = True
) -> Any:
    """Returns an onnxruntime.InferenceSession, which any thread may run.

    Args:
        network: an ONNX file, or what is in one.
        threads: that a call may use; 0: all cores.
        spinning: whether these wait for the next call without giving their core back:
            faster where one call follows another.

    Raises:
        UnreadableNetworkError: if there is no such file, or it is no network.
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
    if not spinning:
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(
            network if isinstance(network, bytes) else str(network),
            options,
            providers=["CPUExecutionProvider"],
        )
    except problems as error:
        raise UnreadableNetworkError(str(error)) from error
