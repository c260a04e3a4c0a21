"""Trains with several local processes, as several hosts would."""

import os
import pathlib
import subprocess
import sys

from ipcgan.training.hosts import local_environments

PROGRAM = pathlib.Path(__file__).parents[2] / "age_lsgan_transfer.py"


def start(backend, processes, *arguments):
    """Starts age_lsgan_transfer.py so many times; returns the processes by rank."""
    command = [sys.executable, PROGRAM, "--mixed_precision=false", *arguments]
    return [
        _started(backend, command, variables)
        for variables in local_environments(processes)
    ]


def run(backend, rank, code):
    """Runs code as that rank of two alone; returns (exit status, all it wrote)."""
    variables = local_environments(2)[rank]
    return finish([_started(backend, [sys.executable, "-c", code], variables)])[0]


def _started(backend, command, variables):
    common = {
        **os.environ,
        "KERAS_BACKEND": backend,
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": "--xla_backend_optimization_level=0",  # Compiles in half the time.
    }
    return subprocess.Popen(  # noqa: S603
        command,
        env={**common, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


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
