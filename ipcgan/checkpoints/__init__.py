"""Checkpoint folders of weights and state: written atomically, never pickled.

A checkpoint holds `config.json`, `<network>.weights.h5`, `<network>.random.npz` where
a network draws (dropout), `<phase>.optimizer.npz` and `state.json` (step and data
order). A run's folder holds checkpoints named `step-00001000`.
"""

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
    "CheckpointError",
    "changes",
    "complete",
    "load_weights",
    "newest",
    "read_json",
    "resolve",
    "restore",
    "save",
    "save_weights",
    "shrink_weights",
    "write_json",
]
