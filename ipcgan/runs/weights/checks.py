"""Checks files and folders of weights before Keras is loaded."""

from pathlib import Path

from ipcgan.checkpoints import CheckpointError


def check_release(prefix: str) -> None:
    """Looks for a checkpoint of TensorFlow 1, and tells which are there instead.

    Raises:
        CheckpointError: if it is missing.
    """
    path = Path(prefix)
    if Path(f"{prefix}.index").is_file():
        return
    folder = path if path.is_dir() else path.parent
    found = sorted(file.stem for file in folder.glob("*.index"))
    raise CheckpointError(
        f"{prefix}: no such checkpoint: expected {path.name}.index and .data-... "
        f"files. Checkpoints in {folder}: {', '.join(found) or 'none'}."
    )


def check_new(save_dir: str | Path) -> None:
    """Refuses a folder that has something in it.

    Raises:
        CheckpointError: if it does, or is no folder.
    """
    path = Path(save_dir)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise CheckpointError(f"{save_dir}: is there already; choose a new folder.")
