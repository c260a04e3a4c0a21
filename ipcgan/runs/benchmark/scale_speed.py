"""Measures how training scales: one process, and two, each on a core of its own.

No backend is loaded here: each process is a training program.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from ipcgan.age_groups import GROUPINGS
from ipcgan.config import ConfigError
from ipcgan.data import synthetic
from ipcgan.runs.train import recipe_files
from ipcgan.training.hosts import local_environments

_PROGRAM = "from ipcgan.runs.train import train_program; train_program.run()"
_FIRST = 5  # steps that are not counted: they compile, and wait for each other.


def processes_compared(recipe: str, steps: int) -> list[str]:
    """Trains drawn faces in one process, and in two that share a batch of twice that.

    Args:
        recipe: as --recipe has it; its batch size is that of a process.
        steps: that are timed; the median counts.

    Returns:
        Lines of text: faces a second of both, and the efficiency, which is the second
        over twice the first.

    Raises:
        ConfigError: if there is but one core, or a process ends badly.
        config.ConfigError: if the recipe cannot be read.
    """
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise ConfigError(f"scale needs two cores; this process may use {len(cores)}.")
    settings = recipe_files.read(recipe)
    rates = []
    with tempfile.TemporaryDirectory() as folder:
        synthetic.write_utkface_folder(
            Path(folder, "faces"),
            faces_per_group=20,
            size=settings.sizes["image_size"],
            groups=GROUPINGS[settings.data.age_groups],
        )
        for count in (1, 2):
            faces = count * settings.run.batch_size
            command = [
                *(sys.executable, "-c", _PROGRAM),
                f"--recipe={recipe}",
                f"--root_folder={folder}/faces",
                f"--checkpoint_dir={folder}/{count}",
                f"--batch_size={faces}",
                f"--max_steps={_FIRST + steps}",
                *("--log_interval=1", f"--sample_interval={10**9}"),
            ]
            _run(command, cores[:count])
            log = Path(folder, str(count), "log.jsonl").read_text().splitlines()
            seconds = [json.loads(line)["seconds_per_step"] for line in log[_FIRST:]]
            rates.append(faces / float(np.median(seconds)))
    one, two = rates
    return [
        f"1 process: {one:.2f} faces/s",
        f"2 processes: {two:.2f} faces/s",
        f"efficiency: {100 * two / (2 * one):.0f} %, communication counted",
    ]


def _run(command, cores):
    """Runs a command once on each core, as processes that find each other.

    Raises:
        ConfigError: naming the rank that ends badly, with what it wrote last.
    """
    started = []
    try:
        for core, variables in zip(cores, local_environments(len(cores)), strict=True):
            process = subprocess.Popen(  # noqa: S603
                command,
                env={**os.environ, **variables},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            os.sched_setaffinity(process.pid, {core})
            started.append(process)
        for rank, process in enumerate(started):
            _, written = process.communicate()
            if process.returncode:
                lines = written.strip().splitlines() or ["nothing"]
                raise ConfigError(f"rank {rank} ended with: {lines[-1]}")
    finally:
        for process in started:
            process.kill()
