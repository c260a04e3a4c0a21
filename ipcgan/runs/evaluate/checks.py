"""Checks the settings of an evaluation before the backend is loaded."""

from pathlib import Path

from ipcgan import config
from ipcgan.data.records import DataError
from ipcgan.inference import config_values
from ipcgan.runs import folders


def check(settings: config.EvaluateConfig, writes_report: bool = True) -> None:
    """Looks for the network too, and whether the settings say which faces to judge.

    Args:
        settings: of the evaluation.
        writes_report: to settings.report_dir.

    Raises:
        DataError, config.ConfigError: as from check_faces_and_report.
        checkpoints.CheckpointError: if there is no such checkpoint.
    """
    if not (settings.aged_dir or settings.csv_file):
        config_values.find(settings.checkpoint_dir)
    named = [settings.root_folder, settings.csv_file]
    named.append(settings.source_dir or settings.aged_dir)
    if not (settings.photos_dir or settings.pairs_file) and sum(map(bool, named)) != 1:
        raise config.ConfigError(
            "Expected one of --root_folder, --csv, and --source_dir or --aged_dir."
        )
    check_faces_and_report(settings, writes_report)


def check_faces_and_report(
    settings: config.EvaluateConfig, writes_report: bool = True
) -> None:
    """Looks for the faces and the judges, and makes the folder of the report.

    Args:
        settings: of the evaluation.
        writes_report: to settings.report_dir.

    Raises:
        DataError: if a folder or file is missing, or --report_dir cannot be written to.
        config.ConfigError: if there is no such judge.
    """
    for name in settings.age_judges:
        if name not in config.AGE_JUDGES:
            raise config.ConfigError(
                f"--age_judge={name}: expected {' or '.join(config.AGE_JUDGES)}."
            )
    if settings.root_folder:
        folders.check_faces(settings.root_folder)
    for name in ("source_dir", "aged_dir", "real_dir", "impostor_dir"):
        folders.check_there(getattr(settings, name), name)
    folders.check_there(settings.photos_dir, "photos")
    for flag, name in (("csv", settings.csv_file), ("pairs", settings.pairs_file)):
        if name and not Path(name).is_file():
            raise DataError(f"--{flag}={name}: no such file.")
    if writes_report:
        folders.check_writable(settings.report_dir, "report_dir")
