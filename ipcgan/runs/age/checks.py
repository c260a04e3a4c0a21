"""Checks the settings of an ageing run before OpenCV is loaded."""

from pathlib import Path

from ipcgan import checkpoints, config
from ipcgan.data.records import DataError
from ipcgan.inference import config_values
from ipcgan.runs import folders
from ipcgan.runs.age import files
from ipcgan.runs.age.own_files import OwnFiles
from ipcgan.runs.age.targets import read_targets


def check(settings: config.AgeConfig) -> None:
    """Looks for the faces, the checkpoint and its age groups, and makes --save_dir.

    Raises:
        DataError: if the faces are missing, or nothing can be written, or something
            would be overwritten.
        checkpoints.CheckpointError: if the checkpoint is missing.
    """
    if not Path(settings.test_data_dir).exists():
        raise DataError(
            f"{files.FLAG}={settings.test_data_dir}: no such file or folder."
        )
    files.files_of(settings)
    if settings.companions_dir:
        files.files_below(Path(settings.companions_dir), "--train_data_dir")
    check_groups(settings)
    folders.check_writable(settings.save_dir, "save_dir")
    OwnFiles(Path(settings.save_dir))


def check_groups(settings: config.AgeConfig) -> None:
    """Looks for the checkpoint, and whether it ages to what is asked for.

    Raises:
        DataError: if it does not.
        checkpoints.CheckpointError: if it is missing.
    """
    path = config_values.find(settings.checkpoint_dir) / checkpoints.CONFIG
    values = checkpoints.read_json(path)
    read_targets(settings, config_values.group_names(values, path))
