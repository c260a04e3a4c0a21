"""Checkpoint folders of weights and state: written atomically, never pickled.

A checkpoint holds `config.json`, `<network>.weights.h5`, `<network>.random.npz` where
a network draws (dropout), `<phase>.optimizer.npz`, `state.json` (step and data order)
and `SHA256SUMS`. A run's folder holds checkpoints named `step-00001000`.
"""

from ipcgan.checkpoints.array_files import read_arrays, write_arrays
from ipcgan.checkpoints.config_files import (
    BEGUN_WITH,
    CHANGES,
    CONFIG,
    CheckpointError,
    changes,
    read_json,
    write_json,
)
from ipcgan.checkpoints.run_folders import (
    STATE,
    complete,
    newest,
    resolve,
    restore,
    save,
    set_aside_damaged,
)
from ipcgan.checkpoints.sums import (
    SUMS,
    check_sum,
    check_sums,
    rewrite_json,
    sha256,
    summed_anew,
    write_sums,
)
from ipcgan.checkpoints.weight_files import (
    load_weights,
    save_weights,
    shrink_weights,
)

__all__ = [
    "BEGUN_WITH",
    "CHANGES",
    "CONFIG",
    "STATE",
    "SUMS",
    "CheckpointError",
    "changes",
    "check_sum",
    "check_sums",
    "complete",
    "load_weights",
    "newest",
    "read_arrays",
    "read_json",
    "resolve",
    "restore",
    "save",
    "save_weights",
    "rewrite_json",
    "set_aside_damaged",
    "sha256",
    "shrink_weights",
    "summed_anew",
    "write_arrays",
    "write_json",
    "write_sums",
]
