"""Ageing of a folder, as tests ask for it."""

import json

from ipcgan import config
from ipcgan.runs.age import age_folder, own_files


def age(checkpoint, faces, target, **changes):
    return age_folder.age_folder(
        config.AgeConfig(
            test_data_dir=str(faces),
            save_dir=str(target),
            checkpoint_dir=str(checkpoint),
            batch_size=changes.pop("batch_size", 4),
            **changes,
        )
    )


def written(target):
    """The names of a run's outputs, but for the hidden notes of what was written."""
    names = {str(p.relative_to(target)) for p in target.rglob("*") if p.is_file()}
    return names - {own_files.NOTES}


def read_report(target):
    return json.loads((target / "report.json").read_text())
