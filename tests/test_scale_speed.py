"""The benchmark of several processes: what it runs and prints, not how fast it is."""

import json
import os
from pathlib import Path

import pytest

from ipcgan.config import ConfigError
from ipcgan.runs.benchmark import scale_speed


def test_two_processes_are_compared_with_one(monkeypatch):
    def run(command, cores):
        given = dict(part[2:].split("=", 1) for part in command if part[:2] == "--")
        assert given["batch_size"] == str(len(cores) * 32)
        assert given["max_steps"] == "8"
        assert any(Path(given["root_folder"]).iterdir())
        # The first steps compile: they do not count.
        seconds = [99.0] * 5 + [2.0, 1.0 + len(cores), 9.0]
        folder = Path(given["checkpoint_dir"])
        folder.mkdir()
        lines = [json.dumps({"seconds_per_step": value}) for value in seconds]
        (folder / "log.jsonl").write_text("\n".join(lines))

    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {4, 7})
    monkeypatch.setattr(scale_speed, "_run", run)
    assert scale_speed.processes_compared("published", 3) == [
        "1 process: 16.00 faces/s",
        "2 processes: 21.33 faces/s",
        "efficiency: 67 %, communication counted",
    ]


def test_it_needs_two_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    with pytest.raises(ConfigError, match="needs two cores; this process may use 1"):
        scale_speed.processes_compared("published", 1)


def test_a_process_that_ends_badly_is_named():
    command = ["python3", "-c", "import sys; sys.exit('no room on the disk')"]
    cores = sorted(os.sched_getaffinity(0))[:1]
    with pytest.raises(ConfigError, match="rank 0 ended with: no room on the disk"):
        scale_speed._run(command, cores)
