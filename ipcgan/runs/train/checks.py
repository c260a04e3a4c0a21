"""Checks the settings of a training run before the backend is loaded."""

from ipcgan import config
from ipcgan.families import FAMILIES
from ipcgan.inference import config_values
from ipcgan.runs import folders

ALL = "all"  # stages.


def check(settings: config.TrainConfig) -> None:
    """Looks for the faces and the networks, and makes the folders to write to.

    Raises:
        DataError: if a folder is missing, or cannot be written to.
        config.ConfigError: if there is no such stage.
        checkpoints.CheckpointError: if there are no weights to start from.
    """
    run, data, family = settings.run, settings.data, FAMILIES[settings.family]
    expected = (ALL, *family.stages)
    if run.stage not in expected:
        raise config.ConfigError(
            f"--stage={run.stage}: expected one of {', '.join(expected)}."
        )
    folders.check_faces(data.root_folder, data.source_file)
    if family.taught:
        for name in ("alexnet_pretrained_model", "age_pretrained_model", "blend_model"):
            folders.check_there(getattr(settings, name), name)
    if settings.init_from:
        config_values.find(settings.init_from)
    for name in ("checkpoint_dir", "sample_dir"):
        if getattr(run, name):
            folders.check_writable(getattr(run, name), name)


def check_pretraining(settings: config.PretrainConfig) -> None:
    """The same for a face network's pretraining.

    Raises:
        DataError: if a folder is missing, or cannot be written to.
    """
    folders.check_faces(settings.data.root_folder, settings.data.source_file)
    for name in ("init_from", "aged_dir"):
        folders.check_there(getattr(settings, name), name)
    folders.check_writable(settings.run.checkpoint_dir, "checkpoint_dir")
