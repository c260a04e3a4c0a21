"""Checks the settings of an ageing run before OpenCV is loaded."""

import dataclasses
from pathlib import Path

from ipcgan import checkpoints, config
from ipcgan.data import marks
from ipcgan.data.records import DataError
from ipcgan.inference import config_values
from ipcgan.inference.mixing import Difference, Target
from ipcgan.runs import folders
from ipcgan.runs.age import files
from ipcgan.runs.age.own_files import OwnFiles
from ipcgan.runs.age.targets import needs_own_ages, read_targets


def check(settings: config.AgeConfig) -> None:
    """Looks for the faces, the checkpoint and its age groups, and makes --save_dir.

    Raises:
        DataError: if the faces are missing, or nothing can be written, or something
            would be overwritten.
        checkpoints.CheckpointError: if the checkpoint is missing.
        config.ConfigError: if what is to sign the pictures cannot.
    """
    if not Path(settings.test_data_dir).exists():
        raise DataError(
            f"{files.FLAG}={settings.test_data_dir}: no such file or folder."
        )
    files.files_of(settings)
    if settings.companions_dir:
        files.files_below(Path(settings.companions_dir), "--train_data_dir")
    check_groups(settings)
    mark_of(settings)
    folders.check_writable(settings.save_dir, "save_dir")
    OwnFiles(Path(settings.save_dir))


def check_groups(settings: config.AgeConfig) -> list[Target | Difference]:
    """Looks for the checkpoint, and returns what is asked for, if it ages to that.

    Raises:
        DataError: if it does not.
        checkpoints.CheckpointError: if it is missing, or what the faces' own ages are
            predicted by, where they are needed.
    """
    path = config_values.find(settings.checkpoint_dir) / checkpoints.CONFIG
    values = checkpoints.read_json(path)
    names = config_values.group_names(values, path)
    judged = config_values.judged_years(values, path, len(names))
    scale = config_values.year_scale(names, judged)
    targets = read_targets(settings, names, scale)
    if needs_own_ages(settings):
        config_values.check_predicts_years(settings.age_pretrained_model)
    return targets


def mark_of(settings: config.AgeConfig) -> marks.Mark:
    """Returns the mark of what is written, signed where the settings name a key.

    Raises:
        config.ConfigError: if it cannot sign.
    """
    certificate, key = settings.c2pa_certificate, settings.c2pa_key
    if not certificate and not key:
        return marks.AGED
    if not (certificate and key):
        raise config.ConfigError(
            "--c2pa_certificate, --c2pa_key: expected both, or neither."
        )
    from ipcgan.data.content_credentials import Credentials

    credentials = Credentials(Path(certificate), Path(key))
    return dataclasses.replace(marks.AGED, credentials=credentials)
