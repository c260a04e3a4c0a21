"""What a run's folder holds after it was killed and resumed, and after it was not."""

import itertools
import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from ipcgan import checkpoints
from ipcgan.runs.train import train
from ipcgan.training import trainer


def weights_in(run_dir):
    """The state, and all weights and slots, of a run's newest checkpoint."""
    path = checkpoints.newest(run_dir)
    result = {}
    for file in sorted(path.iterdir()):
        if file.suffix == ".npz":
            with np.load(file) as arrays:
                result |= {f"{file.name}/{k}": arrays[k] for k in arrays}
        elif file.suffix == ".h5":
            with h5py.File(file) as store:
                names = []
                store.visit(names.append)
                datasets = [n for n in names if isinstance(store[n], h5py.Dataset)]
                result |= {f"{file.name}/{n}": store[n][()] for n in datasets}
    return checkpoints.read_json(path / "state.json"), result


def assert_killed_goes_on_bit_for_bit(asked, run_dir, *, killed_in, steps):
    """Kills a training run in a step, resumes it, compares it with `run_dir`."""
    original, steps_begun = trainer._one_step, itertools.count(1)

    class Killed(BaseException):
        pass

    def one(updates, batch, done):
        if next(steps_begun) == killed_in:
            raise Killed
        return original(updates, batch, done)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "_one_step", one)
        with pytest.raises(Killed):
            train.train_family(asked)
    assert train.train_family(asked) == steps
    state, straight = weights_in(run_dir)
    resumed_dir = Path(asked.run.checkpoint_dir)
    state_again, again = weights_in(resumed_dir)
    assert state == state_again
    assert straight.keys() == again.keys()
    for name, value in straight.items():
        np.testing.assert_array_equal(value, again[name], err_msg=name)
    log = (resumed_dir / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in log] == list(range(1, steps + 1))
