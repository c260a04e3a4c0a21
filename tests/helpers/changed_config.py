"""Copies of a checkpoint whose config.json says something else."""

import shutil

from ipcgan import checkpoints


def with_config(checkpoint, folder, **values):
    """Copies a checkpoint to a new folder; `values` come into its config.json."""
    shutil.copytree(checkpoint, folder)
    path = folder / "config.json"
    checkpoints.write_json(path, {**checkpoints.read_json(path), **values})
    return folder
