"""What a training run computes on: one device, or many, of one host or of several.

The engines are the backends' own, tf.distribute and keras.distribution: each device
has all networks and its share of every batch, and gradients are added up.
"""

import contextlib
import dataclasses
import functools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np

from ipcgan.config import ConfigError
from ipcgan.training import step
from ipcgan.training.hosts import from_environment

ANSWER_SECONDS = 120  # for which a host is waited for.
DEAD_SECONDS = 30  # after which a host that says nothing is taken for dead.


class LostHostError(RuntimeError):
    """Another process of a training run is gone; the message says what to do."""


@dataclasses.dataclass(frozen=True)
class Devices:
    """Devices that share every batch.

    Attributes:
        rank: number of this process; that of rank 0 alone writes.
        processes: how many there are.
        count: devices of all processes.
        engine: the backend's own; None: there is but one device.
    """

    rank: int = 0
    processes: int = 1
    count: int = 1
    engine: Any = None

    def scope(self) -> contextlib.AbstractContextManager:
        """Within it, variables that are made are on all devices."""
        return self.engine.scope() if self.engine else contextlib.nullcontext()

    def share(self, batch_size: int) -> range:
        """Returns the rows of a batch that this process reads.

        Raises:
            ConfigError: if the devices cannot have equal shares.
        """
        if batch_size % self.count:
            raise ConfigError(
                f"--batch_size={batch_size}: rank {self.rank} cannot divide it by "
                f"{self.count} devices; expected a multiple of {self.count}."
            )
        rows = batch_size // self.processes
        return range(self.rank * rows, (self.rank + 1) * rows)

    def synchronize(self, network: keras.Model) -> None:
        """Makes batch normalization in a network that of the whole batch."""
        # JAX has the whole batch in sight, and refuses to be asked for it.
        if self.count == 1 or keras.backend.backend() != "tensorflow":
            return
        for layer in network.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.synchronized = True
            if isinstance(layer, keras.Model):
                self.synchronize(layer)

    def total(self) -> Callable[[np.ndarray], Any]:
        """Returns a function of an integer array: its sum over all processes.

        All processes must call it; the sum is the backend's, perhaps still computed.
        """
        if self.processes == 1:
            return lambda values: values
        backend, local = step.backend(), self.count // self.processes

        def total(values):
            rows = np.zeros((local, *values.shape), np.int32)
            rows[0] = values
            return self._add_up(backend.distribute(self.engine, rows))

        return total

    @functools.cached_property
    def _add_up(self):
        return step.backend().make_total(self.engine)

    def texts(self, text: str) -> list[str]:
        """Returns a text of every process, by rank; all must call it."""
        total, encoded = self.total(), text.encode()
        lengths = np.zeros(self.processes, np.int32)
        lengths[self.rank] = len(encoded)
        lengths = np.asarray(total(lengths))
        # A ring of empty tensors ends TensorFlow.
        rows = np.zeros((self.processes, max(1, *lengths)), np.int32)
        rows[self.rank, : len(encoded)] = np.frombuffer(encoded, np.uint8)
        rows = np.asarray(total(rows)).astype(np.uint8)
        return [
            bytes(row[:length]).decode()
            for row, length in zip(rows, lengths, strict=True)
        ]

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Says what the engine's errors mean where there are other processes.

        Raises:
            LostHostError: if another process ended, or cannot be reached.
        """
        try:
            yield
        except Exception as error:
            if self.processes == 1 or not step.backend().says_lost(error):
                raise
            reason = f"{type(error).__name__}: {' '.join(str(error).split())[-300:]}"
            raise LostHostError(
                f"rank {self.rank} of {self.processes}: another process of this "
                f"training run has ended, or cannot be reached ({reason}). Start all "
                "again with the same command: they resume from the last checkpoint."
            ) from error


ONE_DEVICE = Devices()


def connect(asked: str) -> Devices:
    """Joins the processes of a training run, and finds their devices.

    Must be called before anything else of the backend. Ends this process, with a
    sentence, if another does not answer within ANSWER_SECONDS.

    Args:
        asked: devices of each process, a number or "all".

    Raises:
        ConfigError: if there are fewer devices, or the environment's variables cannot
            be.
    """
    hosts = from_environment(keras.backend.backend())
    if asked == "1" and hosts.processes == 1:
        return Devices()
    count = None if asked == "all" else int(asked)
    with _patience(hosts):
        engine, rank, local = step.backend().connect(count, hosts, DEAD_SECONDS)
    if count and local != count:
        raise ConfigError(f"--devices={asked}: rank {rank} has {local}.")
    if local * hosts.processes == 1:
        return Devices()
    return Devices(rank, hosts.processes, local * hosts.processes, engine)


# Another process says it: TensorFlow lets no thread of Python run while it waits. It
# reads until the block ends, or the process that waits.
_GIVE_UP = """
import os, signal, sys, threading
waiting, seconds, sentence = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
def give_up():
    sys.stderr.write(sentence)
    sys.stderr.flush()
    os.kill(waiting, getattr(signal, "SIGKILL", signal.SIGTERM))
timer = threading.Timer(seconds, give_up)
timer.daemon = True
timer.start()
sys.stdin.read()
"""


@contextlib.contextmanager
def _patience(hosts):
    """Ends the process if the block takes too long: engines wait for an hour."""
    sentence = (
        f"error: rank {hosts.rank}: not all of the {hosts.processes} processes "
        f"answered within {ANSWER_SECONDS} seconds; expected them at "
        f"{hosts.address}.\n"
    )
    command = [sys.executable, "-c", _GIVE_UP]
    command += [str(os.getpid()), str(ANSWER_SECONDS), sentence]
    watch = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603
    try:
        yield
    finally:
        watch.communicate()
