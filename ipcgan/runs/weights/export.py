"""Exports a checkpoint's network for other libraries."""

from ipcgan import checkpoints
from ipcgan.inference import engines, export
from ipcgan.inference.ager import FaceAger
from ipcgan.inference.generators import FACES


def export_checkpoint(checkpoint_dir: str) -> list[str]:
    """Writes a checkpoint's exports into its folder.

    Returns:
        Lines of text.

    Raises:
        checkpoints.CheckpointError: if the checkpoint cannot be used, or an export is
            not equal to Keras.
    """
    folder = checkpoints.resolve(checkpoint_dir)
    ager = FaceAger.from_checkpoint(folder, engine="keras")
    ager.require(
        FACES,
        f"{checkpoint_dir}: ages by searching latent vectors, for which Keras is "
        "needed; there is nothing to export.",
    )
    differences = export.export(ager.generator, folder, len(ager.group_names))
    return [
        *(
            f"{engine}: at most {levels:.2f} of 255 levels from Keras"
            for engine, levels in differences.items()
        ),
        *(f"written: {folder / name}" for name in engines.FILES.values()),
    ]
