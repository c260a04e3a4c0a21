"""The processes of a training run, as the environment names them; loads no backend."""

import contextlib
import dataclasses
import json
import os
import socket
from collections.abc import Mapping

from ipcgan.config import ConfigError

_TENSORFLOW = "TF_CONFIG"
_KERAS = "KERAS_DISTRIBUTION_"
_EXAMPLE = (
    '{"cluster": {"worker": ["10.0.0.1:9000", "10.0.0.2:9000"]}, '
    '"task": {"type": "worker", "index": 0}}'
)
# Those that JAX looks for, to find out all that there is to know.
_SLURM = (
    "SLURM_JOB_ID",
    "SLURM_STEP_NODELIST",
    "SLURM_NTASKS",
    "SLURM_PROCID",
    "SLURM_LOCALID",
)


@dataclasses.dataclass(frozen=True)
class Hosts:
    """The processes of a training run, usually one on each host.

    Attributes:
        processes: how many.
        rank: number of this one.
        address: where rank 0 is, as host:port; with TensorFlow where all are.
        by_slurm: JAX finds them by Slurm's variables.
    """

    processes: int = 1
    rank: int = 0
    address: str = ""
    by_slurm: bool = False


def from_environment(
    backend: str, environment: Mapping[str, str] = os.environ
) -> Hosts:
    """Reads the variables of the backend's engine.

    Args:
        backend: of Keras: tensorflow reads TF_CONFIG, jax KERAS_DISTRIBUTION_* and
            Slurm's.
        environment: the variables.

    Raises:
        ConfigError: if a variable cannot be; it names the variable and its value.
    """
    if backend == "tensorflow":
        return _of_tensorflow(environment.get(_TENSORFLOW, ""))
    given = {name: environment.get(_KERAS + name, "") for name in _KERAS_NAMES}
    if any(given.values()):
        return _of_keras(given)
    if all(name in environment for name in _SLURM):
        processes = _number("SLURM_NTASKS", environment["SLURM_NTASKS"], 1)
        rank = _number("SLURM_PROCID", environment["SLURM_PROCID"], 0, processes)
        return Hosts(processes, rank, environment["SLURM_STEP_NODELIST"], by_slurm=True)
    return Hosts()


def local_environments(processes: int) -> list[dict[str, str]]:
    """Returns what from_environment reads, of each of many processes of this machine.

    Variables of both backends, with ports that are free now; none for one process.
    """
    if processes == 1:
        return [{}]
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(processes)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        workers = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    return [
        {
            _TENSORFLOW: json.dumps(
                {
                    "cluster": {"worker": workers},
                    "task": {"type": "worker", "index": rank},
                }
            ),
            f"{_KERAS}JOB_ADDRESSES": workers[0],
            f"{_KERAS}NUM_PROCESSES": str(processes),
            f"{_KERAS}PROCESS_ID": str(rank),
        }
        for rank in range(processes)
    ]


_KERAS_NAMES = ("JOB_ADDRESSES", "NUM_PROCESSES", "PROCESS_ID")


def _of_tensorflow(text):
    if not text:
        return Hosts()
    try:
        values = json.loads(text)
        workers, task = list(values["cluster"]["worker"]), values["task"]
        rank, address = int(task["index"]), ", ".join(workers)
        known = task["type"] == "worker" and 0 <= rank < len(workers)
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise ConfigError(f"{_TENSORFLOW}={text}: expected JSON as {_EXAMPLE}.")
    return Hosts(len(workers), rank, address)


def _of_keras(given):
    for name, value in given.items():
        if not value:
            raise ConfigError(
                f"{_KERAS}{name} is not set; expected all of "
                f"{', '.join(_KERAS + each for each in given)}."
            )
    processes = _number(_KERAS + "NUM_PROCESSES", given["NUM_PROCESSES"], 1)
    rank = _number(_KERAS + "PROCESS_ID", given["PROCESS_ID"], 0, processes)
    address, _, port = given["JOB_ADDRESSES"].split(",")[0].rpartition(":")
    if not address or not port.isdecimal():
        raise ConfigError(
            f"{_KERAS}JOB_ADDRESSES={given['JOB_ADDRESSES']}: expected rank 0's, as "
            "10.0.0.1:9000."
        )
    return Hosts(processes, rank, f"{address}:{port}")


def _number(name, text, low, end=None):
    if not text.isdecimal() or int(text) < low or (end and int(text) >= end):
        limits = f"from {low} to {end - 1}" if end else f"of at least {low}"
        raise ConfigError(f"{name}={text}: expected a whole number {limits}.")
    return int(text)
