"""Trains with several local processes, as several hosts would."""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys

PROGRAM = pathlib.Path(__file__).parents[2] / "age_lsgan_transfer.py"


def start(backend, processes, *arguments):
    """Starts age_lsgan_transfer.py so many times; returns the processes by rank."""
    ports = free_ports(processes)
    command = [sys.executable, PROGRAM, "--mixed_precision=false", *arguments]
    return [
        subprocess.Popen(  # noqa: S603
            command,
            env=environment(backend, rank, ports),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(processes)
    ]


def finish(started, seconds=300):
    """Waits for the processes; returns (exit status, all that it wrote) of each."""
    try:
        written = [process.communicate(timeout=seconds)[0] for process in started]
    finally:
        for process in started:
            process.kill()
    return [(p.returncode, text) for p, text in zip(started, written, strict=True)]


def train(backend, processes, *arguments):
    """Starts and finishes; all must end well."""
    for status, text in finish(start(backend, processes, *arguments)):
        assert status == 0, text


def environment(backend, rank, ports):
    """Returns the variables of a process, by the engine's own names."""
    result = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_backend_optimization_level=0",  # Compiles in half the time.
    }
    workers = [f"127.0.0.1:{port}" for port in ports]
    if len(ports) == 1:
        return result
    if backend == "tensorflow":
        task = {"type": "worker", "index": rank}
        values = {"cluster": {"worker": workers}, "task": task}
        return {**result, "TF_CONFIG": json.dumps(values)}
    return {
        **result,
        "KERAS_DISTRIBUTION_JOB_ADDRESSES": workers[0],
        "KERAS_DISTRIBUTION_NUM_PROCESSES": str(len(ports)),
        "KERAS_DISTRIBUTION_PROCESS_ID": str(rank),
    }


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
